"""A count matrix as an image: documents, groups or bands of them x columns."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axis import Axis
from matplotlib.colors import Colormap, LogNorm, Normalize
from matplotlib.ticker import FixedLocator

from countgrid.plot._axes import (
    LARGEST,
    ZERO,
    Numbers,
    check_names,
    inches,
    number_formatter,
    own_axes,
    plain,
    points,
    write_names,
    write_numbers,
)
from countgrid.plot._labels import Labels, commonly_written
from countgrid.plot._matrix import Counts, Matrix
from countgrid.plot._words import left_out, missing_documents, some

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The most rows and columns that a heatmap draws one by one. More are drawn in bands. In a new figure, a band is at
#: least a pixel wide, so no number is dropped.
MOST_ROWS = 200
MOST_COLUMNS = 500

#: Points between numbers on the colour bar.
SPACING = 1.1 * LARGEST


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
    """Draw a heatmap of documents, or groups of documents, x columns. Darker means more.

    Zero is grey. All other colours mean more than zero, even if the number is small.

    Parameters
    ----------
    matrix : array, SciPy sparse array or matrix, or DataFrame, of shape (n_documents, n_columns); or GroupedTotals
        The result of `countgrid.count` or an adapter, or of ``totals(documents, by=labels)``. A sparse matrix stays
        sparse. A DataFrame row with a missing count is a missing document: it is not counted, and its row stays
        white. `GroupedTotals` with ``per_words`` are drawn as rates. Rates in a DataFrame of ``Series.countgrid`` are
        drawn unchanged.
    columns : sequence of str, length n_columns
        The columns' names, such as `countgrid.TermCounter.columns`. Default: those of the DataFrame or of
        `GroupedTotals`.
    rows : sequence, length n_documents, optional
        A label for each document or, for `GroupedTotals`, for each group. Labels can be of any hashable type.
        Documents with equal labels form a group: one row, with the sum of their counts. Groups are in the order in
        which their labels first appear; dates, times and periods are sorted. Documents with a missing label are left
        out; the y axis says how many. Default: the groups of `GroupedTotals`, else each document is a row, numbered
        from 0.
    per_document : bool, default False
        Divide each group's counts by the number of its documents, to compare groups of different sizes. Needs
        ``rows`` or `GroupedTotals`.
    log : bool, default False
        Use a logarithmic colour scale.
    cmap : str or matplotlib Colormap, default "viridis_r"
        The colour scale.
    ax : matplotlib Axes, optional
        Default: the Axes of a new figure. Its size depends on the number of rows and columns.

    Returns
    -------
    matplotlib Axes
        Its only image (``ax.images[0].get_array()``) contains the numbers; the colour bar says what they are. More
        than 200 rows are drawn as 200 bands of consecutive rows, more than 500 columns as 500 bands. A band shows the
        mean of its rows or columns; axes and colour bar say so. Without rows or columns there is no image.

    Raises
    ------
    TypeError
        ``matrix`` or ``columns`` has an unsupported type.
    KeyError
        A ``cmap`` that matplotlib does not know.
    ValueError
        A matrix without two dimensions, or with negative or infinite numbers; ``columns`` or ``rows`` of the wrong
        length; ``per_document`` without groups, or with `GroupedTotals` that are rates; without ``per_document``, a
        DataFrame of rates with several in a group; with it, a DataFrame of totals by group; an ``ax`` that shares an
        axis with a plot of different names.

    Examples
    --------
    >>> import countgrid as cg
    >>> import countgrid.plot
    >>> counter = cg.TermCounter(["the", "cat"])
    >>> counts = counter.count(["the cat", "cat cat", "the"])
    >>> ax = countgrid.plot.heatmap(counts, counter.columns, rows=["2023", "2024", "2023"])
    >>> ax.images[0].get_array().tolist()
    [[2.0, 1.0], [0.0, 2.0]]

    The same, without the count matrix:

    >>> totals = counter.totals(["the cat", "cat cat", "the"], by=["2023", "2024", "2023"])
    >>> countgrid.plot.heatmap(totals).images[0].get_array().tolist()
    [[2.0, 1.0], [0.0, 2.0]]
    """
    counts = Counts.of(matrix, columns, per_document=per_document)
    rows = counts.groups if rows is None else rows
    if per_document and rows is None:
        raise ValueError("per_document=True divides by the documents of a group; it needs rows= or GroupedTotals")
    colours = colormaps[cmap] if isinstance(cmap, str) else cmap
    n_counted, n_columns = counts.shape
    names, row_of = (None, np.arange(n_counted)) if rows is None else _groups(rows, counts)
    row_labels = None if names is None else Labels(commonly_written(names))
    labels = Labels(counts.names)
    n_rows = n_counted if names is None else len(names)

    band_of_row, n_bands = _bands(n_rows, MOST_ROWS)
    band_of_column, n_column_bands = _bands(n_columns, MOST_COLUMNS)
    has_row = row_of >= 0
    kept = has_row & ~counts.missing
    counts.check_sums(np.where(kept, row_of, -1), per_document)
    band_of = np.full(n_counted, -1)
    band_of[kept] = band_of_row[row_of[kept]]
    numbers = counts.summed(band_of, n_bands, band_of_column, n_column_bands)
    numbers /= np.bincount(band_of_column, minlength=n_column_bands)
    per = counts.unit(per_document)
    if per is not None:
        numbers = counts.divided(numbers, band_of)
    else:  # the mean of the rows in a band
        n_within = np.bincount(band_of_row[np.unique(row_of[kept])], minlength=n_bands)
        numbers /= np.where(n_within == 0, np.nan, n_within)[:, None]

    if ax is not None:
        check_names(ax.xaxis, labels)
        if row_labels is not None:
            check_names(ax.yaxis, row_labels)
    else:
        names_width = 0.0 if row_labels is None else inches(row_labels)
        ax = own_axes(
            min(max(names_width + 0.24 * n_column_bands, 4.0), 12.0) + 1.8,
            min(max(0.24 * n_bands, 2.2), 7.0) + inches(labels) + 0.6,
        )
    banded = [
        what for what, n, shown in [("rows", n_rows, n_bands), ("columns", n_columns, n_column_bands)] if n > shown
    ]
    if per is None and names is None and "rows" in banded:
        per = "document"
    unit = "occurrences" if per is None else f"occurrences per {per}"
    if banded:
        unit += f", mean of bands of {' and '.join(banded)}"
    if numbers.size:
        _draw_image(ax, numbers, (n_rows, n_columns), colours, log, unit)
    ax.set(xlim=(-0.5, max(n_columns, 1) - 0.5), ylim=(max(n_rows, 1) - 0.5, -0.5))
    write_names(ax.xaxis, labels)
    if n_rows == 0:
        ax.yaxis.set_major_locator(FixedLocator([]))
    elif row_labels is None:
        write_numbers(ax.yaxis, Numbers())
    else:
        write_names(ax.yaxis, row_labels)
    ax.set_xlabel(some(n_columns, "column") + _in_bands(n_columns, n_column_bands))
    n_left_out = counts.documents(~has_row)
    said = some(counts.documents(), counts.what)
    if n_rows < counts.documents() - n_left_out:
        said += " in " + some(n_rows, "group")
    said += _in_bands(n_rows, n_bands)
    ax.set_ylabel(said + left_out(n_left_out, "a label") + missing_documents(counts.missing))
    plain(ax)
    return ax


def _groups(rows: Sequence[object], counts: Counts) -> tuple[list[object], np.ndarray]:
    """The groups' labels, and the group of each row of counts, -1 if it has no label."""
    n_counted = counts.shape[0]
    if isinstance(rows, str | bytes) or not hasattr(rows, "__len__"):
        raise TypeError(f"rows is {type(rows).__name__}; expected a sequence with a label for each {counts.row}")
    if getattr(rows, "ndim", 1) != 1 or len(rows) != n_counted:
        came = f"shape {rows.shape}" if hasattr(rows, "shape") else f"{len(rows)} labels"
        raise ValueError(f"rows has {came}; expected one label for each of {n_counted} {counts.row}s")
    groups: dict[object, int] = {}
    row_of = np.empty(n_counted, np.int64)
    # pyarrow scalars are never None.
    for document, label in enumerate(rows.to_pylist() if hasattr(rows, "to_pylist") else rows):
        if not isinstance(label, Hashable):
            raise TypeError(f"rows[{document}] is {type(label).__name__} ({label!r}); expected a hashable label")
        # NaN and NaT do not equal themselves. Comparing NA gives NA.
        is_missing = label is None or type(label).__name__ == "NAType" or label != label
        row_of[document] = -1 if is_missing else groups.setdefault(label, len(groups))
    return _sorted_times(list(groups), row_of)


