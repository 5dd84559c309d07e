#!/usr/bin/env python3
"""Builds sites with two versions of the program and compares every byte of what they write.

    python3 benches/compare.py --base OLD/dateline --new NEW/dateline --base-commit d3ebf9a

The sites are the demonstration (this repository), the archives senate-20k and digitalgov of --data,
all small sites of --cases, and those of --site. Each program gets its own copy of a site, at the same path,
with the same file times and the same --now. Compared are the output folder, the JSON report of the
build, a dump of `export sqlite`, and `stats` in its three formats, as files: public/...,
cli/archive.sql, cli/build.out, cli/build.err, cli/build.status, cli/stats-json.out, and so on. If
search segments differ, search is compared inflated, as public/search/SEGMENT/stored_fields and so on.

Only what a list in TOML (--expected) names may differ: the exit status is 1 if anything else does,
2 for wrong usage or an I/O error. Entries apply in their order. In globs, `*` also matches `/`. Regular
expressions are Python's; `^` and `$` match at each line. An entry that nothing needs is STALE.

    [[difference]]
    reason = "The class is named after its subject."
    files = "public/*.html"
    find = 'class="story"'           # in the text of the base, which must then be that of the new
    replace = 'class="article"'
    sites = "cases/*"                # optional in every entry; the default is all sites
    on-both = true                   # optional: replaces in both texts, such as a count of files
    [[difference]]
    reason = "There is a new feed."
    only-in-new = "public/feed.json" # or only-in-base
    [[difference]]
    reason = "Buttons are named after what they do."
    files = "public/*.html"
    texts = [["Go on", "Next"]]      # texts of elements and attributes; {count} is any number
    [[difference]]
    reason = "Pages moved."
    rename = '^public/reports/'      # in paths that only the base has
    to = 'public/articles/'
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import hashlib
import html
import io
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import tomllib
import zlib
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
EXPECTED = REPOSITORY / "benches" / "compare-expected.toml"
SITE_YAML = "title: Comparison\nbase_url: https://example.org\nlanguage: en\ntime_zone: UTC\n"
INPUTS = ["content", "static", "templates", "site.yaml", "permalinks.txt", "redactions.yaml"]
COMMANDS = {"build": ["build", "--output", "result/public", "--format", "json"],
            "export": ["export", "sqlite", "archive.db"], "stats": ["stats"],
            "stats-json": ["stats", "--format", "json"], "stats-csv": ["stats", "--format", "csv"]}
PATHS, LINES = 10, 20  # of what is shown
PIECES = re.compile(r"[^\n]{0,160}\n|[^\n]{1,120}?[>,;]|[^\n]{1,120}")  # lines, broken if long
KINDS = [{"files", "find", "replace"}, {"files", "texts"}, {"only-in-new"}, {"only-in-base"}, {"rename", "to"}]
NUMBER = r"[\d.,\u00a0\u202f\u066c]*\d"
SEARCH = re.compile(r"public/search/([^/]*\.bin|manifest\.json)")
Rule = dict[str, Any]  # an entry of the list, and under "used" for how many files it was
Prepare = Callable[[str, Path], None]  # writes the copy of a site for a side to a folder


def load(file: Path) -> list[Rule]:
    """Reads the list of intended differences, and refuses an entry that is not understood."""
    text = "" if file == EXPECTED and not file.exists() else file.read_text(encoding="utf-8")
    rules: list[Rule] = tomllib.loads(text).get("difference", [])
    for rule in rules:
        if rule.keys() - {"reason", "sites", "on-both"} not in KINDS or not rule.get("reason"):
            raise ValueError(f"{file}: an entry has a reason and one of {KINDS}: {rule}")
        re.compile(rule.get("find") or rule.get("rename") or "")
        if "texts" in rule:
            rule["find"] = text_pattern([old for old, _ in rule["texts"]])
            rule["replace"] = partial(replace_text, [new for _, new in rule["texts"]])
        rule["used"] = 0
    return rules


def text_pattern(texts: list[str]) -> str:
    """A pattern of the whole text of an element or attribute that is one of these, as a group."""
    escaped = [re.escape(html.escape(text).replace("&#x27;", "&#39;")) for text in texts]
    numbers = [text.replace(re.escape("{count}"), NUMBER) for text in escaped]
    any_text = "|".join(f"({text})" for text in numbers)
    # A quotation mark within a text begins neither an attribute nor a JSON string.
    start = r"(?:(?<=>)|(?<=[=:,\[]\"))(?<!<li>)"
    return start + r"\s*(?:" + any_text + r")\s*(?=[<\"]| – )"


def replace_text(texts: list[str], found: re.Match[str]) -> str:
    """The text that takes the place of one that was found by `text_pattern`, with its numbers."""
    new = html.escape(texts[(found.lastindex or 1) - 1]).replace("&#x27;", "&#39;")
    if "{count}" in new:
        new = new.replace("{count}", re.search(NUMBER, found[0])[0])
    return found[0].replace(found[0].strip(), new)


def choose(rules: list[Rule], key: str, site: str, path: str | None = None) -> Iterator[Rule]:
    """The entries that have a key, for a site, and for a path by the glob under the key."""
    for rule in (rule for rule in rules if key in rule):
        if fnmatchcase(site, rule.get("sites", "*")) and (not path or fnmatchcase(path, rule[key])):
            yield rule


def run(*command: Any, check: bool = True, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """Runs a program in the same environment everywhere."""
    environment = os.environ | {"TZ": "UTC", "LC_ALL": "C.UTF-8", "RUST_BACKTRACE": "0"}
    return subprocess.run(command, env=environment, check=check, **more)


def find_sites(options: argparse.Namespace) -> dict[str, Prepare]:
    """The sites that were asked for, by name."""
    sites: dict[str, Prepare] = {"demonstration": partial(demonstration, options.base_commit)}
    for name in ("senate-20k", "digitalgov") if options.data else ():
        tar = options.data / f"{name}.tar.xz"
        sites[name] = partial(unpack, tar, "")
        if name in options.search:
            sites[f"{name}+search"] = partial(unpack, tar, "search: true\n")
    folder = options.cases
    cases = [*sorted(folder.glob("sites/*")), folder / "archive"] if folder else []
    for kind, folders in (("cases", cases), ("site", options.site)):
        sites |= {f"{kind}/{folder.resolve().name}": partial(copy, folder) for folder in folders}
    return {name: prepare for name, prepare in sites.items()
            if any(fnmatchcase(name, glob) for glob in options.only)}


def copy(source: Path, _: str, to: Path) -> None:
    """Copies a file or a folder with its times, but so that it can be written."""
    if source.is_file():
        shutil.copy2(source, to)
        return
    shutil.copytree(source, to, ignore=shutil.ignore_patterns(".git", ".dateline", "public"))
    for folder, *_names in os.walk(to):
        os.chmod(folder, 0o755)


def unpack(tar: Path, more: str, _: str, to: Path) -> None:
    """Unpacks an archive, and gives it settings."""
    to.mkdir()
    run("tar", "-xf", tar, "-C", to)
    (to / "site.yaml").write_text(SITE_YAML + more)
    os.utime(to / "site.yaml", (1e9, 1e9))


def demonstration(commit: str | None, side: str, to: Path) -> None:
    """Copies this site, as of a commit if there is one, except for the program's own parts."""
    to.mkdir()
    if commit:
        git = partial(run, "git", "-C", REPOSITORY, stdout=subprocess.PIPE)
        inputs = git("ls-tree", "--name-only", commit, *INPUTS).stdout.decode().split()
        run("tar", "-x", "-C", to, input=git("archive", commit, *inputs).stdout)
    for name in ("static", "templates") if commit and side == "new" else () if commit else INPUTS:
        if (REPOSITORY / name).exists():
            shutil.rmtree(to / name, ignore_errors=True)
            copy(REPOSITORY / name, side, to / name)


