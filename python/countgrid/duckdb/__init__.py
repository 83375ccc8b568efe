"""DuckDB: counting as a function in SQL.

`register` adds a scalar function to a connection that counts terms in a text column; `register_score` adds one that
scores texts. They work on DuckDB's batches of at most 2,048 rows, and release the GIL.

>>> import duckdb
>>> import countgrid.duckdb
>>> con = duckdb.connect()
>>> countgrid.duckdb.register(con, "count_terms", ["the", "cat"])
>>> con.sql("SELECT unnest(count_terms(text)) FROM (VALUES ('the cat sat'), ('the the'), (NULL)) AS docs(text)")
┌───────┬───────┐
│  the  │  cat  │
│ int32 │ int32 │
├───────┼───────┤
│     1 │     1 │
│     2 │     0 │
│  NULL │  NULL │
└───────┴───────┘
"""

# `_functions` makes the functions, `_catalog` adds them to a database.

from countgrid._optional import not_installed

try:
    from countgrid.duckdb._register import register, register_score
except ImportError as error:
    raise not_installed(error, __name__, str(error.name)) from error

__all__ = ["register", "register_score"]

# Error messages name the public module.
for _public in (register, register_score):
    _public.__module__ = __name__
