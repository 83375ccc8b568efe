"""Plots of counts with matplotlib: totals as bars, a count matrix as a heatmap, counts over time as lines.

Each function draws into ``ax``, or into a new pyplot figure of suitable size. It returns the Axes, so that you can
set titles and colours as usual. With ``ax``, pyplot is not imported.

Names are drawn unchanged, in any script, with installed fonts. If there is not enough room, only some names are
drawn. Zoom in or enlarge the figure to see more.

>>> import countgrid as cg
>>> import countgrid.plot
>>> ax = countgrid.plot.totals(cg.TermCounter(["the", "cat"]).totals(["the cat", "the"]))
>>> [int(bar.get_width()) for bar in ax.patches]
[2, 1]
"""

# Each plot has a file. `_matrix` sums the counts; `_axes` and `_labels` keep axes and names legible.

from countgrid._optional import not_installed

try:
    from countgrid.plot._heatmap import heatmap
    from countgrid.plot._totals import totals
    from countgrid.plot._trend import trend
except ModuleNotFoundError as error:
    raise not_installed(error, __name__, "matplotlib") from error

__all__ = ["heatmap", "totals", "trend"]

# Error messages name the public module.
for _public in (heatmap, totals, trend):
    _public.__module__ = __name__
