"""The pictures: what is drawn, read from the Axes, is what was counted; and names are drawn as they are."""

import warnings
from datetime import date, datetime
from itertools import pairwise

import countgrid as cg
import countgrid.pandas
import countgrid.plot as cp
import matplotlib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
from countgrid.plot import _axes, _labels
from matplotlib import colormaps, dates, font_manager, ft2font
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

TEXTS = ["the cat", "the the dog", None, "cat", "", "the dog sat"]
TERMS = ["cat", "the", "bird", "dog"]
COUNTS = cg.count(TEXTS, TERMS)
#: Nothing has a glyph for this.
PRIVATE = "\U0010fffd"


@pytest.fixture(autouse=True)
def _apart(monkeypatch):
    """No windows, no figures left behind, and nothing told before."""
    plt.switch_backend("Agg")
    monkeypatch.setattr(_labels, "_told", set())
    yield
    plt.close("all")


def names(axis) -> list[str]:
    """What is written at an axis when it is drawn."""
    axis.axes.figure.canvas.draw()
    low, high = sorted(axis.get_view_interval())
    return [tick.label1.get_text() for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]


def widths(ax) -> list[float]:
    return [bar.get_width() for bar in ax.patches]


def image(ax) -> np.ndarray:
    return np.ma.filled(ax.images[0].get_array().astype(float), np.nan)


def unit(ax) -> str:
    return ax.images[0].colorbar.ax.get_ylabel()


def lines(ax) -> dict[str, list[float]]:
    return {line.get_label(): line.get_ydata().tolist() for line in ax.get_lines()}


def starts(ax) -> list[str]:
    return [str(day)[:10] for day in ax.get_lines()[0].get_xdata().astype("datetime64[D]")]


def legend(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def many(n: int) -> cg.Totals:
    """The counts n, n - 1, ..., 1, shuffled; the columns are named by them."""
    counts = np.random.default_rng(n).permutation(np.arange(1, n + 1))
    return cg.Totals([f"term {count}" for count in counts], counts, counts[::-1].copy())


# Totals


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


def test_names_that_are_drawn_do_not_touch() -> None:
    many_terms = [f"a term named {i}" for i in range(500)]
    counts = np.ones((500, 500), int)
    figure = Figure(figsize=(6, 6), layout="constrained")
    for ax in (
        cp.totals(many(500), top=500),
        cp.heatmap(counts, many_terms, rows=many_terms, ax=figure.add_subplot()),
    ):
        for axis in (ax.xaxis, ax.yaxis):
            ax.figure.canvas.draw()
            boxes = [label.get_window_extent() for label in axis.get_ticklabels()]
            ends = sorted((box.x0, box.x1) if axis is ax.xaxis else (box.y0, box.y1) for box in boxes)
            assert all(before[1] <= after[0] for before, after in pairwise(ends))
            assert len(ends) > 5


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


def test_a_figure_of_its_own_has_the_size_of_its_content() -> None:
    heights = [cp.totals(many(100), top=top).figure.get_figheight() for top in (5, 20, 60)]
    assert heights == sorted(set(heights))
    wide = [cp.heatmap(np.ones((3, n)), ["x"] * n).figure.get_figwidth() for n in (5, 30)]
    assert wide == sorted(set(wide))


# Heatmap

SHAPES = [
    np.asarray,
    sp.csr_array,
    sp.csr_matrix,
    sp.csc_array,
    sp.coo_array,
    lambda m: m.astype(bool),
    np.asfortranarray,
]


@pytest.mark.parametrize("kind", SHAPES)
def test_documents_by_columns(kind) -> None:
    ax = cp.heatmap(kind(COUNTS), TERMS)
    expected = COUNTS.astype(bool) if kind(COUNTS).dtype == bool else COUNTS
    assert image(ax).tolist() == expected.tolist()
    assert names(ax.xaxis) == TERMS
    assert names(ax.yaxis) == ["0", "1", "2", "3", "4", "5"]
    assert ax.get_ylabel() == "6 documents"
    assert ax.get_xlabel() == "4 columns"
    assert unit(ax) == "occurrences"


@pytest.mark.parametrize("kind", SHAPES[:-2])
def test_documents_of_one_label_are_summed(kind) -> None:
    labels = ["b", "a", "b", None, "b", "a"]
    ax = cp.heatmap(kind(COUNTS), TERMS, rows=labels)
    assert image(ax).tolist() == [COUNTS[[0, 2, 4]].sum(axis=0).tolist(), COUNTS[[1, 5]].sum(axis=0).tolist()]
    assert names(ax.yaxis) == ["b", "a"]
    assert ax.get_ylabel() == "6 documents in 2 groups\n1 without a label left out"
    assert unit(ax) == "occurrences"
    mean = cp.heatmap(kind(COUNTS), TERMS, rows=labels, per_document=True)
    np.testing.assert_allclose(image(mean), [COUNTS[[0, 2, 4]].mean(axis=0), COUNTS[[1, 5]].mean(axis=0)])
    assert unit(mean) == "occurrences per document"


@pytest.mark.parametrize(
    "labels",
    [
        np.array([3, 1, 3, 1, 1, 2]),
        pd.Series([3, 1, 3, 1, 1, 2], index=list("abcdef")),
        pd.Categorical(["3", "1", "3", "1", "1", "2"]),
        pl.Series(["3", "1", "3", "1", "1", "2"]),
        pa.chunked_array([["3", "1"], ["3", "1", "1", "2"]]),
    ],
    ids=lambda labels: type(labels).__name__,
)
def test_labels_of_every_kind(labels) -> None:
    ax = cp.heatmap(COUNTS, TERMS, rows=labels)
    assert names(ax.yaxis) == ["3", "1", "2"]
    assert image(ax)[1].tolist() == COUNTS[[1, 3, 4]].sum(axis=0).tolist()


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT, np.datetime64("NaT", "ns")])
def test_a_missing_label(missing) -> None:
    ax = cp.heatmap(COUNTS, TERMS, rows=[missing, *[("x", 1)] * 5])
    assert (names(ax.yaxis), image(ax).tolist()) == (["('x', 1)"], [COUNTS[1:].sum(axis=0).tolist()])