def _sorted_times(groups: list[object], row_of: np.ndarray) -> tuple[list[object], np.ndarray]:
    """The groups, sorted if all labels are times."""
    if not all(isinstance(group, date | np.datetime64) or type(group).__name__ == "Period" for group in groups):
        return groups, row_of
    times: Any = groups
    try:
        order = sorted(range(len(times)), key=lambda i: times[i])
    except (TypeError, ValueError):  # times with and without a zone, or periods of different lengths
        return groups, row_of
    rank = np.empty(len(order) + 1, np.int64)
    rank[order], rank[-1] = np.arange(len(order)), -1
    return [groups[i] for i in order], rank[row_of]


def _bands(n: int, most: int) -> tuple[np.ndarray, int]:
    """Divide ``n`` rows or columns into at most ``most`` bands of nearly equal size. Returns the band of each."""
    n_bands = min(n, most)
    return np.arange(n) * n_bands // max(n, 1), n_bands


def _draw_image(
    ax: Axes, numbers: np.ndarray, extent: tuple[int, int], colours: Colormap, log: bool, unit: str
) -> None:
    n_rows, n_columns = extent
    there = numbers[numbers > 0]
    least, most = (there.min(), there.max()) if there.size else (1.0, 1.0)
    # Zero is below both scales. The least number is not, even if it is rounded.
    least_in_log = least if least < most / (1 + 1e-9) else most / 2
    norm = _LogNorm(least_in_log * (1 - 1e-12), most) if log else Normalize(min(least, most / 1000) / 2, most)
    image = ax.imshow(
        numbers,
        aspect="auto",
        interpolation="nearest",
        cmap=colours.with_extremes(under=ZERO, bad="none"),
        norm=norm,
        extent=(-0.5, n_columns - 0.5, n_rows - 0.5, -0.5),
    )
    # The box for zero has room for its number, even if the plot is low or the layout makes it a little lower.
    height = 2.7 * LARGEST
    box = min(max(height / max(points(ax.yaxis) - height, 1), 0.03), 0.4)
    bar = ax.figure.colorbar(image, ax=ax, extend="min", extendfrac=box, extendrect=True, label=unit)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=LARGEST)
    bar.ax.yaxis.label.set_fontsize(LARGEST)
    bar.ax.annotate("0", (1, -box / 2), (4, 0), "axes fraction", "offset points", va="center", fontsize=LARGEST)
    whole = bool((there == np.floor(there)).all())
    bar.locator = _LogNumbers(box / 2, whole=whole) if log else Numbers(whole=whole)
    bar.formatter = number_formatter()
    bar.minorticks_off()


