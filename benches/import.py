#!/usr/bin/env python3
"""Measures `dateline import`: seconds and peak memory for a synthetic export.

    python3 benches/import.py --items 100000 --words 1500 --table benches/IMPORT.md

Writes an export of WordPress (WXR), of Ghost and of the REST API with so many articles of so many words, the same ones
each time, and imports each into an empty site. The number of articles in the report is compared with that number.
Needs Python 3.9 or later, on Linux. Exit status: 0 everything was measured, 1 an import failed or lost an article, 2
wrong usage.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Iterator, List, NamedTuple, TextIO

VOCABULARY = 20_000
LINK_EVERY = 5  # articles
START = datetime.datetime(1994, 1, 1, tzinfo=datetime.timezone.utc)


class Article(NamedTuple):
    number: int
    title: str
    slug: str
    date: datetime.datetime
    html: str
    tags: List[str]


def articles(count: int, words: int) -> Iterator[Article]:
    """The articles of an archive, the same ones each time."""
    rng = random.Random(1)
    letters = "abcdefghijklmnoprstuvw"
    vocabulary = ["".join(rng.choices(letters, k=rng.randint(2, 10))) for _ in range(VOCABULARY)]
    weights = [1 / (rank + 2) for rank in range(VOCABULARY)]
    # Choosing every word is slow; paragraphs are put together from prepared sentences.
    sentences = [" ".join(rng.choices(vocabulary, weights, k=18)).capitalize() + "." for _ in range(5_000)]
    for number in range(1, count + 1):
        paragraphs = []
        for _ in range(max(1, words // 72)):
            paragraphs.append("<p>" + " ".join(rng.choices(sentences, k=4)) + "</p>")
        if number % LINK_EVERY == 0:
            other = rng.randint(1, number)
            paragraphs.append(f'<p>See <a href="https://old.example/a-{other}/">this</a> &amp; <b>that</b>.</p>')
            paragraphs.append(f'<figure><img src="https://old.example/up/{number}.jpg" alt="Quay"></figure>')
        title = f"Article {number}: " + " ".join(rng.choices(vocabulary, k=5))
        date = START + datetime.timedelta(hours=2 * number)
        yield Article(number, title, f"a-{number}", date, "\n".join(paragraphs), rng.choices(vocabulary[:500], k=3))


def write_wxr(file: TextIO, items: Iterator[Article]) -> None:
    file.write('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
               'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
               'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">\n<channel>\n')
    for item in items:
        tags = "".join(f'<category domain="post_tag"><![CDATA[{tag}]]></category>' for tag in item.tags)
        file.write(
            f"<item><title>{item.title}</title><link>https://old.example/{item.slug}/</link>"
            f"<dc:creator>editor</dc:creator><content:encoded><![CDATA[{item.html}]]></content:encoded>"
            f"<wp:post_id>{item.number}</wp:post_id><wp:post_date_gmt>{item.date:%Y-%m-%d %H:%M:%S}</wp:post_date_gmt>"
            f"<wp:post_name>{item.slug}</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>"
            f"{tags}</item>\n")
    file.write("</channel></rss>\n")


def write_ghost(file: TextIO, items: Iterator[Article]) -> None:
    file.write('{"db":[{"data":{"posts":[')
    for item in items:
        post = {"id": str(item.number), "title": item.title, "slug": item.slug, "status": "published", "lexical": None,
                "html": item.html, "published_at": item.date.isoformat().replace("+00:00", "Z")}
        file.write(("" if item.number == 1 else ",\n") + json.dumps(post))
    file.write(']}}]}\n')


def write_rest(file: TextIO, items: Iterator[Article]) -> None:
    file.write("[")
    for item in items:
        post = {"id": item.number, "date_gmt": f"{item.date:%Y-%m-%dT%H:%M:%S}", "slug": item.slug,
                "status": "publish", "type": "post", "link": f"https://old.example/{item.slug}/",
                "title": {"rendered": item.title}, "content": {"rendered": item.html}, "excerpt": {"rendered": ""},
                "_embedded": {"author": [{"name": "A. Reporter"}]}}
        file.write(("" if item.number == 1 else ",\n") + json.dumps(post))
    file.write("]\n")


FORMATS: List[tuple[str, str, Callable[[TextIO, Iterator[Article]], None]]] = [
    ("wxr", "export.xml", write_wxr),
    ("ghost", "export.json", write_ghost),
    ("wp-rest", "posts.json", write_rest),
]


def measure(program: Path, site: Path, name: str, source: Path) -> tuple[float, int, int, int]:
    """Seconds, peak memory in MiB, records in the report and exit status of an import."""
    (site / "content").mkdir(parents=True)
    (site / "site.yaml").write_text("title: Measured\nbase_url: https://new.example\ntime_zone: UTC\n")
    command = [str(program), "import", name, str(source), "--root", str(site), "--format", "json"]
    start = time.monotonic()
    # `wait4` has the peak memory of this process alone.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    records = json.loads(output or b"{}").get("outcomes", {}).get("article", 0)
    return seconds, usage.ru_maxrss // 1024, records, os.waitstatus_to_exitcode(status)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=100_000, help="number of articles")
    parser.add_argument("--words", type=int, default=1_500, help="words of each article")
    parser.add_argument("--formats", default="wxr,ghost,wp-rest", help="names of formats")
    parser.add_argument("--dateline", type=Path, default=Path("target/release/dateline"), help="the program")
    parser.add_argument("--work", type=Path, help="the working folder; by default a temporary one")
    parser.add_argument("--table", type=Path, help="write the table as Markdown")
    options = parser.parse_args()
    if not options.dateline.is_file():
        parser.error(f"there is no program {options.dateline}: run `cargo build --release`")
    lines = ["| format | articles | export | seconds | peak memory |", "| --- | ---: | ---: | ---: | ---: |"]
    failed = False
    for name, file_name, write in FORMATS:
        if name not in options.formats.split(","):
            continue
        with tempfile.TemporaryDirectory(dir=options.work) as work:
            source = Path(work, file_name)
            with source.open("w", encoding="utf-8") as file:
                write(file, articles(options.items, options.words))
            size = source.stat().st_size / 2**20
            seconds, memory, records, status = measure(options.dateline.resolve(), Path(work, "site"), name, source)
        failed |= status != 0 or records != options.items
        lines.append(f"| {name} | {records:,} | {size:,.0f} MiB | {seconds:.1f} | {memory:,} MiB |")
        print(lines[-1], flush=True)
    if options.table:
        cores = os.cpu_count()
        about = f"{datetime.date.today()}, {platform.system()} {platform.machine()}, {cores} cores"
        text = f"# Import\n\n`python3 benches/import.py --items {options.items} --words {options.words}`, {about}.\n\n"
        options.table.write_text(text + "\n".join(lines) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