def test_labels_of_pyarrow_may_be_missing() -> None:
    ax = cp.heatmap(COUNTS, TERMS, rows=pa.array(["a", None, "a", "a", "a", "a"]))
    assert image(ax).tolist() == [(COUNTS.sum(axis=0) - COUNTS[1]).tolist()]


@pytest.mark.parametrize("missing", ["keep", "zero"])
def test_frames(missing: str) -> None:
    frame = pd.Series(TEXTS).countgrid.count(TERMS, missing=missing)
    ax = cp.heatmap(frame)
    expected = COUNTS.astype(float)
    if missing == "keep":
        expected[2] = np.nan
    np.testing.assert_array_equal(image(ax), expected)
    assert names(ax.xaxis) == TERMS
    assert ("1 missing" in ax.get_ylabel()) == (missing == "keep")
    assert names(cp.heatmap(frame, ["n " + term for term in TERMS]).xaxis) == ["n " + term for term in TERMS]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"sparse": [1, 2], "columns": [0, 3]}),
        pd.DataFrame({"sparse": [1, 2], "columns": [0, 3]}, dtype="Int32"),
        pd.DataFrame({"sparse": [1, 2], "columns": [0, 3]}, dtype="int64[pyarrow]"),
        pd.DataFrame({"sparse": [1, 2], "columns": [0, 3]}, dtype=pd.SparseDtype("int64", 0)),
        pd.DataFrame({"sparse": [1, 2], "columns": [0.0, 3.0]}),
        pl.DataFrame({"sparse": [1, 2], "columns": [0, 3]}),
    ],
    ids=lambda frame: f"{type(frame).__module__} {frame.dtypes[-1:]}",
)
def test_frames_of_every_type(frame) -> None:
    ax = cp.heatmap(frame)
    assert (names(ax.xaxis), image(ax).tolist()) == (["sparse", "columns"], [[1, 0], [2, 3]])


def test_frames_without_columns_or_rows() -> None:
    text = pd.Series(TEXTS)
    assert cp.heatmap(text.countgrid.count([])).get_ylabel() == "6 documents"
    assert names(cp.heatmap(text[:0].countgrid.count(TERMS)).xaxis) == TERMS
    assert lines(cp.trend(text[:0].countgrid.count(TERMS), None, [])) == {term: [] for term in TERMS}


