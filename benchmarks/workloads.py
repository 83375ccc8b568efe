"""The list of workloads: text, terms, kind of result, and other libraries.

To add a workload, add a row to `WORKLOADS`; for a text, a function in `texts.py`; for a choice of terms, a function
in `terms.py` or `expressions.py`; for a library, a file in `libraries/`. Engines that are much slower in a workload,
or cannot do it, are left out of it. Figures without a comparison are in `figures.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import expressions
import terms
import texts
from libraries.question import Question

TOKENS = ["polars extract_all, group", "polars extract_all, join, group", "DuckDB tokens, join, group"]
AUTOMATA = ["daachorse", "ahocorasick_rs", "pyahocorasick", "Hyperscan"]
WORDS = [*TOKENS, "polars extract_many, words", "chDB tokens, join, group", "CountVectorizer", "flashtext2"]
ONE_BY_ONE = [
    "polars count_matches per term",
    "DuckDB regexp_extract_all per term",
    "RE2 per expression",
    "re per expression",
]
IN_RUST = ["regex-filtered, rayon", "RegexSet, rayon"]
SUBSTRINGS = ["polars extract_many, group", "chDB countSubstrings per term", *AUTOMATA]


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    text: Callable[[bool], texts.Text]
    terms: terms.Terms
    match: Literal["word", "substring", "regex"]
    sparse: bool
    #: Engines of other libraries.
    others: list[str]
    ignore_case: bool = False
    #: Whether wrong cells must be explained by a library's own rules.
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
        others=[
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
        others=[*WORDS, *AUTOMATA],
    ),
    Workload(
        name="medium-lexicon-words",
        title="documents of 330 bytes, the 7,200 single words of that lexicon, ignoring case, sparse",
        text=texts.medium,
        terms=terms.lexicon_words,
        match="word",
        sparse=True,
        ignore_case=True,
        others=[*TOKENS, "polars extract_many, words", "CountVectorizer", "flashtext2"],
    ),
    Workload(
        name="short-dictionary",
        title="lines of 50 bytes, dictionary of 286,000 words, sparse",
        text=texts.short,
        terms=terms.dictionary,
        match="word",
        sparse=True,
        others=[*TOKENS, "chDB tokens, join, group", "CountVectorizer", "flashtext2", "daachorse"],
    ),
    Workload(
        name="short-10-substrings",
        title="lines of 50 bytes, 10 common substrings, dense",
        text=texts.short,
        terms=terms.ten,
        match="substring",
        sparse=False,
        others=[
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
        others=[*SUBSTRINGS, "polars count_matches per term"],
    ),
    Workload(
        name="long-1000-rare",
        title="source files of 14 KB, 1,000 rare substrings, sparse",
        text=texts.long,
        terms=terms.rare(1000, 0.1),
        match="substring",
        sparse=True,
        others=[*SUBSTRINGS, "polars count_matches per term"],
    ),
    Workload(
        name="russian-1000-words",
        title="Russian paragraphs of 520 bytes, 1,000 common words, sparse",
        text=partial(texts.manuals, "ru"),
        terms=terms.common(1, 1000),
        match="word",
        sparse=True,
        others=WORDS,
    ),
    Workload(
        name="japanese-100-substrings",
        title="Japanese paragraphs of 600 bytes, 100 common substrings, dense",
        text=partial(texts.manuals, "ja"),
        terms=terms.pieces(1, 100, 4),
        match="substring",
        sparse=False,
        others=[*SUBSTRINGS, "polars extract_many, count per term"],
    ),
    Workload(
        name="medium-phrases",
        title="documents of 330 bytes, 5,000 phrases and 5,000 words, sparse",
        text=texts.medium,
        terms=terms.phrases_and_words(5000, 5000),
        match="word",
        sparse=True,
        others=["polars extract_many, phrases", "daachorse", "ahocorasick_rs", "pyahocorasick", "CountVectorizer"],
    ),
    *(
        Workload(
            name=f"regex-{count}",
            title=f"documents of 330 bytes, {count:,} regular expressions around words, sparse",
            text=texts.medium,
            terms=expressions.with_words(count),
            match="regex",
            sparse=True,
            # A RegexSet of 10,000 expressions needs gigabytes.
            others=["Hyperscan", *(ONE_BY_ONE if count == 100 else []), *(IN_RUST[:1] if count > 1_000 else IN_RUST)],
        )
        for count in (100, 1_000, 10_000)
    ),
    Workload(
        name="regex-80-classes",
        title="documents of 330 bytes, 80 regular expressions without words, sparse",
        text=texts.eighth,
        terms=expressions.without_words,
        match="regex",
        sparse=True,
        others=["Hyperscan", *ONE_BY_ONE, *IN_RUST],
    ),
    Workload(
        name="regex-crawlers",
        title="user agents of 70 bytes, 1,500 regular expressions of crawler-user-agents, sparse",
        text=texts.user_agents,
        terms=expressions.crawlers,
        match="regex",
        sparse=True,
        others=["Hyperscan", "polars count_matches per term", *IN_RUST],
    ),
    Workload(
        name="regex-browsers",
        title="user agents of 70 bytes, the regular expressions of ua-parser, sparse",
        text=partial(texts.user_agents, enough=texts.ENOUGH // 72),
        terms=expressions.browsers,
        match="regex",
        sparse=True,
        others=["Hyperscan", "polars count_matches per term", *IN_RUST],
    ),
    Workload(
        name="regex-secrets",
        title="lines of 50 bytes, the regular expressions of detect-secrets, sparse",
        text=texts.short,
        terms=expressions.secrets,
        match="regex",
        sparse=True,
        others=["Hyperscan", *ONE_BY_ONE, *IN_RUST],
    ),
    Workload(
        name="regex-grok",
        title="log lines of 170 bytes, the patterns of pygrok, sparse",
        text=texts.access_log,
        terms=expressions.grok,
        match="regex",
        sparse=True,
        # RE2 and `re` search documents that are joined, and these patterns match line feeds.
        others=["Hyperscan", *ONE_BY_ONE[:2], *IN_RUST],
    ),
]


def of_column(file: Path, column: str | None, terms_file: Path | None) -> list[Workload]:
    """Workloads for the user's text column, with given terms or the column's common words and substrings."""

    def row(
        name: str, title: str, chosen: terms.Terms, match: Literal["word", "substring"], sparse: bool
    ) -> Workload:
        others = WORDS if match == "word" else SUBSTRINGS
        text = partial(texts.column, file, column)
        return Workload(name, f"{file.name}, {title}", text, chosen, match, sparse, others, strict=False)

    if terms_file:
        title = f"the terms of {terms_file.name} as whole words, sparse"
        return [
            replace(row("column-terms", title, terms.listed(terms_file), "word", True), others=[*WORDS, *AUTOMATA])
        ]
    return [
        row("column-100-words", "the 100 most common words, dense", terms.common(1, 100), "word", False),
        row("column-10000-words", "the 10,000 most common words, sparse", terms.common(1, 10_000), "word", True),
        row("column-10-substrings", "10 common substrings, dense", terms.pieces(1, 10, 8), "substring", False),
        row(
            "column-1000-substrings", "1,000 common substrings, sparse", terms.pieces(501, 1500, 8), "substring", True
        ),
    ]
