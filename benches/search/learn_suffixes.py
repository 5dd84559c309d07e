#!/usr/bin/env python3
"""Learns the suffix rules in src/search/inflection/ from lists of word forms.

    pip install simplemma==2.0.0 wordfreq==3.1.1
    python3 benches/search/learn_suffixes.py src/search/inflection

A rule replaces the end of a form by the end of its base form (lemma): `ies y`. It is kept if most of the common
words of the language that it changes into another common word are changed into a form of the same lemma.
Lemmas are from simplemma (MIT license), common words from wordfreq (Apache license). The rules contain no entries of
these lists, only endings that are shared by at least eight words.
"""

from __future__ import annotations

import sys
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Dict, List, Set, Tuple

from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory
from wordfreq import top_n_list

# The languages, with the share of right changes that a rule needs. Persian has too few lemmas for it.
LANGUAGES = {"fr": 0.7, "de": 0.6, "es": 0.7, "pt": 0.65, "it": 0.7, "nl": 0.6, "ru": 0.75, "hi": 0.75}
COMMON_WORDS = 60_000
MIN_WORDS = 8
MIN_BASE_LETTERS = 3
# The letters before the changed end that a rule can require.
MAX_CONTEXT = 3
MAX_ENDING = 7
FORMS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
                       "ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ہ": "ه", "ە": "ه", "ۃ": "ه", "ھ": "ه", "ँ": "ं"})
Rule = Tuple[str, str]


def folded(word: str) -> str:
    """A word as the index has it."""
    letters = unicodedata.normalize("NFKD", word).lower()
    letters = "".join(c for c in letters if not (unicodedata.category(c) == "Mn" and ord(c) < 0x700)
                      and c not in "\u200c\u200d\u0640\u093c")
    return unicodedata.normalize("NFC", letters.translate(FORMS))


def lemmas(language: str) -> Dict[str, Set[str]]:
    """The lemmas of each common word."""
    dictionary = DefaultDictionaryFactory().get_dictionary(language)
    found: Dict[str, Set[str]] = defaultdict(set)
    for word in top_n_list(language, COMMON_WORDS):
        if word.isalpha() or language in ("hi", "fa"):
            lemma = dictionary.get(word) or dictionary.get(word.capitalize()) or word
            found[folded(word)].add(folded(lemma))
    return found


def candidates(word: str, base: str) -> List[Rule]:
    """The rules that change a word into its base form, the shortest first."""
    common = 0
    while common < min(len(word), len(base)) and word[common] == base[common]:
        common += 1
    starts = range(common, max(common - MAX_CONTEXT, 0) - 1, -1)
    return [(word[start:], base[start:]) for start in starts if 0 < len(word) - start <= MAX_ENDING]


def learn(language: str) -> List[Rule]:
    """The rules of a language."""
    words = lemmas(language)
    support: Dict[Rule, int] = defaultdict(int)
    for word, bases in words.items():
        for base in bases - {word}:
            if base in words and len(base) >= MIN_BASE_LETTERS:
                for rule in candidates(word, base):
                    support[rule] += 1
    right: Dict[Rule, int] = defaultdict(int)
    fired: Dict[Rule, int] = defaultdict(int)
    by_ending: Dict[str, List[str]] = defaultdict(list)
    for (ending, base), count in support.items():
        if count >= MIN_WORDS:
            by_ending[ending].append(base)
    for word, own in words.items():
        for length in range(1, min(MAX_ENDING, len(word)) + 1):
            stem, ending = word[:-length], word[-length:]
            for replacement in by_ending.get(ending, []):
                other = stem + replacement
                if other != word and len(other) >= MIN_BASE_LETTERS and other in words:
                    fired[ending, replacement] += 1
                    right[ending, replacement] += bool(own & words[other])
    good = {rule for rule, count in fired.items() if count >= MIN_WORDS and right[rule] >= LANGUAGES[language] * count}
    # A rule that a shorter one implies isn't needed. The rules that change most words come first.
    return sorted((rule for rule in good
                   if not any(rule[0][at:] and (rule[0][at:], rule[1][at:]) in good and rule[0][:at] == rule[1][:at]
                              for at in range(1, len(rule[0])))),
                  key=lambda rule: (-right[rule], rule))


def main() -> int:
    """Writes a file per language."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    for language in LANGUAGES:
        rules = learn(language)
        text = "".join(f"{ending} {base}\n" if base else f"{ending}\n" for ending, base in rules)
        Path(sys.argv[1], f"{language}.txt").write_text(text, encoding="utf-8")
        print(f"{language}: {len(rules)} rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