def test_missing_documents_are_no_documents() -> None:
    frame = pd.Series(TEXTS).countgrid.count(TERMS)
    ax = cp.heatmap(frame, rows=["a", "a", "a", "b", "b", "b"], per_document=True)
    np.testing.assert_allclose(image(ax), [COUNTS[:2].mean(axis=0), COUNTS[3:].mean(axis=0)])
    ax = cp.heatmap(frame, rows=["a", "b", "c", "b", "b", "b"])
    np.testing.assert_array_equal(image(ax)[2], [np.nan] * 4)
    ax = cp.trend(frame, None, ["2024-01-01"] * 3 + ["2024-02-01"] * 3, per_document=True)
    assert lines(ax)["the"] == [1.5, pytest.approx(1 / 3)]
    assert ax.get_xlabel() == "6 documents\n1 missing"


def test_sparse_and_polars_frames() -> None:
    sparse = pd.Series(TEXTS).countgrid.count(TERMS, sparse=True, missing="zero")
    assert image(cp.heatmap(sparse)).tolist() == COUNTS.tolist()
    polars = pl.DataFrame(COUNTS, schema=TERMS, orient="row")
    ax = cp.heatmap(polars)
    assert (image(ax).tolist(), names(ax.xaxis)) == (COUNTS.tolist(), TERMS)
    polars = polars.with_columns(pl.when(pl.int_range(6) != 2).then(pl.all()))
    assert np.isnan(image(cp.heatmap(polars))[2]).all()


def test_a_million_documents_are_bands_of_their_means() -> None:
    counts = np.random.default_rng(1).integers(0, 3, (1_000_000, 20), np.int32)
    terms = [f"t{i}" for i in range(20)]
    expected = counts.reshape(200, 5000, 20).mean(axis=1)
    ax = cp.heatmap(counts, terms)
    np.testing.assert_allclose(image(ax), expected)
    assert ax.get_ylabel() == "1,000,000 documents, in 200 bands of 5,000"
    assert unit(ax) == "occurrences per document, mean of bands of rows"
    assert "200,000" in names(ax.yaxis)
    grouped = cp.heatmap(counts, terms, rows=np.arange(1_000_000) % 4)
    assert image(grouped).tolist() == counts.reshape(-1, 4, 20).sum(axis=0).tolist()


def test_bands_are_as_equal_as_can_be() -> None:
    counts = np.arange(1003)[:, None]
    ax = cp.heatmap(counts, ["x"])
    bands = np.array_split(counts[:, 0], 200)
    assert image(ax).shape == (200, 1)
    assert sorted({len(band) for band in bands}) == [5, 6]
    assert image(ax)[[0, -1], 0].tolist() == [bands[0].mean(), 1000.0]
    assert ax.get_ylabel() == "1,003 documents, in 200 bands of about 5"


def test_bands_of_groups() -> None:
    counts = np.ones((1000, 1), int)
    labels = [f"group {i // 2}" if i < 900 else "last" for i in range(1000)]
    ax = cp.heatmap(counts, ["x"], rows=labels)
    assert image(ax)[0, 0] == 2
    assert image(ax)[-1, 0] == (2 + 100) / 2 or image(ax)[-1, 0] == (2 + 2 + 100) / 3
    assert unit(ax) == "occurrences, mean of bands of rows"
    assert ax.get_ylabel() == "1,000 documents in 451 groups, in 200 bands of about 2.3"
    assert (image(cp.heatmap(counts, ["x"], rows=labels, per_document=True)) == 1).all()


