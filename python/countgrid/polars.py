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

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, Unpack

import numpy as np

from countgrid._columns import count_by_column, counter_of, named
from countgrid._core import Documents
from countgrid._optional import not_installed, require

try:
    import polars as pl
except ImportError as error:
    raise not_installed(error, __name__, "polars") from error

if TYPE_CHECKING:
    from countgrid._api import Progress, TermCounter, Terms, _Matching

__all__ = ["CountgridExprNamespace", "CountgridSeriesNamespace"]

Missing: TypeAlias = Literal["keep", "zero", "raise"]

#: The types of columns that hold text, or nothing.
_TEXT = (pl.String, pl.Binary, pl.Categorical, pl.Enum, pl.Null)

#: The class of extension types, which older versions of polars lack.
_EXTENSION: Any = getattr(pl, "BaseExtension", ())

#: The Arrow streams of categories that polars makes before 1.34 hold bare numbers, and nobody can read them.
_READABLE_CATEGORIES = tuple(int(part) for part in pl.__version__.split(".")[:2]) >= (1, 34)

#: What ``sparse=True`` gives. Names are String, not Enum: an Enum takes 4 bytes a count instead of 16 (the characters
#: are shared either way), but polars 1.10 and 1.30 panic when lists of structs with Enums are sorted, joined or put
#: together, and an Enum of another table's names does not join with a String column of them.
_LISTS = pl.List(pl.Struct({"column": pl.String(), "count": pl.Int32()}))

#: Rows that `total` counts at a time: enough to keep all cores busy with short texts, and so few that their counts,
#: 12 bytes for each column that a text holds, are small beside a column of many such portions.
_PORTION = 1 << 16


