"""DuckDB: counting as a function in SQL.

`register` gives a connection a scalar function that counts terms in a text column, in portions of at most 2,048 rows
as DuckDB hands them out, with the GIL released.

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
from countgrid._api import present
from countgrid._columns import counter_of, lower_ascii, named
from countgrid._optional import not_installed, scipy_sparse

try:
    import duckdb
    import pyarrow as pa
except ImportError as error:
    raise not_installed(error, __name__, str(error.name)) from error

if TYPE_CHECKING:
    from types import ModuleType

    from countgrid._api import TermCounter, Terms, _Matching

__all__ = ["register"]

#: What DuckDB calls: a portion of a column goes in, as many counts come out.
_Function: TypeAlias = Callable[[pa.ChunkedArray], pa.Array]

#: Every function that was registered. The catalog of a database outlives the connection that registered a function in
#: it, and holds no reference: a call from another connection (or from a query that still runs) would be a bad read.
#: Equal ones are one, so that registering the same again costs nothing.
_FUNCTIONS: dict[tuple[TermCounter, tuple[str, ...], Callable[..., _Function], int | None], _Function] = {}

#: DuckDB before 1.4 hangs when two threads register functions in one database at the same time.
_REGISTERING = threading.Lock()

#: The most rows that DuckDB passes at a time.
_PORTION = 2048

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
    **matching: Unpack[_Matching],
) -> None:
    """Make a function in SQL, ``name(text)``, that counts how often each term occurs in each text.

    Parameters
    ----------
    con : DuckDBPyConnection, or the module duckdb for its default connection
        The function is seen by all connections to the same database in this process, until they are closed or
        ``con.remove_function(name)``; it is not stored in the database. Its compiled terms stay in memory.
    name : str
        Written in SQL as any identifier: in double quotes if need be, in any case.
    terms : sequence of str or bytes, mapping of str to such sequences, or TermCounter
        See `countgrid.TermCounter`.
    prefix : str, default ""
        Put before each column's name.
    names : sequence of str, optional
        Names for the columns, instead of the terms or categories.
    sparse : bool, default False
        Lists of what was found instead, for thousands of terms. Needs scipy.
    which : bool, default False
        Lists of the names that were found, without counts. Needs scipy.
    replace : bool, default False
        Replace a function of this name that was registered through this connection.
    workers : int or None, default 1
        Threads for each portion of 2,048 rows; None is all the cores open to this process. Never changes the counts.
        DuckDB calls the function from as many threads as it has itself, which do not wait for one another's counts;
        more help where it has few, for a table of few but long texts.
    **matching
        See `countgrid.TermCounter`; none beside a `TermCounter`.

    Returns
    -------
    None
        The function takes a VARCHAR (and so an ENUM, or JSON), and returns a STRUCT with an INTEGER for each term or
        category. With ``sparse=True`` it returns a LIST of ``STRUCT("column" VARCHAR, count INTEGER)``, one for each
        term or category that occurs in the text, in their order. With ``which=True`` it returns their names,
        ``VARCHAR[]``. NULL gives NULL.

    Raises
    ------
    ValueError
        A function or macro of this name that is there already; two columns of one name, ignoring the case of ASCII
        letters as DuckDB does (unless ``sparse=True``, where names are values); a name that SQL cannot write: an
        empty one, one with NUL or a lone surrogate; no columns and not ``sparse=True``; and what
        `countgrid.TermCounter` raises.
    RuntimeError
        ``replace=True`` while the connection has a result that is not fetched to its end (from DuckDB 2 on an
        exception of DuckDB's own).
    TypeError
        No connection, and what `countgrid.TermCounter` raises.
    MemoryError
        Counts of 2,048 rows that are larger than the memory there is; ``sparse=True`` helps.
    ImportError
        ``sparse=True`` without scipy.

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
        raise TypeError(f"con is {type(con).__name__} ({con!r}); expected a connection of DuckDB")
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
        # What can go wrong in every call goes wrong here, and not in a query.
        function(pa.chunked_array([], pa.string()))
        function = _FUNCTIONS.setdefault(key, function)
    with _REGISTERING:
        _check_free(con, name, removed=replace and _removed(con, name))
        lists = {_sparse: _SPARSE_TYPE, _which: "VARCHAR[]"}
        _create(con, name, function, lists.get(kind) or con.struct_type(dict.fromkeys(columns, "INTEGER")))


def _create(con: duckdb.DuckDBPyConnection | ModuleType, name: str, function: _Function, returned: object) -> None:
    # DuckDB takes strings for its enumerations, whose module has another name in each version; its stubs do not know.
    create: Any = con.create_function
    try:
        create(name, function, ["VARCHAR"], returned, type="arrow", null_handling="special", side_effects=False)
    except duckdb.CatalogException as error:
        if "is not an scalar function" not in str(error):
            raise
        raise ValueError(f"there is a macro {name!r} already; pass another name") from error


def _dense(counter: TermCounter, columns: Sequence[str], workers: int | None) -> _Function:
    """A function that gives a struct of counts, a field for each column."""
    # Asked once: it takes as long as a portion.
    _memory.check(_PORTION, len(columns), np.dtype(np.int32).itemsize)
    integer = pa.int32()
    struct = pa.struct([(name, integer) for name in columns])

    def count_terms(text: pa.ChunkedArray) -> pa.Array:
        rows = len(text)
        cells = np.empty((len(columns), rows), np.int32)
        counter.count(text, out=cells.T, workers=workers)
        # Slices of one array: a third of the time that an array for each field takes.
        flat = pa.Array.from_buffers(integer, cells.size, [None, pa.py_buffer(cells)])
        fields = [flat.slice(start, rows) for start in range(0, cells.size, rows)] if rows else [flat] * len(columns)
        return pa.StructArray.from_buffers(struct, rows, [_validity(text)], children=fields)

    return count_terms


def _sparse(counter: TermCounter, columns: Sequence[str], workers: int | None) -> _Function:
    """A function that gives lists of the columns that occur, each with its count."""
    scipy_sparse()
    integer = pa.int32()
    names = pa.array(columns, pa.string())
    # DuckDB makes a VARCHAR of it, and has one copy of a name for all rows of a portion.
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
    """A function that gives lists of the columns that occur."""
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
    """The bits of the rows that are not NULL; none if all are."""
    if not text.null_count:
        return None
    bits: pa.Buffer = text.is_valid().combine_chunks().buffers()[1]
    return bits


def _check_name(name: str) -> None:
    if not isinstance(name, str):
        raise TypeError(f"name is {type(name).__name__} ({name!r}); expected str")
    if problem := _unwritable(name):
        raise ValueError(f"name is {name!r}; a function whose name {problem} cannot be called")


def _check_columns(columns: Sequence[str], are_fields: bool) -> None:
    if not columns and are_fields:
        raise ValueError("there are no columns, and a STRUCT needs at least one; pass terms, or sparse=True")
    for column, name in enumerate(columns):
        problem = _unwritable(name) if are_fields else _not_unicode(name)
        if problem:
            raise ValueError(f"the name of column {column} is {name!r}, which {problem}; pass other names=")


def _not_unicode(name: str) -> str | None:
    return "holds a lone surrogate" if any("\ud800" <= char <= "\udfff" for char in name) else None


def _unwritable(name: str) -> str | None:
    """Why SQL has no way to write an identifier, if so."""
    if not name:
        return "is empty"
    # Arrow's names end with NUL, too.
    return "holds NUL" if "\0" in name else _not_unicode(name)


def _removed(con: duckdb.DuckDBPyConnection | ModuleType, name: str) -> bool:
    """Remove the function of this name, if it was registered through this connection."""
    try:
        con.remove_function(name)
    except duckdb.InvalidInputException:
        return False
    return True


def _check_free(con: duckdb.DuckDBPyConnection | ModuleType, name: str, *, removed: bool) -> None:
    """Refuse the name of a function that is there already; some versions of DuckDB would take it, and then find both.

    Asked through another cursor, since the connection may hold a result that is not fetched yet. As long as it does,
    a function that was ``removed`` through it is there for all others. (DuckDB 2 would not have removed it.)
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
                " fetch it, and register again"
            )
        raise ValueError(
            f"there is a function {name!r} already; pass another name, or replace=True for one that was registered"
            " through this connection"
        )