def test_ten_thousand_sparse_columns_are_bands_too() -> None:
    rng = np.random.default_rng(2)
    at = rng.integers(0, [[1_000_000], [10_000]], (2, 1_000_000))
    matrix = sp.csr_array(sp.coo_array((np.ones(1_000_000, np.int32), at), shape=(1_000_000, 10_000)))
    ax = cp.heatmap(matrix, [f"t{i}" for i in range(10_000)])
    expected = np.zeros((200, 500))
    np.add.at(expected, (at[0] // 5000, at[1] // 20), 1 / 5000 / 20)
    np.testing.assert_allclose(image(ax), expected)
    assert ax.get_xlabel() == "10,000 columns, in 500 bands of 20"
    assert unit(ax) == "occurrences per document, mean of bands of rows and columns"
    assert names(ax.xaxis) == [f"t{place:.0f}" for place in ax.get_xticks()]


@pytest.mark.parametrize("log", [False, True])
def test_zero_has_a_colour_of_its_own(log: bool) -> None:
    counts = np.array([[0, 1, 10, 10_000]])
    ax = cp.heatmap(counts, list("abcd"), log=log)
    drawn = ax.images[0].to_rgba(ax.images[0].get_array())[0]
    assert drawn[0].tolist() == list(matplotlib.colors.to_rgba(_axes.ZERO))
    lightest, darkest = colormaps["viridis_r"]([0.0, 1.0])
    assert np.allclose(drawn[3], darkest)
    assert np.allclose(drawn[1], lightest, atol=0.02)
    # In the logarithm 10 is a quarter of the way.
    assert np.allclose(drawn[2], colormaps["viridis_r"](0.25 if log else 0.001), atol=0.02)


def test_cmap() -> None:
    for cmap in ("magma_r", colormaps["magma_r"]):
        ax = cp.heatmap(COUNTS, TERMS, cmap=cmap)
        drawn = ax.images[0].to_rgba(ax.images[0].get_array())[1, 1]
        assert np.allclose(drawn, colormaps["magma_r"](1.0))
    assert colormaps["magma_r"](-1.0) == colormaps["magma_r"](0.0), "a colour map of all is not changed"


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0), (1, 1), (1, 3), (2, 3)])
@pytest.mark.parametrize("number", [0, 1])
def test_small_heatmaps(shape: tuple[int, int], number: int, log: bool) -> None:
    ax = cp.heatmap(np.full(shape, number), ["x"] * shape[1], log=log)
    assert names(ax.xaxis) == ["x"] * shape[1]
    assert names(ax.yaxis) == [str(i) for i in range(shape[0])]
    assert [image.get_array().tolist() for image in ax.images] == [[[number] * shape[1]] * shape[0]] * (
        0 not in shape
    )


# Trend

WHEN = ["2024-03-31", "2024-01-01", "2024-01-31", None, "2024-06-30", "2024-03-01"]


def test_counts_are_summed_by_period() -> None:
    ax = cp.trend(COUNTS, TERMS, WHEN)
    by_month = [COUNTS[[1, 2]], COUNTS[:0], COUNTS[[0, 5]], COUNTS[:0], COUNTS[:0], COUNTS[[4]]]
    expected = {term: [float(m[:, j].sum()) for m in by_month] for j, term in enumerate(TERMS)}
    assert lines(ax) == expected
    assert starts(ax) == [f"2024-0{month}-01" for month in range(1, 7)]
    assert legend(ax) == ["the", "dog", "cat", "bird"], "the most frequent first; a missing time counts nowhere"
    assert ax.get_legend().get_title().get_text() == "4 columns"
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("occurrences per month", "6 documents\n1 without a time left out")
    assert ax.get_ylim()[0] == 0


@pytest.mark.parametrize("kind", SHAPES[1:5])
def test_sparse_counts_over_time(kind) -> None:
    assert lines(cp.trend(kind(COUNTS), TERMS, WHEN)) == lines(cp.trend(COUNTS, TERMS, WHEN))


def test_per_document_a_period_without_documents_is_a_gap() -> None:
    ax = cp.trend(COUNTS, TERMS, WHEN, per_document=True)
    np.testing.assert_allclose(lines(ax)["the"], [1.0, np.nan, 1.0, np.nan, np.nan, 0.0])
    assert ax.get_ylabel() == "occurrences per document"
    assert ax.get_lines()[0].get_marker() == "o", "a point between gaps is seen"


@pytest.mark.parametrize(
    ("freq", "unit", "expected"),
    [
        ("D", "day", 182),
        ("W", "week", 26),
        ("W-WED", "week", 27),
        ("M", "month", 6),
        ("Q", "quarter", 2),
        ("Y", "year", 1),
        ("h", "hour", 181 * 24 + 1),
    ],
)
def test_freq(freq: str, unit: str, expected: int) -> None:
    ax = cp.trend(COUNTS, TERMS, WHEN, freq=freq)
    assert {len(line) for line in lines(ax).values()} == {expected}
    assert {term: sum(line) for term, line in lines(ax).items()} == {"cat": 2, "the": 4, "bird": 0, "dog": 2} | {
        "cat": float(COUNTS[[0, 1, 2, 4, 5], 0].sum())
    }
    assert ax.get_ylabel() == f"occurrences per {unit}"
    grouped = pd.Series(COUNTS[:, 1]).groupby(pd.PeriodIndex(WHEN, freq=freq)).sum()
    assert {day: n for day, n in zip(starts(ax), lines(ax)["the"], strict=True) if n} == {
        str(period.start_time.date()): n for period, n in grouped.items() if n
    }