class _LogNorm(LogNorm):
    """A logarithmic scale on which zero is the least number, instead of missing."""

    def __call__(self, value: Any, clip: bool | None = None) -> Any:
        assert self.vmin is not None
        return super().__call__(np.maximum(value, self.vmin / 2), clip)


class _LogNumbers(Numbers):
    """Ticks at round numbers of a logarithmic axis: if possible two, which do not touch each other or the zero below.

    matplotlib's own locators ignore the room, and give up if there is little.
    """

    def __init__(self, zero: float, *, whole: bool) -> None:
        super().__init__(whole=whole)
        self._zero = zero
        self._whole = whole

    def __call__(self) -> Sequence[float]:
        assert isinstance(self.axis, Axis)
        low, high = self.axis.get_view_interval()
        length = points(self.axis)
        lowest = max(SPACING - self._zero * length, 0)
        for places in self._candidates(low, high):
            inside = places[(places >= low) & (places <= high)]
            at = length * np.log(inside / low) / np.log(high / low)
            inside, at = inside[at >= lowest], at[at >= lowest]
            if len(at) > 1 and np.diff(at).min() >= SPACING:
                return list(inside)
        return [high]

    def _candidates(self, low: float, high: float) -> Iterator[np.ndarray]:
        """Sets of ticks, with fewer and fewer ticks."""
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        if high < 10 * low:
            for n in range(9, 1, -1):
                self.set_params(nbins=n)
                yield np.asarray(self.tick_values(low, high))
        decades = 10.0 ** np.arange(first, last + 1)
        several = np.outer(decades, [1, 2, 5]).ravel()
        yield several[several >= 1] if self._whole else several
        for step in range(1, len(decades)):
            yield decades[::step]
        yield np.array([math.ceil(low) if self._whole else low, high])


def _in_bands(n: int, n_bands: int) -> str:
    if n == n_bands:
        return ""
    size = f"{n / n_bands:,.1f}".removesuffix(".0")
    return f", in {n_bands:,} bands of {size if n % n_bands == 0 else f'about {size}'}"
