"""polars: counts as a struct column, in expressions and on Series.

``import countgrid.polars`` gives every expression and every Series the namespace ``countgrid``. Terms are compiled
when an expression is built. polars evaluates it, eager, lazy or streaming, with the rows in as many pieces and from
as many threads as it likes. No text becomes a Python object, and the GIL is free while texts are counted.

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

# A file for each namespace; `_pieces` counts what polars passes, `_threads` divides polars' threads among the counts.

from countgrid._optional import not_installed

try:
    from countgrid.polars._expr import CountgridExprNamespace
    from countgrid.polars._series import CountgridSeriesNamespace
except ImportError as error:
    raise not_installed(error, __name__, "polars") from error

__all__ = ["CountgridExprNamespace", "CountgridSeriesNamespace"]

# Where users find them, which is also what error messages should name.
for _public in (CountgridExprNamespace, CountgridSeriesNamespace):
    _public.__module__ = __name__
