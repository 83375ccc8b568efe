"""Counts over time."""

from datetime import date, datetime

import countgrid as cg
import countgrid.plot as cp
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
from matplotlib import dates
from matplotlib import pyplot as plt
from pictures import COUNTS, SHAPES, TERMS, TEXTS, WHEN, legend, lines, names, starts


def test_counts_are_summed_by_period() -> None:
    ax = cp.trend(COUNTS, WHEN, TERMS)
    by_month = [COUNTS[[1, 2]], COUNTS[:0], COUNTS[[0, 5]], COUNTS[:0], COUNTS[:0], COUNTS[[4]]]
    expected = {term: [float(m[:, j].sum()) for m in by_month] for j, term in enumerate(TERMS)}
    assert lines(ax) == expected
    assert starts(ax) == [f"2024-0{month}-01" for month in range(1, 7)]
    assert legend(ax) == ["the", "dog", "cat", "bird"], "the most frequent first; a missing time counts nowhere"
    assert ax.get_legend().get_title().get_text() == "", "all columns are there"
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("occurrences per month", "6 documents\n1 without a time left out")
    assert ax.get_ylim()[0] == 0


@pytest.mark.parametrize("kind", SHAPES[1:5])
def test_sparse_counts_over_time(kind) -> None:
    assert lines(cp.trend(kind(COUNTS), WHEN, TERMS)) == lines(cp.trend(COUNTS, WHEN, TERMS))


def test_per_document_a_period_without_documents_is_a_gap() -> None:
    ax = cp.trend(COUNTS, WHEN, TERMS, per_document=True)
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
    ax = cp.trend(COUNTS, WHEN, TERMS, freq=freq)
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
    ("freq", "like"),
    [
        ("ME", "M"),
        ("MS", "M"),
        ("BME", "M"),
        ("QE", "Q"),
        ("QE-JAN", "Q-JAN"),
        ("QS", "Q"),
        ("QS-OCT", "Q-SEP"),
        ("BQS-FEB", "Q-JAN"),
        ("YE", "Y"),
        ("YS", "Y"),
        ("YS-APR", "Y-MAR"),
        ("BYE-JUN", "Y-JUN"),
        ("W-MON", "W-MON"),
        ("D", "D"),
        ("2ME", "2M"),
        ("3QS-OCT", "3Q-SEP"),
    ],
)
def test_offsets_mean_their_periods(freq: str, like: str) -> None:
    """Agrees with pandas' resampling."""
    ax, expected = cp.trend(COUNTS, WHEN, TERMS, freq=freq), cp.trend(COUNTS, WHEN, TERMS, freq=like)
    assert (lines(ax), starts(ax), ax.get_ylabel()) == (lines(expected), starts(expected), expected.get_ylabel())
    by_pandas = pd.Series(COUNTS[:, 1], pd.to_datetime(WHEN)).dropna()
    by_pandas = by_pandas[by_pandas.index.notna()].resample(freq).sum()
    if freq[0] not in "B23":  # pandas assigns some business days of March to April
        assert [n for n in lines(ax)["the"] if n] == [n for n in by_pandas if n]


@pytest.mark.parametrize("freq", ["2W", "10D", "7h", "15min", "2M", "36h", "2Q", "2Y", "90s"])
def test_multiples_of_periods(freq: str) -> None:
    """Parts of a day start at midnight, other periods at the first one, as in pandas."""
    when = pd.to_datetime("2024-03-05 10:07:30") + pd.to_timedelta([0, 3600, 86_399, 90_000, 180_001], "s")
    if freq[-1] in "WDMQY":
        when = when[:1].append(when[1:] + pd.to_timedelta([9, 20, 200, 800], "D"))
    ax = cp.trend(np.ones((5, 1)), when, ["x"], freq=freq)
    xs = ax.get_lines()[0].get_xdata()
    period = pd.PeriodIndex(when, freq=freq.lstrip("0123456789"))
    step = int(freq.rstrip("WDMQYhmins"))
    begin = period[0].ordinal if freq[-1] in "WDMQY" else pd.Period("2024-03-05", freq.lstrip("0123456789")).ordinal
    spans = (period.asi8 - begin) // step
    spans -= spans[0]
    drawn = {
        x: n
        for line in ax.get_lines()
        for x, n in zip(dates.date2num(line.get_xdata()).tolist(), line.get_ydata(), strict=True)
    }
    found = [n for _, n in sorted(drawn.items())]
    assert found == np.bincount(spans).tolist()
    assert len({float(x) for x in np.diff(dates.date2num(xs)).round(6)}) <= (1 if freq[-1] not in "MQY" else 3)
    if freq[-1] not in "WMQY":
        resampled = pd.Series(1, when).resample(freq).sum()
        assert found == resampled.tolist()
        assert xs[0] == resampled.index[0]


