"""The table of workloads in which countgrid meets its peers: which text, which terms, what kind of result, and whom.

A workload is added by a row of `WORKLOADS`, a text by a function in `texts.py`, a choice of terms by one in
`terms.py`, an engine by a file in `peers/`. Peers that were far behind in a row, or cannot do its job, are left out
of it. The figures that are not races are in `figures.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import terms
import texts
from peers.question import Question

TOKENS = ["polars extract_all, group", "polars extract_all, join, group", "DuckDB tokens, join, group"]
AUTOMATA = ["daachorse", "ahocorasick_rs", "pyahocorasick", "Hyperscan"]
WORDS = [*TOKENS, "polars extract_many, words", "chDB tokens, join, group", "CountVectorizer", "flashtext2"]
SUBSTRINGS = ["polars extract_many, group", "chDB countSubstrings per term", *AUTOMATA]


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    text: Callable[[bool], texts.Text]
    terms: terms.Terms
    match: Literal["word", "substring"]
    sparse: bool
    peers: list[str]
    ignore_case: bool = False
    #: Whether a peer's wrong cell must be explained by a rule of its own.
    strict: bool = True

    def question(self, text: texts.Text) -> Question:
        return Question(tuple(self.terms(text)), self.match, self.sparse, self.ignore_case)


WORKLOADS = [
    Workload(
        name="medium-100-words",
        title="documents of 330 bytes, 100 common words, dense",
        text=texts.medium,
        terms=terms.common(1, 100),
        match="word",
        sparse=False,
        peers=[
            *WORDS,
            *AUTOMATA,
            "polars one regex, group",
            "polars count_matches per term",
            "pandas str.count per term",
            "pandas str.count, object",
        ],
    ),
    Workload(
        name="medium-lexicon",
        title="documents of 330 bytes, lexicon of 7,500 terms, ignoring case, sparse",
        text=texts.medium,
        terms=terms.lexicon,
        match="word",
        sparse=True,
        ignore_case=True,
        peers=[*WORDS, *AUTOMATA],
    ),
    Workload(
        name="medium-lexicon-words",
        title="documents of 330 bytes, the 7,200 single words of that lexicon, ignoring case, sparse",
        text=texts.medium,
        terms=terms.lexicon_words,
        match="word",
        sparse=True,
        ignore_case=True,
        peers=[*TOKENS, "polars extract_many, words", "CountVectorizer", "flashtext2"],
    ),
    Workload(
        name="short-dictionary",
        title="lines of 50 bytes, dictionary of 286,000 words, sparse",
        text=texts.short,
        terms=terms.dictionary,
        match="word",
        sparse=True,
        peers=[*TOKENS, "chDB tokens, join, group", "CountVectorizer", "flashtext2", "daachorse"],
    ),
    Workload(
        name="short-10-substrings",
        title="lines of 50 bytes, 10 common substrings, dense",
        text=texts.short,
        terms=terms.ten,
        match="substring",
        sparse=False,
        peers=[
            *SUBSTRINGS,
            "pyarrow count_substring per term",
            "polars extract_many, count per term",
            "polars count_matches per term",
            "DuckDB string_split per term",
            "DuckDB replace per term",
            "pandas str.count per term",
            "pandas str.count, object",
        ],
    ),
    Workload(
        name="long-1000-common",
        title="source files of 14 KB, 1,000 common substrings, dense",
        text=texts.long,
        terms=terms.pieces(501, 1500, 8),
        match="substring",
        sparse=False,
        peers=[*SUBSTRINGS, "polars count_matches per term"],
    ),
    Workload(
        name="long-1000-rare",
        title="source files of 14 KB, 1,000 rare substrings, sparse",
        text=texts.long,
        terms=terms.rare(1000, 0.1),
        match="substring",
        sparse=True,
        peers=[*SUBSTRINGS, "polars count_matches per term"],
    ),
    Workload(
        name="russian-1000-words",
        title="Russian paragraphs of 520 bytes, 1,000 common words, sparse",
        text=partial(texts.manuals, "ru"),
        terms=terms.common(1, 1000),
        match="word",
        sparse=True,
        peers=WORDS,
    ),
    Workload(
        name="japanese-100-substrings",
        title="Japanese paragraphs of 600 bytes, 100 common substrings, dense",
        text=partial(texts.manuals, "ja"),
        terms=terms.pieces(1, 100, 4),
        match="substring",
        sparse=False,
        peers=[*SUBSTRINGS, "polars extract_many, count per term"],
    ),
    Workload(
        name="medium-phrases",
        title="documents of 330 bytes, 5,000 phrases and 5,000 words, sparse",
        text=texts.medium,
        terms=terms.phrases_and_words(5000, 5000),
        match="word",
        sparse=True,
        peers=["polars extract_many, phrases", "daachorse", "ahocorasick_rs", "pyahocorasick", "CountVectorizer"],
    ),
]


def of_column(file: Path, column: str | None, terms_file: Path | None) -> list[Workload]:
    """The workloads of a text column of the user's own: given terms, or the column's common words and substrings."""

    def row(
        name: str, title: str, chosen: terms.Terms, match: Literal["word", "substring"], sparse: bool
    ) -> Workload:
        peers = WORDS if match == "word" else SUBSTRINGS
        text = partial(texts.column, file, column)
        return Workload(name, f"{file.name}, {title}", text, chosen, match, sparse, peers, strict=False)

    if terms_file:
        title = f"the terms of {terms_file.name} as whole words, sparse"
        return [
            replace(row("column-terms", title, terms.listed(terms_file), "word", True), peers=[*WORDS, *AUTOMATA])
        ]
    return [
        row("column-100-words", "the 100 most common words, dense", terms.common(1, 100), "word", False),
        row("column-10000-words", "the 10,000 most common words, sparse", terms.common(1, 10_000), "word", True),
        row("column-10-substrings", "10 common substrings, dense", terms.pieces(1, 10, 8), "substring", False),
        row(
            "column-1000-substrings", "1,000 common substrings, sparse", terms.pieces(501, 1500, 8), "substring", True
        ),
    ]
