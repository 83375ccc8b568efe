"""The table of workloads: which text, which terms, what kind of result, and who takes part.

A workload is added by a row of `WORKLOADS`, a text by a function in `texts.py`, an engine by one in `engines.py`.
Each text is one on which all engines of its rows follow the same rules; `run.py` checks that they do.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import texts
from engines import Case

OURS = ["countgrid", "countgrid, one call", "countgrid, workers=1", "countgrid, list of str"]
# Common in docstrings; none overlaps itself, so that overlapping and other searches count alike.
SUBSTRINGS = ["tion", "return", "array", "the ", "ing", "self", "value", "np.", "file", "()"]


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    text: Callable[[int, bool], texts.Text]
    terms: Callable[[texts.Text], list[str]]
    match: Literal["word", "substring"]
    sparse: bool
    peers: list[str]
    # Engines too slow for all documents: they get every n-th.
    thinned: dict[str, int] = field(default_factory=dict)

    def case(self, quick: bool) -> Case:
        text = _text(self.text, quick)
        return Case(text, self.terms(text), self.match, self.sparse)


@lru_cache(1)
def _text(make: Callable[[int, bool], texts.Text], quick: bool) -> texts.Text:
    # Below 20 MB a run of countgrid is too short to be timed; quick takes a quarter of the standard library's text.
    return make(1, True).thinned(4) if quick else make(20_000_000, False)


def _common(first: int, last: int) -> Callable[[texts.Text], list[str]]:
    """The words of letters alone ranked `first` to `last` by frequency."""

    def terms(text: texts.Text) -> list[str]:
        ranked = sorted(text.words.items(), key=lambda item: (-item[1], item[0]))
        return [word for word, _ in ranked if re.fullmatch("[a-z]{2,}", word)][first - 1 : last]

    return terms


WORKLOADS = [
    Workload(
        name="medium-100",
        title="documents of 400 bytes, the 100 most common words, dense",
        text=texts.medium,
        terms=_common(1, 100),
        match="word",
        sparse=False,
        peers=[
            "polars one regex, group",
            "polars extract_all, group",
            "polars extract_all, join, group",
            "polars extract_many, words",
            "polars count_matches per term",
            "CountVectorizer",
            "pandas str.count per term",
        ],
        thinned={"pandas str.count per term": 20},
    ),
    Workload(
        name="medium-7500",
        title="documents of 400 bytes, the 7,500 words after the 1,000 most common, sparse",
        text=texts.medium,
        terms=_common(1_001, 8_500),
        match="word",
        sparse=True,
        peers=[
            "polars extract_all, group",
            "polars extract_all, join, group",
            "polars one regex, group",
            "polars extract_many, words",
            "polars count_matches per term",
            "CountVectorizer",
            "pandas str.count per term",
        ],
        thinned={"polars count_matches per term": 10, "pandas str.count per term": 500},
    ),
    Workload(
        name="short-10",
        title="lines of 55 bytes, 10 common substrings, dense",
        text=texts.short,
        terms=lambda text: SUBSTRINGS,
        match="substring",
        sparse=False,
        peers=["polars extract_many", "polars count_matches per term", "pandas str.count per term"],
        thinned={"pandas str.count per term": 4},
    ),
]
