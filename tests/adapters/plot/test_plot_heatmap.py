"""Heatmaps: documents, or groups of documents, x columns."""

from datetime import date, datetime

import countgrid as cg
import countgrid.plot as cp
import matplotlib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
from countgrid.plot import _axes
from matplotlib import colormaps
from matplotlib import pyplot as plt
from pictures import COUNTS, SHAPES, TERMS, TEXTS, WHEN, apart, image, lines, names, unit


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


DAYS = ["2024-01-31", "2024-02-01"]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (pd.to_datetime(DAYS), DAYS),
        (np.array(DAYS, "M8[ns]"), DAYS),
        (np.array(DAYS, "M8[D]"), DAYS),
        (pl.Series(DAYS).str.to_datetime(), DAYS),
        (np.array([f"{DAYS[0]}T03:30", DAYS[1]], "M8[ns]"), [f"{DAYS[0]} 03:30:00", f"{DAYS[1]} 00:00:00"]),
        (pd.to_datetime(DAYS).tz_localize("Europe/Berlin"), DAYS),
        ([0.1 + 0.2, 1 / 3], ["0.3", "0.333333"]),
        ([0.1 + 0.2, 0.3], ["0.30000000000000004", "0.3"]),
        ([2023.0, 2024.0], ["2023", "2024"]),
        ([12345678.0, 0.5], ["12345678.0", "0.5"]),
        ([0.1 + 0.2, "x"], ["0.30000000000000004", "x"]),
    ],
)
def test_labels_are_written_as_is_common(labels, expected: list[str]) -> None:
    assert names(cp.heatmap([[1], [2]], ["x"], rows=labels).yaxis) == expected


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
    assert lines(cp.trend(text[:0].countgrid.count(TERMS), [])) == {term: [] for term in TERMS}


def test_missing_documents_are_no_documents() -> None:
    frame = pd.Series(TEXTS).countgrid.count(TERMS)
    ax = cp.heatmap(frame, rows=["a", "a", "a", "b", "b", "b"], per_document=True)
    np.testing.assert_allclose(image(ax), [COUNTS[:2].mean(axis=0), COUNTS[3:].mean(axis=0)])
    ax = cp.heatmap(frame, rows=["a", "b", "c", "b", "b", "b"])
    np.testing.assert_array_equal(image(ax)[2], [np.nan] * 4)
    ax = cp.trend(frame, ["2024-01-01"] * 3 + ["2024-02-01"] * 3, per_document=True)
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
    # On the logarithmic scale, 10 is a quarter of the way.
    assert np.allclose(drawn[2], colormaps["viridis_r"](0.25 if log else 0.001), atol=0.02)


@pytest.mark.parametrize(
    ("size", "layout"), [((1.5, 1.5), None), ((4, 3), None), ((4, 3), "constrained"), ((6, 9), None)]
)
@pytest.mark.parametrize(
    "ends",
    [(1, 10), (1, 10**3), (1, 10**5), (1, 10**7.5), (1, 10**9), (1, 10**15), (1000, 1010), (3, 40), (1e-4, 0.3)],
)
def test_the_scale_of_logarithms_can_be_read(size, layout, ends) -> None:
    counts = np.geomspace(*ends, 5)
    counts = np.append(0, counts.round() if ends[0] >= 1 else counts)[None]
    ax = cp.heatmap(counts, list("abcdef"), log=True, ax=plt.figure(figsize=size, layout=layout).add_subplot())
    drawn = ax.images[0].norm(ax.images[0].get_array())[0]
    assert drawn[0] < 0 <= drawn[1] < 0.001, "the colours begin with the least"
    assert drawn[-1] == 1
    bar = ax.images[0].colorbar.ax
    numbers = names(bar.yaxis)
    assert len(numbers) == len(set(numbers)) >= 2
    texts = [*bar.get_yticklabels(), *bar.texts]
    assert bar.texts[0].get_text() == "0"
    assert apart([text.get_window_extent().intervaly for text in texts if text.get_text()])


