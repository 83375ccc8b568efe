"""Counts over time."""

from datetime import date, datetime

import countgrid.plot as cp
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
from matplotlib import dates
from matplotlib import pyplot as plt
from pictures import COUNTS, SHAPES, TERMS, WHEN, legend, lines, names, starts


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


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
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


@pytest.mark.parametrize(
    ("freq", "last", "expected"),
    [
        ("Y", "2024-05-01", ["2023", "2024"]),
        ("Q", "2023-05-01", ["2023", "Apr"]),
        ("M", "2023-02-20", ["2023", "Feb"]),
        ("D", "2023-01-02", ["Jan", "02"]),
        ("h", "2023-01-01 01:00", ["Jan-01", "01:00"]),
        ("Q", "2025-07-31", ["2023", "Jul", "2024", "Jul", "2025", "Jul"]),
        ("Y", "2042-01-01", ["2024", "2028", "2032", "2036", "2040"]),
    ],
)
def test_times_are_named_where_periods_start(freq: str, last: str, expected: list[str]) -> None:
    ax = cp.trend([[1], [2]], ["x"], pd.to_datetime(["2023-01-01", last], format="ISO8601"), freq=freq)
    assert names(ax.xaxis) == expected


@pytest.mark.parametrize("width", [1.5, 3, 5, 9])
def test_times_are_named_without_a_warning_in_whatever_room(width: float) -> None:
    for freq, many_periods in (("Y", 300), ("Q", 70), ("M", 40), ("W", 30), ("D", 90), ("h", 70), ("min", 170)):
        for n in (2, 9, many_periods // 3, many_periods):
            when = pd.period_range("1900-01-01", periods=n, freq=freq)
            ax = cp.trend(np.ones((n, 1)), ["x"], when, freq=freq, ax=plt.figure(figsize=(width, 3)).add_subplot())
            assert names(ax.xaxis)
        plt.close("all")


def test_times_without_columns() -> None:
    when = ["2024-01-01", "2024-02-01", "2024-04-01"]
    ax, expected = cp.trend(np.ones((3, 0)), [], when), cp.trend(np.ones((3, 1)), ["x"], when)
    assert (ax.get_xlim(), names(ax.xaxis)) == (expected.get_xlim(), ["2024", "Feb", "Mar", "Apr"])
    ax = cp.trend(np.ones((3, 0)), [], ["2024-01-01"] * 3)
    assert names(ax.xaxis) == ["2024-01"]
    assert np.mean(ax.get_xlim()) == dates.date2num(np.datetime64("2024-01-01"))


@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
@pytest.mark.parametrize("name", ["column", "a column of a far longer name"])
def test_the_legend_hides_nothing(layout: str | None, name: str) -> None:
    counts = np.random.default_rng(4).poisson(5, (600, 7))
    when = pd.date_range("2023-01-01", periods=600)
    figure = plt.figure(figsize=(8, 3), layout=layout)
    for i in (1, 2):
        cp.trend(counts, [f"{name} {i}" for i in range(7)], when, ax=figure.add_subplot(1, 2, i))
    figure.canvas.draw()
    place = [ax.get_legend().get_window_extent() for ax in figure.axes]
    left, right = (ax.get_window_extent() for ax in figure.axes)
    assert left.x1 <= place[0].x0 < place[0].x1 <= right.x0
    assert right.x1 <= place[1].x0 < place[1].x1 <= figure.bbox.x1
    assert min(left.width, right.width) > 75


def test_the_legend_of_axes_at_a_place_of_their_own_is_in_the_figure() -> None:
    figure = plt.figure()
    ax = cp.trend(COUNTS, TERMS, WHEN, ax=figure.add_axes((0.1, 0.1, 0.9, 0.8)))
    figure.canvas.draw()
    place = ax.get_legend().get_window_extent()
    assert ax.get_window_extent().x1 <= place.x0 < place.x1 <= figure.bbox.x1
