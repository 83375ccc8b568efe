"""DuckDB: counting as a function in SQL.

`register` adds a scalar function to a connection. The function counts terms in a text column, in DuckDB's batches of
at most 2,048 rows, and releases the GIL.

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

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

import numpy as np

from countgrid import _memory
from countgrid._columns import counter_of, lower_ascii, named
from countgrid._counter import present
from countgrid._optional import not_installed, scipy_sparse

try:
    import duckdb
    import pyarrow as pa
except ImportError as error:
    raise not_installed(error, __name__, str(error.name)) from error

if TYPE_CHECKING:
    from types import ModuleType

    from countgrid._counter import TermCounter
    from countgrid._options import Matching, Terms

__all__ = ["register"]

#: What DuckDB calls with each batch of a column. The result has the same length.
_Function: TypeAlias = Callable[[pa.ChunkedArray], pa.Array]

#: Every registered function. A database's catalog outlives the connection that registered a function, but does not
#: own a reference to it. Without this one, a call from another connection, or a query that still runs, would read
#: freed memory. Equal functions are stored once, so registering the same again costs nothing.
_FUNCTIONS: dict[tuple[TermCounter, tuple[str, ...], Callable[..., _Function], int | None], _Function] = {}

#: DuckDB before 1.4 hangs if two threads register functions in one database at the same time.
_REGISTERING = threading.Lock()

#: The most rows in a batch that DuckDB passes.
_BATCH_ROWS = 2048

_SPARSE_TYPE = 'STRUCT("column" VARCHAR, count INTEGER)[]'


def register(
    con: duckdb.DuckDBPyConnection | ModuleType,
    name: str,
    terms: Terms | TermCounter,
    *,
    prefix: str = "",
    names: Sequence[str] | None = None,
    sparse: bool = False,
    which: bool = False,
    replace: bool = False,
    workers: int | None = 1,
    **matching: Unpack[Matching],
) -> None:
    """Register an SQL function ``name(text)`` that counts how often each term occurs in each text.

    Parameters
    ----------
    con : DuckDBPyConnection, or the module duckdb for its default connection
        All connections to the same database in this process can call the function, until they are closed or you call
        ``con.remove_function(name)``. It is not stored in the database. Its compiled terms stay in memory.
    name : str
        The function's name. SQL ignores its case, and needs double quotes around unusual names.
    terms : sequence of str or bytes, mapping of str to such sequences, or TermCounter
        See `countgrid.TermCounter`.
    prefix : str, default ""
        Added before each column's name.
    names : sequence of str, optional
        Names for the columns, instead of the terms or categories.
    sparse : bool, default False
        Return lists of names and counts that are not zero. Use it for thousands of terms. Needs scipy.
    which : bool, default False
        Return lists of the names that occur, without counts. Needs scipy.
    replace : bool, default False
        Replace a function of this name that was registered through this connection.
    workers : int or None, default 1
        Threads for each batch of 2,048 rows; None uses all cores open to this process. Never changes the counts.
        DuckDB already calls the function from all its threads. More workers help with few but long texts, for which
        DuckDB uses few threads.
    **matching
        See `countgrid.TermCounter`. Not allowed if ``terms`` is a `TermCounter`.

    Returns
    -------
    None
        The function takes a VARCHAR (also an ENUM or JSON) and returns a STRUCT with an INTEGER for each term or
        category. With ``sparse=True`` it returns a LIST of ``STRUCT("column" VARCHAR, count INTEGER)``, one for each
        term or category that occurs in the text, in the order of the columns. With ``which=True`` it returns their
        names, ``VARCHAR[]``. NULL gives NULL.

    Raises
    ------
    ValueError
        A function or macro with this name exists. Two columns would have the same name; DuckDB ignores the case of
        ASCII letters, except with ``sparse=True`` or ``which=True``. A name is empty, or contains NUL or a lone
        surrogate. There are no columns, without ``sparse=True`` or ``which=True``. Both are True. See also
        `countgrid.TermCounter`.
    RuntimeError
        ``replace=True`` while the connection has a result that is not fetched to its end. (DuckDB 2 raises its own
        exception.)
    TypeError
        ``con`` is not a connection. See also `countgrid.TermCounter`.
    MemoryError
        The counts of 2,048 rows would not fit in memory. Pass ``sparse=True``.
    ImportError
        ``sparse=True`` or ``which=True`` without scipy.

    Examples
    --------
    >>> import duckdb
    >>> import countgrid.duckdb
    >>> con = duckdb.connect()
    >>> _ = con.execute("CREATE TABLE reviews (id INTEGER, text VARCHAR)")
    >>> _ = con.execute("INSERT INTO reviews VALUES (1, 'good, not bad'), (2, 'BAD'), (3, NULL)")
    >>> lexicon = {"positive": ["good"], "negative": ["bad"]}
    >>> countgrid.duckdb.register(con, "tone", lexicon, ignore_case=True)
    >>> con.sql("SELECT id, tone(text) AS tone FROM reviews ORDER BY id").fetchall()
    [(1, {'positive': 1, 'negative': 1}), (2, {'positive': 0, 'negative': 1}), (3, None)]
    >>> con.sql("SELECT id FROM reviews WHERE tone(text).positive = 0").fetchall()
    [(2,)]

    >>> countgrid.duckdb.register(con, "found", lexicon, ignore_case=True, sparse=True)
    >>> con.sql("SELECT id, unnest(found(text), recursive := true) FROM reviews ORDER BY id").fetchall()
    [(1, 'positive', 1), (1, 'negative', 1), (2, 'negative', 1)]

    >>> countgrid.duckdb.register(con, "tones", lexicon, ignore_case=True, which=True)
    >>> con.sql("SELECT id, tones(text) FROM reviews ORDER BY id").fetchall()
    [(1, ['positive', 'negative']), (2, ['negative']), (3, None)]
    """
    if con is not duckdb and not isinstance(con, duckdb.DuckDBPyConnection):
        raise TypeError(f"con is {type(con).__name__} ({con!r}); expected a DuckDB connection")
    _check_name(name)
    counter = counter_of(terms, matching)
    if sparse and which:
        raise ValueError("sparse and which are both True; expected one of them")
    kind = _sparse if sparse else _which if which else _dense
    columns = tuple(named(counter, prefix, names, ignore_case=kind is _dense))
    _check_columns(columns, kind is _dense)
    key = (counter, columns, kind, workers)
    if (function := _FUNCTIONS.get(key)) is None:
        function = kind(counter, columns, workers)
        # Raise errors that every call would raise here, not in a query.
        function(pa.chunked_array([], pa.string()))
        function = _FUNCTIONS.setdefault(key, function)
    with _REGISTERING:
        _check_free(con, name, removed=replace and _removed(con, name))
        lists = {_sparse: _SPARSE_TYPE, _which: "VARCHAR[]"}
        _create(con, name, function, lists.get(kind) or con.struct_type(dict.fromkeys(columns, "INTEGER")))


def _create(con: duckdb.DuckDBPyConnection | ModuleType, name: str, function: _Function, returned: object) -> None:
    # DuckDB accepts strings for its enumerations, whose module has a different name in each version. Its stubs do not
    # allow them.
    create: Any = con.create_function
    try:
        create(name, function, ["VARCHAR"], returned, type="arrow", null_handling="special", side_effects=False)
    except duckdb.CatalogException as error:
        if "is not an scalar function" not in str(error):
            raise
        raise ValueError(f"there is already a macro {name!r}; pass another name") from error


def _dense(counter: TermCounter, columns: Sequence[str], workers: int | None) -> _Function:
    """A function that returns structs with a field for each column."""
    # Checked once: it takes as long as counting a batch.
    _memory.check(_BATCH_ROWS, len(columns), np.dtype(np.int32).itemsize)
    integer = pa.int32()
    struct = pa.struct([(name, integer) for name in columns])

    def count_terms(text: pa.ChunkedArray) -> pa.Array:
        rows = len(text)
        cells = np.empty((len(columns), rows), np.int32)
        counter.count(text, out=cells.T, workers=workers)
        # Slices of one array are 3x faster than an array for each field.
        flat = pa.Array.from_buffers(integer, cells.size, [None, pa.py_buffer(cells)])
        fields = [flat.slice(start, rows) for start in range(0, cells.size, rows)] if rows else [flat] * len(columns)
        return pa.StructArray.from_buffers(struct, rows, [_validity(text)], children=fields)

    return count_terms


def _sparse(counter: TermCounter, columns: Sequence[str], workers: int | None) -> _Function:
    """A function that returns lists of the columns that occur, with their counts."""
    scipy_sparse()
    integer = pa.int32()
    names = pa.array(columns, pa.string())
    # DuckDB converts it to VARCHAR, with one copy of a name for all rows of a batch.
    column = pa.dictionary(integer, pa.string())
    struct = pa.struct([("column", column), ("count", integer)])
    lists = pa.list_(struct)

    def count_terms(text: pa.ChunkedArray) -> pa.Array:
        counts = counter.count(text, sparse=True, workers=workers)
        found = [pa.DictionaryArray.from_arrays(pa.array(counts.indices), names), pa.array(counts.data)]
        items = pa.StructArray.from_buffers(struct, counts.nnz, [None], children=found)
        starts = pa.py_buffer(counts.indptr)
        return pa.ListArray.from_buffers(lists, len(text), [_validity(text), starts], children=[items])

    return count_terms


def _which(counter: TermCounter, columns: Sequence[str], workers: int | None) -> _Function:
    """A function that returns lists of the columns that occur."""
    scipy_sparse()
    names = pa.array(columns, pa.string())
    lists = pa.list_(pa.string())

    def name_terms(text: pa.ChunkedArray) -> pa.Array:
        found = present(counter, text, workers=workers)
        # Not a dictionary: DuckDB 1.2 cannot read one in a list.
        items = names.take(pa.array(found.indices))
        starts = pa.py_buffer(found.indptr)
        return pa.ListArray.from_buffers(lists, len(text), [_validity(text), starts], children=[items])

    return name_terms


def _validity(text: pa.ChunkedArray) -> pa.Buffer | None:
    """The validity bitmap of a column; None if no row is NULL."""
    if not text.null_count:
        return None
    bits: pa.Buffer = text.is_valid().combine_chunks().buffers()[1]
    return bits


def _check_name(name: str) -> None:
    if not isinstance(name, str):
        raise TypeError(f"name is {type(name).__name__} ({name!r}); expected str")
    if problem := _unwritable(name):
        raise ValueError(f"name is {name!r}, which {problem}; SQL cannot call such a function")


def _check_columns(columns: Sequence[str], are_fields: bool) -> None:
    if not columns and are_fields:
        raise ValueError("there are no columns, and a STRUCT needs at least one; pass terms, or sparse=True")
    for column, name in enumerate(columns):
        problem = _unwritable(name) if are_fields else _not_unicode(name)
        if problem:
            raise ValueError(f"the name of column {column} is {name!r}, which {problem}; pass other names=")


def _not_unicode(name: str) -> str | None:
    return "contains a lone surrogate" if any("\ud800" <= char <= "\udfff" for char in name) else None


def _unwritable(name: str) -> str | None:
    """Why SQL cannot write this identifier; None if it can."""
    if not name:
        return "is empty"
    # Arrow's names end at NUL too.
    return "contains NUL" if "\0" in name else _not_unicode(name)


def _removed(con: duckdb.DuckDBPyConnection | ModuleType, name: str) -> bool:
    """Remove the function with this name if it was registered through this connection."""
    try:
        con.remove_function(name)
    except duckdb.InvalidInputException:
        return False
    return True


def _check_free(con: duckdb.DuckDBPyConnection | ModuleType, name: str, *, removed: bool) -> None:
    """Raise if a function with this name exists. Some versions of DuckDB would accept the name and then find both.

    The query uses another cursor, since the connection may have a result that is not fetched yet. Until then, other
    connections still see a function that was ``removed`` through this one. (DuckDB 2 refuses to remove it.)
    """
    with con.cursor() as cursor:
        taken = cursor.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions()"
            " WHERE database_name = 'system' AND function_type NOT IN ('table', 'table_macro', 'pragma')"
        ).fetchall()
    if any(lower_ascii(other) == lower_ascii(name) for (other,) in taken):
        if removed:
            raise RuntimeError(
                f"cannot replace {name!r} while the connection has a result that is not fetched to its end;"
                " fetch it, then register again"
            )
        raise ValueError(
            f"there is already a function {name!r}; pass another name, or replace=True if it was registered"
            " through this connection"
        )
