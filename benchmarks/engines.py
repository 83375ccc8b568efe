"""countgrid and its peers behind one signature, so that they can take turns on the same inputs.

An engine's `prepare` takes a case and gives back the function that is timed. What a user does once is done before:
documents in the engine's own best container, a vocabulary or a plan built (only "one call" builds the plan anew). The
function timed gives the whole result in the engine's natural form: a count matrix, dense or sparse, or, for polars,
the long table of (document, column, count). `matrix` turns each of these into a scipy array, to be compared and not
timed. `reference` is the judge: plain Python, nothing clever.

Polars has many ways to this result. The ones below were the fastest of those tried with polars 2.1: the lazy engine
with streaming (which keeps all cores busy where the eager one does not), an Enum for the terms, and one integer to
group by instead of a pair. Splitting with `str.split` instead of `extract_all`, `count_matches(literal=True)`, and
`is_in` or a plain `group_by("document", "term")` were slower.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import countgrid as cg
import numpy as np
import pandas as pd
import polars as pl
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from texts import Text

Run = Callable[[], Any]


@dataclass(frozen=True)
class Case:
    """One question: these terms, counted in these documents, as this kind of result."""

    text: Text
    terms: list[str]
    match: Literal["word", "substring"]
    sparse: bool

    def thinned(self, step: int) -> "Case":
        return Case(self.text.thinned(step), self.terms, self.match, self.sparse)


@dataclass(frozen=True)
class Engine:
    name: str
    prepare: Callable[[Case], Run]
    ours: bool = False


# --- countgrid -----------------------------------------------------------------------------------------------------


def countgrid(case: Case) -> Run:
    counter = cg.TermCounter(case.terms, match=case.match)
    return lambda: counter.count(case.text.column, sparse=case.sparse)


def countgrid_one_call(case: Case) -> Run:
    return lambda: cg.count(case.text.column, case.terms, match=case.match, sparse=case.sparse)


def countgrid_one_worker(case: Case) -> Run:
    counter = cg.TermCounter(case.terms, match=case.match)
    return lambda: counter.count(case.text.column, sparse=case.sparse, workers=1)


def countgrid_list(case: Case) -> Run:
    counter = cg.TermCounter(case.terms, match=case.match)
    return lambda: counter.count(case.text.documents, sparse=case.sparse)


# --- polars --------------------------------------------------------------------------------------------------------


def _frame(case: Case) -> pl.LazyFrame:
    return pl.DataFrame({"text": pl.Series(pl.from_arrow(case.text.column))}).with_row_index("document").lazy()


def _counted(case: Case, found: pl.Expr) -> Run:
    """The long table from a list of what was found in each document; what is no term drops out."""
    n_columns = len(case.terms)
    query = (
        _frame(case)
        .select("document", found.alias("column"))
        .explode("column")
        .with_columns(pl.col("column").cast(pl.Enum(case.terms), strict=False))
        .drop_nulls()
        .select(cell=pl.col("document").cast(pl.Int64) * n_columns + pl.col("column").to_physical())
        .group_by("cell")
        .len("count")
        .select(document=pl.col("cell") // n_columns, column=pl.col("cell") % n_columns, count="count")
    )
    return lambda: query.collect(engine="streaming")


def polars_tokens(case: Case) -> Run:
    return _counted(case, pl.col("text").str.extract_all(r"\w+"))


def polars_alternation(case: Case) -> Run:
    """One regex of all the terms: only fast for few, and only right for words, none of which can overlap."""
    alternatives = "|".join(map(re.escape, case.terms))
    return _counted(case, pl.col("text").str.extract_all(rf"\b(?:{alternatives})\b"))


def polars_join(case: Case) -> Run:
    """The way most people would write it."""
    columns = pl.LazyFrame({"term": case.terms}).with_row_index("column")
    query = (
        _frame(case)
        .select("document", pl.col("text").str.extract_all(r"\w+").alias("term"))
        .explode("term")
        .join(columns, on="term")
        .group_by("document", "column")
        .len("count")
    )
    return lambda: query.collect(engine="streaming")


def polars_extract_many_words(case: Case) -> Run:
    """Aho-Corasick over words set apart by two spaces, so that a term with its spaces never overlaps the next."""
    spaced = pl.lit(" ") + pl.col("text").str.replace_all(r"\W+", "  ") + pl.lit(" ")
    found = spaced.str.extract_many([f" {term} " for term in case.terms])
    return _counted(case, found.list.eval(pl.element().str.strip_chars(" ")))


def polars_extract_many(case: Case) -> Run:
    """Aho-Corasick with overlaps, right for substrings that do not overlap themselves; then a count for each term."""
    found = pl.col("text").str.extract_many(case.terms, overlapping=True)
    counts = [pl.col("found").list.count_matches(term).alias(f"{j}") for j, term in enumerate(case.terms)]
    query = _frame(case).select(found=found).select(counts)
    return lambda: query.collect(engine="streaming")


def polars_count_matches(case: Case) -> Run:
    counts = [pl.col("text").str.count_matches(_regex(case, t)).alias(f"{j}") for j, t in enumerate(case.terms)]
    query = _frame(case).select(counts)
    return lambda: query.collect(engine="streaming")


# --- scikit-learn and pandas ---------------------------------------------------------------------------------------


def count_vectorizer(case: Case) -> Run:
    vectorizer = CountVectorizer(vocabulary=case.terms, lowercase=False, token_pattern=r"(?u)\b\w+\b")
    return lambda: vectorizer.transform(case.text.documents)


def pandas_count(case: Case) -> Run:
    series = pd.Series(case.text.documents, dtype="str")
    return lambda: pd.concat([series.str.count(_regex(case, term)) for term in case.terms], axis=1)


def _regex(case: Case, term: str) -> str:
    return rf"\b{re.escape(term)}\b" if case.match == "word" else re.escape(term)


# --- answers -------------------------------------------------------------------------------------------------------


def reference(case: Case) -> sparse.csr_array:
    """The count matrix by plain Python: words that are single words, substrings by `str.count`."""
    rows: list[int] = []
    columns: list[int] = []
    counts: list[int] = []
    column_of = {term: j for j, term in enumerate(case.terms)}
    for i, document in enumerate(case.text.documents):
        if case.match == "word":
            found = Counter(word for word in re.findall(r"\w+", document) if word in column_of)
        else:
            found = Counter({term: n for term in case.terms if (n := document.count(term))})
        rows += [i] * len(found)
        columns += [column_of[term] for term in found]
        counts += found.values()
    return sparse.csr_array((counts, (rows, columns)), shape=(len(case.text.documents), len(case.terms)))


def matrix(case: Case, result: Any) -> sparse.csr_array:
    """Any engine's result as a sparse count matrix."""
    shape = (len(case.text.documents), len(case.terms))
    if isinstance(result, pl.DataFrame) and "count" in result.columns:
        cells = (result["document"].to_numpy(), result["column"].to_numpy())
        found = sparse.csr_array((result["count"].to_numpy(), cells), shape=shape)
    elif isinstance(result, pl.DataFrame | pd.DataFrame):
        found = sparse.csr_array(result.to_numpy())
    else:
        found = sparse.csr_array(result)
    if found.shape != shape:
        raise AssertionError(f"a count matrix of shape {found.shape} instead of {shape}")
    return found.astype(np.int64)


ENGINES = {
    engine.name: engine
    for engine in [
        Engine("countgrid", countgrid, ours=True),
        Engine("countgrid, one call", countgrid_one_call, ours=True),
        Engine("countgrid, workers=1", countgrid_one_worker, ours=True),
        Engine("countgrid, list of str", countgrid_list, ours=True),
        Engine("polars extract_all, group", polars_tokens),
        Engine("polars extract_all, join, group", polars_join),
        Engine("polars one regex, group", polars_alternation),
        Engine("polars extract_many, words", polars_extract_many_words),
        Engine("polars extract_many", polars_extract_many),
        Engine("polars count_matches per term", polars_count_matches),
        Engine("CountVectorizer", count_vectorizer),
        Engine("pandas str.count per term", pandas_count),
    ]
}