def produce(prepare: Prepare, side: str, folder: Path, options: argparse.Namespace) -> list[str]:
    """Makes the result of a side, and returns what is wrong whatever the other result is."""
    program, here, wrong = getattr(options, side), folder / "run", []
    cli = here / "result" / "cli"  # both sides work at the same path, which is then renamed
    cli.mkdir(parents=True)
    prepare(side, here / "site")
    if side == "new" and options.rewrite_templates and (here / "site" / "templates").is_dir():
        rewrite = shlex.split(options.rewrite_templates)
        run(program, *rewrite, "--root", "site", check=False, cwd=here, stdout=subprocess.DEVNULL)
    for name, words in COMMANDS.items():
        command = [program, *words, "--root", "site", "--now", options.now]
        out, err = cli / f"{name}.out", cli / f"{name}.err"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            status = run(*command, check=False, cwd=here, stdout=stdout, stderr=stderr).returncode
        (cli / f"{name}.status").write_text(f"{status}\n")
        # Two programs that both refuse would be equal. Only an export may fail for the content.
        if not 0 <= status <= (2 if name == "export" else 1) or b"panicked at" in err.read_bytes():
            wrong.append(f"{side}: {name} ended with status {status}: {err.read_text()[-500:]}")
    report = (cli / "build.out").read_bytes()
    (cli / "build.out").write_bytes(re.sub(rb'"seconds":[\d.e-]+', b'"seconds":0', report))
    if (here / "archive.db").exists():
        dump(here / "archive.db", cli / "archive.sql")
    if not (here / "result" / "public").is_dir():
        wrong.append(f"{side}: the build wrote nothing")
    here.rename(folder / side)
    return wrong