@pytest.mark.parametrize(
    "when",
    [
        np.array(WHEN, "datetime64[s]"),
        pd.Series(pd.to_datetime(WHEN), index=list("fedcba")),
        pd.DatetimeIndex(WHEN),
        pd.PeriodIndex(WHEN, freq="D"),
        pd.Series(pd.PeriodIndex(WHEN, freq="D")),
        pd.Series(WHEN, dtype="category"),
        pd.Series(pd.to_datetime(WHEN)).astype("timestamp[ns][pyarrow]"),
        [day and date.fromisoformat(day) for day in WHEN],
        [day and datetime.fromisoformat(day) for day in WHEN],
        pl.Series(WHEN).str.to_date(),
        pa.array([day and date.fromisoformat(day) for day in WHEN]),
    ],
    ids=lambda when: f"{type(when).__name__} {getattr(when, 'dtype', '')}",
)
def test_times_of_every_kind(when) -> None:
    ax, expected = cp.trend(COUNTS, TERMS, when), cp.trend(COUNTS, TERMS, WHEN)
    assert (lines(ax), starts(ax), ax.get_xlabel()) == (lines(expected), starts(expected), expected.get_xlabel())


def test_times_belong_to_the_period_of_their_zone() -> None:
    utc = pd.Series(pd.to_datetime(["2024-01-31 23:30"]).tz_localize("UTC"))
    for zone, start in (("UTC", "2024-01-01"), ("Europe/Berlin", "2024-02-01"), ("America/New_York", "2024-01-01")):
        assert starts(cp.trend([[1]], ["x"], utc.dt.tz_convert(zone))) == [start]
    in_polars = pl.Series([datetime(2024, 1, 31, 23, 30)]).dt.replace_time_zone("UTC")
    assert starts(cp.trend([[1]], ["x"], in_polars.dt.convert_time_zone("Europe/Berlin"))) == ["2024-02-01"]


@pytest.mark.parametrize(("top", "shown"), [(1, 1), (7, 7), (None, 500)])
def test_of_500_columns_the_most_frequent_are_lines(top: int | None, shown: int) -> None:
    counts = np.random.default_rng(3).poisson(3, (40, 500))
    when = pd.date_range("2024-01-01", periods=40)
    terms = [f"t{i}" for i in range(500)]
    order = np.argsort(-counts.sum(axis=0), kind="stable")[:shown]
    for matrix in (counts, sp.csr_array(counts)):
        ax = cp.trend(matrix, terms, when, freq="D", top=top)
        assert list(lines(ax)) == [terms[i] for i in order]
        np.testing.assert_array_equal(list(lines(ax).values()), counts[:, order].T)
    title = ax.get_legend().get_title().get_text()
    named = legend(ax)
    assert named == [terms[i] for i in order][: len(named)]
    if shown < 500:
        assert (title, len(named)) == (f"{shown} of 500 columns", shown)
    else:
        assert title == f"500 columns; {len(named)} named"
        assert 20 < len(named) < 50
    seen = {(line.get_color(), line.get_linestyle()) for line in ax.get_lines()[:28]}
    assert len(seen) == min(shown, 28), "lines can be told apart"


@pytest.mark.parametrize("per_document", [False, True])
def test_short_trends(per_document: bool) -> None:
    ax = cp.trend(COUNTS, TERMS, ["2024-05-17"] * 6, per_document=per_document)
    assert names(ax.xaxis) == ["2024-05"]
    assert lines(ax)["the"] == [4 / 6 if per_document else 4]
    for counts, when in ((COUNTS[:0], []), (COUNTS, [None] * 6), (COUNTS, [np.nan] * 6)):
        ax = cp.trend(counts, TERMS, when, per_document=per_document)
        assert lines(ax) == {term: [] for term in TERMS}
        assert names(ax.xaxis) == []
        assert ("6 without a time left out" in ax.get_xlabel()) == (len(when) == 6)
    assert lines(cp.trend(COUNTS[:, :0], [], WHEN)) == {}


