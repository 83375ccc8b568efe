"""Pictures of counts, on matplotlib: totals as bars, a count matrix as a heatmap, counts over time as lines.

Each function draws into ``ax``, or into a figure of its own that has the size its content needs, and returns the
Axes, with which the rest (titles, colours, files) is done as usual. A figure of its own is one of pyplot, so that it
is shown where others are; with ``ax`` pyplot is not asked for.

Names are drawn as they are, in whatever script, in fonts that are installed (`_labels`). Where there are more than
there is room for, only some are drawn: of a picture that is zoomed or made larger, more.

>>> import countgrid as cg
>>> import countgrid.plot
>>> ax = countgrid.plot.totals(cg.TermCounter(["the", "cat"]).totals(["the cat", "the"]))
>>> [int(bar.get_width()) for bar in ax.patches]
[2, 1]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import matplotlib.dates
import numpy as np
from matplotlib import colormaps
from matplotlib.axis import Axis, XAxis
from matplotlib.colors import Colormap, Normalize, SymLogNorm
from matplotlib.ticker import FixedLocator, Formatter, FuncFormatter, Locator, LogLocator, MaxNLocator

from countgrid import _labels
from countgrid._labels import Labels
from countgrid._optional import require

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from countgrid._totals import Totals

__all__ = ["heatmap", "totals", "trend"]

#: Told apart by all, colour-blind or not (after Okabe and Ito); lines beyond these are dashed.
COLOURS = ["#2f6f9f", "#d9622b", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222"]
DASHES = ["-", "--", ":", "-."]
ZERO = "#eeeeee"

#: A heatmap draws each row and each column if there are not more; what is more is drawn in bands. In a figure
#: of its own a band is at least a dot of the screen, so that no number is dropped.
MOST_ROWS = 200
MOST_COLUMNS = 500

#: More periods than that are a mistake in ``freq`` or a wrong date.
MOST_PERIODS = 100_000

#: What the commonest periods are called.
PERIODS = {"Y": "year", "Q": "quarter", "M": "month", "W": "week", "D": "day", "h": "hour", "min": "minute"}

#: Points. Names are drawn smaller where they are many, down to what can just be read.
LARGEST, SMALLEST = 9.0, 6.0

Matrix: TypeAlias = Any  # an array, a sparse matrix or array, or a DataFrame: libraries that need not be installed


def totals(
    totals: Totals | pd.DataFrame,
    *,
    top: int | None = 20,
    by: Literal["count", "documents"] = "count",
    ax: Axes | None = None,
) -> Axes:
    """Draw the most frequent columns as bars, the most frequent on top.

    Below the bars stands how many of how many columns they are.

    Parameters
    ----------
    totals : Totals or DataFrame
        What `countgrid.TermCounter.totals` gives, or the pandas accessor: a DataFrame with ``count`` and
        ``documents``, and the columns' names as its index.
    top : int, optional, default 20
        How many columns are drawn at most, at least 1. None draws all. Of equal ones the first come first.
    by : {"count", "documents"}, default "count"
        Occurrences in all documents, or documents that hold the column's terms.
    ax : matplotlib Axes, optional
        Default: that of a new figure, the higher the more bars there are.

    Returns
    -------
    matplotlib Axes
        Its y axis counts the bars from 0. There is a number at each bar, or, where they would touch, an x axis.

    Raises
    ------
    TypeError
        ``totals`` is neither; ``top`` is no integer.
    ValueError
        ``top < 1``; an unknown ``by``; totals without a name for each.

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
    top = _top(top)
    if by not in ("count", "documents"):
        raise ValueError(f"by is {by!r}; expected 'count' or 'documents'")
    names, counts = _totals(totals, by)
    drawn = np.argsort(-counts, kind="stable")[:top]
    n = len(drawn)
    labels = Labels([names[i] for i in drawn])
    if ax is None:
        ax = _own_axes(7.5, 0.9 + 0.24 * min(max(n, 1), 60))
    room = _points(ax.yaxis) / max(n, 1)
    size = _size(room)
    numbers = [f"{count:,}" for count in counts[drawn]] if room >= SMALLEST else []
    bars = ax.barh(np.arange(n), counts[drawn], height=0.76 if numbers else 1.0, color=COLOURS[0])
    if numbers:
        ax.bar_label(bars, numbers, padding=4, fontsize=size)
        ax.xaxis.set_major_locator(FixedLocator([]))
    else:
        _write_numbers(ax.xaxis)
    needed = 0.75 * size * max(map(len, numbers), default=0) + 8
    ax.set_xlim(0, max(counts[drawn].max(initial=0), 1) / (1 - min(needed / _points(ax.xaxis), 0.5)))
    ax.set_ylim(max(n, 1) - 0.5, -0.5)
    _write_names(ax.yaxis, labels, size)
    what = "occurrences" if by == "count" else "documents"
    ax.set_xlabel(f"{what} ({_of_columns(n, len(names))})", loc="left")
    _plain(ax)
    return ax