@pl.api.register_expr_namespace("countgrid")
class CountgridExprNamespace:
    """The namespace ``Expr.countgrid``, for String, Binary, Categorical, Enum and Null columns.

    All methods take ``terms`` as `countgrid.count` does, with its matching options, or a `countgrid.TermCounter`.
    They are elementwise, and may stand wherever polars takes an expression.
    """

    def __init__(self, expr: pl.Expr) -> None:
        self._expr = expr

    def count(
        self,
        terms: Terms | TermCounter,
        *,
        prefix: str = "",
        names: Sequence[str] | None = None,
        missing: Missing = "keep",
        sparse: bool = False,
        workers: int | None = None,
        **matching: Unpack[_Matching],
    ) -> pl.Expr:
        """Count how often each term occurs in each value.

        Parameters
        ----------
        terms : sequence of str or bytes, mapping of str to such sequences, or TermCounter
            See `countgrid.TermCounter`. Compiled here, once.
        prefix : str, default ""
            Put before each column's name.
        names : sequence of str, optional
            Names for the columns, instead of the terms or categories.
        missing : {"keep", "zero", "raise"}, default "keep"
            What a null gives: a null; counts of zero (an empty list, if sparse); an error.
        sparse : bool, default False
            A list of the counts that are not zero instead of a field for each column: for thousands of terms. Needs
            scipy.
        workers : int, optional
            Threads for each piece that polars passes. Default: as many as polars has, divided among the pieces that
            are counted at the same time. Never changes the result.
        **matching
            See `countgrid.TermCounter`; none beside a `TermCounter`.

        Returns
        -------
        Expr
            Of the name and length of this one. A ``Struct`` with an ``Int32`` field for each term or category, for
            ``unnest``; a null struct for a null. With ``sparse=True`` a ``List`` of ``Struct`` of ``column`` (its
            name, ``String``) and ``count`` (``Int32``), in the order of the columns, for ``explode`` and ``unnest``.

        Raises
        ------
        ValueError
            Two columns of one name, and what `countgrid.TermCounter` raises: here. ``missing="raise"`` where the
            column has nulls: when the expression is evaluated.
        TypeError
            What `countgrid.TermCounter` raises: here. A column that is no text: when the expression is evaluated.
        ImportError
            ``sparse=True`` without scipy: here.
        OverflowError, MemoryError
            See `countgrid.count`: when the expression is evaluated.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> df = pl.DataFrame({"text": ["good, not bad", None, "BAD"]})
        >>> lexicon = {"positive": ["good"], "negative": ["bad"]}
        >>> df.select(pl.col("text").countgrid.count(lexicon, ignore_case=True)).unnest("text")
        shape: (3, 2)
        ┌──────────┬──────────┐
        │ positive ┆ negative │
        │ ---      ┆ ---      │
        │ i32      ┆ i32      │
        ╞══════════╪══════════╡
        │ 1        ┆ 1        │
        │ null     ┆ null     │
        │ 0        ┆ 1        │
        └──────────┴──────────┘
        >>> counts = pl.col("text").countgrid.count(lexicon, ignore_case=True, sparse=True)
        >>> df.with_row_index().select("index", counts).drop_nulls().explode("text").unnest("text")
        shape: (3, 3)
        ┌───────┬──────────┬───────┐
        │ index ┆ column   ┆ count │
        │ ---   ┆ ---      ┆ ---   │
        │ u32   ┆ str      ┆ i32   │
        ╞═══════╪══════════╪═══════╡
        │ 0     ┆ positive ┆ 1     │
        │ 0     ┆ negative ┆ 1     │
        │ 2     ┆ negative ┆ 1     │
        └───────┴──────────┴───────┘
        """
        counter = counter_of(terms, matching)
        columns = _named(counter, prefix, names)
        count, dtype = _counting(counter, columns, sparse, missing, workers)
        return self._expr.map_batches(count, return_dtype=dtype, is_elementwise=True)

    def total(
        self,
        terms: Terms | TermCounter,
        *,
        missing: Missing = "keep",
        workers: int | None = None,
        **matching: Unpack[_Matching],
    ) -> pl.Expr:
        """Count how often all terms together occur in each value: the sum over the columns of `count`.

        Parameters
        ----------
        terms, missing, workers, **matching
            As for `count`. Any number of terms: no table of all counts is made. Needs scipy.

        Returns
        -------
        Expr
            Of the name and length of this one, ``Int64``.

        Raises
        ------
        ValueError, TypeError, ImportError
            As for `count`.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> df = pl.DataFrame({"text": ["the cat sat", None, "the the"], "by": ["x", "x", "y"]})
        >>> df.group_by("by", maintain_order=True).agg(pl.col("text").countgrid.total(["the", "cat"]).sum())
        shape: (2, 2)
        ┌─────┬──────┐
        │ by  ┆ text │
        │ --- ┆ ---  │
        │ str ┆ i64  │
        ╞═════╪══════╡
        │ x   ┆ 2    │
        │ y   ┆ 2    │
        └─────┴──────┘
        """
        sums = _summing(counter_of(terms, matching), missing, workers)
        return self._expr.map_batches(sums, return_dtype=pl.Int64(), is_elementwise=True)