def test_a_million_times() -> None:
    counts = np.ones((1_000_000, 2), np.int32)
    when = pd.Series(pd.date_range("2020-01-01", periods=1_000_000, freq="min")).sample(frac=1, random_state=0)
    drawn = lines(cp.trend(counts, ["a", "b"], when, freq="D"))
    assert drawn["a"] == [1440.0] * 694 + [640.0]


def test_the_axis_of_times_is_one_of_dates() -> None:
    ax = cp.trend(COUNTS, TERMS, WHEN)
    assert isinstance(ax.xaxis.get_major_locator(), dates.AutoDateLocator)
    assert "2024" in " ".join(names(ax.xaxis)) + ax.xaxis.get_offset_text().get_text()


# What all have in common


def pictures():
    totals = cg.TermCounter(TERMS).totals(TEXTS)
    yield "totals", lambda **options: cp.totals(totals, **options)
    yield "heatmap", lambda **options: cp.heatmap(COUNTS, TERMS, **options)
    yield "trend", lambda **options: cp.trend(COUNTS, TERMS, WHEN, **options)


@pytest.mark.parametrize("draw", [pytest.param(draw, id=name) for name, draw in pictures()])
def test_ax(draw) -> None:
    ax = Figure(figsize=(4, 3)).add_subplot()
    assert draw(ax=ax) is ax
    assert plt.get_fignums() == [], "pyplot is not asked for"
    ax.figure.canvas.draw()
    _, (left, right) = plt.subplots(1, 2, layout="constrained")
    assert draw(ax=left) is left
    assert not right.has_data()
    own = draw()
    assert own.figure not in (left.figure, ax.figure)
    assert plt.gca() is not right, "a figure of its own is the current one"
    half = plt.figure().subfigures(1, 2)[1]
    assert draw(ax=half.subplots()).figure is half
    half.figure.canvas.draw()


ODD = [
    "US$5 $x$",
    "$\\frac$",
    "50% off",
    "%s {0} {x:d}",
    "a\\b",
    "_hidden",
    "x^{2}_i",
    "tab\tnew\nline",
    "",
    " ",
    "\ud800",
    "'",
]
SHOWN = {"tab\tnew\nline": "tab\\tnew\\nline", "": "''", " ": "' '", "\ud800": "\\ud800"}


@pytest.mark.parametrize("usetex", [False, True])
def test_odd_names_are_drawn_as_they_are(usetex: bool) -> None:
    shown = [SHOWN.get(name, name) for name in ODD]
    n = len(ODD)
    with matplotlib.rc_context({"text.usetex": usetex}):
        bars = cp.totals(cg.Totals(ODD, np.arange(n)[::-1], np.arange(n)))
        heat = cp.heatmap(np.ones((n, n)), ODD, rows=ODD)
        trend = cp.trend(np.tile(np.arange(n)[::-1], (2, 1)), ODD, ["2024-01-01", "2024-02-01"], top=None)
    texts = [
        *bars.get_yticklabels(),
        *heat.get_xticklabels(),
        *heat.get_yticklabels(),
        *trend.get_legend().get_texts(),
    ]
    assert [text.get_text() for text in texts] == shown * 4
    assert not any(text.get_usetex() or text.get_parse_math() for text in texts)
    if not usetex:
        for ax in (bars, heat, trend):
            ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x" * 32, "x" * 32),
        ("x" * 33, "x" * 31 + "…"),
        ("two words that are far too long for it", "two words that are far too long…"),
        ("日" * 16, "日" * 16),
        ("日" * 17, "日" * 15 + "…"),
        ("x" * 30 + "e\u0301\u0302" * 3, "x" * 30 + "e\u0301\u0302" + "…"),
        ("x" * 31 + "👩\u200d🚀" * 9, "x" * 31 + "…"),
    ],
)
def test_long_names_are_shortened(name: str, expected: str, monkeypatch) -> None:
    monkeypatch.setattr(_labels, "_fonts_for", lambda characters: (["DejaVu Sans"], [characters]))
    assert _labels.Labels([name])[0] == expected


SCRIPTS = [
    "Größe",
    "Ελληνικά",
    "русский",
    "日本語",
    "한국어",
    "العربية",
    "עברית",
    "हिन्दी",
    "ไทย",
    "🚀",
    "👩\u200d🚀",
    "ა",
]