def heatmap(
    matrix: Matrix,
    columns: Sequence[str] | None = None,
    *,
    rows: Sequence[object] | None = None,
    per_document: bool = False,
    log: bool = False,
    cmap: str | Colormap = "viridis_r",
    ax: Axes | None = None,
) -> Axes:
    """Draw documents, or groups of documents, by columns: the darker, the more.

    Nothing is grey; all other colours are more than nothing, also where the number is small.

    Parameters
    ----------
    matrix : array, SciPy sparse array or matrix, or DataFrame, of shape (n_documents, n_columns)
        What `countgrid.count` or an adapter gives. A sparse one is never made dense. A row of a DataFrame in which a
        count is missing is a missing document: it counts nowhere, and its row stays white.
    columns : sequence of str, length n_columns
        The columns' names, such as `countgrid.TermCounter.columns`. Default: those of the DataFrame.
    rows : sequence, length n_documents, optional
        A label for each document, of any hashable type. Documents with equal labels are a group: one row, in which
        their counts are summed. Groups come in the order in which their labels appear first. A document whose label
        is missing is left out, and the y axis says how many are. Default: each document is a row, numbered from 0.
    per_document : bool, default False
        Divide each group's counts by its documents, so that groups of other sizes can be compared. Needs ``rows``.
    log : bool, default False
        A logarithmic scale of colours.
    cmap : str or matplotlib Colormap, default "viridis_r"
        The scale's colours.
    ax : matplotlib Axes, optional
        Default: that of a new figure, the larger the more rows and columns there are.

    Returns
    -------
    matplotlib Axes
        Its one image (``ax.images[0].get_array()``) holds the numbers; the colour bar says what they are. More than
        200 rows are drawn as 200 bands of neighbours, more than 500 columns as 500, and a band shows the mean of its
        rows or columns; axes and colour bar say so. Without rows or without columns there is no image.

    Raises
    ------
    TypeError
        A matrix or columns of another kind.
    KeyError
        A ``cmap`` that matplotlib does not know.
    ValueError
        A matrix without two dimensions or with negative numbers; ``columns`` or ``rows`` of another length;
        ``per_document`` without ``rows``.

    Examples
    --------
    >>> import countgrid as cg
    >>> import countgrid.plot
    >>> counter = cg.TermCounter(["the", "cat"])
    >>> counts = counter.count(["the cat", "cat cat", "the"])
    >>> ax = countgrid.plot.heatmap(counts, counter.columns, rows=["2023", "2024", "2023"])
    >>> ax.images[0].get_array().tolist()
    [[2.0, 1.0], [0.0, 2.0]]
    """
    counts = _Counts.of(matrix, columns)
    if per_document and rows is None:
        raise ValueError("per_document=True divides by the documents of a group; it needs rows=")
    colours = colormaps[cmap] if isinstance(cmap, str) else cmap
    n_documents, n_columns = counts.shape
    names, row_of = (None, np.arange(n_documents)) if rows is None else _groups(rows, n_documents)
    row_labels = None if names is None else Labels(names)
    labels = Labels(counts.names)
    n_rows = n_documents if names is None else len(names)

    band_of_row, n_bands = _bands(n_rows, MOST_ROWS)
    band_of_column, n_column_bands = _bands(n_columns, MOST_COLUMNS)
    has_row = row_of >= 0
    kept = has_row & ~counts.missing
    band_of = np.full(n_documents, -1)
    band_of[kept] = band_of_row[row_of[kept]]
    numbers = counts.summed(band_of, n_bands, band_of_column, n_column_bands)
    within = row_of[kept] if per_document else np.unique(row_of[kept])
    size = np.bincount(band_of_row[within], minlength=n_bands)
    numbers /= np.where(size == 0, np.nan, size)[:, None] * np.bincount(band_of_column, minlength=n_column_bands)

    if ax is None:
        beside = 0.0 if row_labels is None else _inches(row_labels)
        ax = _own_axes(
            min(max(beside + 0.24 * n_column_bands, 4.0), 12.0) + 1.8,
            min(max(0.24 * n_bands, 2.2), 7.0) + _inches(labels) + 0.6,
        )
    banded = [
        what for what, n, shown in [("rows", n_rows, n_bands), ("columns", n_columns, n_column_bands)] if n > shown
    ]
    unit = "occurrences"
    if per_document or (names is None and "rows" in banded):
        unit += " per document"
    if banded:
        unit += f", mean of bands of {' and '.join(banded)}"
    if numbers.size:
        _draw_image(ax, numbers, (n_rows, n_columns), colours, log, unit)
    ax.set(xlim=(-0.5, max(n_columns, 1) - 0.5), ylim=(max(n_rows, 1) - 0.5, -0.5))
    _write_names(ax.xaxis, labels, _size(_points(ax.xaxis) / max(n_columns, 1)))
    if n_rows == 0:
        ax.yaxis.set_major_locator(FixedLocator([]))
    elif row_labels is None:
        _write_numbers(ax.yaxis)
    else:
        _write_names(ax.yaxis, row_labels, _size(_points(ax.yaxis) / max(n_rows, 1)))
    ax.set_xlabel(_some(n_columns, "column") + _in_bands(n_columns, n_column_bands))
    said = _some(n_documents, "document")
    if n_rows < has_row.sum():
        said += " in " + _some(n_rows, "group")
    said += _in_bands(n_rows, n_bands)
    ax.set_ylabel(said + _left_out(n_documents - has_row.sum(), "a label") + _missing(counts.missing))
    _plain(ax)
    return ax


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
        Default: that of a new figure, with the legend beside it.

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
    counts = _Counts.of(matrix, columns)
    top = _top(top)
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
        ax = _own_axes(9.0, max(4.0, 1.2 + 0.2 * min(len(drawn), 40)))
    n_named = min(len(drawn), max(1, int(_points(ax.yaxis) / (1.6 * LARGEST)) - 2))
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
        title=_of_columns(len(drawn), n_columns) + (f"; {n_named} named" if n_named < len(drawn) else ""),
        loc="upper left" if own else "best",
        bbox_to_anchor=(1.0, 1.0) if own else None,
        frameon=not own,
        fontsize=LARGEST,
        title_fontsize=LARGEST,
        alignment="left",
    )
    for text, label in zip(legend.get_texts(), labels, strict=False):
        text.set_text(label)  # here, since a legend drops names that begin with "_"
        labels.dress(text)
    _write_dates(ax, periods)
    ax.set_ylim(0, None if numbers.max(initial=0, where=~np.isnan(numbers)) > 0 else 1)
    _write_numbers(ax.yaxis, whole=not per_document)
    unit = PERIODS.get(periods.freqstr.partition("-")[0], periods.freqstr)
    ax.set_ylabel("occurrences per document" if per_document else f"occurrences per {unit}")
    ax.set_xlabel(
        _some(counts.shape[0], "document")
        + _left_out(counts.shape[0] - has_time.sum(), "a time")
        + _missing(counts.missing & has_time)
    )
    _plain(ax, grid=True)
    return ax


