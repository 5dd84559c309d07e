#!/usr/bin/env python3
"""Counts what each file for programs costs: instructions of a clean build, with it and without.

    python3 benches/outputs.py --corpus senate-20k.tar.xz --year 2004
    python3 benches/outputs.py --articles 1k

Instructions, unlike seconds, are the same whatever other processes do: each row is one clean build on one thread under
valgrind's callgrind, as a share of the build that it is compared with. The archive is a folder or a tar file that contains
`content/`, of which --year takes one year's folder, or is made by `cargo run --release --example synthesize`.

Needs valgrind, and Python 3.9 or later. Exit status: 0 everything was counted, 1 something could not be, 2 usage.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

import run
from run import Failure, progress

DEFAULTS: Dict[str, str] = {}
OFF = {"feeds": "false", "sitemaps": "false", "cite": "false", "metadata": "false", "robots": "false"}
TEXTS = {"humans": "Us.", "trust": "{contact: \"mailto:a@example.org\"}", "llms": "true", "headers": "true",
         "security": "{contact: \"mailto:a@example.org\", expires: \"2030-01-01T00:00:00Z\"}"}
ALL_FORMS = "{formats: [html, netlify, nginx, apache]}"


class Part(NamedTuple):
    """A part of the output: what a build costs more with some settings than with others."""

    name: str
    setting: str  # that turns it off, as the documentation has it
    dearer: Dict[str, str]
    cheaper: Dict[str, str]
    aliases: bool = False  # whether every article has an alias


PARTS = [
    Part("all that is on by itself", "each of the below", DEFAULTS, OFF),
    Part("the citation box", "`cite: false`", DEFAULTS, {"cite": "false"}),
    Part("JSON-LD and other metadata", "`metadata: false`", DEFAULTS, {"metadata": "false"}),
    Part("feeds, with sealed documents", "`feeds: false`", DEFAULTS, {"feeds": "false"}),
    Part("… of that the sealed documents", "`feeds: {archive: false}`", DEFAULTS, {"feeds": "{archive: false}"}),
    Part("full text in feeds", "it is off by itself", {"feeds": "{full_text: true}"}, DEFAULTS),
    Part("feeds of every tag", "they are off by themselves", {"taxonomies": "{tags: {feed: true}}"}, DEFAULTS),
    Part("sitemaps", "`sitemaps: false`", DEFAULTS, {"sitemaps": "false"}),
    Part("article tables, with words counted", "it is off by itself", {"data": "true"}, DEFAULTS),
    Part("ninjs", "it is off by itself", {"data": "{articles: false, ninjs: true}"}, DEFAULTS),
    Part("a redirect page for an alias of each article", "`redirects: {formats: [netlify]}`", DEFAULTS,
         {"redirects": "{formats: []}"}, True),
    Part("these in every host's form, too", "`redirects: {formats: [html]}`", {"redirects": ALL_FORMS}, DEFAULTS, True),
    Part("`robots.txt`", "`robots: false`", DEFAULTS, {"robots": "false"}),
    Part("the other small files", "they are off by themselves", TEXTS, DEFAULTS),
]


class Counter:
    """Builds an archive with settings, and keeps what each build took."""

    def __init__(self, site: Path, options: argparse.Namespace) -> None:
        self.site, self.options = site, options
        self.known: Dict[str, int] = {}
        self.plain = {path: path.read_bytes() for path in (site / "content").rglob("*.md")}
        self.has_aliases = False

    def instructions(self, settings: Dict[str, str], aliases: bool) -> int:
        """Of one clean build."""
        text = run.SITE_YAML + "".join(f"{key}: {value}\n" for key, value in settings.items())
        key = f"{aliases}\n{text}"
        if key not in self.known:
            self.alias(aliases)
            (self.site / "site.yaml").write_text(text, encoding="utf-8")
            self.known[key] = self.counted()
        return self.known[key]

    def alias(self, wanted: bool) -> None:
        """Gives every article an alias, or removes it."""
        if wanted != self.has_aliases:
            for number, (path, plain) in enumerate(self.plain.items()):
                line = f"---\naliases: [/former/{number}/]\n".encode()
                path.write_bytes(plain.replace(b"---\n", line, 1) if wanted and path.name != "_index.md" else plain)
            self.has_aliases = wanted

    def counted(self) -> int:
        """What callgrind counts."""
        output, state = self.site.parent / "public", self.site.parent / "state"
        run.remove(output, state)
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(self.options.dateline), "build",
                   "--root", str(self.site), "--output", str(output), "--state", str(state), "--jobs", "1", "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = re.search(r"Collected : (\d+)", done.stderr)
        # 1 is a mistake in the content, as real archives have them.
        if done.returncode not in (0, 1) or found is None:
            raise Failure(f"the build ended with {done.returncode}: {run.last_line(done.stderr)}")
        return int(found.group(1))


def one_year(site: Path, year: Optional[str]) -> None:
    """Leaves one year of the content."""
    content = site / "content"
    if year:
        if not (content / year).is_dir():
            raise Failure(f"the content has no folder {year}")
        for other in content.iterdir():
            if other.is_dir() and re.fullmatch(r"\d{4}", other.name) and other.name != year:
                shutil.rmtree(other)


def table(counter: Counter, name: str) -> str:
    """The table in Markdown."""
    articles = sum(path.name != "_index.md" for path in counter.plain)
    lines = [f"Instructions of a clean build of {name}, {articles:,} articles, "
             f"{run.first_line([str(counter.options.dateline), '--version'])}:", "",
             "| | costs | million | turned off by |", "| --- | ---: | ---: | --- |"]
    for part in PARTS:
        progress(part.name)
        dearer, cheaper = (counter.instructions(settings, part.aliases) for settings in (part.dearer, part.cheaper))
        more = dearer - cheaper
        # Without the minus sign of a rounded zero.
        share, millions = round(100 * more / cheaper, 1) or 0.0, round(more / 1e6) or 0
        lines.append(f"| {part.name} | {share} % | {millions:,} | {part.setting} |")
    return "\n".join(lines) + "\n"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    add = parser.add_argument
    add("--corpus", type=Path, help="a real archive: a folder or a tar with content/ in it")
    add("--year", help="only this folder of its content")
    add("--articles", type=run.count, default=1000, help="of a synthetic archive, without --corpus (default: 1k)")
    add("--dateline", type=Path, default=run.REPOSITORY / "target/release/dateline", help="the program to count")
    add("--work", type=Path, help="where to work (default: a temporary folder)")
    add("--table", type=Path, metavar="FILE", help="write the table here (default: standard output)")
    options = parser.parse_args()
    options.dateline, options.seed, options.profile = options.dateline.resolve(), 1, "news"
    options.generator = ["cargo", "run", "--release", "--quiet", "--example", "synthesize", "--"]
    if not options.dateline.is_file():
        parser.error(f"no {options.dateline.name} there; cargo build --release, or name it with --dateline")
    if not shutil.which("valgrind"):
        parser.error("no valgrind on this machine")
    return options


def main() -> int:
    """Counts all rows."""
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="dateline-outputs-", dir=options.work) as work:
        folder = Path(work).resolve()
        try:
            made = run.unpacked(options.corpus, folder) if options.corpus else run.synthesized(options.articles, folder, options)
            one_year(folder / "site", options.year)
            text = table(Counter(folder / "site", options), f"{made}{f' of {options.year}' if options.year else ''}")
        except (Failure, OSError) as failure:
            progress(f"not counted: {failure}")
            return 1
    if options.table:
        options.table.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