@pytest.mark.parametrize("fonts", ["all", "of matplotlib"])
def test_every_script_is_drawn_without_a_warning_of_matplotlib(fonts: str, monkeypatch) -> None:
    """Whatever fonts there are: what none has is said once, and drawn as an escape."""
    if fonts == "of matplotlib":
        there = [entry for entry in font_manager.fontManager.ttflist if "mpl-data" in str(entry.fname)]
        monkeypatch.setattr(font_manager.fontManager, "ttflist", there)
    n = len(SCRIPTS)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        bars = cp.totals(cg.Totals(SCRIPTS, np.arange(n)[::-1], np.arange(n)))
        first = len(told)
        heat = cp.heatmap(np.ones((n, n)), SCRIPTS, rows=SCRIPTS)
        trend = cp.trend(np.tile(np.arange(n)[::-1], (2, 1)), SCRIPTS, ["2024-01-01", "2024-02-01"], top=None)
        for ax in (bars, heat, trend):
            ax.figure.canvas.draw()
    assert len(told) == first <= 2
    for name, label in zip(SCRIPTS, names(bars.yaxis), strict=True):
        assert label == name or name.encode("unicode_escape").decode().startswith(label.rstrip("…"))
    assert names(bars.yaxis)[:3] == SCRIPTS[:3]
    if fonts == "of matplotlib":
        assert "\\u65e5\\u672c\\u8a9e" in names(heat.xaxis)
        said = str(told[0].message)
        assert all(part in said for part in ("no installed font has", "DEVANAGARI", "other characters"))


def test_what_no_font_has_is_said_once_and_helpfully() -> None:
    totals = cg.Totals([f"rocket {PRIVATE}", "x"], np.array([2, 1]), np.array([1, 1]))
    with pytest.warns(
        UserWarning, match=r"no installed font has '\\U0010fffd' .*Install a font that has them"
    ) as told:
        ax = cp.totals(totals)
    assert [warning.filename for warning in told] == [__file__]
    assert names(ax.yaxis) == ["rocket \\U0010fffd", "x"]
    cp.totals(totals).figure.canvas.draw()


def test_a_font_is_found_that_has_what_the_usual_one_lacks() -> None:
    fonts = {entry.name: font_manager.get_font(entry.fname) for entry in font_manager.fontManager.ttflist}
    there = set(fonts["STIXGeneral"].get_charmap()) - set(fonts["DejaVu Sans"].get_charmap())
    name = "".join(chr(code) for code in sorted(there) if 0x2000 <= code < 0x3000)[:5]
    assert len(name) == 5
    ax = cp.totals(cg.Totals([name], np.array([1]), np.array([1])))
    assert names(ax.yaxis) == [name]
    families = ax.get_yticklabels()[0].get_fontfamily()
    assert families[0] == matplotlib.rcParams["font.family"][0]
    assert len(families) > 1
    plain = cp.totals(cg.Totals(["plain"], np.array([1]), np.array([1])))
    assert plain.get_yticklabels()[0].get_fontfamily() == matplotlib.rcParams["font.family"]


def test_fonts_of_the_settings_come_first() -> None:
    with matplotlib.rc_context({"font.family": ["STIXGeneral", "DejaVu Sans Mono"]}):
        ax = cp.totals(cg.Totals(["plain", "русский"], np.array([2, 1]), np.array([1, 1])))
        assert ax.get_yticklabels()[0].get_fontfamily()[:2] == ["STIXGeneral", "DejaVu Sans Mono"]
    with matplotlib.rc_context({"font.family": ["no such font"]}):
        assert names(cp.totals(cg.Totals(["plain"], np.array([1]), np.array([1]))).yaxis) == ["plain"]


def test_an_old_matplotlib_that_cannot_shape_is_named(monkeypatch) -> None:
    shapes = hasattr(ft2font, "__libraqm_version__")
    hebrew = cg.Totals(["שלום"], np.array([1]), np.array([1]))  # which DejaVu Sans has
    if shapes:
        cp.totals(hebrew)
        monkeypatch.delattr(ft2font, "__libraqm_version__")
    with pytest.warns(UserWarning, match="matplotlib 3.11 draws them as they are written"):
        cp.totals(hebrew)
    cp.totals(hebrew)