def test_the_y_axis_names_what_is_summed() -> None:
    assert cp.trend(COUNTS, WHEN, TERMS, freq="2W").get_ylabel() == "occurrences per 2 weeks"
    assert cp.trend(COUNTS, WHEN, TERMS, freq="QS-OCT").get_ylabel() == "occurrences per quarter"
    assert cp.trend(COUNTS, WHEN, TERMS, unit="reports").get_ylabel() == "reports"
    rates = cp.trend(COUNTS / 8, WHEN, TERMS, per_document=True, unit="per 1,000 words")
    assert rates.get_ylabel() == "per 1,000 words"
    np.testing.assert_allclose(lines(rates)["the"], np.array([1.0, np.nan, 1.0, np.nan, np.nan, 0.0]) / 8)


def test_data_frames_and_series() -> None:
    expected = lines(cp.trend(COUNTS, WHEN, TERMS))
    frame = pd.DataFrame(COUNTS, columns=TERMS)
    index = pd.to_datetime(WHEN)
    assert lines(cp.trend(frame, WHEN)) == lines(cp.trend(frame.set_axis(index))) == expected
    assert lines(cp.trend(pl.DataFrame(COUNTS, schema=TERMS), WHEN)) == expected
    assert lines(cp.trend(frame["the"], WHEN)) == lines(cp.trend(pl.Series("the", COUNTS[:, 1]), WHEN))
    assert lines(cp.trend(frame["the"].set_axis(index))) == {"the": expected["the"]}
    assert lines(cp.trend(pd.Series(COUNTS[:, 1]), WHEN)) == {"count": expected["the"]}
    assert lines(cp.trend(pd.Series(COUNTS[:, 1]), WHEN, ["x"])) == {"x": expected["the"]}
    by_month = frame.groupby(index.to_period("M")).sum()
    assert lines(cp.trend(by_month)) == expected, "sums by period are drawn by that period"
    assert lines(cp.trend(by_month.iloc[::-1])) == expected, "in the order of time"
    yearly = lines(cp.trend(by_month, freq="Y"))
    assert yearly == {term: [float(n)] for term, n in by_month.sum().items()}


@pytest.mark.parametrize(
    ("longer", "freq"), [("Q", "M"), ("M", "D"), ("Y", "Q"), ("Y", "6M"), ("D", "12h"), ("M", "W")]
)
def test_periods_are_not_divided(longer: str, freq: str) -> None:
    when = pd.PeriodIndex(WHEN, freq=longer)
    with pytest.raises(ValueError, match=f"freq is '{freq}', which is shorter than the periods in when"):
        cp.trend(COUNTS, when, TERMS, freq=freq)


def incomplete(ax) -> bool:
    """Whether the last period is marked, in the lines and in words."""
    marked = [line for line in ax.get_lines() if line.get_label().startswith("_incomplete")]
    said = "is incomplete" in ax.get_xlabel()
    assert bool(marked) == said
    for line in marked:
        assert len(line.get_ydata()) == 2
        assert line.get_linestyle() != "-"
        assert line.get_markerfacecolor() == "white"
    return said