def test_the_scale_of_a_single_number() -> None:
    ax = cp.heatmap([[3, 0, 3]], list("abc"), log=True)
    assert "3" in names(ax.images[0].colorbar.ax.yaxis)
    assert names(cp.heatmap([[1, 0]], ["a", "b"], log=True).images[0].colorbar.ax.yaxis) == ["1"]


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


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda: cp.heatmap(COUNTS, ["a"]), ValueError, "columns has 1 names; .* of the matrix's 4 columns"),
        (lambda: cp.heatmap(COUNTS), TypeError, r"columns is NoneType \(None\); expected a sequence of str"),
        (lambda: cp.heatmap(COUNTS, "abcd"), TypeError, r"columns is str \('abcd'\)"),
        (lambda: cp.heatmap(COUNTS[0], TERMS), ValueError, r"matrix has shape \(4,\); expected two dimensions"),
        (lambda: cp.heatmap(sp.coo_array([1, 2]), ["a"]), ValueError, r"matrix has shape \(2,\)"),
        (lambda: cp.heatmap(COUNTS, TERMS, cmap="no"), KeyError, "no"),
        (lambda: cp.heatmap([["x"]], ["a"]), TypeError, "matrix contains <U1; expected numbers"),
        (lambda: cp.heatmap(pd.DataFrame({"a": [1], "b": ["1"]})), TypeError, "column 'b' of matrix contains"),
        (lambda: cp.heatmap([[1, 2], [3, -4]], ["a", "b"]), ValueError, r"matrix\[1, 1\] is -4; expected a count"),
        (
            lambda: cp.heatmap([[1, 2], [3, np.inf]], ["a", "b"]),
            ValueError,
            r"matrix\[1, 1\] is inf; expected a count",
        ),
        (lambda: cp.heatmap(sp.csr_array([[0, 0], [-1, 2]]), ["a", "b"]), ValueError, r"matrix\[1, 0\] is -1"),
        (lambda: cp.heatmap(COUNTS, TERMS, rows=["a"]), ValueError, "rows has 1 labels; .* for each of 6 documents"),
        (lambda: cp.heatmap(COUNTS, TERMS, rows=COUNTS), ValueError, r"rows has shape \(6, 4\)"),
        (lambda: cp.heatmap(COUNTS, TERMS, rows="abcdef"), TypeError, "rows is str; expected a sequence"),
        (lambda: cp.heatmap(COUNTS, TERMS, rows=iter("abcdef")), TypeError, "rows is str_"),
        (lambda: cp.heatmap(COUNTS, TERMS, rows=[["a"]] * 6), TypeError, r"rows\[0\] is list \(\['a'\]\)"),
        (lambda: cp.heatmap(COUNTS, TERMS, per_document=True), ValueError, "it needs rows="),
    ],
)
def test_invalid_input(draw, error, message: str) -> None:
    with pytest.raises(error, match=message):
        draw()
    assert plt.get_fignums() == [], "no figure of a picture that was refused"


@pytest.mark.parametrize(
    "labels",
    [
        [date(2024, 3, 1), date(2023, 12, 1), None, date(2024, 3, 1), date(2024, 1, 1), date(2023, 12, 1)],
        pd.to_datetime(["2024-03-01", "2023-12-01", None, "2024-03-01", "2024-01-01", "2023-12-01"]),
        pd.PeriodIndex(["2024-03", "2023-12", None, "2024-03", "2024-01", "2023-12"], freq="M"),
        np.array(["2024-03", "2023-12", "NaT", "2024-03", "2024-01", "2023-12"], "M8[M]"),
        pd.to_datetime(["2024-03-01", "2023-12-01", None, "2024-03-01", "2024-01-01", "2023-12-01"], utc=True),
    ],
    ids=lambda labels: f"{type(labels).__name__} {getattr(labels, 'dtype', '')}",
)
def test_rows_of_times_are_sorted(labels) -> None:
    ax = cp.heatmap(COUNTS, TERMS, rows=labels)
    assert image(ax).tolist() == [
        COUNTS[[1, 5]].sum(axis=0).tolist(),
        COUNTS[4].tolist(),
        COUNTS[[0, 3]].sum(axis=0).tolist(),
    ]
    assert [name[:7] for name in names(ax.yaxis)] == ["2023-12", "2024-01", "2024-03"]


@pytest.mark.parametrize(
    "labels",
    [
        ["b", "a", None, "b", "c", "a"],
        [3, 1, None, 3, 2, 1],
        [date(2024, 1, 1), datetime(2023, 1, 1), None, date(2024, 1, 1), date(2022, 1, 1), datetime(2023, 1, 1)],
    ],
    ids=str,
)
def test_other_rows_keep_their_order(labels) -> None:
    """Also if times cannot be compared."""
    expected = [COUNTS[[0, 3]].sum(axis=0).tolist(), COUNTS[[1, 5]].sum(axis=0).tolist(), COUNTS[4].tolist()]
    assert image(cp.heatmap(COUNTS, TERMS, rows=labels)).tolist() == expected


# Totals by group


GROUPS = ["b", "a", "b", None, "b", "a"]