@pl.api.register_series_namespace("countgrid")
class CountgridSeriesNamespace:
    """The namespace ``Series.countgrid``, for String, Binary, Categorical, Enum and Null Series.

    All methods take ``terms`` as `countgrid.count` does, with its matching options, or a `countgrid.TermCounter`.
    Each value of a Categorical or an Enum is searched once, however many rows have it.
    """

    def __init__(self, series: pl.Series) -> None:
        self._series = series

    def count(
        self,
        terms: Terms | TermCounter,
        *,
        prefix: str = "",
        names: Sequence[str] | None = None,
        missing: Missing = "keep",
        sparse: bool = False,
        workers: int | None = None,
        progress: Progress = False,
        **matching: Unpack[_Matching],
    ) -> pl.Series:
        """Count how often each term occurs in each value.

        Parameters
        ----------
        terms, prefix, names, missing, sparse, workers, **matching
            As for `CountgridExprNamespace.count`.
        progress
            See `countgrid.TermCounter.count`.

        Returns
        -------
        Series
            ``Struct``, or ``List`` of ``Struct``, as for `CountgridExprNamespace.count`.

        Raises
        ------
        ValueError, TypeError, ImportError, OverflowError, MemoryError
            As for `CountgridExprNamespace.count`.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> pl.Series(["the cat sat", None]).countgrid.count(["the", "cat"]).struct.unnest()
        shape: (2, 2)
        ┌──────┬──────┐
        │ the  ┆ cat  │
        │ ---  ┆ ---  │
        │ i32  ┆ i32  │
        ╞══════╪══════╡
        │ 1    ┆ 1    │
        │ null ┆ null │
        └──────┴──────┘
        """
        counter = counter_of(terms, matching)
        count, _ = _counting(counter, _named(counter, prefix, names), sparse, missing, workers)
        return count(self._series, progress=progress)

    def total(
        self,
        terms: Terms | TermCounter,
        *,
        missing: Missing = "keep",
        workers: int | None = None,
        **matching: Unpack[_Matching],
    ) -> pl.Series:
        """Count how often all terms together occur in each value: the sum over the columns of `count`.

        Parameters
        ----------
        terms, missing, workers, **matching
            As for `CountgridExprNamespace.total`.

        Returns
        -------
        Series
            ``Int64``.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> pl.Series(["the cat sat", None]).countgrid.total(["the", "cat"]).to_list()
        [2, None]
        """
        return _summing(counter_of(terms, matching), missing, workers)(self._series)

    def totals(
        self,
        terms: Terms | TermCounter,
        *,
        prefix: str = "",
        names: Sequence[str] | None = None,
        workers: int | None = None,
        progress: Progress = False,
        **matching: Unpack[_Matching],
    ) -> pl.DataFrame:
        """Count how often each term occurs in all values, and in how many.

        Parameters
        ----------
        terms, prefix, names, workers, progress, **matching
            As for `count`. A null holds nothing.

        Returns
        -------
        DataFrame
            A row for each column of `count`: ``column`` (its name), ``count`` and ``documents`` (``Int64``).

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> pl.Series(["the cat", "the the"]).countgrid.totals(["the", "cat"])
        shape: (2, 3)
        ┌────────┬───────┬───────────┐
        │ column ┆ count ┆ documents │
        │ ---    ┆ ---   ┆ ---       │
        │ str    ┆ i64   ┆ i64       │
        ╞════════╪═══════╪═══════════╡
        │ the    ┆ 3     ┆ 2         │
        │ cat    ┆ 1     ┆ 1         │
        └────────┴───────┴───────────┘
        """
        counter = counter_of(terms, matching)
        columns = _named(counter, prefix, names)
        with _share(workers) as threads:
            totals = counter.totals(Documents(_text(self._series)), workers=threads, progress=progress)
        return pl.DataFrame({"column": _strings(columns), "count": totals.counts, "documents": totals.documents})

    def find(
        self,
        terms: Terms | TermCounter,
        *,
        prefix: str = "",
        names: Sequence[str] | None = None,
        workers: int | None = None,
        **matching: Unpack[_Matching],
    ) -> pl.DataFrame:
        """Find where each term occurs.

        Parameters
        ----------
        terms, prefix, names, workers, **matching
            As for `count`. A null has no matches.

        Returns
        -------
        DataFrame
            A row for each match: ``index`` (the row of its value, as of ``DataFrame.with_row_index``), ``column`` (a
            name), ``start`` and ``end`` (``Int64``), as of `countgrid.Matches`; in the order of the values, then of
            places.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> pl.Series(["the cat", "no", "the the"]).countgrid.find(["the", "cat"])
        shape: (4, 4)
        ┌───────┬────────┬───────┬─────┐
        │ index ┆ column ┆ start ┆ end │
        │ ---   ┆ ---    ┆ ---   ┆ --- │
        │ u32   ┆ str    ┆ i64   ┆ i64 │
        ╞═══════╪════════╪═══════╪═════╡
        │ 0     ┆ the    ┆ 0     ┆ 3   │
        │ 0     ┆ cat    ┆ 4     ┆ 7   │
        │ 2     ┆ the    ┆ 0     ┆ 3   │
        │ 2     ┆ the    ┆ 4     ┆ 7   │
        └───────┴────────┴───────┴─────┘
        """
        counter = counter_of(terms, matching)
        columns = _named(counter, prefix, names)
        with _share(workers) as threads:
            matches = counter.find(Documents(_text(self._series)), workers=threads)
        return pl.DataFrame(
            {
                "index": _row_index(matches.document),
                "column": _strings(columns).gather(matches.column),
                "start": matches.start,
                "end": matches.end,
            }
        )

    def context(
        self,
        terms: Terms | TermCounter,
        *,
        width: int = 40,
        prefix: str = "",
        names: Sequence[str] | None = None,
        workers: int | None = None,
        **matching: Unpack[_Matching],
    ) -> pl.DataFrame:
        """Show each match with the text around it (keyword in context).

        Parameters
        ----------
        terms, prefix, names, workers, **matching
            As for `find`.
        width : int, default 40
            At most so many characters (of a Binary Series, bytes) on either side.

        Returns
        -------
        DataFrame
            As of `find`, with ``before``, ``match`` and ``after`` instead of places: ``String``, or ``Binary`` if the
            Series is.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> pl.Series(["the cat sat", "a cat"]).countgrid.context(["cat"], width=4)
        shape: (2, 5)
        ┌───────┬────────┬────────┬───────┬───────┐
        │ index ┆ column ┆ before ┆ match ┆ after │
        │ ---   ┆ ---    ┆ ---    ┆ ---   ┆ ---   │
        │ u32   ┆ str    ┆ str    ┆ str   ┆ str   │
        ╞═══════╪════════╪════════╪═══════╪═══════╡
        │ 0     ┆ cat    ┆ the    ┆ cat   ┆  sat  │
        │ 1     ┆ cat    ┆ a      ┆ cat   ┆       │
        └───────┴────────┴────────┴───────┴───────┘
        """
        counter = counter_of(terms, matching)
        columns = _named(counter, prefix, names)
        documents = Documents(_text(self._series))
        with _share(workers) as threads:
            matches = counter.find(documents, workers=threads)
        shown = matches.context(documents, width=width)
        text = pl.Binary if self._series.dtype == pl.Binary else pl.String
        return pl.DataFrame(
            {
                "index": _row_index(matches.document),
                "column": _strings(columns).gather(matches.column),
                "before": pl.Series([match.before for match in shown], dtype=text),
                "match": pl.Series([match.match for match in shown], dtype=text),
                "after": pl.Series([match.after for match in shown], dtype=text),
            }
        )