@dataclass(frozen=True)
class _Counts:
    """A count matrix, of whatever kind, and its columns' names."""

    cells: Any  # an array with two dimensions, or a csr_array
    names: list[str]
    missing: np.ndarray  # which documents are

    @classmethod
    def of(cls, matrix: Matrix, columns: Sequence[str] | None) -> _Counts:
        if hasattr(matrix, "columns"):
            columns = list(matrix.columns) if columns is None else columns
            matrix = _frame_cells(matrix)
        is_sparse = hasattr(matrix, "tocsr")
        cells: Any = matrix if is_sparse else np.asarray(matrix)
        if len(cells.shape) != 2:
            raise ValueError(f"matrix has shape {cells.shape}; expected two dimensions, documents by columns")
        cells = cells.tocsr() if is_sparse else cells
        if cells.dtype.kind not in "biuf":
            raise TypeError(f"matrix holds {cells.dtype}; expected numbers")
        if columns is None or isinstance(columns, str | bytes) or not hasattr(columns, "__len__"):
            raise TypeError(f"columns is {type(columns).__name__} ({columns!r}); expected a sequence of str")
        n_columns = cells.shape[1]
        if len(columns) != n_columns:
            raise ValueError(
                f"columns has {len(columns)} names; expected one for each of the matrix's {n_columns} columns"
            )
        # What is left of integers of which some are missing.
        may_miss = cells.dtype.kind == "f" and not is_sparse
        missing = np.isnan(cells.sum(axis=1)) if may_miss else np.zeros(cells.shape[0], bool)
        return cls(cells, [str(name) for name in columns], missing)

    @property
    def shape(self) -> tuple[int, int]:
        n_documents, n_columns = self.cells.shape
        return n_documents, n_columns

    def summed(self, row_of: np.ndarray, n_rows: int, column_of: np.ndarray, n_columns: int) -> np.ndarray:
        """Sum the cells into fewer: document ``i`` into row ``row_of[i]``, its column ``j`` into ``column_of[j]``.

        Those that go to -1 are left out. Works on about a million cells at a time.
        """
        total = np.zeros((n_rows, n_columns))
        step = max(1, 2**20 * self.shape[0] // max(self.cells.size, 1))
        for start in range(0, self.shape[0] if total.size else 0, step):
            stop = min(start + step, self.shape[0])
            add = _add_dense if isinstance(self.cells, np.ndarray) else _add_sparse
            add(total, self.cells, np.arange(start, stop), row_of, column_of)
        return total


def _add_dense(
    total: np.ndarray, cells: np.ndarray, documents: np.ndarray, row_of: np.ndarray, column_of: np.ndarray
) -> None:
    """Add the cells of some documents, which are summed by rows first, where a column's cells lie far apart."""
    documents = documents[row_of[documents] >= 0]
    documents = documents[np.argsort(row_of[documents], kind="stable")]
    columns = np.flatnonzero(column_of >= 0)
    part = cells[documents] if len(columns) == cells.shape[1] else cells[documents[:, None], columns]
    _check_not_negative(part, lambda at: (documents[at[0]], columns[at[1]]))
    rows = row_of[documents]
    firsts = np.flatnonzero(np.diff(rows, prepend=-1))
    if part.size:
        sums = np.add.reduceat(part, firsts, axis=0, dtype=np.float64)
        np.add.at(total, (rows[firsts][:, None], column_of[columns]), sums)


def _add_sparse(
    total: np.ndarray, cells: Any, documents: np.ndarray, row_of: np.ndarray, column_of: np.ndarray
) -> None:
    """Add the cells of some neighbouring documents that are not zero."""
    ends = cells.indptr[documents[0] : documents[-1] + 2]
    documents = np.repeat(documents, np.diff(ends))
    columns, numbers = cells.indices[ends[0] : ends[-1]], cells.data[ends[0] : ends[-1]]
    rows, into = row_of[documents], column_of[columns]
    kept = (rows >= 0) & (into >= 0)
    _check_not_negative(numbers[kept], lambda at: (documents[kept][at[0]], columns[kept][at[0]]))
    flat = rows[kept] * total.shape[1] + into[kept]
    total += np.bincount(flat, numbers[kept], minlength=total.size).reshape(total.shape)


def _check_not_negative(numbers: np.ndarray, place: Callable[[np.ndarray], tuple[int, int]]) -> None:
    right = numbers >= 0
    if not right.all():
        at = np.argwhere(~right)[0]
        document, column = place(at)
        raise ValueError(f"matrix[{document}, {column}] is {numbers[tuple(at)]}; expected a count, at least 0")


def _frame_cells(frame: Any) -> Any:
    """A DataFrame's counts: an array, with NaN where one is missing, or sparse where all columns are."""
    if frame.shape[1] == 0:
        return np.zeros(frame.shape)
    if type(frame).__module__.partition(".")[0] != "pandas":
        return np.asarray(frame)
    for name, dtype in frame.dtypes.items():
        if dtype.kind not in "biuf":
            raise TypeError(f"column {name!r} of matrix holds {dtype}; expected numbers")
    if all(type(dtype).__name__ == "SparseDtype" for dtype in frame.dtypes):
        return frame.sparse.to_coo()
    # An Int32, which may miss values, would become an object.
    of_numpy = all(isinstance(dtype, np.dtype) for dtype in frame.dtypes)
    return frame.to_numpy() if of_numpy else frame.to_numpy(np.float64, na_value=np.nan)


def _totals(totals: Any, by: str) -> tuple[list[object], np.ndarray]:
    if hasattr(totals, "counts") and hasattr(totals, "documents"):
        names, counts = totals.columns, np.asarray(totals.counts if by == "count" else totals.documents)
    elif hasattr(totals, "columns") and hasattr(totals, "index") and by in totals.columns:
        names, counts = totals.index, totals[by].to_numpy()
    else:
        raise TypeError(
            f"totals is {type(totals).__name__}; expected the Totals of TermCounter.totals, or a DataFrame with a "
            f"column {by!r}, as Series.countgrid.totals gives it"
        )
    if len(names) != len(counts):
        raise ValueError(f"totals has {len(names)} names; expected one for each of {len(counts)} columns")
    return list(names), counts


def _top(top: int | None) -> int | None:
    if top is None:
        return None
    if not isinstance(top, int | np.integer) or isinstance(top, bool):
        raise TypeError(f"top is {type(top).__name__} ({top!r}); expected an int, or None for all columns")
    if top < 1:
        raise ValueError(f"top is {top}; expected at least 1, or None for all columns")
    return int(top)


def _groups(rows: Sequence[object], n_documents: int) -> tuple[list[object], np.ndarray]:
    """The groups' labels, and each document's group; -1 for one without a label."""
    if isinstance(rows, str | bytes) or not hasattr(rows, "__len__"):
        raise TypeError(f"rows is {type(rows).__name__}; expected a sequence with a label for each document")
    if getattr(rows, "ndim", 1) != 1 or len(rows) != n_documents:
        came = f"shape {rows.shape}" if hasattr(rows, "shape") else f"{len(rows)} labels"
        raise ValueError(f"rows has {came}; expected one label for each of {n_documents} documents")
    groups: dict[object, int] = {}
    row_of = np.empty(n_documents, np.int64)
    # Scalars of pyarrow are never None.
    for document, label in enumerate(rows.to_pylist() if hasattr(rows, "to_pylist") else rows):
        if not isinstance(label, Hashable):
            raise TypeError(f"rows[{document}] is {type(label).__name__} ({label!r}); expected a hashable label")
        # NaN and NaT are not equal to themselves; NA does not tell.
        is_missing = label is None or type(label).__name__ == "NAType" or label != label
        row_of[document] = -1 if is_missing else groups.setdefault(label, len(groups))
    return list(groups), row_of


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


def _bands(n: int, most: int) -> tuple[np.ndarray, int]:
    """For each of ``n`` neighbours its band, of ``most`` bands as equal as can be."""
    n_bands = min(n, most)
    return np.arange(n) * n_bands // max(n, 1), n_bands


def _draw_image(
    ax: Axes, numbers: np.ndarray, extent: tuple[int, int], colours: Colormap, log: bool, unit: str
) -> None:
    n_rows, n_columns = extent
    there = numbers[numbers > 0]
    least, most = (there.min(), there.max()) if there.size else (1.0, 1.0)
    # Zero is below either scale. The logarithmic one is of the kind that takes it.
    norm = (
        SymLogNorm(least, vmin=least / 1.01, vmax=most, base=10)
        if log
        else Normalize(min(least, most / 1000) / 2, most)
    )
    image = ax.imshow(
        numbers,
        aspect="auto",
        interpolation="nearest",
        cmap=colours.with_extremes(under=ZERO, bad="none"),
        norm=norm,
        extent=(-0.5, n_columns - 0.5, n_rows - 0.5, -0.5),
    )
    # The box for zero is as high as its number, in a low picture, too.
    box = min(max(2.4 * LARGEST / _points(ax.yaxis), 0.03), 0.3)
    bar = ax.figure.colorbar(image, ax=ax, extend="min", extendfrac=box, extendrect=True, label=unit)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=LARGEST)
    bar.ax.yaxis.label.set_fontsize(LARGEST)
    bar.ax.annotate("0", (1, -box / 2), (4, 0), "axes fraction", "offset points", va="center", fontsize=LARGEST)
    whole = bool((there == np.floor(there)).all())
    bar.locator = LogLocator(subs=[1, 2, 5]) if log else _number_locator(whole=whole)
    bar.formatter = _number_formatter()
    bar.minorticks_off()


