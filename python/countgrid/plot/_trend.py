"""Counts over time as lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

import matplotlib.dates
import numpy as np
from matplotlib.axis import Axis
from matplotlib.layout_engine import ConstrainedLayoutEngine, TightLayoutEngine

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
from countgrid.plot._spans import Spans
from countgrid.plot._words import checked_top, left_out, missing_documents, of_all, some

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D

dates: Any = matplotlib.dates  # without types

#: If there are more lines than colours, the rest are dashed.
DASHES = ["-", "--", ":", "-."]

#: The largest share of the width that the legend takes. A wider legend gets a smaller font.
MOST_OF_WIDTH = 0.5


def trend(
    counts: Matrix,
    when: Any = None,
    columns: Sequence[str] | None = None,
    *,
    freq: str | None = None,
    per_document: bool = False,
    unit: str | None = None,
    until: Any = None,
    top: int | None = 7,
    ax: Axes | None = None,
) -> Axes:
    """Draw the most frequent columns over time, as lines of counts summed by day, month or year.

    Parameters
    ----------
    counts : array, SciPy sparse array or matrix, DataFrame, Series or GroupedTotals
        As for `heatmap`. A Series has the counts of one column. Totals by a time, such as a day, can be summed over
        longer periods.
    when : sequence of times, length n_documents, optional
        The time of each document, in any order: a column of datetimes, dates or periods, or of text for
        ``pandas.to_datetime``. Times with a time zone count in their local period. Documents without a time are left
        out; the x axis says how many. Default: the groups of `GroupedTotals`, or the index of a pandas DataFrame or
        Series.
    columns : sequence of str, length n_columns, optional
        The columns' names, such as `countgrid.TermCounter.columns`. Default: the DataFrame's column names, or the
        Series' name.
    freq : str, optional
        The period to sum counts over, as named by pandas: "D", "W", "M", "Q", "Y", "h", multiples of these ("2W",
        "15min"), or an offset that corresponds to a period ("ME", "MS", "QS-OCT", "YE"). Default: the period in
        ``when`` if it has periods, else months.
    per_document : bool, default False
        Divide by the number of documents in the period. For rates, such as counts per 1,000 words, this gives the
        mean. `GroupedTotals` with ``per_words`` are drawn as the rates of the periods instead. Rates in a DataFrame
        of ``Series.countgrid`` are never added up: they are drawn unchanged if each has its own period.
    unit : str, optional
        The label of the y axis. Default: occurrences per month (or another period), per document or per words.
    until : time, optional
        When the documents end. Default: estimated from ``when``. See Notes.
    top : int, optional, default 7
        The most columns to draw, at least 1: those that occur most often. None draws all. The legend says how many
        columns there are.
    ax : matplotlib Axes, optional
        Default: the Axes of a new figure. The legend takes part of the place of ``ax``, to its right.

    Returns
    -------
    matplotlib Axes
        Each point is drawn at the start of its period. All periods from the first to the last are shown. A period
        without documents has zero occurrences; with ``per_document``, or for rates of `GroupedTotals`, it is a gap in
        the line.

    Raises
    ------
    ImportError
        pandas is not installed.
    TypeError
        ``when`` contains numbers, or is not a sequence; ``freq`` or ``unit`` is not a str; ``top`` is not an integer.
        See also `heatmap`.
    ValueError
        ``when`` and the counts differ in length; text cannot be read as a time; pandas does not know ``freq``, or it
        does not correspond to a period, is shorter than the periods in ``when`` or gives more than 100,000 periods;
        ``until`` is before the latest time; ``top < 1``; ``per_document`` with `GroupedTotals` that are rates;
        without ``per_document``, a DataFrame of rates with several in a period; with it, a DataFrame of totals by
        group. See also `heatmap`.

    Notes
    -----
    If the documents end before the last period does, its sums are too small, and the line seems to fall. Then the
    last point is hollow, the line to it is dotted, and the x axis says when the documents end. The dotted lines are
    separate lines. Their labels begin with an underscore.

    ``until`` says when the documents end; a date includes the whole day. Without it, the last period is incomplete if
    it ends earlier than nine of ten other periods, and the gap at its end is longer than every earlier gap or three
    times the mean gap between documents.

    Examples
    --------
    >>> import countgrid as cg
    >>> import countgrid.plot
    >>> counter = cg.TermCounter(["the", "cat"])
    >>> counts = counter.count(["the cat", "the", "the cat"])
    >>> ax = countgrid.plot.trend(counts, ["2024-01-30", "2024-01-31", "2024-03-31"], counter.columns, freq="ME")
    >>> [line.get_ydata().tolist() for line in ax.get_lines()]
    [[2.0, 0.0, 1.0], [1.0, 0.0, 1.0]]

    Totals by day, drawn by month:

    >>> days = ["2024-01-30", "2024-01-31", "2024-03-31"]
    >>> by_day = counter.totals(["the cat", "the", "the cat"], by=days)
    >>> ax = countgrid.plot.trend(by_day, freq="ME", per_document=True)
    >>> [line.get_ydata().tolist() for line in ax.get_lines()]
    [[1.0, nan, 1.0], [0.5, nan, 1.0]]
    """
    if hasattr(counts, "to_frame") and not hasattr(counts, "columns"):  # a Series
        name = getattr(counts, "name", None)
        counts = counts.to_frame("count" if name in (None, "") else name)
    if when is None and hasattr(counts, "index") and hasattr(counts, "columns"):
        when = counts.index
    matrix = Counts.of(counts, columns, per_document=per_document)
    source = "when"
    if when is None:
        when, source = matrix.groups, "by"
    top = checked_top(top)
    if unit is not None and not isinstance(unit, str):
        raise TypeError(f"unit is {type(unit).__name__} ({unit!r}); expected str, such as 'per 1,000 words'")
    spans = Spans.of(when, freq, matrix.shape[0], until, what=matrix.row, name=source)
    has_time = spans.of_document >= 0
    span_of = np.where(matrix.missing, -1, spans.of_document)
    matrix.check_sums(span_of, per_document)

    n_columns = matrix.shape[1]
    kept = np.where(span_of >= 0, 0, -1)
    drawn = np.argsort(-matrix.summed(kept, 1, np.arange(n_columns), n_columns)[0], kind="stable")[:top]
    line_of = np.full(n_columns, -1)
    line_of[drawn] = np.arange(len(drawn))
    numbers = matrix.summed(span_of, len(spans), line_of, len(drawn))
    per = matrix.unit(per_document)
    whole = bool((numbers == np.floor(numbers)).all()) and per is None
    if per is not None:
        numbers = matrix.divided(numbers, span_of)

    labels = Labels([matrix.names[i] for i in drawn])
    own = ax is None
    if ax is None:
        ax = own_axes(9.0, max(4.0, 1.2 + 0.2 * min(len(drawn), 40)))
    n_named = min(len(drawn), max(1, int(points(ax.yaxis) / (1.6 * LARGEST)) - 2))
    lines = [_draw_line(ax, spans, numbers[:, i], i, label, per is not None) for i, label in enumerate(labels)]
    legend = ax.legend(
        lines[:n_named],
        [""] * n_named,
        title=_title(len(drawn), n_columns, n_named),
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        fontsize=LARGEST,
        title_fontsize=LARGEST,
        alignment="left",
    )
    for text, label in zip(legend.get_texts(), labels, strict=False):
        text.set_text(label)  # afterwards, since a legend drops names that begin with "_"
        labels.dress(text)
    if not own:
        _make_room_for(legend)
    _write_dates(ax, spans)
    most = numbers.max(initial=0, where=~np.isnan(numbers))
    ax.set_ylim(0, upper_limit(ax.yaxis, 1.05 * most or 1))
    write_numbers(ax.yaxis, Numbers(whole=whole))
    ax.set_ylabel(f"occurrences per {per or spans.unit}" if unit is None else unit)
    ax.set_xlabel(
        some(matrix.documents(), matrix.what)
        + left_out(matrix.documents(~has_time), "a time")
        + missing_documents(matrix.missing & has_time)
        + (f"\ndocuments end at {spans.end}: the last point is incomplete" if spans.end else "")
    )
    plain(ax, grid=True)
    return ax


def _draw_line(ax: Axes, spans: Spans, numbers: np.ndarray, i: int, label: str, gaps: bool) -> Line2D:
    style: dict[str, Any] = {"color": COLOURS[i % len(COLOURS)], "linewidth": 1.5, "markersize": 3}
    dashes = DASHES[i // len(COLOURS) % len(DASHES)]
    # Without a marker, a point between two gaps would be invisible.
    marker = "o" if len(spans) <= 60 or gaps else ""
    n = len(spans) - bool(spans.end)
    (line,) = ax.plot(spans.starts[:n], numbers[:n], linestyle=dashes, marker=marker, label=label, **style)
    if spans.end:
        last = slice(max(n - 1, 0), n + 1)
        style |= {"linestyle": (0, (1, 1.5)), "marker": "o", "markersize": 4, "markerfacecolor": "white"}
        ax.plot(spans.starts[last], numbers[last], markevery=[-1], label=f"_incomplete {label}", zorder=3, **style)
    return line


def _title(n: int, of: int, n_named: int) -> str | None:
    """The legend's title: how many columns there are, if some are not drawn or named."""
    parts = [of_all(n, of, "column")] if n < of or n_named < n else []
    return "; ".join([*parts, f"{n_named} named"] if n_named < n else parts) or None