def _named(counter: TermCounter, prefix: str, names: Sequence[str] | None) -> list[str]:
    """Name the columns, with names that polars can hold."""
    columns = named(counter, prefix, names)
    for column, name in enumerate(columns):
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise ValueError(
                f"column {column} would be named {name!r}; polars has no lone surrogates; pass other names="
            ) from error
    return columns


class _Count(Protocol):
    """A piece of a column in, its counts out. Each is a partial of a function, to be pickled with its expression."""

    def __call__(self, series: pl.Series, *, progress: Progress = False) -> pl.Series: ...


def _counting(
    counter: TermCounter, columns: list[str], sparse: bool, missing: Missing, workers: int | None
) -> tuple[_Count, pl.DataType]:
    """What counts a piece, and the type of what it gives."""
    _check_options(counter, missing, workers)
    if sparse:
        require("scipy.sparse", "sparse=True", "scipy")
        return partial(_lists, counter=counter, columns=columns, missing=missing, workers=workers), _LISTS
    dtype = pl.Struct({name: pl.Int32() for name in columns})
    return partial(_structs, counter=counter, columns=columns, missing=missing, workers=workers), dtype


def _summing(counter: TermCounter, missing: Missing, workers: int | None) -> Callable[[pl.Series], pl.Series]:
    """What adds up the counts of each row of a piece."""
    _check_options(counter, missing, workers)
    require("scipy.sparse", "total", "scipy")
    return partial(_sums, counter=counter, missing=missing, workers=workers)


def _check_options(counter: TermCounter, missing: Missing, workers: int | None) -> None:
    if missing not in ("keep", "zero", "raise"):
        raise ValueError(f"missing is {missing!r}; expected 'keep', 'zero' or 'raise'")
    counter.count([], workers=workers)


def _structs(
    series: pl.Series,
    *,
    counter: TermCounter,
    columns: list[str],
    missing: Missing,
    workers: int | None,
    progress: Progress = False,
) -> pl.Series:
    """A field for each column; the counts stay where they were written."""
    documents = Documents(_text(series, missing))
    with _share(workers) as threads:
        cells = count_by_column(counter, documents, workers=threads, progress=progress)
    if not columns:
        # A frame without columns has no rows that could become structs.
        is_null = series.is_null() & (missing == "keep")
        return pl.Series(series.name, [{}, None], dtype=pl.Struct([])).gather(is_null.cast(pl.UInt32))
    # One Series and slices of it: to make a Series of each column takes several times as long.
    flat, rows = pl.Series(cells.reshape(-1, order="F")), len(series)
    fields = {name: flat.slice(i * rows, rows) for i, name in enumerate(columns)}
    return _kept(pl.DataFrame(fields).to_struct(), series, missing)