@pytest.mark.parametrize(
    ("first", "last", "every", "freq", "expected"),
    [
        ("2023-01-01", "2024-06-15", "D", "M", True),
        ("2023-01-10", "2024-06-15", "D", "M", True),
        ("2023-01-01", "2024-06-30", "D", "M", False),
        ("2023-01-01", "2024-02-29", "D", "M", False),
        ("2023-01-01", "2024-06-28", "B", "M", False),
        ("2023-01-01", "2024-06-12", "B", "M", True),
        ("2023-01-01", "2024-06-01", "MS", "M", False),
        ("2023-01-01", "2024-02-01", "MS", "M", False),
        ("2023-01-31", "2024-02-29", "ME", "M", False),
        ("2015-01-01", "2024-01-01", "YS", "Y", False),
        ("2015-01-01", "2024-03-31", "ME", "Y", True),
        ("2015-01-01", "2024-12-31", "ME", "Y", False),
        ("2015-01-01", "2024-06-30", "QE", "Y", True),
        ("2024-01-01", "2024-01-09 07:30", "5min", "D", True),
        ("2024-01-01", "2024-01-09 23:55", "5min", "D", False),
        ("2024-01-01", "2024-01-01 07:30", "5min", "D", False),
        ("2024-01-01", "2024-05-07", "D", "W", True),
        ("2024-01-01", "2024-05-05", "D", "W", False),
        ("2024-01-01", "2024-05-02", "D", "2M", True),
    ],
)
def test_an_incomplete_last_period_is_marked(first: str, last: str, every: str, freq: str, expected: bool) -> None:
    when = pd.date_range(first, last, freq=every)
    assert incomplete(cp.trend(np.ones((len(when), 2)), when, ["a", "b"], freq=freq)) == expected


def test_sparse_documents_do_not_make_a_period_incomplete() -> None:
    dice = np.random.default_rng(5)
    marked = 0
    for _ in range(100):
        when = pd.Timestamp("2020-01-01") + pd.to_timedelta(dice.integers(0, 366 + 365, 40), "D")
        marked += incomplete(cp.trend(np.ones((40, 1)), when, ["x"]))
        plt.close("all")
    assert marked <= 5


def test_until_tells_where_the_documents_end() -> None:
    counts, when = np.ones((3, 1)), ["2024-01-31", "2024-02-10", "2024-03-05"]

    def drawn(until: object, freq: str = "M") -> tuple[list[float], bool]:
        ax = cp.trend(counts, when, ["x"], freq=freq, until=until)
        return lines(ax)["x"], incomplete(ax)

    assert drawn("2024-03-31") == drawn(date(2024, 3, 31)) == drawn(pd.Period("2024-03")) == ([1, 1, 1], False)
    assert drawn("2024-03-20") == drawn(datetime(2024, 3, 20, 12)) == ([1, 1], True)
    assert drawn("2024-05-31") == ([1, 1, 1, 0, 0], False), "there were no documents"
    assert drawn("2024-05-30 12:00") == ([1, 1, 1, 0], True)
    assert drawn(pd.Timestamp("2024-03-31 23:30", tz="Europe/Berlin")) == ([1, 1, 1], False)
    ax = cp.trend(counts, when, ["x"], until="2024-03-20")
    assert ax.get_xlabel() == "3 documents\ndocuments end at 2024-03-20: the last point is incomplete"
    assert legend(ax) == ["x"]
    only = cp.trend(counts[:1], when[:1], ["x"], until="2024-01-31 12:00", freq="D")
    assert incomplete_alone(only)


def incomplete_alone(ax) -> bool:
    """A single period is a hollow point without a line."""
    (line,) = [line for line in ax.get_lines() if len(line.get_xdata())]
    return line.get_markerfacecolor() == "white" and len(line.get_xdata()) == 1


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
    ax, expected = cp.trend(COUNTS, when, TERMS, freq="M"), cp.trend(COUNTS, WHEN, TERMS)
    assert (lines(ax), starts(ax), ax.get_xlabel()) == (lines(expected), starts(expected), expected.get_xlabel())


def test_times_belong_to_the_period_of_their_zone() -> None:
    utc = pd.Series(pd.to_datetime(["2024-01-31 23:30"]).tz_localize("UTC"))
    for zone, start in (("UTC", "2024-01-01"), ("Europe/Berlin", "2024-02-01"), ("America/New_York", "2024-01-01")):
        assert starts(cp.trend([[1]], utc.dt.tz_convert(zone), ["x"])) == [start]
    in_polars = pl.Series([datetime(2024, 1, 31, 23, 30)]).dt.replace_time_zone("UTC")
    assert starts(cp.trend([[1]], in_polars.dt.convert_time_zone("Europe/Berlin"), ["x"])) == ["2024-02-01"]