def _make_room_for(legend: Legend) -> None:
    """Make the Axes narrower so that the legend fits next to it. Layout engines do so themselves."""
    ax = legend.axes
    if _share_of(legend) > MOST_OF_WIDTH:
        for text in (legend.get_title(), *legend.get_texts()):
            text.set_fontsize(SMALLEST)
    if isinstance(ax.figure.get_layout_engine(), ConstrainedLayoutEngine | TightLayoutEngine):
        return
    share = min(_share_of(legend), MOST_OF_WIDTH)
    place = ax.get_subplotspec()
    if place is not None:
        ax.set_subplotspec(place.subgridspec(1, 2, wspace=0, width_ratios=[1 - share, share])[0])
    else:
        left, bottom, width, height = ax.get_position().bounds
        ax.set_position((left, bottom, (1 - share) * width, height))


def _share_of(legend: Legend) -> float:
    """How far a legend extends beyond its Axes, as a share of their width."""
    ax = legend.axes
    return float((legend.get_window_extent().x1 - ax.bbox.x1) / ax.bbox.width)


class _Starts(matplotlib.dates.AutoDateLocator):
    """Ticks at the starts of periods if there is room, else at round dates."""

    def __init__(self, spans: Spans) -> None:
        base: Any = super()  # without types
        base.__init__(minticks=3)
        self._spans = spans
        # So that there is an interval for every range and room.
        self.intervald[dates.MONTHLY] = [3, 6, 12] if spans.freq.startswith("Q") else [1, 2, 3, 4, 6, 12]
        for unit, whole in ((dates.HOURLY, 24), (dates.MINUTELY, 60), (dates.SECONDLY, 60)):
            self.intervald[unit].append(whole)

    def __call__(self) -> Any:
        assert isinstance(self.axis, Axis)
        most = min(max(int(points(self.axis) / 50), 4), 10)
        self.maxticks = dict.fromkeys(self.maxticks, most)
        low, high = sorted(self.axis.get_view_interval())
        first, last = (dates.num2date(x, UTC) for x in (low, high))
        starts = dates.date2num(self._spans.starts_between(first, last, most + 1))
        if len(starts) > most:
            base: Any = super()
            return base.__call__()
        return starts[(starts >= low) & (starts <= high)]


def _write_dates(ax: Axes, spans: Spans) -> None:
    starts = dates.date2num(spans.starts)
    # Without columns, there are no lines to set the limits.
    ax.update_datalim([(start, 0) for start in starts[[0, -1]]] if len(starts) else [], updatey=False)
    ax.autoscale_view(scaley=False)
    ax.xaxis.set_tick_params(labelsize=LARGEST)
    if len(starts) > 1:
        locator = _Starts(spans)
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
    else:  # a time axis would show days around a single point
        ax.set_xticks(starts, list(map(str, spans.periods)))
