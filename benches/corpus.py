"""The measurements of one corpus for benches/search.py: builds, sizes, queries in Node and Chromium, a new article."""

from __future__ import annotations

import argparse
import hashlib
import heapq
import json
import math
import os
import re
import shutil
import subprocess
from pathlib import Path
from statistics import median
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import run
from host import Answer, Host, end
from run import Failure, progress

SCRIPTS = run.BENCHES / "search"
MODULES = run.REPOSITORY / "tests" / "browser" / "package.json"
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
FIRST, WARM = 15, 60  # queries in Chromium
SAMPLED = 4  # articles for each query
TIMEOUT = 4 * 3600  # seconds for one script
PARTS = ["page", "styles", "code", "manifest", "pieces", "else"]
ENDS = {".bin": "pieces", "/manifest.json": "manifest", ".js": "code", ".css": "styles", "/search/": "page",
        "/search/index.html": "page"}
SENT = (200, 206, 499)  # 499: asked for after the first result, when the window was closed


class Inventory(NamedTuple):
    """The counts of all articles, and a sample."""

    articles: int
    words: int  # of all bodies
    sample: List[str]  # files


def inventory(content: Path, seed: int, size: int) -> Inventory:
    """Counts articles and the words of their bodies, and keeps the names of a sample, the same on every machine."""
    articles = words = 0
    least: List[Tuple[int, str]] = []  # the sample: those whose names have the least hashes
    for entry in run.walk(content):
        if not entry.name.endswith(".md") or entry.name.startswith("_"):
            continue
        articles += 1
        text = Path(entry.path).read_text(encoding="utf-8", errors="replace")
        words += len(text.split("\n---\n", 1)[-1].split())
        digest = hashlib.blake2b(f"{seed} {os.path.relpath(entry.path, content)}".encode(), digest_size=8).digest()
        one = (-int.from_bytes(digest, "big"), entry.path)
        if len(least) < size:
            heapq.heappush(least, one)
        else:
            heapq.heappushpop(least, one)
    return Inventory(articles, words, [path for _, path in sorted(least, reverse=True)])


def percentile(numbers: Sequence[float], share: float) -> float:
    """The nearest rank."""
    return sorted(numbers)[max(0, math.ceil(share * len(numbers)) - 1)]


def kilo(size: float) -> str:
    """Bytes as kB, of a thousand."""
    return f"{size / 1000:,.1f} kB"


def script(name: str, configuration: Dict[str, Any], folder: Path) -> Dict[str, Any]:
    """Runs a script in Node and returns the object that it prints."""
    file = folder / f"{name}.json"
    file.write_text(json.dumps(configuration))
    node = shutil.which("node")
    if node is None:
        raise Failure("no node here")
    done = subprocess.Popen([node, str(SCRIPTS / name), str(file)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(folder)})
    try:
        out, err = done.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        raise Failure(f"{name} took longer than {TIMEOUT} s") from None
    finally:
        end(done)
    if done.returncode:
        # Node prints the location first, then the error, then its version.
        errors = [line for line in err.splitlines() if re.match(r"\w*Error\b", line)]
        raise Failure(f"{name}: {run.last_line(errors[0] if errors else err)}")
    return dict(json.loads(out))


