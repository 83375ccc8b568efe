"""Reads from Axes what is drawn."""

from itertools import pairwise

import countgrid as cg
import countgrid.pandas
import numpy as np
import scipy.sparse as sp

TEXTS = ["the cat", "the the dog", None, "cat", "", "the dog sat"]
TERMS = ["cat", "the", "bird", "dog"]
COUNTS = cg.count(TEXTS, TERMS)
#: A time for each text.
WHEN = ["2024-03-31", "2024-01-01", "2024-01-31", None, "2024-06-30", "2024-03-01"]
#: The types of a count matrix.
SHAPES = [
    np.asarray,
    sp.csr_array,
    sp.csr_matrix,
    sp.csc_array,
    sp.coo_array,
    lambda m: m.astype(bool),
    np.asfortranarray,
]


def names(axis) -> list[str]:
    """The tick labels of an axis when it is drawn."""
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
    """The counts n, n - 1, ..., 1, shuffled. Columns are named after their count."""
    counts = np.random.default_rng(n).permutation(np.arange(1, n + 1))
    return cg.Totals([f"term {count}" for count in counts], counts, counts[::-1].copy())


def apart(ends) -> bool:
    """Whether none of these intervals touch."""
    ends = sorted(sorted(pair) for pair in ends)
    return all(before[1] <= after[0] for before, after in pairwise(ends))