def dump(database: Path, to: Path) -> None:
    """Writes a database as text, a row a line; bytes as their hash."""
    with contextlib.closing(sqlite3.connect(database)) as connection, to.open("w") as out:
        schema = connection.execute("SELECT name, type, sql FROM sqlite_master ORDER BY rowid")
        for name, kind, sql in schema.fetchall():
            out.write(f"{sql};\n" if sql else "")
            if kind == "table" and not sql.startswith("CREATE VIRTUAL"):
                for row in connection.execute(f'SELECT * FROM "{name}"'):
                    values = json.dumps(row, ensure_ascii=False, default=lambda blob: {
                        "sha256": hashlib.sha256(blob).hexdigest()})
                    out.write(f"INSERT INTO {name} VALUES ({values[1:-1]});\n")


def tree(folder: Path) -> dict[str, Path]:
    """All files under a folder, by their path in it."""
    return {f"{os.path.relpath(parent, folder)}/{name}".removeprefix("./"): Path(parent, name)
            for parent, _, names in os.walk(folder) for name in names}


def differing(base: dict[str, Path], new: dict[str, Path]) -> set[str]:
    """The paths of all files that are only on one side, or that differ in a byte."""
    def same(path: str) -> bool:  # in large pieces, this is faster than hashes are
        with base[path].open("rb", buffering=0) as one, new[path].open("rb", buffering=0) as other:
            while (part := one.read(1 << 20)) == other.read(1 << 20):
                if not part:
                    return True
        return False
    return base.keys() ^ new.keys() | {path for path in base.keys() & new.keys() if not same(path)}


# The keys of version 3 of the search format that version 4 renames. In the root of the term
# dictionary, `blocks` are named after their section, too.
KEYS = {"volumes": "segments", "pack": "shard_bytes", "packs": "shards", "stories": "articles",
        "length": "total_length", "cards": "stored_fields", "lists": "postings", "places": "positions",
        "lexicon": "term_dict", "pairs": "bigrams", "table": "bucket_table", "bits": "bucket_bits",
        "words": "separators", "blocks": "term_dict"}


