"""Counts over time as lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

import matplotlib.dates
import numpy as np
from matplotlib.axis import Axis
from matplotlib.layout_engine import ConstrainedLayoutEngine, TightLayoutEngine

from countgrid._optional import require
from countgrid.plot._axes import (
    COLOURS,
    LARGEST,
    SMALLEST,
    Numbers,
    own_axes,
    plain,
    points,
    upper_limit,
    write_numbers,
)
from countgrid.plot._labels import Labels
from countgrid.plot._matrix import Counts, Matrix
from countgrid.plot._words import checked_top, left_out, missing_documents, of_columns, some

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

dates: Any = matplotlib.dates  # which has no types here

#: Lines beyond the colours are dashed.
DASHES = ["-", "--", ":", "-."]

#: The legend beside an Axes takes not more of its place; rather it is written smaller.
MOST_OF_WIDTH = 0.5

#: More periods than that are a mistake in ``freq`` or a wrong date.
MOST_PERIODS = 100_000

#: What the commonest periods are called.
PERIODS = {"Y": "year", "Q": "quarter", "M": "month", "W": "week", "D": "day", "h": "hour", "min": "minute"}


def trend(
    matrix: Matrix,
    columns: Sequence[str] | None,
    when: Any,
    *,
    freq: str = "M",
    per_document: bool = False,
    top: int | None = 7,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often the most frequent columns occur over time: a line for each, summed by day, month, year.

    Parameters
    ----------
    matrix : array, SciPy sparse array or matrix, or DataFrame, of shape (n_documents, n_columns)
        As for `heatmap`.
    columns : sequence of str, length n_columns
        The columns' names. None: those of the DataFrame.
    when : sequence of times, length n_documents
        The time of each document, in any order: a column of datetimes, dates or periods, or of text that
        ``pandas.to_datetime`` reads. Times of a zone belong to the period that it is there. Documents without a time
        are left out, and the x axis says how many are.
    freq : str, default "M"
        The period that counts are summed over, as pandas names it: "D", "W", "M", "Q", "Y", "h" and so on.
    per_document : bool, default False
        Divide by the documents of the period.
    top : int, optional, default 7
        How many columns are drawn at most, at least 1: those that occur most often. None draws all. The legend says
        of how many they are.
    ax : matplotlib Axes, optional
        Default: that of a new figure. The legend is beside it, in the place of ``ax``.

    Returns
    -------
    matplotlib Axes
        A point of a line stands at its period's start. From the first period to the last, all are there: one without
        documents has zero occurrences, and per document none at all, a gap in the line.

    Raises
    ------
    ImportError
        pandas is not installed.
    TypeError
        ``when`` holds numbers, or is no sequence; ``freq`` is no str; ``top`` no integer; and as for `heatmap`.
    ValueError
        ``when`` of another length than the matrix, or what cannot be read as a time; a ``freq`` that pandas does not
        know, a multiple of one (``"2W"``), or one that makes more than 100,000 periods; ``top < 1``; and as for
        `heatmap`.

    Examples
    --------
    >>> import countgrid as cg
    >>> import countgrid.plot
    >>> counter = cg.TermCounter(["the", "cat"])
    >>> counts = counter.count(["the cat", "the", "the cat"])
    >>> ax = countgrid.plot.trend(counts, counter.columns, ["2024-01-30", "2024-01-31", "2024-03-01"])
    >>> [line.get_ydata().tolist() for line in ax.get_lines()]
    [[2.0, 0.0, 1.0], [1.0, 0.0, 1.0]]
    """
    counts = Counts.of(matrix, columns)
    top = checked_top(top)
    periods, period_of = _periods(when, freq, counts.shape[0])
    has_time = period_of >= 0
    period_of = np.where(counts.missing, -1, period_of)

    n_columns = counts.shape[1]
    kept = np.where(period_of >= 0, 0, -1)
    drawn = np.argsort(-counts.summed(kept, 1, np.arange(n_columns), n_columns)[0], kind="stable")[:top]
    line_of = np.full(n_columns, -1)
    line_of[drawn] = np.arange(len(drawn))
    numbers = counts.summed(period_of, len(periods), line_of, len(drawn))
    if per_document:
        size = np.bincount(period_of[period_of >= 0], minlength=len(periods))
        numbers /= np.where(size == 0, np.nan, size)[:, None]

    labels = Labels([counts.names[i] for i in drawn])
    own = ax is None
    if ax is None:
        ax = own_axes(9.0, max(4.0, 1.2 + 0.2 * min(len(drawn), 40)))
    n_named = min(len(drawn), max(1, int(points(ax.yaxis) / (1.6 * LARGEST)) - 2))
    starts = periods.to_timestamp().to_numpy()
    lines = [
        ax.plot(
            starts,
            numbers[:, i],
            color=COLOURS[i % len(COLOURS)],
            linestyle=DASHES[i // len(COLOURS) % len(DASHES)],
            # A point between two gaps would not be seen.
            marker="o" if len(periods) <= 60 or per_document else "",
            markersize=3,
            linewidth=1.5,
            label=label,
        )[0]
        for i, label in enumerate(labels)
    ]
    legend = ax.legend(
        lines[:n_named],
        [""] * n_named,
        title=of_columns(len(drawn), n_columns) + (f"; {n_named} named" if n_named < len(drawn) else ""),
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        fontsize=LARGEST,
        title_fontsize=LARGEST,
        alignment="left",
    )
    for text, label in zip(legend.get_texts(), labels, strict=False):
        text.set_text(label)  # here, since a legend drops names that begin with "_"
        labels.dress(text)
    if not own:
        _make_room_for(legend)
    _write_dates(ax, periods)
    most = numbers.max(initial=0, where=~np.isnan(numbers))
    ax.set_ylim(0, upper_limit(ax.yaxis, 1.05 * most or 1))
    write_numbers(ax.yaxis, Numbers(whole=not per_document))
    unit = PERIODS.get(periods.freqstr.partition("-")[0], periods.freqstr)
    ax.set_ylabel("occurrences per document" if per_document else f"occurrences per {unit}")
    ax.set_xlabel(
        some(counts.shape[0], "document")
        + left_out(counts.shape[0] - has_time.sum(), "a time")
        + missing_documents(counts.missing & has_time)
    )
    plain(ax, grid=True)
    return ax


def _make_room_for(legend: Legend) -> None:
    """Have the Axes leave room for a legend beside it, as for a colour bar; layouts do so by themselves."""
    ax = legend.axes
    if _share_of(legend) > MOST_OF_WIDTH:
        for text in (legend.get_title(), *legend.get_texts()):
            text.set_fontsize(SMALLEST)
    if isinstance(ax.figure.get_layout_engine(), ConstrainedLayoutEngine | TightLayoutEngine):
        return
    beside = min(_share_of(legend), MOST_OF_WIDTH)
    place = ax.get_subplotspec()
    if place is not None:
        ax.set_subplotspec(place.subgridspec(1, 2, wspace=0, width_ratios=[1 - beside, beside])[0])
    else:
        left, bottom, width, height = ax.get_position().bounds
        ax.set_position((left, bottom, (1 - beside) * width, height))


def _share_of(legend: Legend) -> float:
    """How far it reaches beyond its Axes, in widths of that."""
    ax = legend.axes
    return float((legend.get_window_extent().x1 - ax.bbox.x1) / ax.bbox.width)


def _periods(when: Any, freq: str, n_documents: int) -> tuple[pd.PeriodIndex, np.ndarray]:
    """All periods from the first to the last, and each document's; -1 for one without a time."""
    pd = require("pandas", "trend", "pandas")
    if not isinstance(freq, str):
        raise TypeError(f"freq is {type(freq).__name__} ({freq!r}); expected str, such as 'D', 'W', 'M', 'Q' or 'Y'")
    if isinstance(when, str | bytes) or not hasattr(when, "__len__"):
        raise TypeError(f"when is {type(when).__name__}; expected a sequence with a time for each document")
    if len(when) != n_documents:
        raise ValueError(f"when has {len(when)} times; expected one for each of {n_documents} documents")
    # polars and pyarrow know how to keep a time zone.
    times = pd.Index(when.to_pandas() if hasattr(when, "to_pandas") else when)
    if isinstance(times, pd.PeriodIndex):
        times = times.to_timestamp()
    elif pd.api.types.is_numeric_dtype(times.dtype) and not times.isna().all():
        raise TypeError(
            f"when holds {times.dtype}; expected times. pandas.to_datetime(when, format='%Y') reads years, "
            "unit='s' seconds since 1970"
        )
    elif not isinstance(times, pd.DatetimeIndex):
        try:
            times = pd.DatetimeIndex(pd.to_datetime(times))
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"when holds what is no time: {error}") from error
    try:
        period = times.tz_localize(None).to_period(freq)
    except ValueError as error:
        raise ValueError(
            f"freq is {freq!r}; expected a period of pandas, such as 'D', 'W', 'M', 'Q' or 'Y'"
        ) from error
    if period.freq.n != 1:
        raise ValueError(f"freq is {freq!r}; expected a single period, not several")
    there = period.dropna()
    if there.empty:
        return period[:0], np.full(n_documents, -1)
    first, last = there.min(), there.max()
    if last.ordinal - first.ordinal >= MOST_PERIODS:
        raise ValueError(
            f"freq is {freq!r}: {last.ordinal - first.ordinal + 1:,} periods from {first} to {last}; expected at "
            f"most {MOST_PERIODS:,}"
        )
    periods = pd.period_range(first, last, freq=period.freq)
    return periods, periods.get_indexer(period)


