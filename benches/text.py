#!/usr/bin/env python3
"""Compares the words of archives: how many different ones a text has, which go together, how many there are in all.

    python3 benches/text.py senate-20k.tar.xz SYNTHETIC/content

Reads 2,000 bodies of each archive (a folder or a tar file that contains content/), the same ones each time. The synthetic
archive should be like real ones here, because the size of a search index and the cost of a query depend on it.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import tarfile
from collections import Counter
from pathlib import Path
from statistics import mean
from typing import Iterator, List, Tuple

LENGTHS = (100, 200, 400, 800)
TEXTS = 2000
TOGETHER = 5  # texts that have a pair
COMMON = (1, 5, 20)  # per cent of the texts
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
LINK = re.compile(r"\]\([^)]*\)|<[^>]*>")


def articles(archive: Path) -> Iterator[Tuple[str, bytes]]:
    """Names and bytes of the articles of an archive."""
    if archive.is_dir():
        for file in archive.rglob("*.md"):
            yield str(file.relative_to(archive)), file.read_bytes()
        return
    with tarfile.open(archive) as members:
        for member in members:
            read = members.extractfile(member) if member.isfile() and member.name.endswith(".md") else None
            if read:
                yield member.name, read.read()


def words(text: bytes) -> List[str]:
    """The words of a body, in lower case."""
    body = text.decode("utf-8", "replace").split("\n---\n", 1)[-1]
    return WORD.findall(LINK.sub("] ", body).lower())


def rows(archive: Path) -> List[str]:
    """Returns the statistics of an archive."""
    found = ((hashlib.blake2b(name.encode(), digest_size=8).digest(), text) for name, text in articles(archive))
    texts = [words(text) for _, text in sorted(found)[:TEXTS]]
    different = ["/".join(f"{mean(len(set(text[:length])) for text in texts if len(text) >= length):.0f}"
                          for length in LENGTHS if any(len(text) >= length for text in texts))]
    once = [sum(count == 1 for count in Counter(text).values()) for text in texts]
    pairs = [list(zip(text, text[1:])) for text in texts]
    known = Counter(pair for text in pairs for pair in set(text))
    every = [pair for text in pairs for pair in text]
    held = Counter(word for text in texts for word in set(text))
    common = [{word for word, count in held.items() if count > share * len(texts) / 100} for share in COMMON]
    covered = [sum(word in some for text in texts for word in text) / sum(map(len, texts)) for some in common]
    return [*different, f"{100 * sum(once) / sum(len(set(text)) for text in texts):.0f} %",
            f"{100 * sum(known[pair] >= TOGETHER for pair in every) / len(every):.0f} %",
            "/".join(str(len(some)) for some in common), "/".join(f"{100 * share:.0f}" for share in covered) + " %",
            f"{len(held):,}", f"{mean(map(len, texts)):.0f}"]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("archives", type=Path, nargs="+", metavar="FOLDER_OR_TAR")
    archives = parser.parse_args().archives
    labels = [f"different words in a text's first {' / '.join(map(str, LENGTHS))}", "words that a text has once, of its different ones",
            f"pairs of neighbors that {TOGETHER} or more texts have", f"words that over {' / '.join(map(str, COMMON))} % of the texts have", "their share of all words",
            f"different words in {TEXTS:,} texts", "words per text, mean"]
    columns = [rows(archive) for archive in archives]
    print(f"| | {' | '.join(archive.name.split('.')[0] for archive in archives)} |")
    print("| --- |" + " ---: |" * len(archives))
    for at, what in enumerate(labels):
        print(f"| {what} | {' | '.join(column[at] for column in columns)} |")


if __name__ == "__main__":
    main()
