"""polars: counts as a struct column, in expressions and on Series.

``import countgrid.polars`` adds the namespace ``countgrid`` to expressions and Series. Terms are compiled when you
build an expression. It works in eager, lazy and streaming queries, with any number of batches and threads. No text
becomes a Python object, and the GIL is released while counting.

>>> import polars as pl
>>> import countgrid.polars
>>> df = pl.DataFrame({"text": ["the cat sat", None, "the the"]})
>>> df.with_columns(pl.col("text").countgrid.count(["the", "cat"], prefix="n_").alias("n")).unnest("n")
shape: (3, 3)
┌─────────────┬───────┬───────┐
│ text        ┆ n_the ┆ n_cat │
│ ---         ┆ ---   ┆ ---   │
│ str         ┆ i32   ┆ i32   │
╞═════════════╪═══════╪═══════╡
│ the cat sat ┆ 1     ┆ 1     │
│ null        ┆ null  ┆ null  │
│ the the     ┆ 2     ┆ 0     │
└─────────────┴───────┴───────┘
"""

# Each namespace has a file. `_batches` counts the batches that polars passes; `_threads` limits their threads.

from countgrid._optional import not_installed

try:
    from countgrid.polars._expr import CountgridExprNamespace
    from countgrid.polars._series import CountgridSeriesNamespace
except ImportError as error:
    raise not_installed(error, __name__, "polars") from error

__all__ = ["CountgridExprNamespace", "CountgridSeriesNamespace"]

# Error messages name the public module.
for _public in (CountgridExprNamespace, CountgridSeriesNamespace):
    _public.__module__ = __name__