class _Places(Locator):
    """Ticks at whole numbers, as many as there is room for when the picture is drawn."""

    def __init__(self, n: int, spacing: float) -> None:
        self._n = n
        self._spacing = spacing

    def __call__(self) -> Sequence[float]:
        return self.tick_values(*self._axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        low, high = sorted((vmin, vmax))
        step = max(1, math.ceil((high - low) * self._spacing / _points(self._axis)))
        first, last = max(math.ceil(low), 0), min(math.floor(high), self._n - 1)
        return range(-(-first // step) * step, last + 1, step)

    @property
    def _axis(self) -> Axis:
        assert isinstance(self.axis, Axis)
        return self.axis


class _Names(Formatter):
    """Writes labels at whole numbers."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels

    def __call__(self, x: float, pos: int | None = None) -> str:
        i = round(x)
        return self._labels[i] if 0 <= i < len(self._labels) else ""

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Called when as many ticks are there; how their texts are drawn is no setting of the axis."""
        assert isinstance(self.axis, Axis)
        for tick in self.axis.get_major_ticks(len(values)):
            self._labels.dress(tick.label1)
            self._labels.dress(tick.label2)
        return [self(value) for value in values]


def _write_names(axis: Axis, labels: Labels, size: float) -> None:
    """Names at 0, 1, 2 and so on; below the picture upright, if all are narrow enough, else turned."""
    spacing = 1.25 * size
    if isinstance(axis, XAxis):
        per_name = _points(axis) / max(len(labels), 1)
        upright = 0.65 * size * _letters(labels) + 6
        if upright <= per_name:
            spacing = upright
        else:
            axis.set_tick_params(labelrotation=90)
    axis.set_tick_params(labelsize=size)
    axis.set_major_locator(_Places(len(labels), spacing))
    axis.set_major_formatter(_Names(labels))


def _write_numbers(axis: Axis, *, whole: bool = True) -> None:
    axis.set_tick_params(labelsize=LARGEST)
    axis.set_major_locator(_number_locator(whole=whole))
    axis.set_major_formatter(_number_formatter())


def _number_locator(*, whole: bool) -> Locator:
    return MaxNLocator("auto", integer=whole, min_n_ticks=1, steps=[1, 2, 2.5, 5, 10])


def _number_formatter() -> FuncFormatter:
    return FuncFormatter(lambda x, _: f"{x:,.6g}" if x < 1e6 else f"{x:,.0f}")


def _write_dates(ax: Axes, periods: pd.PeriodIndex) -> None:
    dates: Any = matplotlib.dates  # which has no types here
    ax.xaxis.set_tick_params(labelsize=LARGEST)
    if len(periods) > 1:
        locator = dates.AutoDateLocator(minticks=3, maxticks=min(max(int(_points(ax.xaxis) / 50), 3), 10))
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
    else:  # an axis of times would show days around it
        ax.set_xticks(dates.date2num(periods.to_timestamp().to_numpy()), list(map(str, periods)))


def _plain(ax: Axes, *, grid: bool = False) -> None:
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.xaxis.label.set_fontsize(LARGEST)
    ax.yaxis.label.set_fontsize(LARGEST)
    if grid:
        ax.grid(axis="y", color=ZERO, linewidth=1)
        ax.set_axisbelow(True)


def _own_axes(width: float, height: float) -> Axes:
    from matplotlib import pyplot

    axes: Axes = pyplot.subplots(figsize=(width, height), layout="constrained")[1]
    return axes


def _points(axis: Axis) -> float:
    """How long it is."""
    box = axis.axes.bbox
    return float(box.width if isinstance(axis, XAxis) else box.height) / axis.axes.figure.dpi * 72


def _inches(labels: Labels) -> float:
    """The length of the longest, about."""
    return 0.65 * LARGEST * _letters(labels) / 72


def _letters(labels: Labels) -> int:
    """Of the longest label, about; of many that are short or not, only some of which are ever drawn."""
    return _labels.LONGEST if len(labels) > MOST_COLUMNS else max(map(_labels.width, labels), default=0)


def _size(room: float) -> float:
    """The size of names that have so many points each."""
    return min(max(0.75 * room, SMALLEST), LARGEST)


def _some(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def _of_columns(n: int, of: int) -> str:
    return _some(of, "column") if n == of else f"{n:,} of {_some(of, 'column')}"


def _in_bands(n: int, n_bands: int) -> str:
    if n == n_bands:
        return ""
    size = f"{n / n_bands:,.1f}".removesuffix(".0")
    return f", in {n_bands:,} bands of {size if n % n_bands == 0 else f'about {size}'}"


def _left_out(n: int, what: str) -> str:
    return f"\n{n:,} without {what} left out" if n else ""


def _missing(missing: np.ndarray) -> str:
    return f"\n{missing.sum():,} missing" if missing.any() else ""
