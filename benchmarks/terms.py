"""Choices of terms for a text."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import sources
from texts import Text

Terms = Callable[[Text], list[str]]
# Common in code and prose. None overlaps itself, so searches with and without overlaps count alike.
TEN = ["tion", "return", "array", "the ", "ing", "self", "value", "np.", "file", "()"]


def common(first: int, last: int) -> Terms:
    """The words of only letters with ranks `first` to `last` by frequency."""

    def terms(text: Text) -> list[str]:
        return _ranked(text.words, lambda word: word.isalpha() and len(word) > 1)[first - 1 : last]

    return terms


def ten(text: Text) -> list[str]:
    return TEN


def dictionary(text: Text) -> list[str]:
    return sources.dictionary(250_000)


def lexicon(text: Text) -> list[str]:
    return sources.lexicon()


def lexicon_words(text: Text) -> list[str]:
    """The lexicon's terms of one word, which tokens and joins count correctly too."""
    return [term for term in sources.lexicon() if re.fullmatch(r"\w+", term)]


def pieces(first: int, last: int, longest: int) -> Terms:
    """Runs of 2 to `longest` characters within words, with ranks `first` to `last` by frequency.

    None overlaps itself, so it does not matter which library counts overlapping matches.
    """

    def terms(text: Text) -> list[str]:
        found = _inside(text, 2, longest, lambda piece: True)
        return _ranked(found, lambda piece: not overlaps_itself(piece))[first - 1 : last]

    return terms


def rare(count: int, matches_per_kb: float) -> Terms:
    """Identifiers of 5 to 15 letters that together occur at most this often, also inside other words.

    Every n-th of the rare identifiers is chosen, so that they start with all letters.
    """

    def terms(text: Text) -> list[str]:
        words = {word for word in text.words if re.fullmatch(r"[A-Za-z_]{5,15}", word) and not overlaps_itself(word)}
        found = _inside(text, 5, 15, words.__contains__)
        most = max(1, int(text.nbytes / 1e3 * matches_per_kb / count))
        few = sorted(word for word in words if found[word] <= most)
        return few[:: max(1, len(few) // count)][:count]

    return terms


def phrases_and_words(phrases: int, words: int) -> Terms:
    """The most common phrases of two and three words with only whitespace between them, and words."""

    def terms(text: Text) -> list[str]:
        found: Counter[str] = Counter()
        for document in text.documents[::3]:
            for run in re.findall(r"[A-Za-z]+(?:\s[A-Za-z]+)+", document):
                parts = run.split()
                found.update(map(" ".join, pairwise(parts)))
                found.update(map(" ".join, zip(parts, parts[1:], parts[2:], strict=False)))
        return _ranked(found, lambda phrase: not overlaps_itself(phrase))[:phrases] + common(1, words)(text)

    return terms


def listed(file: Path) -> Terms:
    """The distinct lines of a file."""
    lines = dict.fromkeys(line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return lambda text: [line for line in lines if line]


def overlaps_itself(term: str) -> bool:
    return any(term.startswith(term[start:]) for start in range(1, len(term)))


def _inside(text: Text, shortest: int, longest: int, wanted: Callable[[str], bool]) -> Counter[str]:
    """How often each wanted run of characters occurs within the words of the text."""
    found: Counter[str] = Counter()
    for word, times in text.words.items():
        for length in range(shortest, min(longest, len(word)) + 1):
            for start in range(len(word) - length + 1):
                if wanted(piece := word[start : start + length]):
                    found[piece] += times
    return found


def _ranked(found: Counter[str], wanted: Callable[[str], bool]) -> list[str]:
    return [term for term, _ in sorted(found.items(), key=lambda item: (-item[1], item[0])) if wanted(term)]