@pytest.mark.parametrize(("top", "shown"), [(1, 1), (7, 7), (None, 500)])
def test_of_500_columns_the_most_frequent_are_lines(top: int | None, shown: int) -> None:
    counts = np.random.default_rng(3).poisson(3, (40, 500))
    when = pd.date_range("2024-01-01", periods=40)
    terms = [f"t{i}" for i in range(500)]
    order = np.argsort(-counts.sum(axis=0), kind="stable")[:shown]
    for matrix in (counts, sp.csr_array(counts)):
        ax = cp.trend(matrix, when, terms, freq="D", top=top)
        assert list(lines(ax)) == [terms[i] for i in order]
        np.testing.assert_array_equal(list(lines(ax).values()), counts[:, order].T)
    title = ax.get_legend().get_title().get_text()
    named = legend(ax)
    assert named == [terms[i] for i in order][: len(named)]
    if shown < 500:
        assert (title, len(named)) == (f"{shown} of 500 columns", shown)
    else:
        assert title == f"500 columns; {len(named)} named", "the legend says how many it leaves out"
        assert 20 < len(named) < 50
    seen = {(line.get_color(), line.get_linestyle()) for line in ax.get_lines()[:28]}
    assert len(seen) == min(shown, 28), "lines can be told apart"


@pytest.mark.parametrize("per_document", [False, True])
def test_short_trends(per_document: bool) -> None:
    ax = cp.trend(COUNTS, ["2024-05-17"] * 6, TERMS, per_document=per_document)
    assert names(ax.xaxis) == ["2024-05"]
    assert lines(ax)["the"] == [4 / 6 if per_document else 4]
    for counts, when in ((COUNTS[:0], []), (COUNTS, [None] * 6), (COUNTS, [np.nan] * 6)):
        ax = cp.trend(counts, when, TERMS, per_document=per_document)
        assert lines(ax) == {term: [] for term in TERMS}
        assert names(ax.xaxis) == []
        assert ("6 without a time left out" in ax.get_xlabel()) == (len(when) == 6)
    assert lines(cp.trend(COUNTS[:, :0], WHEN, [])) == {}


def test_a_million_times() -> None:
    counts = np.ones((1_000_000, 2), np.int32)
    when = pd.Series(pd.date_range("2020-01-01", periods=1_000_000, freq="min")).sample(frac=1, random_state=0)
    drawn = lines(cp.trend(counts, when, ["a", "b"], freq="D"))
    assert drawn["a"] == [1440.0] * 694
    assert drawn["_incomplete a"] == [1440.0, 640.0]