def inflated(files: dict[str, Path], folder: Path) -> dict[str, Path]:
    """The files, with a search index in a folder that has no compression, offsets, and names."""
    manifest = json.loads(files["public/search/manifest.json"].read_bytes(),
                          object_pairs_hook=lambda pairs: {KEYS.get(key, key): value for key, value in pairs})
    manifest.pop("format", None)
    keys = ["postings", "positions", "term_dict", "bigrams", "bucket_table", "end"]
    for segment in manifest["segments"]:
        name, shards = segment.pop("name"), range(segment.pop("shards"))
        step = max(segment.pop("stored_fields"))
        data = b"".join(files[f"public/search/{name}.{shard}.bin"].read_bytes() for shard in shards)
        starts, below = [segment.pop(key) for key in keys], folder / name.rpartition("-")[0]
        below.mkdir(parents=True)
        for key, at, end in zip(keys, starts, starts[1:]):
            (below / key).write_bytes(data[at:end])
        at = starts[2]
        with (below / "term_dict").open("wb") as terms, (below / "stored_fields").open("wb") as stored:
            for length in segment["root"].pop("term_dict"):
                terms.write(zlib.decompress(data[at:at + length], wbits=-15))
                at += length
            for at in range(0, starts[0], step):  # a length in LEB128, stored fields, and zeros
                fields = re.sub(rb"\A[\x80-\xff]*[\x00-\x7f]", b"", data[at:at + step])
                stored.write(zlib.decompressobj(wbits=-15).decompress(fields) + b"\n")
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
    return {path: file for path, file in files.items() if not SEARCH.fullmatch(path)} | {
        f"public/search/{path}": file for path, file in tree(folder).items()}


def compare(site: str, folder: Path, rules: list[Rule]) -> tuple[list[int], dict[str, list[str]]]:
    """Numbers of files, equal ones, and ones that differ as listed; diffs of the unexpected."""
    base, new = tree(folder / "base" / "result"), tree(folder / "new" / "result")
    differ, diffs = differing(base, new), {}
    if any(SEARCH.fullmatch(path) and path.endswith(".bin") for path in differ):
        with contextlib.suppress(KeyError, ValueError, IndexError, TypeError, zlib.error):
            base, new = (inflated(files, folder / side / "inflated")
                         for side, files in (("base", base), ("new", new)))
            differ = differing(base, new)
    pairs = {path: path for path in differ if path in base and path in new}
    for path in sorted(differ - new.keys()):
        for rule in choose(rules, "rename", site):
            to = re.sub(rule["rename"], rule["to"], path)
            if to in differ - base.keys() - set(pairs.values()):
                pairs[path], rule["used"] = to, rule["used"] + 1
                break
    single = differ - pairs.keys() - set(pairs.values())
    for path in single:
        key = "only-in-base" if path in base else "only-in-new"
        if rule := next(choose(rules, key, site, path), {}):
            rule["used"] += 1
        else:
            diffs[path] = [key]
    for path, to in pairs.items():
        listed = [*choose(rules, "files", site, path)]
        if diff := judge(base[path].read_bytes(), new[to].read_bytes(), listed):
            diffs[to] = diff
    changed, equal = len(pairs) + len(single), len((base.keys() & new.keys()) - differ)
    return [equal + changed, equal, changed - len(diffs)], diffs


def judge(base: bytes, new: bytes, rules: list[Rule]) -> list[str]:
    """Applies entries to a file, and returns a short unified diff of what then still differs."""
    try:
        old, text = base.decode(), new.decode()
    except UnicodeDecodeError:
        return [] if base == new else [f"not text, {len(base)} and {len(new)} bytes"]
    for rule in rules:
        pattern = re.compile(rule["find"], re.MULTILINE)
        edited = pattern.sub(rule["replace"], old)
        rule["used"] += edited != old
        old, text = edited, pattern.sub(rule["replace"], text) if rule.get("on-both") else text
    if old == text:
        return []
    one, other = PIECES.findall(old), PIECES.findall(text)
    equal = [*map(str.__eq__, one, other), False]
    start = max(0, equal.index(False) - 2)  # a diff of the rest would be slow for large files
    line = 1 + sum(piece.endswith("\n") for piece in one[:start])
    diff = difflib.unified_diff(one[start:start + 200], other[start:start + 200],
                                f"base from line {line} on", "new", n=2, lineterm="")
    return [piece.rstrip("\n").replace("\r", "\\r") for piece, _ in zip(diff, range(LINES))]


