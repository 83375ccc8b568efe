"""Totals as bars."""

from importlib import import_module
from importlib.util import find_spec

import countgrid as cg
import countgrid.pandas
import countgrid.plot as cp
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from pictures import COUNTS, TERMS, TEXTS, many, names, widths


def test_totals_are_bars_the_most_frequent_on_top() -> None:
    ax = cp.totals(cg.TermCounter(TERMS).totals(TEXTS))
    assert names(ax.yaxis) == ["the", "cat", "dog", "bird"]
    assert widths(ax) == [4, 2, 2, 0]
    assert [bar.get_y() + bar.get_height() / 2 for bar in ax.patches] == [0, 1, 2, 3]
    assert ax.yaxis_inverted()
    assert [text.get_text() for text in ax.texts] == ["4", "2", "2", "0"]
    assert ax.get_xlabel() == "occurrences (4 columns)"


def test_totals_by_documents() -> None:
    totals = cg.TermCounter(["a", "b"]).totals(["a a a", "b", "b"])
    assert names(cp.totals(totals).yaxis) == ["a", "b"]
    ax = cp.totals(totals, by="documents")
    assert names(ax.yaxis) == ["b", "a"]
    assert widths(ax) == [2, 1]
    assert ax.get_xlabel() == "documents (2 columns)"


def test_totals_of_the_pandas_accessor() -> None:
    text = pd.Series(TEXTS)
    expected = cp.totals(cg.TermCounter(TERMS).totals(TEXTS), by="documents")
    ax = cp.totals(text.countgrid.totals(TERMS, prefix="n "), by="documents")
    assert names(ax.yaxis) == ["n " + name for name in names(expected.yaxis)]
    assert widths(ax) == widths(expected)


@pytest.mark.skipif(find_spec("polars") is None, reason="needs polars")
@pytest.mark.parametrize("by", ["count", "documents"])
def test_totals_of_the_polars_accessor(by) -> None:
    import_module("countgrid.polars")
    import polars as pl

    expected = cp.totals(cg.TermCounter(TERMS).totals(TEXTS), by=by)
    counted = pl.Series(TEXTS).countgrid.totals(TERMS)
    for frame in (
        counted,
        counted.select("documents", "count", "column"),
        pd.DataFrame(counted.to_dict(as_series=False)),
    ):
        ax = cp.totals(frame, by=by)
        assert names(ax.yaxis) == names(expected.yaxis)
        assert widths(ax) == widths(expected)
    with pytest.raises(TypeError, match="the columns' names"):
        cp.totals(counted.drop("column"), by=by)


@pytest.mark.parametrize(("top", "shown"), [(1, 1), (20, 20), (np.int64(7), 7), (50, 50), (99, 50), (None, 50)])
def test_top(top: int | None, shown: int) -> None:
    ax = cp.totals(many(50), top=top)
    assert widths(ax) == list(range(50, 50 - shown, -1))
    assert names(ax.yaxis) == [f"term {count}" for count in range(50, 50 - shown, -1)]
    said = "50 columns" if shown == 50 else f"{shown} of 50 columns"
    assert ax.get_xlabel() == f"occurrences ({said})"


def test_of_500_bars_some_names_are_drawn() -> None:
    ax = cp.totals(many(500), top=None)
    written = names(ax.yaxis)
    assert 50 < len(written) < 250
    assert written == [f"term {500 - round(place)}" for place in ax.get_yticks()]
    assert not ax.texts
    assert len(names(ax.xaxis)) > 2, "a scale instead of numbers"
    ax.set_ylim(100.5, 80.5)
    assert names(ax.yaxis) == [f"term {500 - i}" for i in range(81, 101)], "all, of a picture that is zoomed"


def test_totals_of_nothing() -> None:
    nothing = cp.totals(cg.TermCounter([]).totals(["a"]))
    assert (widths(nothing), names(nothing.yaxis)) == ([], [])
    assert nothing.get_xlabel() == "occurrences (0 columns)"
    zeros = cp.totals(cg.TermCounter(["a", "b"]).totals([]))
    assert (widths(zeros), names(zeros.yaxis)) == ([0, 0], ["a", "b"])
    assert zeros.get_xlim()[0] == 0


def test_equal_columns_are_bars_of_their_own() -> None:
    ax = cp.totals(cg.TermCounter(["a", "b", "a"]).totals(["a a b"]))
    assert (names(ax.yaxis), widths(ax)) == (["a", "a", "b"], [2, 2, 1])


@pytest.mark.parametrize(
    "dtype", ["int64", "uint64", "float64", "Int64", "int64[pyarrow]", pd.SparseDtype("int64", 0), "bool"]
)
def test_frames_of_every_type(dtype) -> None:
    counts = [0, 1, 0] if dtype == "bool" else [3, 1_500, 0]
    frame = pd.DataFrame({"count": counts}, index=list("abc")).astype(dtype)
    ax = cp.totals(frame)
    assert (names(ax.yaxis)[0], widths(ax)) == ("b", sorted(counts, reverse=True))
    assert [text.get_text() for text in ax.texts] == [f"{count:,}" for count in sorted(counts, reverse=True)]


def frame(*counts) -> pd.DataFrame:
    return pd.DataFrame({"count": counts}, index=["a", "b"])


TOTALS = cg.Totals(["a"], np.array([1]), np.array([1]))


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda: cp.totals(TOTALS, top=0), ValueError, "top is 0; expected at least 1, or None"),
        (lambda: cp.totals(TOTALS, top=2.0), TypeError, r"top is float \(2.0\); expected an int"),
        (lambda: cp.totals(TOTALS, top=True), TypeError, r"top is bool"),
        (lambda: cp.totals(TOTALS, by="words"), ValueError, "by is 'words'; expected 'count' or 'documents'"),
        (lambda: cp.totals(COUNTS), TypeError, "totals is ndarray; expected the Totals of TermCounter.totals, or"),
        (lambda: cp.totals(pd.DataFrame({"n": [1]})), TypeError, "a DataFrame with a column 'count'"),
        (lambda: cp.totals(cg.Totals(["a"], np.ones(2), np.ones(2))), ValueError, "1 names; .* each of 2 columns"),
        (
            lambda: cp.totals(frame(3, -1)),
            ValueError,
            "the count of 'b' in totals is -1; expected a count, at least 0",
        ),
        (lambda: cp.totals(frame(np.nan, 3)), ValueError, "the count of 'a' in totals is nan; expected a count"),
        (lambda: cp.totals(frame(3, None).astype("Int64")), ValueError, "the count of 'b' in totals is nan"),
        (lambda: cp.totals(frame(3, np.inf)), ValueError, "the count of 'b' in totals is inf; expected a count"),
        (lambda: cp.totals(frame("x", "y")), TypeError, "column 'count' of totals contains .*; expected numbers"),
        (lambda: cp.totals(cg.Totals(["a"], np.array(["x"]), np.ones(1))), TypeError, "totals contains <U1"),
    ],
)
def test_invalid_input(draw, error, message: str) -> None:
    with pytest.raises(error, match=message):
        draw()
    assert plt.get_fignums() == [], "no figure of a picture that was refused"