# What is refused

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
        (lambda: cp.heatmap(COUNTS, ["a"]), ValueError, "columns has 1 names; .* of the matrix's 4 columns"),
        (lambda: cp.heatmap(COUNTS), TypeError, r"columns is NoneType \(None\); expected a sequence of str"),
        (lambda: cp.heatmap(COUNTS, "abcd"), TypeError, r"columns is str \('abcd'\)"),
        (lambda: cp.heatmap(COUNTS[0], TERMS), ValueError, r"matrix has shape \(4,\); expected two dimensions"),
        (lambda: cp.heatmap(sp.coo_array([1, 2]), ["a"]), ValueError, r"matrix has shape \(2,\)"),
        (lambda: cp.heatmap(COUNTS, TERMS, cmap="no"), KeyError, "no"),
        (lambda: cp.heatmap([["x"]], ["a"]), TypeError, "matrix holds <U1; expected numbers"),
        (lambda: cp.heatmap(pd.DataFrame({"a": [1], "b": ["1"]})), TypeError, "column 'b' of matrix holds"),
        (lambda: cp.heatmap([[1, 2], [3, -4]], ["a", "b"]), ValueError, r"matrix\[1, 1\] is -4; expected a count"),
        (lambda: cp.heatmap(sp.csr_array([[0, 0], [-1, 2]]), ["a", "b"]), ValueError, r"matrix\[1, 0\] is -1"),
        (lambda: cp.heatmap(COUNTS, TERMS, rows=["a"]), ValueError, "rows has 1 labels; .* for each of 6 documents"),
        (lambda: cp.heatmap(COUNTS, TERMS, rows=COUNTS), ValueError, r"rows has shape \(6, 4\)"),
        (lambda: cp.heatmap(COUNTS, TERMS, rows="abcdef"), TypeError, "rows is str; expected a sequence"),
        (lambda: cp.heatmap(COUNTS, TERMS, rows=iter("abcdef")), TypeError, "rows is str_"),
        (lambda: cp.heatmap(COUNTS, TERMS, rows=[["a"]] * 6), TypeError, r"rows\[0\] is list \(\['a'\]\)"),
        (lambda: cp.heatmap(COUNTS, TERMS, per_document=True), ValueError, "it needs rows="),
        (lambda: cp.trend(COUNTS, TERMS[:3], WHEN), ValueError, "columns has 3 names"),
        (lambda: cp.trend(COUNTS, TERMS, WHEN[:5]), ValueError, "when has 5 times; .* for each of 6 documents"),
        (lambda: cp.trend(COUNTS, TERMS, None), TypeError, "when is NoneType; expected a sequence"),
        (lambda: cp.trend(COUNTS, TERMS, "2024"), TypeError, "when is str; expected a sequence"),
        (lambda: cp.trend(COUNTS, TERMS, [2024] * 6), TypeError, "when holds int64; .*format='%Y'"),
        (lambda: cp.trend(COUNTS, TERMS, ["2024-01-01"] + ["soon"] * 5), ValueError, "when holds what is no time"),
        (lambda: cp.trend(COUNTS, TERMS, [pd.Timedelta(1)] * 6), TypeError, "when holds what is no time"),
        (
            lambda: cp.trend(COUNTS, TERMS, WHEN, freq="soon"),
            ValueError,
            "freq is 'soon'; expected a period of pandas",
        ),
        (lambda: cp.trend(COUNTS, TERMS, WHEN, freq="2W"), ValueError, "freq is '2W'; expected a single period"),
        (lambda: cp.trend(COUNTS, TERMS, WHEN, freq=7), TypeError, r"freq is int \(7\)"),
        (lambda: cp.trend(COUNTS, TERMS, WHEN, freq="s"), ValueError, "15,638,401 periods from 2024-01-01 00:00:00"),
        (lambda: cp.trend(COUNTS, TERMS, WHEN, top=-1), ValueError, "top is -1"),
        (lambda: cp.trend(-COUNTS, TERMS, WHEN), ValueError, r"matrix\[\d, \d\] is -1"),
    ],
)
def test_what_is_refused(draw, error, message: str) -> None:
    with pytest.raises(error, match=message):
        draw()
    assert plt.get_fignums() == [], "no figure of a picture that was refused"