class Bench:
    """All measurements of one corpus, in a folder of its own. Cells and notes gather what they find."""

    def __init__(self, name: str, folder: Path, options: argparse.Namespace) -> None:
        self.name, self.folder, self.options = name, folder, options
        self.builds = run.Bench(name, folder, options)
        self.output, self.site = self.builds.output, self.builds.site
        self.cells: Dict[str, str] = {"articles": f"{self.builds.articles:,}"}
        self.notes: List[str] = []
        self.failed = False
        self.raw: Dict[str, Any] = {"corpus": name}
        self.inventory = Inventory(0, 0, [])
        self.newest = ""

    def run(self) -> None:
        """Everything; a step that fails costs its own rows, and those of the steps that need it."""
        if not self.attempt("builds", self.timed):
            return
        progress(f"{self.name}: reading the articles")
        self.inventory = inventory(self.site / "content", self.options.seed, SAMPLED * self.options.queries)
        self.cells["words"] = f"{self.inventory.words / self.inventory.articles:,.0f}"
        self.attempt("sizes", self.sizes)
        with Host(self.output, self.folder / "nginx") as host:
            if self.attempt("queries", lambda: self.queries(host)):
                self.attempt("Chromium", lambda: self.browser(host))
        if self.newest:
            self.attempt("a new article", self.new_article)

    def attempt(self, what: str, step: Callable[[], None]) -> bool:
        """One step, and whether it came to its end."""
        progress(f"{self.name}: {what}")
        try:
            step()
            return True
        except (Failure, OSError, ValueError, KeyError) as failure:
            self.failed = True
            self.notes.append(f"not measured, {what}: {failure if isinstance(failure, Failure) else repr(failure)}")
            progress(f"{self.name}: {self.notes[-1]}")
            return False

    def timed(self) -> None:
        """Clean builds without search and with it in turns; the files of the last one are measured next."""
        rows = {setting: run.Row(self.name, self.builds.articles, setting) for setting in ("without", "with")}
        for number in range(1, self.options.rounds + 1):
            for setting, row in rows.items():
                (self.site / "site.yaml").write_text(run.SITE_YAML + ("search: true\n" if setting == "with" else ""))
                row.samples.append(self.builds.clean(row))
                progress(f"{self.name}, round {number}: {setting} search {row.samples[-1].wall:.2f} s {row.note}")
        walls = [rows[setting].middle("wall") for setting in ("with", "without")]
        peaks = [rows[setting].middle("peak") for setting in ("with", "without")]
        self.cells["wall"] = f"{100 * (walls[0] / walls[1] - 1):.0f} % ({walls[1]:.2f} s → {walls[0]:.2f} s)"
        self.cells["peak"] = " / ".join(f"{peak / run.MB:,.0f} MB" for peak in peaks)
        self.raw["builds"] = {name: [vars(sample) for sample in row.samples] for name, row in rows.items()}
        self.notes += [f"content of the builds {name} search: {row.note}" for name, row in rows.items() if row.note]

    def sizes(self) -> None:
        """Bytes of the segments' sections, and files."""
        manifest = self.manifest()
        sections: Dict[str, int] = {}
        for segment in manifest["segments"]:
            names = ("postings", "positions", "term_dict", "bigrams")
            starts = sorted([(0, "stored_fields"), *((segment[name], name) for name in names)])
            for (start, name), (end, _) in zip(starts, [*starts[1:], (segment["end"], "")]):
                sections[name] = sections.get(name, 0) + end - start
        articles = sum(segment["articles"] for segment in manifest["segments"])
        mean = self.inventory.words / self.inventory.articles
        size = (self.output / "search" / "manifest.json").stat().st_size
        core = (sections["term_dict"] + sections["postings"] + size) / articles
        self.cells["index"] = f"{500 * core / mean:,.0f} ({core:,.0f} per article)"
        for name in ("stored_fields", "positions", "bigrams"):
            self.cells[name] = f"{sections[name] / articles:,.0f}"
        files = [entry.stat().st_size for part in ("search", "assets/search") for entry in run.walk(self.output / part)]
        self.cells["files"] = f"{len(files):,}, {max(files) / 2**20:.2f} MiB"
        segments = ", ".join(f"{segment_of(each['name'])} ({each['articles']:,} articles)"
                             for each in manifest["segments"])
        parts = ", ".join(f"{label(name)} {size / run.MB:,.1f}" for name, size in sections.items())
        self.notes.append(f"index in MB: {parts}, manifest {size / run.MB:,.3f}; segments {segments}")
        self.raw["sections"] = sections

    def queries(self, host: Host) -> None:
        """The mix, each query by a reader who has nothing but the manifest."""
        client, articles = self.folder / "client", self.folder / "articles"
        shutil.copytree(self.output / "assets" / "search", client)
        (client / "package.json").write_text('{"type": "module"}')  # or Node takes the modules for what they aren't
        articles.write_text("".join(f"{file}\n" for file in self.inventory.sample))
        answer = script("measure.js", {"folder": f"{host.url}/search/", "client": str(client),
                                       "articles": str(articles),
                                       "queries": self.options.queries, "seed": self.options.seed}, self.folder)
        self.newest, queries = answer["newest"], answer["queries"]
        sent = host.sent("query-", sum(each["requests"] for each in queries))
        for number, each in enumerate(queries):
            answers = sent.get(f"query-{number}", [])
            each["sent"], each["whole"] = sum(one.body for one in answers), sum(one.whole for one in answers)
            if any(one.status != 206 for one in answers) or len(answers) != each["requests"]:
                raise Failure(f"the server answered {each['q']!r} with {len(answers)} pieces for {each['requests']}")
            if each["sent"] != sum(each["bytes"].values()):
                raise Failure(f"{each['q']!r} asked for {sum(each['bytes'].values())} bytes and got {each['sent']}")
        self.raw["queries"] = queries
        self.cells["bytes"] = both([each["sent"] for each in queries], lambda size: f"{size / 1000:,.1f}", " kB")
        self.cells["requests"] = both([each["requests"] for each in queries], lambda number: f"{number:g}")
        trips = [each["trips"] for each in queries]
        self.cells["trips"] = f"{median(trips):g} / {max(trips)}"
        self.notes += [*about_queries(queries), about_compared(answer["compared"])]

    def browser(self, host: Host) -> None:
        """What a first query sends until there is a result, and how long further ones take on a warm page."""
        chromium = browser_path()
        if chromium is None or not (MODULES.parent / "node_modules" / "puppeteer-core").is_dir():
            raise Failure("no Chromium here" if chromium is None else "no puppeteer-core; npm install in tests/browser")
        hits = [each["q"] for each in self.raw["queries"] if each["hits"]]
        step = max(1, len(hits) // FIRST)
        first = hits[::step][:FIRST]
        warm = [q for q in hits if q not in first][:WARM]
        answer = script("browser.js", {"page": f"{host.url}/search/", "chromium": chromium, "modules": str(MODULES),
                                       "first": first, "warm": warm}, self.folder)
        sent = list(host.sent("first-", len(first)).values())
        wrong = [one for answers in sent for one in answers if one.status not in SENT]
        if wrong:
            raise Failure(f"status {wrong[0].status} for {wrong[0].uri}")
        self.cells["first"] = kilo(median(sum(one.body for one in answers) for answers in sent))
        self.notes.append(about_first(sent))
        times = [each["time"] for each in answer["times"]]
        self.cells["time"] = both(times, lambda time: f"{time:.0f}", " ms")
        slowest = max(answer["times"], key=lambda each: each["time"])
        self.notes.append(f"on a warm page: {len(times)} queries, the slowest `{slowest['q']}` {slowest['time']:.0f} ms")
        self.raw["browser"] = {**answer, "first": [[one._asdict() for one in answers] for answers in sent]}

    def new_article(self) -> None:
        """Adds an article of the newest day, and counts the search files that are written."""
        section = re.search(rb"^section:.*$", self.builds.before, re.MULTILINE)
        lines = ["title: Benchmark article", f"date: {self.newest} 23:59:59",
                 section.group().decode() if section else "section: news"]
        self.builds.new_articles.mkdir()
        article = "\n".join(["---", *lines, "---", "", "This article was added by the benchmark. " * 60, ""])
        (self.builds.new_articles / "article.md").write_text(article)
        changes = self.folder / "changes"
        newest = self.manifest()["segments"][-1]["name"]
        sample = run.measure([str(self.options.dateline), "build", "--root", str(self.site), "--output",
                              str(self.output), "--quiet", "--changes", str(changes)], (0, 1))
        lines = [line for line in changes.read_text(encoding="utf-8").splitlines() if line[2:].startswith("search/")]
        if not any(line.startswith("+") for line in lines):
            raise Failure("no search file was written: the article isn't in the index")
        written = [Path(line[2:]).name for line in lines if line.startswith("+")]
        segments = sorted({segment_of(name) for name in written if name.endswith(".bin")})
        unexpected = [name for name in segments if name != segment_of(newest)]
        self.cells["new_article"] = f"{len(written)} (and {len(lines) - len(written)} removed)"
        names = ", ".join(sorted(written))
        self.notes.append(f"a new article of {self.newest}, built in {sample.wall:.2f} s, wrote {names}"
                          + (f"; **{', '.join(unexpected)} should not change**" if unexpected else ""))

    def manifest(self) -> Dict[str, Any]:
        """The manifest of the index."""
        return dict(json.loads((self.output / "search" / "manifest.json").read_text(encoding="utf-8")))


def both(numbers: Sequence[float], shown: Callable[[float], str], unit: str = "") -> str:
    """Median and 95th percentile."""
    return f"{shown(median(numbers))} / {shown(percentile(numbers, 0.95))}{unit}"


def label(section: str) -> str:
    """The name of a section of the index, in words."""
    return section.replace("term_dict", "term dictionary").replace("_", " ")


def segment_of(name: str) -> str:
    """until-2007-0e36….1.bin as until-2007."""
    return re.sub(r"-[0-9a-f]{16}(\.\d+\.bin)?$", "", name)


def part_of(uri: str) -> str:
    """The part of the page that a URL belongs to."""
    return next((part for end, part in ENDS.items() if uri.endswith(end)), "else")


def about_first(sent: List[List[Answer]]) -> str:
    """Of what the first result's bytes consist."""
    parts = {part: median(sum(one.body for one in answers if part_of(one.uri) == part) for answers in sent)
             for part in PARTS}
    headers = median(sum(one.whole - one.body for one in answers) for answers in sent)
    line = ", ".join(f"{part} {kilo(size)}" for part, size in parts.items() if size)
    most = max(sum(one.body for one in answers) for answers in sent)
    return (f"before a first result, medians of {len(sent)} queries: {line}; most {kilo(most)}; "
            f"{median(map(len, sent)):g} requests, whose answers' headers are {kilo(headers)} more")


def about_queries(queries: List[Dict[str, Any]]) -> List[str]:
    """Trips, kinds, sections and the largest of a mix."""
    trips = [each["trips"] for each in queries]
    spread = ", ".join(f"{number} in {100 * trips.count(number) / len(trips):.1f} %" for number in sorted(set(trips)))
    kinds = sorted({each["kind"] for each in queries})
    by_kind = ", ".join(f"{kind} {both(of, lambda size: f'{size / 1000:.1f}')}" for kind in kinds
                        for of in [[each["sent"] for each in queries if each["kind"] == kind]])
    sections = ", ".join(f"{label(name)} {kilo(sum(each['bytes'][name] for each in queries) / len(queries))}"
                         for name in queries[0]["bytes"])
    headers = sum(each["whole"] - each["sent"] for each in queries) / len(queries)
    none = sum(not each["hits"] for each in queries) / len(queries)
    short = sum(each["more"] and each["shown"] < 10 for each in queries) / len(queries)
    about = sum(not each["exact"] for each in queries) / len(queries)
    largest = sorted(queries, key=lambda each: each["sent"], reverse=True)[:3]
    slowest = sorted(queries, key=lambda each: (each["trips"], each["requests"]), reverse=True)[:2]
    return [f"round trips: {spread}", f"kB by kind, median / 95th percentile: {by_kind}",
            f"a query in the mean: {sections}; headers of answers {kilo(headers)} more",
            f"without a hit {100 * none:.1f} % of the queries, with an estimated count {100 * about:.1f} %, "
            f"with less than ten articles at first and maybe more further on {100 * short:.1f} %",
            *(f"most bytes: {query_cost(each)}" for each in largest),
            *(f"most trips: {query_cost(each)}" for each in slowest)]


def about_compared(compared: List[Dict[str, Any]]) -> str:
    """How much is lost by not reading everything."""
    same, shared = sum(each["same"] for each in compared), sum(each["shared"] for each in compared) / len(compared)
    return (f"of the first {len(compared)} queries, {same} have the same ten scores as a search that reads everything; "
            f"of its first ten articles {100 * shared:.0f} % are among the first ten")


def query_cost(each: Dict[str, Any]) -> str:
    """One query with what it took."""
    parts = ", ".join(f"{label(name)} {kilo(size)}" for name, size in each["bytes"].items() if size)
    return f"`{each['q']}` {kilo(each['sent'])}, {each['requests']} requests, {each['trips']} trips ({parts})"


def browser_path() -> Optional[str]:
    """The first browser that the machine has."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
