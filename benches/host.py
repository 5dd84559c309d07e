"""An nginx of one folder on a free port, and its log: the bytes of every answer, with the mark that its request had."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from run import Failure

GZIP_LEVEL = 5
TIMEOUT = 10  # seconds for nginx to answer, or for its log to be complete

CONFIGURATION = """
daemon off;
master_process off;
pid "{folder}/pid";
events {{ worker_connections 4096; }}
http {{
  types {{
    text/html html; text/css css; application/javascript js; application/json json;
    image/svg+xml svg; image/png png; image/jpeg jpg; font/woff2 woff2; application/octet-stream bin;
  }}
  default_type application/octet-stream;
  sendfile on;
  gzip on;
  gzip_comp_level {level};
  gzip_types text/css application/javascript application/json image/svg+xml;
  client_body_temp_path "{folder}/body";
  proxy_temp_path "{folder}/proxy";
  fastcgi_temp_path "{folder}/fastcgi";
  uwsgi_temp_path "{folder}/uwsgi";
  scgi_temp_path "{folder}/scgi";
  log_format sent '$http_x_query $status $body_bytes_sent $bytes_sent $uri';
  access_log "{folder}/sent" sent;
  server {{ listen 127.0.0.1:{port}; root "{root}"; }}
}}
"""


class Answer(NamedTuple):
    """A line of the log."""

    status: int
    body: int  # bytes
    whole: int  # bytes with the header
    uri: str


def program() -> Optional[str]:
    """nginx, which often isn't on an ordinary user's path."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")


class Host:
    """Serves a folder as long as the `with` lasts."""

    def __init__(self, root: Path, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.root, self.folder, self.port = root.resolve(), folder.resolve(), free_port()
        self.process: Optional[subprocess.Popen[bytes]] = None

    @property
    def url(self) -> str:
        """Where the folder is."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Host:
        nginx = program()
        if nginx is None:
            raise Failure("no nginx here")
        configuration = self.folder / "conf"
        configuration.write_text(
            CONFIGURATION.format(folder=self.folder, root=self.root, port=self.port, level=GZIP_LEVEL))
        errors = self.folder / "errors"
        command = [nginx, "-p", str(self.folder), "-e", str(errors), "-c", str(configuration)]
        nothing = subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)
        deadline = time.monotonic() + TIMEOUT
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                printed = errors.read_text(errors="replace").strip().splitlines() if errors.exists() else []
                raise Failure(f"nginx doesn't answer: {(printed or ['it printed nothing'])[-1]}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the server, and waits until it has."""
        if self.process is not None:
            end(self.process)

    def answers(self) -> bool:
        """Whether something listens there."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def sent(self, prefix: str, wanted: int = 0) -> Dict[str, List[Answer]]:
        """What was sent by mark, for marks that begin so. Waits for so many answers: a line comes after its answer."""
        deadline = time.monotonic() + TIMEOUT
        while True:
            found: Dict[str, List[Answer]] = {}
            for mark, answer in self.lines():
                if mark.startswith(prefix):
                    found.setdefault(mark, []).append(answer)
            if sum(map(len, found.values())) >= wanted:
                return found
            if time.monotonic() > deadline:
                raise Failure(f"nginx logged fewer than the {wanted} requests that were made")
            time.sleep(0.1)

    def lines(self) -> List[Tuple[str, Answer]]:
        """The whole log."""
        found = []
        for line in (self.folder / "sent").read_text(errors="replace").splitlines():
            mark, status, body, whole, uri = line.split(" ", 4)
            found.append((mark, Answer(int(status), int(body), int(whole), uri)))
        return found


def end(process: subprocess.Popen[Any]) -> None:
    """Asks a process to end, if it hasn't; makes it, if it doesn't listen."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