def _lists(
    series: pl.Series,
    *,
    counter: TermCounter,
    columns: list[str],
    missing: Missing,
    workers: int | None,
    progress: Progress = False,
) -> pl.Series:
    """A list of the counts of each row that are not zero."""
    documents = Documents(_text(series, missing))
    with _share(workers) as threads:
        counts = counter.count(documents, sparse=True, workers=threads, progress=progress)
    column = _strings(columns).gather(counts.indices).alias("column")
    entries = pl.DataFrame([column, pl.Series("count", counts.data)]).to_struct("entries")
    # polars makes lists of ranges, and then of what the ranges are of, in one go for all rows. Where a list is null,
    # older versions go list by list (27 s instead of 0.6 s for a million); so nulls come last.
    ends = pl.DataFrame({"start": counts.indptr[:-1], "end": counts.indptr[1:]})
    places = ends.select(pl.int_ranges("start", "end")).to_series()
    entry = pl.element().map_batches(entries.gather, return_dtype=entries.dtype, is_elementwise=True)
    return _kept(places.list.eval(entry), series, missing)


def _sums(series: pl.Series, *, counter: TermCounter, missing: Missing, workers: int | None) -> pl.Series:
    """The sum of the counts of each row."""
    text, sums = _text(series, missing), np.empty(len(series), np.int64)
    with _share(workers) as threads:
        for start in range(0, len(series), _PORTION):
            portion = text.slice(start, _PORTION)
            counts = counter.count(portion, sparse=True, dtype=np.int64, workers=threads)
            sums[start : start + len(portion)] = counts.sum(axis=1)
    return _kept(pl.Series(sums), series, missing)


def _kept(counts: pl.Series, series: pl.Series, missing: Missing) -> pl.Series:
    """Counts that are null where the texts are, if so wished: rows are marked, no count is touched or copied."""
    if missing == "keep" and series.null_count():
        counts = pl.select(pl.when(series.is_not_null()).then(counts)).to_series()
    return counts.alias(series.name)


def _text(series: pl.Series, missing: Missing = "zero") -> pl.Series:
    """The Series, if it is text and its nulls are allowed; or an error that says which column it is."""
    dtype = series.dtype
    if is_extension := isinstance(dtype, _EXTENSION):
        series = series.ext.storage()
    kind = series.dtype.base_type()  # with categories of its own a Categorical equals no other
    # Bytes with an extension type mean something else.
    if kind not in _TEXT or (is_extension and kind == pl.Binary):
        raise TypeError(f"column {series.name!r} is {dtype}; expected String, Binary, Categorical, Enum or Null")
    nulls = series.null_count()
    if missing == "raise" and nulls:
        raise ValueError(f"column {series.name!r} has {nulls} nulls; expected none with missing='raise'")
    if kind in (pl.Categorical, pl.Enum) and not _READABLE_CATEGORIES:
        return series.cast(pl.String)
    return series


def _strings(names: list[str]) -> pl.Series:
    return pl.Series(names, dtype=pl.String)


def _row_index(rows: np.ndarray) -> pl.Series:
    """Rows as ``DataFrame.with_row_index`` has them."""
    return pl.Series(rows).cast(pl.get_index_type())


#: One item for each count that runs at this moment.
_running: list[None] = []


@contextmanager
def _share(workers: int | None) -> Iterator[int]:
    """How many threads a count may have: polars' own, divided among the counts that run.

    polars calls from one of its threads or from all at once, and does not tell. Were each call to take all cores, 16
    threads of polars would ask for 256 workers, each of which learns the text anew: 1.4 times the processor time and
    1.7 times the memory for 1,000 substrings, streaming. Were each to take one, a lone call would leave cores idle.
    """
    _running.append(None)
    try:
        yield workers if workers is not None else max(1, pl.thread_pool_size() // len(_running))
    finally:
        _running.pop()
