"""Pictures of counts, on matplotlib: totals as bars, a count matrix as a heatmap, counts over time as lines.

Each function draws into ``ax``, or into a figure of its own that has the size its content needs, and returns the
Axes, with which the rest (titles, colours, files) is done as usual. A figure of its own is one of pyplot, so that it
is shown where others are; with ``ax`` pyplot is not asked for.

Names are drawn as they are, in whatever script, in fonts that are installed. Where there are more than there is room
for, only some are drawn: of a picture that is zoomed or made larger, more.

>>> import countgrid as cg
>>> import countgrid.plot
>>> ax = countgrid.plot.totals(cg.TermCounter(["the", "cat"]).totals(["the cat", "the"]))
>>> [int(bar.get_width()) for bar in ax.patches]
[2, 1]
"""

# A file for each picture; `_matrix` sums what they show, `_axes` and `_labels` know how it can be read.

from countgrid._optional import not_installed

try:
    from countgrid.plot._heatmap import heatmap
    from countgrid.plot._totals import totals
    from countgrid.plot._trend import trend
except ModuleNotFoundError as error:
    raise not_installed(error, __name__, "matplotlib") from error

__all__ = ["heatmap", "totals", "trend"]

# Where users find them, which is also what error messages should name.
for _public in (heatmap, totals, trend):
    _public.__module__ = __name__