def compared(name: str, options: argparse.Namespace, rules: list[Rule], folder: Path) -> int:
    """Builds and compares a site, and returns how much was unexpected."""
    shutil.rmtree(folder, ignore_errors=True)
    times, failures = [time.monotonic()], list[str]()
    for side in ("base", "new"):
        failures += produce(options.sites[name], side, folder, options)
        times.append(time.monotonic())
    numbers, diffs = compare(name, folder, rules)
    times.append(time.monotonic())
    wrong = dict.fromkeys(failures, list[str]()) | dict(sorted(diffs.items()))
    print(f"{name:<36}" + "".join(f"{number:>11,}" for number in [*numbers, len(wrong)])
          + "".join(f"{end - start:>9.1f}" for start, end in zip(times, times[1:])))
    for path in [*wrong][:PATHS]:
        print("\n".join([f"  {path}", *(f"    {line}" for line in wrong[path])]))
    print(f"  and {len(wrong) - PATHS:,} more\n" if len(wrong) > PATHS else "", end="", flush=True)
    if not options.work:
        shutil.rmtree(folder)
    return len(wrong)


PROGRAM = """
import json, pathlib, sqlite3, sys, zlib
EDIT, NAME, TABLE, LEVEL, WORD = (b"", b""), ("", ""), "items", 0, b"a word"
CHANGE
out = pathlib.Path("result/public/search")
if sys.argv[1] == "build":
    out.mkdir(parents=True)
    for file in pathlib.Path("site/content").iterdir():
        (out.parent / file.name.replace(*NAME)).write_bytes(file.read_bytes().replace(*EDIT))
    text = zlib.compress(WORD, LEVEL, -15)
    card, name = bytes([len(text)]) + text, f"2024-{zlib.crc32(text)}"
    volume = dict.fromkeys(["lists", "places", "lexicon"], len(card)) | {"name": name, "packs": 1}
    volume |= dict.fromkeys(["pairs", "table", "end"], len(card + text))
    volume |= {"cards": [len(card)], "root": {"blocks": [len(text)]}}
    (out / f"{name}.0.bin").write_bytes(card + text)
    (out / "manifest.json").write_text(json.dumps({"volumes": [volume]}))
elif sys.argv[1] == "export":
    sqlite3.connect("archive.db").execute(f"CREATE TABLE {TABLE} (id)")
"""
LISTED = """difference = [
  {reason = "an edit", files = "public/*", find = "one page", replace = "one pagE"},
  {reason = "a name", rename = "index(?=.html)", to = "home"},
  {reason = "a table", files = "cli/*.sql", find = "TABLE items", replace = "TABLE articles"},
]"""
TEXTS = """difference = [
  {reason = "a text", files = "public/*", texts = [["{count} pages & more", "Pages: {count}"]]},
]"""
TESTS = [  # what the new program does, the list, and the exit status
    ("", "", 0), ('EDIT = b"one page", b"one pagE"', "", 1), ('EDIT = b"page", b"pagE"', LISTED, 1),
    ('EDIT = b"one page", b"one pagE"', LISTED, 0), ('EDIT = b"\\xff", b"\\xfe"', LISTED, 1),
    ('NAME = "index", "home"', "", 1), ("LEVEL = 9", "", 0),
    ('NAME, EDIT = ("index", "home"), (b"one page", b"one pagE")', LISTED, 0),
    ('EDIT = b">1,000 pages &amp; more<", b">Pages: 1,000<"', TEXTS, 0),
    ('EDIT = b">1,000 pages &amp; more<", b">Pages: 1,001<"', TEXTS, 1),
    ('TABLE = "articles"', "", 1), ('TABLE = "articles"', LISTED, 0), ('WORD = b"a worD"', "", 1)]


