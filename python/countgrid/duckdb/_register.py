"""`register` and `register_score`: their docstrings, and checks of their options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

from countgrid._columns import counter_of, counter_of_batches, lower_ascii, named
from countgrid._rates import checked_per_words
from countgrid._weights import weights_by_column, weights_of
from countgrid.duckdb import _functions
from countgrid.duckdb._catalog import Connection, add, check_connection, check_name, make, not_unicode, unwritable

if TYPE_CHECKING:
    from countgrid._counter import TermCounter
    from countgrid._options import Matching, Terms


def register(
    con: Connection,
    name: str,
    terms: Terms | TermCounter,
    *,
    prefix: str = "",
    names: Sequence[str] | None = None,
    sparse: bool = False,
    which: bool = False,
    per_words: float | None = None,
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
    per_words : float, optional
        Return rates: counts per that many words of the text. See `countgrid.TermCounter.count`.
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
        names, ``VARCHAR[]``. With ``per_words``, counts are DOUBLE. NULL gives NULL.

    Raises
    ------
    ValueError
        A function or macro with this name exists. Two columns would have the same name; DuckDB ignores the case of
        ASCII letters, except with ``sparse=True`` or ``which=True``. A name is empty, or contains NUL or a lone
        surrogate. There are no columns, without ``sparse=True`` or ``which=True``. Both are True, or ``which`` and
        ``per_words`` are given. See also `countgrid.TermCounter`.
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
    check_connection(con)
    check_name(name)
    counter = counter_of_batches(terms, matching)
    if sparse and which:
        raise ValueError("sparse and which are both True; expected one of them")
    if which and per_words is not None:
        raise ValueError("which returns names without counts; pass per_words= without which=True")
    per = None if per_words is None else checked_per_words(per_words)
    are_fields = not (sparse or which)
    columns = tuple(named(counter, prefix, names, fold=lower_ascii if are_fields else str))
    _check_columns(columns, are_fields)
    cell = "INTEGER" if per is None else "DOUBLE"
    if which:
        function, returned = make(_functions.which, counter, columns, workers), "VARCHAR[]"
    else:
        function = make(_functions.counts, counter, columns, sparse, per, workers)
        fields = f'"column" VARCHAR, count {cell}' if sparse else ", ".join(f"{_quoted(c)} {cell}" for c in columns)
        returned = f"STRUCT({fields}){'[]' if sparse else ''}"
    add(con, name, function, returned, replace=replace)


def register_score(
    con: Connection,
    name: str,
    terms: Terms | TermCounter,
    weights: Any = None,
    *,
    per_words: float | None = None,
    replace: bool = False,
    workers: int | None = 1,
    **matching: Unpack[Matching],
) -> None:
    """Register an SQL function ``name(text)`` that scores each text: the weights of the terms found, added up.

    Parameters
    ----------
    con, name, terms, replace, workers, **matching
        As for `register`.
    weights : array of shape (n_columns,) or (n_columns, k), or mapping of column to number, optional
        See `countgrid.TermCounter.score`. Default: the weights of ``terms``, if it is a `countgrid.Lexicon`.
    per_words : float, optional
        Return scores per that many words of the text.

    Returns
    -------
    None
        The function returns a DOUBLE or, for k weights for each column, a ``DOUBLE[k]``. NULL gives NULL.

    Raises
    ------
    ValueError
        As for `register` and `countgrid.TermCounter.score`; no weights, or none for each column (k = 0).
    RuntimeError, TypeError
        As for `register` and `countgrid.TermCounter.score`.

    Examples
    --------
    >>> import duckdb
    >>> import countgrid.duckdb
    >>> con = duckdb.connect()
    >>> countgrid.duckdb.register_score(con, "tone", {"good": ["good"], "bad": ["bad"]}, {"good": 1, "bad": -2})
    >>> con.sql("SELECT tone(text) FROM (VALUES ('good, good'), ('so bad'), (NULL)) AS docs(text)").fetchall()
    [(2.0,), (-2.0,), (None,)]
    """
    check_connection(con)
    check_name(name)
    counter = counter_of(terms, matching)
    by_column = weights_by_column(weights_of(terms) if weights is None else weights, counter.columns)
    per = None if per_words is None else checked_per_words(per_words)
    returned = "DOUBLE" if by_column.ndim == 1 else f"DOUBLE[{by_column.shape[1]}]"
    if not all(by_column.shape[1:]):
        raise ValueError(f"weights have shape {by_column.shape}; expected at least one weight for each column")
    # As tuples, which can be compared.
    rows = tuple(by_column.tolist() if by_column.ndim == 1 else map(tuple, by_column.tolist()))
    function = make(_functions.score, counter, rows, per, workers)
    add(con, name, function, returned, replace=replace)


def _check_columns(columns: Sequence[str], are_fields: bool) -> None:
    if not columns and are_fields:
        raise ValueError("there are no columns, and a STRUCT needs at least one; pass terms, or sparse=True")
    for column, name in enumerate(columns):
        problem = unwritable(name) if are_fields else not_unicode(name)
        if problem:
            raise ValueError(f"the name of column {column} is {name!r}, which {problem}; pass other names=")


def _quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'
