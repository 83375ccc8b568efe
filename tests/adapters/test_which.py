"""Which terms each document contains, in every tool: the columns with a positive `count`."""

import countgrid as cg
import countgrid.duckdb
import countgrid.pandas
import countgrid.polars
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

WORDS = st.sampled_from(["cat", "dog", "mat", "Cat", "é", "-"])
DOCUMENTS = st.lists(st.none() | st.lists(WORDS, max_size=5).map(" ".join), max_size=8)
TERMS = st.lists(WORDS, max_size=6) | st.dictionaries(st.sampled_from("abc"), st.lists(WORDS, max_size=3))
OPTIONS = st.fixed_dictionaries({"match": st.sampled_from(["word", "substring"]), "ignore_case": st.booleans()})


def expected(documents, counter):
    counts = counter.count(documents)
    return [[name for name, count in zip(counter.columns, row, strict=True) if count] for row in counts]


@given(DOCUMENTS, TERMS, OPTIONS)
def test_names_of_the_positive_cells(documents, terms, options):
    counter = cg.TermCounter(terms, **options)
    lists = expected(documents, counter)
    assert counter.which(documents) == counter.which(iter(documents), workers=1) == lists


@settings(max_examples=30)
@given(DOCUMENTS, TERMS, OPTIONS)
def test_adapters_keep_missing_values(documents, terms, options):
    counter = cg.TermCounter(terms, **options)
    names = [f"n_{i}" for i in range(len(counter))]
    lists = [
        None if text is None else [f"n_{i}" for i in np.flatnonzero(row)]
        for text, row in zip(documents, counter.count(documents), strict=True)
    ]
    series = pd.Series(documents, dtype="string", index=range(7, 7 + len(documents)), name="text")
    found = series.countgrid.which(terms, names=names, **options)
    assert found.tolist() == lists
    assert found.index.equals(series.index)
    assert (found.name, found.dtype) == ("text", object)

    column = pl.Series("text", documents, dtype=pl.String)
    found = column.countgrid.which(counter, names=names)
    assert found.to_list() == lists
    assert (found.name, found.dtype) == ("text", pl.List(pl.String))
    frame = column.to_frame().lazy().select(pl.col("text").countgrid.which(counter, names=names))
    assert frame.collect_schema() == {"text": pl.List(pl.String)}
    assert frame.collect().to_series().equals(found)
    zero = column.countgrid.which(counter, names=names, missing="zero").to_list()
    assert zero == [names or [] for names in lists]

    with duckdb.connect() as con:
        countgrid.duckdb.register(con, "found", counter, names=names, which=True)
        docs = column.to_frame().with_row_index().to_arrow()
        rows = con.sql("SELECT found(text) FROM docs ORDER BY index").fetchall()
        assert rows == [(names,) for names in lists], docs


def test_duckdb_functions_of_each_kind_are_kept_apart():
    with duckdb.connect() as con:
        for name, options in [("a", {}), ("b", {"sparse": True}), ("c", {"which": True})]:
            countgrid.duckdb.register(con, name, ["cat", "dog"], **options)
        assert con.sql("SELECT a('cat'), b('cat'), c('cat')").fetchall() == [
            ({"cat": 1, "dog": 0}, [{"column": "cat", "count": 1}], ["cat"])
        ]
        countgrid.duckdb.register(con, "d", [], which=True)
        assert con.sql("SELECT d('cat')").fetchall() == [([],)]
        # Names are values there, so they can differ only in case.
        countgrid.duckdb.register(con, "e", ["cat", "Cat"], which=True)
        assert con.sql("SELECT e('Cat')").fetchall() == [(["Cat"],)]
        with pytest.raises(ValueError, match="sparse and which"):
            countgrid.duckdb.register(con, "f", ["cat"], sparse=True, which=True)


def test_missing_documents_may_raise():
    counter = cg.TermCounter(["cat"])
    with pytest.raises(ValueError, match=r"documents\[1\] is missing"):
        counter.which(["cat", None], missing="raise")
    series = pd.Series(["cat", None])
    assert series.countgrid.which(counter, missing="zero").tolist() == [["cat"], []]
    with pytest.raises(ValueError, match=r"documents\[1\] is missing"):
        series.countgrid.which(counter, missing="raise")
    with pytest.raises(ValueError, match="missing is 'no'"):
        series.countgrid.which(counter, missing="no")
    with pytest.raises(ValueError, match="nulls"):
        pl.Series(["cat", None]).countgrid.which(counter, missing="raise")
    seen = []
    counter.which(["cat"] * 10, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (30, 30)