class _Starts(matplotlib.dates.AutoDateLocator):
    """Ticks where periods start: at each, if there is room, else at round dates."""

    def __init__(self, freq: str) -> None:
        base: Any = super()  # which has no types
        base.__init__(minticks=3)
        self._period = freq
        # So that there is an interval for whatever range and room.
        self.intervald[dates.MONTHLY] = [3, 6, 12] if freq.startswith("Q") else [1, 2, 3, 4, 6, 12]
        for unit, whole in ((dates.HOURLY, 24), (dates.MINUTELY, 60), (dates.SECONDLY, 60)):
            self.intervald[unit].append(whole)

    def __call__(self) -> Any:
        import pandas as pd

        assert isinstance(self.axis, Axis)
        most = min(max(int(points(self.axis) / 50), 4), 10)
        self.maxticks = dict.fromkeys(self.maxticks, most)
        low, high = sorted(self.axis.get_view_interval())
        first, last = (pd.Period(dates.num2date(x, UTC).replace(tzinfo=None), self._period) for x in (low, high))
        if last.ordinal - first.ordinal > most:
            base: Any = super()
            return base.__call__()
        starts = dates.date2num(pd.period_range(first, last).to_timestamp().to_numpy())
        return starts[(starts >= low) & (starts <= high)]


def _write_dates(ax: Axes, periods: pd.PeriodIndex) -> None:
    starts = dates.date2num(periods.to_timestamp().to_numpy())
    # Without columns, there are no lines that would tell.
    ax.update_datalim([(start, 0) for start in starts[[0, -1]]] if len(starts) else [], updatey=False)
    ax.autoscale_view(scaley=False)
    ax.xaxis.set_tick_params(labelsize=LARGEST)
    if len(starts) > 1:
        locator = _Starts(periods.freqstr)
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
    else:  # an axis of times would show days around it
        ax.set_xticks(starts, list(map(str, periods)))
