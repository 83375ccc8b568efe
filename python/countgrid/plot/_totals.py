"""Totals as bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.axis import Axis

from countgrid.plot._axes import (
    COLOURS,
    LARGEST,
    SMALLEST,
    Numbers,
    Places,
    check_names,
    number,
    own_axes,
    plain,
    points,
    sharing,
    upper_limit,
    write_names,
    write_numbers,
)
from countgrid.plot._labels import Labels
from countgrid.plot._matrix import check_counts, column_counts
from countgrid.plot._words import checked_top, of_all

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from countgrid._totals import Totals


def totals(
    totals: Totals | pd.DataFrame,
    *,
    top: int | None = 20,
    by: Literal["count", "documents"] = "count",
    ax: Axes | None = None,
) -> Axes:
    """Draw the most frequent columns as bars, the most frequent on top.

    The x label says how many columns are drawn.

    Parameters
    ----------
    totals : Totals or DataFrame
        The result of `countgrid.TermCounter.totals` or `countgrid.frequencies`, or of ``totals`` or ``frequencies``
        in pandas or polars: a DataFrame with ``count`` and ``documents``, and the columns' names in ``column`` or
        ``term``, or as its index.
    top : int, optional, default 20
        The most columns to draw, at least 1. None draws all. Equal counts keep the order of the columns.
    by : {"count", "documents"}, default "count"
        Draw occurrences in all documents, or the number of documents that contain the column's terms.
    ax : matplotlib Axes, optional
        Default: the Axes of a new figure. Its height depends on the number of bars. Axes that share an x axis have
        the same scale.

    Returns
    -------
    matplotlib Axes
        The bars are at 0, 1, 2, ... on the y axis. Each bar has a number. If numbers would touch, there is an x axis
        instead.

    Raises
    ------
    TypeError
        ``totals`` has another type or does not contain numbers; ``top`` is not an integer.
    ValueError
        ``top < 1``; an unknown ``by``; a number that is missing, negative or infinite; a wrong number of names; an
        ``ax`` that shares its y axis with a plot of different names.

    Examples
    --------
    >>> import countgrid as cg
    >>> import countgrid.plot
    >>> counted = cg.TermCounter(["a", "b", "c"]).totals(["a b", "a", "a c c"])
    >>> ax = countgrid.plot.totals(counted, top=2)
    >>> [label.get_text() for label in ax.get_yticklabels()], [int(bar.get_width()) for bar in ax.patches]
    (['a', 'c'], [3, 2])
    >>> ax.get_xlabel()
    'occurrences (2 of 3 columns)'
    """
    top = checked_top(top)
    if by not in ("count", "documents"):
        raise ValueError(f"by is {by!r}; expected 'count' or 'documents'")
    names, counts = _names_and_counts(totals, by)
    drawn = np.argsort(-counts.astype(np.float64), kind="stable")[:top]  # unsigned ones have no negative
    n = len(drawn)
    labels = Labels([names[i] for i in drawn])
    if ax is not None:
        check_names(ax.yaxis, None)
    else:
        ax = own_axes(7.5, 0.9 + 0.24 * min(max(n, 1), 60))
    numbers = list(map(number, counts[drawn])) if points(ax.yaxis) >= SMALLEST * n else []
    bars = ax.barh(np.arange(n), counts[drawn], height=0.76 if numbers else 1.0, color=COLOURS[0])
    texts = ax.bar_label(bars, numbers, padding=4) if numbers else []
    needed = 0.75 * LARGEST * max(map(len, numbers), default=0) + 8
    longest = max(counts[drawn].max(initial=0), 1)
    ax.set_xlim(0, upper_limit(ax.xaxis, longest / (1 - min(needed / points(ax.xaxis), 0.5))))
    ax.set_ylim(max(n, 1) - 0.5, -0.5)
    write_names(ax.yaxis, labels, texts)
    write_numbers(ax.xaxis, _Scale())
    what = "occurrences" if by == "count" else "documents"
    ax.set_xlabel(f"{what} ({of_all(n, len(names), _kind(totals))})", loc="left")
    plain(ax)
    return ax


class _Scale(Numbers):
    """Ticks, unless all bars of the plots that share the axis have numbers."""

    def __call__(self) -> Sequence[float]:
        assert isinstance(self.axis, Axis)
        all_bars = [axis.axes.yaxis.get_major_locator() for axis in (self.axis, *sharing(self.axis))]
        are_numbered = all(isinstance(bars, Places) and bars.are_numbered for bars in all_bars)
        return [] if are_numbered else super().__call__()


def _names_and_counts(totals: Any, by: str) -> tuple[list[object], np.ndarray]:
    if hasattr(totals, "counts") and hasattr(totals, "documents"):
        names, counts = totals.columns, np.asarray(totals.counts if by == "count" else totals.documents)
    elif (names := _names(totals)) is not None and by in totals.columns:
        counts = column_counts(totals, by)
    else:
        raise TypeError(
            f"totals is {type(totals).__name__}; expected the Totals of TermCounter.totals, or a DataFrame with a "
            f"column {by!r} and the columns' names, such as the result of Series.countgrid.totals"
        )
    if len(names) != len(counts):
        raise ValueError(f"totals has {len(names)} names; expected one for each of {len(counts)} columns")
    if counts.dtype.kind not in "biuf":
        raise TypeError(f"totals contains {counts.dtype}; expected numbers")
    check_counts(counts, lambda at: f"the {by} of {names[at[0]]!r} in totals")
    return list(names), 1 * counts  # bools are counts, too


def _names(frame: Any) -> Any:
    """The names of columns, or the terms, in a DataFrame of totals. polars has no index."""
    if not hasattr(frame, "columns"):
        return None
    for name in ("column", "term"):
        if name in frame.columns:
            return frame[name]
    return getattr(frame, "index", None)


def _kind(totals: Any) -> str:
    """What a row of totals is: a column, or a term that `frequencies` found."""
    if hasattr(totals, "counts"):
        are_terms = getattr(totals, "_are_terms", False)
    else:
        are_terms = "term" in totals.columns or getattr(getattr(totals, "index", None), "name", None) == "term"
    return "term" if are_terms else "column"
