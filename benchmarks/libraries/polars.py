r"""polars, in every way that was its fastest in some workload.

All use the streaming engine, which keeps all cores busy, an Enum for the terms, and one integer instead of a pair as
the group key. Splitting with `str.split` instead of `extract_all`, `count_matches(literal=True)`, and `is_in` or a
plain `group_by("document", "term")` were slower with polars 2.1. Its `\w` is that of Rust's `regex`, as countgrid's
is.
"""

import re
from collections.abc import Callable

import polars as pl
from texts import Text

from .question import Bind, Engine, Question, Run

SINGLE = "only terms that are one word"
LOWER = "lower case is not case folding"


def tokens(question: Question) -> Bind:
    return _counted(question, lambda column: column.str.extract_all(r"\w+"))


def one_regex(question: Question) -> Bind:
    """One regular expression with all terms. Fast only for few terms, correct only for words, which never overlap."""
    alternatives = "|".join(sorted(map(re.escape, _written(question)), key=len, reverse=True))
    return _counted(question, lambda column: column.str.extract_all(rf"\b(?:{alternatives})\b"))


def join(question: Question) -> Bind:
    """The way most people would write it."""
    columns = pl.LazyFrame({"term": _written(question)}).with_row_index("column")

    def bind(text: Text) -> Run:
        query = (
            _frame(question, text)
            .select("document", pl.col("text").str.extract_all(r"\w+").alias("term"))
            .explode("term")
            .join(columns, on="term")
            .group_by("document", "column")
            .len("count")
        )
        return lambda: query.collect(engine="streaming")

    return bind


def spaced_words(question: Question) -> Bind:
    """Aho-Corasick over words separated by two spaces, so that matches with a space at each end never overlap."""
    padded = [f" {term} " for term in _written(question)]

    def found(column: pl.Expr) -> pl.Expr:
        spaced = pl.lit(" ") + column.str.replace_all(r"\W+", "  ") + pl.lit(" ")
        return spaced.str.extract_many(padded).list.eval(pl.element().str.strip_chars(" "))

    return _counted(question, found)


def phrases(question: Question) -> Bind:
    """Aho-Corasick with overlaps, over words and punctuation separated by one space: correct for terms of words."""
    padded = [f" {term} " for term in _written(question)]

    def found(column: pl.Expr) -> pl.Expr:
        apart = column.str.replace_all(r"([^\w\s])", " $1 ").str.replace_all(r"\s+", " ")
        return (pl.lit(" ") + apart + pl.lit(" ")).str.extract_many(padded, overlapping=True)

    return _counted(question, found, padded)


def extract_many(question: Question) -> Bind:
    """Aho-Corasick with overlaps and a count for each term: correct for substrings that do not overlap themselves."""

    def bind(text: Text) -> Run:
        found = pl.col("text").str.extract_many(list(question.terms), overlapping=True)
        counts = [pl.col("found").list.count_matches(term).alias(f"{j}") for j, term in enumerate(question.terms)]
        query = _frame(question, text).select(found=found).select(counts)
        return lambda: query.collect(engine="streaming")

    return bind


def extract_many_group(question: Question) -> Bind:
    """The same with a group instead of a count for each term, which is faster for many terms."""
    return _counted(
        question, lambda column: column.str.extract_many(list(question.terms), overlapping=True), list(question.terms)
    )


def count_matches(question: Question) -> Bind:
    def bind(text: Text) -> Run:
        counts = [
            pl.col("text").str.count_matches(_regex(question, term)).alias(f"{j}")
            for j, term in enumerate(question.terms)
        ]
        query = _frame(question, text).select(counts)
        return lambda: query.collect(engine="streaming")

    return bind


def _frame(question: Question, text: Text) -> pl.LazyFrame:
    frame = pl.DataFrame({"text": pl.Series(pl.from_arrow(text.column))}).with_row_index("document").lazy()
    return frame.with_columns(pl.col("text").str.to_lowercase()) if question.ignore_case else frame


def _counted(question: Question, found: Callable[[pl.Expr], pl.Expr], names: list[str] | None = None) -> Bind:
    """The long table of the terms in lists of strings, one list per document. Other strings are dropped."""
    n_columns = len(question.terms)
    terms = pl.Enum(names or _written(question))

    def bind(text: Text) -> Run:
        query = (
            _frame(question, text)
            .select("document", found(pl.col("text")).alias("column"))
            .explode("column")
            .with_columns(pl.col("column").cast(terms, strict=False))
            .drop_nulls()
            .select(cell=pl.col("document").cast(pl.Int64) * n_columns + pl.col("column").to_physical())
            .group_by("cell")
            .len("count")
            .select(document=pl.col("cell") // n_columns, column=pl.col("cell") % n_columns, count="count")
        )
        return lambda: query.collect(engine="streaming")

    return bind


def _written(question: Question) -> list[str]:
    return [term.lower() for term in question.terms] if question.ignore_case else list(question.terms)


def _regex(question: Question, term: str) -> str:
    if question.match == "regex":
        return term
    written = re.escape(term.lower() if question.ignore_case else term)
    return rf"\b{written}\b" if question.match == "word" else written


ENGINES = [
    Engine("polars extract_all, group", "polars", tokens, SINGLE),
    Engine("polars extract_all, join, group", "polars", join, SINGLE),
    Engine("polars one regex, group", "polars", one_regex, r"\b instead of neighbours"),
    Engine("polars extract_many, words", "polars", spaced_words, SINGLE),
    Engine("polars extract_many, phrases", "polars", phrases, LOWER),
    Engine("polars extract_many, count per term", "polars", extract_many, "terms overlap themselves"),
    Engine("polars extract_many, group", "polars", extract_many_group, "terms overlap themselves"),
    Engine("polars count_matches per term", "polars", count_matches, r"\b instead of neighbours"),
]