@pytest.mark.parametrize("per_document", [False, True])
@pytest.mark.parametrize("labels", [GROUPS, np.array([3, 1, 3, 1, 1, 2]), pd.to_datetime(WHEN), [None] * 6], ids=str)
def test_totals_by_group_are_drawn_like_their_documents(labels, per_document: bool) -> None:
    totals = cg.TermCounter(TERMS).totals(TEXTS, by=labels)
    ax = cp.heatmap(totals, per_document=per_document)
    # The groups of totals are sorted.
    order = sorted(range(6), key=lambda i: (labels[i] is None or labels[i] != labels[i], labels[i] or ""))
    expected = cp.heatmap(COUNTS[order], TERMS, rows=[labels[i] for i in order], per_document=per_document)
    assert names(ax.yaxis) == names(expected.yaxis)
    assert (ax.get_xlabel(), ax.get_ylabel()) == (expected.get_xlabel(), expected.get_ylabel())
    assert len(ax.images) == len(expected.images)
    if ax.images:
        np.testing.assert_allclose(image(ax), image(expected))
        assert (unit(ax), names(ax.xaxis)) == (unit(expected), names(expected.xaxis))


def test_rates_by_group() -> None:
    totals = cg.TermCounter(TERMS).totals(TEXTS, by=["b", "a", "b", "a", "b", "a"], per_words=1000)
    ax = cp.heatmap(totals)
    np.testing.assert_array_equal(image(ax), totals.counts)
    assert unit(ax) == "occurrences per 1,000 words"
    together = cp.heatmap(totals, rows=["all", "all"])
    expected = cg.TermCounter(TERMS).totals(TEXTS, per_words=1000).counts
    np.testing.assert_allclose(image(together), [expected])
    assert together.get_ylabel() == "6 documents in 1 group"


def test_rates_in_data_frames_are_not_added_up() -> None:
    by = ["b", "a", "b", "a", "b", "a"]
    frame = pd.Series(TEXTS).countgrid.totals(TERMS, by=by, per_words=1000)
    ax = cp.heatmap(frame, rows=frame.index)
    assert image(ax).tolist() == frame.to_numpy().tolist()
    assert unit(ax) == unit(cp.heatmap(frame)) == "occurrences per 1,000 words"
    with pytest.raises(ValueError, match=r"per 1,000 words, and 2 of them would be added up.*per_words=1000\)"):
        cp.heatmap(frame, rows=["all", "all"])
    rates = pd.Series(TEXTS).countgrid.count(TERMS, per_words=1000, missing="zero")
    mean = cp.heatmap(rates, rows=["all"] * 6, per_document=True)
    np.testing.assert_allclose(image(mean), [rates.mean()])
    assert unit(mean) == "occurrences per 1,000 words, mean of documents"


def test_totals_in_data_frames_do_not_have_the_sizes_of_groups() -> None:
    frame = pd.Series(TEXTS).countgrid.totals(TERMS, by=["b", "a", "b", "a", "b", "a"])
    ax = cp.heatmap(frame, rows=frame.index)
    assert (ax.get_ylabel(), unit(ax)) == ("2 groups", "occurrences")
    assert image(cp.heatmap(frame, rows=["all", "all"])).tolist() == [frame.sum().tolist()]
    with pytest.raises(ValueError, match=r"totals of groups without these; pass counter\.totals"):
        cp.heatmap(frame, rows=frame.index, per_document=True)


def test_times_of_totals_are_sorted_also_as_rows() -> None:
    totals = cg.TermCounter(["a"]).totals(["a", "a a", "a a a"], by=["2024-9", "2024-11", "2024-10"])
    ax = cp.heatmap(totals, rows=pd.PeriodIndex(totals.groups, freq="M"))
    assert (names(ax.yaxis), image(ax).tolist()) == (["2024-09", "2024-10", "2024-11"], [[1], [3], [2]])


def test_many_groups_are_drawn_in_bands() -> None:
    labels = np.arange(1000).repeat(3)
    totals = cg.TermCounter(["a"]).totals(["a " * (i % 7) for i in range(3000)], by=labels, per_words=1)
    ax = cp.heatmap(totals)
    assert image(ax).shape == (200, 1)
    assert image(ax).min() == image(ax).max() == 1, "all words are a"
    assert ax.get_ylabel() == "3,000 documents in 1,000 groups, in 200 bands of 5"


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda totals: cp.heatmap(totals, rows=["x"] * 6), ValueError, "rows has 6 labels; .* each of 2 groups"),
        (lambda totals: cp.heatmap(totals, per_document=True), ValueError, "the totals are rates per 10 words"),
        (lambda _: cp.heatmap(cg.TermCounter(TERMS).totals(TEXTS)), TypeError, "Totals, which have one row"),
    ],
)
def test_invalid_totals(draw, error, message: str) -> None:
    totals = cg.TermCounter(TERMS).totals(TEXTS, by=["b", "a"] * 3, per_words=10)
    with pytest.raises(error, match=message):
        draw(totals)
    assert plt.get_fignums() == []