def test_the_axis_of_times_is_one_of_dates() -> None:
    ax = cp.trend(COUNTS, WHEN, TERMS)
    assert isinstance(ax.xaxis.get_major_locator(), dates.AutoDateLocator)
    assert "2024" in " ".join(names(ax.xaxis)) + ax.xaxis.get_offset_text().get_text()


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda: cp.trend(COUNTS, WHEN, TERMS[:3]), ValueError, "columns has 3 names"),
        (lambda: cp.trend(COUNTS, WHEN[:5], TERMS), ValueError, "when has 5 times; .* for each of 6 documents"),
        (lambda: cp.trend(COUNTS, None, TERMS), TypeError, "when is NoneType; expected a sequence"),
        (lambda: cp.trend(COUNTS, "2024", TERMS), TypeError, "when is str; expected a sequence"),
        (lambda: cp.trend(COUNTS, [2024] * 6, TERMS), TypeError, "when contains int64; .*format='%Y'"),
        (
            lambda: cp.trend(COUNTS, ["2024-01-01"] + ["soon"] * 5, TERMS),
            ValueError,
            "when contains an item that is not a time",
        ),
        (
            lambda: cp.trend(COUNTS, [pd.Timedelta(1)] * 6, TERMS),
            TypeError,
            "when contains an item that is not a time",
        ),
        (
            lambda: cp.trend(COUNTS, WHEN, TERMS, freq="soon"),
            ValueError,
            "freq is 'soon'; expected a pandas period, or an offset",
        ),
        (lambda: cp.trend(COUNTS, WHEN, TERMS, freq=7), TypeError, r"freq is int \(7\)"),
        (lambda: cp.trend(COUNTS, WHEN, TERMS, freq="s"), ValueError, "15,638,401 periods from 2024-01-01 00:00:00"),
        (
            lambda: cp.trend(COUNTS, WHEN, TERMS, freq="SME"),
            ValueError,
            "freq is 'SME'; expected a pandas period, or an offset",
        ),
        (lambda: cp.trend(COUNTS, WHEN, TERMS, freq="MS-JAN"), ValueError, "freq is 'MS-JAN'"),
        (lambda: cp.trend(COUNTS, WHEN, TERMS, freq="QS-XXX"), ValueError, "freq is 'QS-XXX'"),
        (lambda: cp.trend(COUNTS, WHEN, TERMS, freq="-1M"), ValueError, "freq is '-1M'"),
        (lambda: cp.trend(COUNTS, WHEN, TERMS, freq="0M"), ValueError, "freq is '0M'"),
        (lambda: cp.trend(COUNTS, WHEN, TERMS, unit=3), TypeError, r"unit is int \(3\); expected str"),
        (lambda: cp.trend(COUNTS, WHEN, TERMS, until="soon"), ValueError, "until is 'soon'; expected a time"),
        (lambda: cp.trend(COUNTS, WHEN, TERMS, until=pd.NaT), ValueError, "until is NaT; expected a time"),
        (lambda: cp.trend(COUNTS, WHEN, TERMS, until="2024-06-29"), ValueError, "before the latest time in when"),
        (lambda: cp.trend(pd.DataFrame(COUNTS, columns=TERMS)), TypeError, "when contains int64; expected times"),
        (lambda: cp.trend(COUNTS, WHEN), TypeError, "columns is NoneType"),
        (lambda: cp.trend(COUNTS, WHEN, TERMS, top=-1), ValueError, "top is -1"),
        (lambda: cp.trend(-COUNTS, WHEN, TERMS), ValueError, r"matrix\[\d, \d\] is -1"),
    ],
)
def test_invalid_input(draw, error, message: str) -> None:
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
    ax = cp.trend([[1], [2]], pd.to_datetime(["2023-01-01", last], format="ISO8601"), ["x"], freq=freq)
    assert names(ax.xaxis) == expected


