#!/usr/bin/env python3
"""Measures `dateline serve`: the time from a save until a browser is notified, gets the page and shows it.

    python3 benches/serve.py --articles 100000 --table benches/SERVE.md
    python3 benches/serve.py --site FOLDER

The archive is made by `cargo run --release --example synthesize`, or is a site's folder of which `content/` and `site.yaml`
are used in a copy. Each kind of edit is made so many times; the table shows medians, with the slowest in parentheses:

  notified   from the save to the event that a browser gets
  sent       from the save to the first byte of the new page
  on screen  from the save to the new text in the first frame that Chromium shows of it

The last needs Node, Chromium and `npm install` in tests/browser; without them its column is "not measured". A save is a rename, as editors do it.
Needs Python 3.9 or later, on Linux. Exit status: 0 everything was measured, 1 something could not be, 2 wrong usage or an I/O error.
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple
from urllib.parse import urlsplit

import run
from corpus import MODULES, browser_path
from run import Failure, progress

SCRIPT = run.BENCHES / "serve" / "screen.js"
TIMEOUT = 300  # seconds for one change
DAY = "2024-06-15"
MARK = "Benchmark mark"


class Server:
    """The program on a free port."""

    def __init__(self, program: str, root: Path, log: Path) -> None:
        self.log = log.open("wb")
        begun = time.perf_counter()
        command = [program, "serve", "--root", str(root), "--port", "0", "-v"]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log)
        self.url = self.read_url()
        self.start = time.perf_counter() - begun

    def read_url(self) -> str:
        """Reads the URL that it prints first."""
        assert self.child.stdout is not None
        for line in self.child.stdout:
            found = re.search(rb" at (http://\S+)", line)
            if found:
                return found.group(1).decode()
        raise Failure("`dateline serve` ended before it printed its URL: is the program older than `serve`?")

    def memory(self) -> int:
        """Its resident bytes now."""
        text = Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) * 1024  # type: ignore[union-attr]

    def close(self) -> None:
        """Ends it."""
        self.child.terminate()
        self.child.wait()
        self.log.close()


class Events:
    """The events that browsers get, read as they come."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT)
        self.socket.sendall(f"GET /.dateline/events HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode())
        self.lines = self.socket.makefile("rb")
        self.version = self.next()

    def next(self) -> str:
        """Waits for the next version of the site."""
        for line in self.lines:
            if line.startswith(b"data: "):
                message = json.loads(line[6:])
                if "version" in message:
                    return str(message["version"])
        raise Failure("the events ended")

    def renewed(self) -> None:
        """Waits until there is another version than the last."""
        before = self.version
        while self.version == before:
            self.version = self.next()


class Screen:
    """Chromium with a page of the site, controlled through a pipe."""

    def __init__(self, url: str) -> None:
        command = ["node", str(SCRIPT), url]
        environment = {**os.environ, "CHROMIUM": browser_path() or ""}
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        self.ask({"ready": True})

    def ask(self, what: Dict[str, Any]) -> Dict[str, Any]:
        """Sends a command and reads the answer."""
        assert self.child.stdin is not None and self.child.stdout is not None
        self.child.stdin.write(json.dumps(what) + "\n")
        self.child.stdin.flush()
        return self.answer()

    def answer(self) -> Dict[str, Any]:
        """The next line that it prints."""
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        if not line:
            raise Failure("the browser ended")
        message = json.loads(line)
        if "failed" in message:
            raise Failure(message["failed"])
        return message

    def close(self) -> None:
        """Ends it."""
        assert self.child.stdin is not None
        self.child.stdin.close()
        self.child.wait()


class Edit:
    """One kind of edit: what is saved each time, and the page and the words that show it."""

    def __init__(self, name: str, save: Callable[[int], Tuple[Path, str]], page: str, words: Callable[[int], str]) -> None:
        self.name, self.make, self.page, self.words = name, save, page, words

    def save(self, number: int) -> float:
        """Saves, and gives the moment of it in milliseconds since 1970."""
        path, text = self.make(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(".saving")
        beside.write_text(text, encoding="utf-8")
        moment = time.time() * 1000
        os.rename(beside, path)
        return moment


def edits(content: Path) -> List[Edit]:
    """The edits: one article is written beforehand, the others are derived from it."""
    file = content / "benchmark" / "benchmark-edited.md"

    def text(title: str = MARK, tag: str = "Benchmark", body: str = MARK) -> str:
        return f"---\ntitle: {title}\ndate: {DAY}\nslug: benchmark-edited\ntags: [{tag}]\n---\n{body}.\n"

    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text(), encoding="utf-8")
    page = f"{DAY.replace('-', '/')}/benchmark-edited/"
    day = f"{DAY.replace('-', '/')}/"

    def new(number: int) -> Tuple[Path, str]:
        article = text(f"Added {number}x").replace("benchmark-edited", f"benchmark-added-{number}")
        return file.with_name(f"benchmark-added-{number}.md"), article

    return [
        Edit("a body", lambda n: (file, text(body=f"Body {n}x")), page, lambda n: f"Body {n}x"),
        Edit("a title", lambda n: (file, text(title=f"Title {n}x")), page, lambda n: f"Title {n}x"),
        Edit("a tag", lambda n: (file, text(tag=f"Tag {n}x")), page, lambda n: f"Tag {n}x"),
        Edit("a new article", new, day, lambda n: f"Added {n}x"),
    ]


def first_byte(url: str, page: str) -> float:
    """Asks for a page; gives the moment of its first byte in milliseconds since 1970."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    connection.request("GET", f"{parts.path}{page}")
    response = connection.getresponse()
    response.read(1)
    moment = time.time() * 1000
    rest = response.read()
    connection.close()
    if response.status != 200 or not rest:
        raise Failure(f"{page}: status {response.status}")
    return moment


def without_screen(server: Server, edit: Edit, runs: int) -> Tuple[List[float], List[float]]:
    """Milliseconds from the save to the event, and to the first byte of the page asked for then."""
    events = Events(server.url)
    notified, sent = [], []
    for number in range(runs):
        saved = edit.save(number)
        events.renewed()
        notified.append(time.time() * 1000 - saved)
        sent.append(first_byte(server.url, edit.page) - saved)
        time.sleep(0.1)
    return notified, sent


def on_screen(screen: Screen, edit: Edit, runs: int) -> List[float]:
    """Milliseconds from the save to the frame that shows it. The browser keeps the page's position and reports the moment itself."""
    screen.ask({"open": edit.page})
    shown = []
    for number in range(1000, 1000 + runs):
        screen.ask({"await": edit.words(number)})
        saved = edit.save(number)
        shown.append(screen.answer()["moment"] - saved)
        time.sleep(0.1)
    return shown


def cell(samples: Optional[List[float]]) -> str:
    """The median and the slowest."""
    return f"{median(samples):.0f} ({max(samples):.0f})" if samples else "not measured"


def measured(server: Server, content_edits: List[Edit], runs: int) -> Iterator[Dict[str, Any]]:
    """A row for each kind of edit."""
    can = shutil.which("node") and browser_path() and (MODULES.parent / "node_modules" / "puppeteer-core").is_dir()
    screen = Screen(server.url) if can else None
    try:
        for edit in content_edits:
            progress(f"{edit.name}: {runs} times")
            notified, sent = without_screen(server, edit, runs)
            shown = on_screen(screen, edit, runs) if screen else None
            yield {"edit": edit.name, "notified": notified, "sent": sent, "on screen": shown}
    finally:
        if screen:
            screen.close()


def site(options: argparse.Namespace, folder: Path) -> Path:
    """A copy of a site, or a new one."""
    root = folder / "site"
    if options.site:
        root.mkdir()
        shutil.copytree(options.site / "content", root / "content")
        if (options.site / "site.yaml").is_file():
            shutil.copy(options.site / "site.yaml", root)
        return root
    command = ["cargo", "run", "--quiet", "--release", "--example", "synthesize", "--", "--articles", str(options.articles), "--out", str(root)]
    subprocess.run(command, check=True, cwd=run.REPOSITORY)
    (root / "site.yaml").write_text(run.SITE_YAML)
    return root


def table(rows: List[Dict[str, Any]], facts: Dict[str, Any]) -> str:
    """The table in Markdown."""
    lines = [
        "# Serve",
        "",
        *run.wrapped(
            f"{facts['articles']:,} articles, {facts['runs']} edits of each kind; milliseconds after the save, median "
            f"(slowest). {facts['machine']}, {facts['date']}. The first start took {facts['first']:.1f} s, the next "
            f"{facts['start']:.1f} s; {facts['memory'] / run.MB:.0f} MB resident at the end."),
        "",
        "| edit | notified | sent | on screen |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {row['edit']} | {cell(row['notified'])} | {cell(row['sent'])} | {cell(row['on screen'])} |" for row in rows]
    return "\n".join(lines) + "\n"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000, help="articles of a synthetic archive (100000)")
    parser.add_argument("--site", type=Path, help="a site's folder instead; it is copied, not changed")
    parser.add_argument("--runs", type=int, default=20, help="edits of each kind (20)")
    parser.add_argument("--dateline", default=str(run.REPOSITORY / "target" / "release" / "dateline"))
    parser.add_argument("--work", type=Path, help="where to work (a temporary folder)")
    parser.add_argument("--table", type=Path, help="where to write the table")
    parser.add_argument("--json", type=Path, help="where to write every sample")
    options = parser.parse_args()
    if not Path(options.dateline).is_file():
        parser.error(f"there is no {options.dateline}: run `cargo build --release` first, or name another with --dateline")
    if options.runs < 1:
        parser.error("--runs is at least 1")
    return options


def main() -> int:
    """Measures, and prints the table."""
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="dateline-serve-", dir=options.work) as name:
        folder = Path(name)
        root = site(options, folder)
        content_edits = edits(root / "content")
        articles = sum(1 for entry in run.walk(root / "content") if entry.name.endswith(".md"))
        progress(f"{articles} articles")
        server = Server(options.dateline, root, folder / "log")
        first = server.start
        server.close()
        server = Server(options.dateline, root, folder / "log")
        try:
            rows = list(measured(server, content_edits, options.runs))
            memory = server.memory()
        except Failure as failure:
            print(f"{failure}\n{(folder / 'log').read_text(errors='replace')[-2000:]}", file=sys.stderr)
            return 1
        finally:
            server.close()
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    facts = {"articles": articles, "runs": options.runs, "machine": machine, "date": datetime.date.today().isoformat(),
             "first": first, "start": server.start, "memory": memory}
    text = table(rows, facts)
    print(text)
    if options.table:
        options.table.write_text(text)
    if options.json:
        options.json.write_text(json.dumps({**facts, "rows": rows}, indent=1))
    return 0 if all(row["on screen"] for row in rows) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failure, subprocess.CalledProcessError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
