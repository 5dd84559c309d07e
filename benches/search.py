#!/usr/bin/env python3
"""Measures search: what a query sends and waits for, what the index takes, and what it adds to a build.

    python3 benches/search.py --corpora senate,1m --table benches/SEARCH.md

Of each corpus the site is built with search and without, in turns; then queries made of its own articles go through the
published client against an nginx here, in Node (bytes, trips) and in Chromium (the first result, time). Needs Python 3.9
or later, Node 18 or later and nginx; for two rows Chromium, and `npm install` in tests/browser. Exit status: 0
everything was measured, 1 something could not be, 2 usage. A real corpus that isn't on this machine is left out, and
the table has a note.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import List, Sequence

import run
from corpus import Bench, browser_path
from host import GZIP_LEVEL, program
from run import Failure, progress

REAL = {"senate": Path(os.environ.get("DATELINE_CORPORA", "")) / "senate-20k.tar.xz"}
BYTES_PER_ARTICLE = 48 * 1024  # content, output, index and what is kept of it, on a file system of 4 kB blocks
DASH = "–"

# What is in the table, in order: the key of a cell, and its line's name with the targets for 20,000 and for a million.
ROWS = [
    ("articles", "articles"),
    ("words", "words of an article's body, mean"),
    ("first", "bytes before the first result of a first query, code included, median (≤ 80 kB / ≤ 150 kB)"),
    ("bytes", "bytes of a further query, median / 95th percentile (≤ 30 / 90 kB; ≤ 60 / 200 kB)"),
    ("requests", "requests of a further query, median / 95th percentile"),
    ("trips", "sequential round trips of a query, median / most"),
    ("index", "index bytes per article per 500 words, without excerpts, positions and bigrams (≤ 500)"),
    ("stored_fields", "excerpts (stored fields), bytes per article"),
    ("positions", "positions, bytes per article"),
    ("bigrams", "adjacent words (bigrams), bytes per article"),
    ("files", "files of search, and the largest (≤ 40 / ≤ 500, none over 24 MiB)"),
    ("wall", "added to a clean build's wall time (≤ 100 %)"),
    ("peak", "peak memory of a clean build, with search / without"),
    ("new_article", "search files that a new article of the newest day rewrites (≤ 12, of the open period only)"),
    ("time", "time to results on a warm page, median / 95th percentile (≤ 50 ms / ≤ 100 ms)"),
]


FOOT = f"""kB are of 1000 bytes, MiB of 2^20. Bytes are the bodies of answers as nginx logged them (gzip at level {GZIP_LEVEL}
for HTML, CSS, JavaScript and JSON; pieces of `.bin` files by Range); what their headers add is counted apart. A *first* query
is a URL with `?q=` opened in Chromium with an empty cache, until the first result is in the page: page, styles,
code, manifest and pieces. A *further* one is asked in Node through the published client with the manifest loaded and
nothing else, and reads the excerpts of its first ten results. *Round trips* are waves: responses are delayed until the
client has requested all that it can without them; excerpts count. *Index bytes* are the term dictionary, the postings
and the manifest, by articles, times 500 by the mean number of words of a body; excerpts, positions and bigrams are
apart. *Time to results* is from the form's submission to the change of the list, on a page where another query was made
before, the server on the same machine.

The mix, drawn by the seed from the headlines (70 %) and bodies of the corpus' own articles, no query twice: one word
35 %, two words of a text 30 %, three 12 %, four 5 %, a phrase of two or three adjacent words 8 %, a word without another
3 %, the beginning of a word 4 %, one word or another 3 %. Within a text every different word of three letters or more is
as likely as the others; so common words come as often as there are texts that have them. Phrases are any adjacent
words."""


def markdown(benches: List[Bench], heading: List[str], left_out: List[str]) -> str:
    """The whole file."""
    lines = [f"| | {' | '.join(bench.name for bench in benches)} |", "| --- |" + " ---: |" * len(benches)]
    lines += [f"| {what} | {' | '.join(bench.cells.get(key, DASH) for bench in benches)} |" for key, what in ROWS]
    for bench in benches:
        lines += ["", f"**{bench.name}**", ""]
        lines += [line for note in bench.notes for line in run.wrapped(f"- {note}", "  ")]
    foot = [line for paragraph in FOOT.split("\n\n") for line in ["", *run.wrapped(paragraph)]]
    missing = [line for note in left_out for line in run.wrapped(note)]
    return "\n".join([*heading, "", *lines, *(["", *missing] if missing else []), *foot, ""])


def version(command: List[str]) -> str:
    """The first line that a program prints about itself, on either stream."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return (done.stdout + done.stderr).strip().split("\n")[0].replace("nginx version: ", "").split(" built on")[0]


def heading(options: argparse.Namespace, file_systems: Sequence[str]) -> List[str]:
    """What made the table: command, date, commit, machine and programs, without names of hosts or folders."""
    git = ["git", "-C", str(run.REPOSITORY), "describe", "--always", "--dirty", "--exclude", "*"]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    chromium = browser_path()
    versions = [version([str(options.dateline), "--version"]), version([program() or "nginx", "-v"]),
                f"node {version(['node', '--version'])}", version([chromium, "--version"]) if chromium else "no Chromium",
                f"Python {platform.python_version()}"]
    command = f"    python3 benches/search.py {' '.join(map(run.shown, sys.argv[1:]))}".rstrip()
    return ["# Search benchmark", "", "Made by", "", command, "",
            *run.wrapped(
                f"on {datetime.datetime.now(datetime.timezone.utc).date()}, of commit {version(git) or 'unknown'}: "
                f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}; "
                f"{'; '.join(filter(None, versions))}. "
                f"{options.queries} queries; rounds of clean builds, with search and without in turns: {options.rounds}"
                f"{''.join(f'; {file_system}' for file_system in file_systems)}. In brackets the targets for 20,000 "
                "articles / for a million.")]