@pytest.mark.parametrize("width", [1.5, 3, 5, 9])
def test_times_are_named_without_a_warning_in_any_room(width: float) -> None:
    for freq, many_periods in (("Y", 300), ("Q", 70), ("M", 40), ("W", 30), ("D", 90), ("h", 70), ("min", 170)):
        for n in (2, 9, many_periods // 3, many_periods):
            when = pd.period_range("1900-01-01", periods=n, freq=freq)
            ax = cp.trend(np.ones((n, 1)), when, ["x"], freq=freq, ax=plt.figure(figsize=(width, 3)).add_subplot())
            assert names(ax.xaxis)
        plt.close("all")


def test_times_without_columns() -> None:
    when = ["2024-01-01", "2024-02-01", "2024-04-01"]
    ax, expected = cp.trend(np.ones((3, 0)), when, []), cp.trend(np.ones((3, 1)), when, ["x"])
    assert (ax.get_xlim(), names(ax.xaxis)) == (expected.get_xlim(), ["2024", "Feb", "Mar", "Apr"])
    ax = cp.trend(np.ones((3, 0)), ["2024-01-01"] * 3, [])
    assert names(ax.xaxis) == ["2024-01"]
    assert np.mean(ax.get_xlim()) == dates.date2num(np.datetime64("2024-01-01"))


@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
@pytest.mark.parametrize("name", ["column", "a column of a far longer name"])
def test_the_legend_hides_nothing(layout: str | None, name: str) -> None:
    counts = np.random.default_rng(4).poisson(5, (600, 7))
    when = pd.date_range("2023-01-01", periods=600)
    figure = plt.figure(figsize=(8, 3), layout=layout)
    for i in (1, 2):
        cp.trend(counts, when, [f"{name} {i}" for i in range(7)], ax=figure.add_subplot(1, 2, i))
    figure.canvas.draw()
    place = [ax.get_legend().get_window_extent() for ax in figure.axes]
    left, right = (ax.get_window_extent() for ax in figure.axes)
    assert left.x1 <= place[0].x0 < place[0].x1 <= right.x0
    assert right.x1 <= place[1].x0 < place[1].x1 <= figure.bbox.x1
    assert min(left.width, right.width) > 75


def test_the_legend_of_axes_at_a_place_of_their_own_is_in_the_figure() -> None:
    figure = plt.figure()
    ax = cp.trend(COUNTS, WHEN, TERMS, ax=figure.add_axes((0.1, 0.1, 0.9, 0.8)))
    figure.canvas.draw()
    place = ax.get_legend().get_window_extent()
    assert ax.get_window_extent().x1 <= place.x0 < place.x1 <= figure.bbox.x1


# Totals by time


def by_time(when, per_words: float | None = None) -> cg.GroupedTotals:
    return cg.TermCounter(TERMS).totals(TEXTS, by=when, per_words=per_words)


#: Labels of totals: by day, or by month.
LABELS = {
    "text": WHEN,
    "dates": [day and date.fromisoformat(day) for day in WHEN],
    "datetime64": np.array(WHEN, "M8[D]"),
    "datetimes": pd.to_datetime(WHEN),
    "with a zone": pd.to_datetime(WHEN).tz_localize("Europe/Berlin"),
    "periods": pd.PeriodIndex(WHEN, freq="D"),
    "polars": pl.Series(WHEN).str.to_date(),
    "months": pd.PeriodIndex(WHEN, freq="M"),
    "months as text": [day and day[:7] for day in WHEN],
    "first days": np.array(WHEN, "M8[M]"),
}


@pytest.mark.parametrize("when", LABELS.values(), ids=LABELS)
@pytest.mark.parametrize("freq", ["ME", "Q", "YS", "2M"])
@pytest.mark.parametrize("per_document", [False, True])
def test_totals_by_time_are_drawn_like_their_documents(when, freq: str, per_document: bool) -> None:
    options = {"freq": freq, "per_document": per_document, "until": "2024-08-15"}
    ax, expected = cp.trend(by_time(when), **options), cp.trend(COUNTS, WHEN, TERMS, **options)
    assert "is incomplete" in ax.get_xlabel()
    np.testing.assert_equal(lines(ax), lines(expected))
    assert (starts(ax), legend(ax)) == (starts(expected), legend(expected))
    assert (ax.get_ylabel(), ax.get_xlabel()) == (expected.get_ylabel(), expected.get_xlabel())


def test_periods_of_totals_are_ordered_by_time() -> None:
    """Labels are sorted as text: "2024-10" before "2024-9"."""
    totals = cg.TermCounter(["a"]).totals(["a", "a a", "a a a"], by=["2024-9", "2024-11", "2024-10"])
    assert totals.groups == ["2024-10", "2024-11", "2024-9"]
    ax = cp.trend(totals)
    assert (starts(ax), lines(ax)) == (["2024-09-01", "2024-10-01", "2024-11-01"], {"a": [1, 3, 2]})


@pytest.mark.parametrize("freq", ["M", "Q", "Y"])
def test_rates_of_totals_are_those_of_the_drawn_periods(freq: str) -> None:
    ax = cp.trend(by_time(WHEN, per_words=100), freq=freq)
    of_periods = by_time(pd.PeriodIndex(WHEN, freq=freq), per_words=100)
    rates = dict(zip(map(str, of_periods.groups), of_periods.counts, strict=True))
    shown = pd.PeriodIndex(starts(ax), freq=freq).astype(str)
    for j, term in enumerate(TERMS):
        expected = [rates[period][j] if period in rates else np.nan for period in shown]
        np.testing.assert_array_equal(lines(ax)[term], expected)
    assert ax.get_ylabel() == "occurrences per 100 words"
    assert cp.trend(by_time(WHEN, per_words=1)).get_ylabel() == "occurrences per word"
    assert cp.trend(by_time(WHEN, per_words=1e6), unit="per million").get_ylabel() == "per million"


RATES = r"rates per 100 words, and 2 of them would be added up; pass counter.totals.*per_words=100\), .* combined$"


def test_rates_in_data_frames_are_not_added_up() -> None:
    """The sum of two monthly rates is not the rate of both months."""
    months = pd.PeriodIndex(WHEN, freq="M")
    expected = cp.trend(by_time(months, per_words=100))
    by_accessor = pd.Series(TEXTS).countgrid.totals(TERMS, by=months, per_words=100)
    for frame in (by_accessor, by_time(months, per_words=100).to_frame()):
        ax = cp.trend(frame)
        np.testing.assert_equal(lines(ax), lines(expected))  # a month without documents is a gap
        assert (starts(ax), ax.get_ylabel()) == (starts(expected), "occurrences per 100 words")
        np.testing.assert_equal(lines(cp.trend(frame["the"]))["the"], lines(expected)["the"])
        with pytest.raises(ValueError, match=RATES):
            cp.trend(frame, freq="Q")
    counts = pd.Series(TEXTS).countgrid.totals(TERMS, by=months)
    assert cp.trend(counts).get_xlabel() == "4 groups\n1 without a time left out"
    with pytest.raises(ValueError, match="totals of groups without these"):
        cp.trend(counts, per_document=True)
    assert lines(cp.trend(counts, freq="Q")) == lines(cp.trend(by_time(months), freq="Q"))


@pytest.mark.parametrize("options", [{}, {"missing": "zero"}, {"missing": "zero", "sparse": True}])
def test_rates_of_documents(options) -> None:
    rates = pd.Series(TEXTS).countgrid.count(TERMS, per_words=100, **options)
    with pytest.raises(ValueError, match=r"rates per 100 words, and [23] of them"):
        cp.trend(rates, WHEN)
    mean = cp.trend(rates, WHEN, per_document=True)
    assert mean.get_ylabel() == "occurrences per 100 words, mean of documents"
    assert lines(mean)["dog"][0] == pytest.approx(100 / 3 if "missing" not in options else 100 / 6)
    daily = cp.trend(rates, WHEN, freq="D")
    assert daily.get_ylabel() == "occurrences per 100 words"
    assert np.nanmax(lines(daily)["dog"]) == pytest.approx(100 / 3)


def test_the_incomplete_last_period_of_totals() -> None:
    days = pd.date_range("2023-01-01", "2024-06-12")
    totals = cg.TermCounter(["a"]).totals(["a"] * len(days), by=days)
    ax = cp.trend(totals, freq="ME")
    assert incomplete(ax)
    assert lines(ax)["_incomplete a"] == [31, 12]
    assert not incomplete(cp.trend(totals, freq="ME", until="2024-06-30"))
    by_month = cg.TermCounter(["a"]).totals(["a"] * len(days), by=days.strftime("%Y-%m"))
    assert not incomplete(cp.trend(by_month)), "labels do not say so"
    assert incomplete(cp.trend(by_month, until="2024-06-12"))


def test_when_replaces_the_groups() -> None:
    totals = cg.TermCounter(["a"]).totals(["a", "a a", "a"], by=[2024, 2022, None])
    with pytest.raises(TypeError, match=r"by contains \w+; expected times. pandas.to_datetime\(by, format='%Y'\)"):
        cp.trend(totals)
    ax = cp.trend(totals, pd.to_datetime(["2022", "2024", None]), freq="YE")
    assert lines(ax) == {"a": [2, 0, 1]}
    assert ax.get_xlabel() == "3 documents\n1 without a time left out"


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda: cp.trend(cg.TermCounter(TERMS).totals(TEXTS)), TypeError, "Totals, which have one row.*by=labels"),
        (
            lambda: cp.trend(by_time(WHEN, per_words=100), per_document=True),
            ValueError,
            "the totals are rates per 100 words",
        ),
        (lambda: cp.trend(by_time(LABELS["months"]), WHEN), ValueError, "6 times; expected one for each of 4 groups"),
        (lambda: cp.trend(by_time(WHEN), columns=TERMS[1:]), ValueError, "columns has 3 names"),
    ],
)
def test_invalid_totals(draw, error, message: str) -> None:
    with pytest.raises(error, match=message):
        draw()
    assert plt.get_fignums() == []