def self_test() -> int:
    """Compares small programs that differ in known ways, and returns whether one was misjudged."""
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        content = Path(temporary, "site", "content")
        content.mkdir(parents=True)
        (content / "index.html").write_bytes(b"one page\nand another page\n<p>1,000 pages &amp; more</p>\n")
        (content / "image.png").write_bytes(bytes(range(256)))
        for change, listed, status in TESTS:
            given = ["--site", str(content.parent), "--only", "site/*"]
            for option, text in (("--base", ""), ("--new", change), ("--expected", listed)):
                file = Path(temporary, option)
                program = f"#!{sys.executable}" + PROGRAM.replace("CHANGE", text)
                file.write_text(listed if option == "--expected" else program)
                file.chmod(0o755)
                given += [option, str(file)]
            with contextlib.redirect_stdout(io.StringIO()):
                got = main(given)
            failed |= got != status
            print("ok    " if got == status else "FAILED", got, change, "as listed" * bool(listed))
    return int(failed)


def main(given: list[str] | None = None) -> int:
    """Compares all sites, and returns the exit status."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    add = parser.add_argument
    need = "--self-test" not in sys.argv
    add("--base", type=Path, required=need, metavar="BINARY", help="the program to compare with")
    add("--new", type=Path, required=need, metavar="BINARY", help="the program to compare")
    add("--base-commit", metavar="COMMIT", help="take the demonstration from this commit, but for "
        "--new with templates/ and static/ as they are now (default: as it is now for both)")
    add("--rewrite-templates", nargs="?", const="fix --templates --write", metavar="COMMAND",
        help="first run this of --new in its copies of sites with templates/ (or: %(const)s)")
    add("--expected", type=Path, default=EXPECTED, metavar="FILE",
        help="the list of intended differences (default: benches/compare-expected.toml)")
    add("--data", type=Path, default=os.environ.get("DATELINE_CORPORA"), metavar="DIR",
        help="has the archives (default: the folder that DATELINE_CORPORA names)")
    add("--cases", type=Path, metavar="DIR", help="has the small sites (default: none)")
    add("--site", type=Path, action="append", default=[], metavar="DIR", help="one more site")
    add("--search", nargs="*", default=["digitalgov"], metavar="ARCHIVE",
        help="archives to build with search also (default: digitalgov)")
    add("--only", nargs="+", default=["*"], metavar="GLOB", help="only sites with such names")
    add("--now", default="2026-12-01T12:00:00Z", metavar="DATE", help="(default: %(default)s)")
    add("--work", type=Path, metavar="DIR", help="work here and leave all results (default: a "
        "temporary folder, in memory if there are 8 GB; 4 GB are needed)")
    add("--self-test", action="store_true", help="only prove that one byte is enough to fail")
    options = parser.parse_args(given)
    if options.self_test:
        return self_test()
    memory = Path("/dev/shm")
    where = memory if memory.is_dir() and shutil.disk_usage(memory).free > 8e9 else None
    try:
        options.base, options.new = options.base.resolve(True), options.new.resolve(True)
        rules, options.sites = load(options.expected), find_sites(options)
        print(f"{'site':<41} files      equal     listed unexpected   base s    new s  compare")
        with tempfile.TemporaryDirectory(dir=where) as temporary:
            work = (options.work or Path(temporary)).resolve()
            unexpected = sum(compared(name, options, rules, work / name) for name in options.sites)
    except (OSError, ValueError, re.error, sqlite3.Error, subprocess.SubprocessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for rule in rules:
        print(f"{rule['used'] or 'STALE':>6} {rule['reason']}")
    return 1 if unexpected or not options.sites else 0


if __name__ == "__main__":
    sys.exit(main())