def corpora(text: str) -> List[str]:
    """senate,1m as they are, if they are ones."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in REAL:
            run.count(name.replace("m", "M"))
    if not names or len(names) != len(set(names)):
        raise argparse.ArgumentTypeError("name each corpus once: senate, or a number of articles such as 1k, 100k or 1m")
    return names


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    add = parser.add_argument
    add("--corpora", type=corpora, default=["senate", "10k"], metavar="LIST",
        help="senate, and synthetic ones by their size: 1k, 10k, 100k, 1m (default: senate,10k)")
    add("--binary", dest="dateline", type=Path, default=run.REPOSITORY / "target/release/dateline",
        help="the program to measure (default: the last release build)")
    add("--rounds", type=run.count, default=3, help="clean builds each way (default: 3)")
    add("--queries", type=run.count, default=500, help="queries of the mix (default: 500)")
    add("--seed", type=int, default=1, help="of the queries and of synthetic corpora (default: 1)")
    add("--synthesize", type=Path, help="the generator, built (default: cargo run --example synthesize)")
    add("--work", type=Path, help="where to work (default: a temporary folder, in memory if there is room)")
    add("--keep", action="store_true", help="leave the work folders there")
    add("--table", type=Path, metavar="FILE", help="write the Markdown table here (default: standard output)")
    add("--json", type=Path, metavar="FILE", help="write every query and every sample here")
    options = parser.parse_args()
    options.dateline, options.profile = options.dateline.resolve(), "news"
    generator = ["cargo", "run", "--release", "--quiet", "--example", "synthesize", "--"]
    options.generator = [str(options.synthesize.resolve())] if options.synthesize else generator
    if not options.dateline.is_file():
        parser.error(f"no {options.dateline.name} there; cargo build --release, or name it with --binary")
    for what, found in (("nginx", program()), ("node", shutil.which("node"))):
        if not found:
            parser.error(f"no {what} on this machine")
    return options


def source(name: str) -> int | Path:
    """A real corpus' archive, or a synthetic one's number of articles."""
    return REAL[name] if name in REAL else run.count(name.replace("m", "M"))


def work_folder(name: str, options: argparse.Namespace) -> Path:
    """A new folder for a corpus; in memory if it fits there."""
    wanted = source(name)
    is_made = isinstance(wanted, int)
    needs = argparse.Namespace(sizes=[wanted] if is_made else [], corpus=[] if is_made else [wanted])
    if options.work:
        options.work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="dateline-search-", dir=options.work or run.work_parent(needs))).resolve()
    free = shutil.disk_usage(folder).free
    if isinstance(wanted, int) and free < wanted * BYTES_PER_ARTICLE:
        folder.rmdir()
        raise Failure(f"{wanted * BYTES_PER_ARTICLE / 1e9:.0f} GB may be needed and {free / 1e9:.0f} GB are free there; "
                      "name another folder with --work")
    return folder


def measured(name: str, options: argparse.Namespace, file_systems: List[str]) -> Bench:
    """All of a corpus."""
    folder = work_folder(name, options)
    try:
        file_systems.append(f"{name} on {run.first_line(['stat', '-f', '-c', '%T', str(folder)])}")
        wanted = source(name)
        if isinstance(wanted, int):
            run.synthesized(wanted, folder, options)
        else:
            run.unpacked(wanted, folder)
        bench = Bench(name, folder, options)
        bench.run()
        return bench
    finally:
        if options.keep:
            progress(f"{name}: left in {folder}")
        else:
            run.remove(folder)


def write(options: argparse.Namespace, about: List[str], benches: List[Bench], left_out: List[str]) -> None:
    """The files that were asked for."""
    if options.table:
        options.table.write_text(markdown(benches, about, left_out), encoding="utf-8")
    if options.json:
        samples = {"about": about, "corpora": [bench.raw for bench in benches]}
        options.json.write_text(json.dumps(samples, indent=1, ensure_ascii=False), encoding="utf-8")


def main() -> int:
    """Measures corpus by corpus, keeping the files up to date all along."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    options = arguments()
    benches: List[Bench] = []
    left_out: List[str] = []
    file_systems: List[str] = []
    failed = False
    for name in options.corpora:
        if name in REAL and not REAL[name].exists():
            left_out.append(f"{name} is left out: {REAL[name].name} isn't in the folder that DATELINE_CORPORA names.")
            progress(left_out[-1])
            continue
        try:
            benches.append(measured(name, options, file_systems))
            failed |= benches[-1].failed
        except (Failure, OSError) as failure:
            failed = True
            left_out.append(f"{name} was not measured: {failure}.")
            progress(left_out[-1])
        write(options, heading(options, file_systems), benches, left_out)
    write(options, heading(options, file_systems), benches, left_out)
    if not options.table:
        print(markdown(benches, heading(options, file_systems), left_out))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
