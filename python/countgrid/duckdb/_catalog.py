"""Functions in the catalog of a DuckDB database: their names, and how long they live."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb
import pyarrow as pa

from countgrid._columns import lower_ascii
from countgrid.duckdb._functions import Function

if TYPE_CHECKING:
    from types import ModuleType

Connection: TypeAlias = "duckdb.DuckDBPyConnection | ModuleType"

#: Every registered function. A database's catalog outlives the connection that registered a function, but does not
#: own a reference to it. Without this one, a call from another connection, or a query that still runs, would read
#: freed memory. Equal functions are stored once, so registering the same again costs nothing.
_FUNCTIONS: dict[tuple[Hashable, ...], Function] = {}

#: DuckDB before 1.4 hangs if two threads register functions in one database at the same time.
_REGISTERING = threading.Lock()


def check_connection(con: Connection) -> None:
    if con is not duckdb and not isinstance(con, duckdb.DuckDBPyConnection):
        raise TypeError(f"con is {type(con).__name__} ({con!r}); expected a DuckDB connection")


def make(kind: Callable[..., Function], *options: Hashable) -> Function:
    """Return the function of a kind with these options. Equal functions are the same object."""
    key = (kind, *options)
    if (function := _FUNCTIONS.get(key)) is None:
        function = kind(*options)
        # Raise errors that every call would raise here, not in a query.
        function(pa.chunked_array([], pa.string()))
        function = _FUNCTIONS.setdefault(key, function)
    return function


def add(con: Connection, name: str, function: Function, returned: str, *, replace: bool) -> None:
    """Add a function to a database."""
    with _REGISTERING:
        _check_free(con, name, removed=replace and _removed(con, name))
        _create(con, name, function, returned)


def _create(con: Connection, name: str, function: Function, returned: str) -> None:
    # DuckDB accepts strings for its enumerations, whose module has a different name in each version. Its stubs do not
    # allow them.
    create: Any = con.create_function
    try:
        create(name, function, ["VARCHAR"], returned, type="arrow", null_handling="special", side_effects=False)
    except duckdb.CatalogException as error:
        if "is not an scalar function" not in str(error):
            raise
        raise ValueError(f"there is already a macro {name!r}; pass another name") from error


def check_name(name: str) -> None:
    if not isinstance(name, str):
        raise TypeError(f"name is {type(name).__name__} ({name!r}); expected str")
    if problem := unwritable(name):
        raise ValueError(f"name is {name!r}, which {problem}; SQL cannot call such a function")


def not_unicode(name: str) -> str | None:
    return "contains a lone surrogate" if any("\ud800" <= char <= "\udfff" for char in name) else None


def unwritable(name: str) -> str | None:
    """Why SQL cannot write this identifier; None if it can."""
    if not name:
        return "is empty"
    # Arrow's names end at NUL too.
    return "contains NUL" if "\0" in name else not_unicode(name)


def _removed(con: Connection, name: str) -> bool:
    """Remove the function with this name if it was registered through this connection."""
    try:
        con.remove_function(name)
    except duckdb.InvalidInputException:
        return False
    return True


def _check_free(con: Connection, name: str, *, removed: bool) -> None:
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
