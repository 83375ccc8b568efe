"""Dask: counts of the text column of a Dask DataFrame.

Every worker compiles the terms once. Nothing is computed before you call ``compute``.

>>> import pandas as pd
>>> import dask.dataframe as dd
>>> import countgrid.dask
>>> df = pd.DataFrame({"text": ["the cat sat", None, "the the"]})
>>> ddf = dd.from_pandas(df, npartitions=2)
>>> countgrid.dask.count(ddf["text"], ["the", "cat"]).compute()
    the   cat
0     1     1
1  <NA>  <NA>
2     2     0
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Unpack

import numpy as np

import countgrid.pandas
from countgrid._columns import counter_of_batches, named
from countgrid._grouped import GroupedTotals
from countgrid._optional import not_installed, require
from countgrid._rates import checked_per_words
from countgrid._totals import Totals

try:
    import dask.array as da
    import dask.dataframe as dd
    import pandas as pd
    from dask.delayed import Delayed, delayed
except ImportError as error:
    raise not_installed(error, __name__, "dask") from error

if TYPE_CHECKING:
    from countgrid._counter import TermCounter
    from countgrid._options import Matching, Terms

__all__ = ["count", "totals"]

Missing: TypeAlias = Literal["keep", "zero", "raise"]

#: How many partial totals a task adds up.
_FAN_IN = 8


def count(
    series: dd.Series,
    terms: Terms | TermCounter,
    *,
    sparse: bool = False,
    prefix: str = "",
    names: Sequence[str] | None = None,
    missing: Missing | None = None,
    per_words: float | None = None,
    workers: int | None = 1,
    **matching: Unpack[Matching],
) -> dd.DataFrame | da.Array:
    """Count how often each term occurs in each value of a column.

    Parameters
    ----------
    series : dask.dataframe.Series
        A column of text.
    terms : sequence of str or bytes, mapping of str to such sequences, or TermCounter
        See `countgrid.TermCounter`.
    sparse : bool, default False
        Return a Dask array of ``scipy.sparse.csr_array`` blocks, one for each partition. Use it for thousands of
        terms. The estimators of scikit-learn and dask-ml take its blocks.
    prefix : str, default ""
        Added before each column's name.
    names : sequence of str, optional
        Names for the columns, instead of the terms or categories.
    missing : {"keep", "zero", "raise"}, default "keep", or "zero" with ``sparse=True``
        As in pandas: see `countgrid.pandas.CountgridAccessor.count`. A sparse array cannot keep missing counts.
    per_words : float, optional
        Return rates: counts per that many words of the value. See `countgrid.TermCounter.count`.
    workers : int or None, default 1
        Threads for each partition. Dask already counts several partitions at once. None uses all cores.
    **matching
        Options of `countgrid.TermCounter`.

    Returns
    -------
    dask.dataframe.DataFrame
        With the divisions and the index of ``series``, and the columns of `countgrid.pandas`: ``Int32`` with
        ``missing="keep"``, else ``int32``; with ``per_words``, ``Float64`` or ``float64``.
    dask.array.Array
        With ``sparse=True``: of shape (unknown, n_columns) and int32, or float64 with ``per_words``.

    Raises
    ------
    TypeError
        ``series`` is not a Dask Series.
    ValueError
        Two columns would have the same name; ``missing="keep"`` with ``sparse=True``. See also
        `countgrid.TermCounter`.

    Examples
    --------
    >>> import pandas as pd
    >>> import dask.dataframe as dd
    >>> import countgrid.dask
    >>> texts = dd.from_pandas(pd.Series(["cat, cat", "dog"]), npartitions=2)
    >>> countgrid.dask.count(texts, ["cat", "dog"], sparse=True).compute().toarray()
    array([[2, 0],
           [0, 1]], dtype=int32)
    """
    _check_series("series", series)
    counter = counter_of_batches(terms, matching)
    columns = named(counter, prefix, names)
    options: dict[str, Any] = {"missing": missing, "per_words": per_words, "workers": workers}
    if sparse:
        if missing == "keep":
            raise ValueError("a sparse array cannot contain missing counts; pass missing='zero'")
        return _sparse(series, counter, {**options, "missing": missing or "zero"})
    options |= {"missing": missing or "keep", "names": columns}
    # An empty frame has the types, and raises what every partition would raise.
    meta = _frame(pd.Series([], dtype=object), counter, **options)
    return series.map_partitions(_frame, delayed(counter, pure=True), meta=meta.dtypes.to_dict(), **options)


def totals(
    series: dd.Series,
    terms: Terms | TermCounter,
    *,
    by: dd.Series | None = None,
    per_words: float | None = None,
    missing: Literal["zero", "raise"] = "zero",
    workers: int | None = 1,
    **matching: Unpack[Matching],
) -> Delayed:
    """Count how often each term occurs in all values of a column, and in how many, without the matrix.

    Partitions are counted separately, and their totals are added up in a tree.

    Parameters
    ----------
    series, terms, workers, **matching
        As for `count`.
    by : dask.dataframe.Series, optional
        Labels, with the partitions of ``series``, such as another column of the same DataFrame. Returns totals for
        each group of values with equal labels.
    per_words : float, optional
        Return rates: counts per that many words of all values, or of the group.
    missing : {"zero", "raise"}, default "zero"
        A missing value counts as a text without terms, or raises ValueError.

    Returns
    -------
    dask.delayed.Delayed
        Its ``compute()`` gives `countgrid.Totals` or, with ``by``, `countgrid.GroupedTotals`.

    Raises
    ------
    TypeError
        ``series`` or ``by`` is not a Dask Series.
    ValueError
        ``by`` has another number of partitions.

    Examples
    --------
    >>> import pandas as pd
    >>> import dask.dataframe as dd
    >>> import countgrid.dask
    >>> texts = dd.from_pandas(pd.Series(["the cat", "the the"]), npartitions=2)
    >>> countgrid.dask.totals(texts, ["the", "cat"]).compute()
    column  count  documents
    the         3          2
    cat         1          1
    """
    _check_series("series", series)
    counter = counter_of_batches(terms, matching)
    per = None if per_words is None else checked_per_words(per_words)
    counter.totals([], missing=missing, workers=workers)
    options = {"missing": missing, "per_words": per, "workers": workers}
    shared = delayed(counter, pure=True)
    parts = series.to_delayed()
    if by is None:
        sums = [delayed(_totals)(part, shared, **options) for part in parts]
        return delayed(_named_totals)(_tree(sums, _added), shared, per)
    _check_series("by", by)
    labels = by.to_delayed()
    if len(labels) != len(parts):
        raise ValueError(f"by has {len(labels)} partitions, series has {len(parts)}; expected the same partitions")
    grouped = [
        delayed(_grouped)(part, of_part, shared, **options) for part, of_part in zip(parts, labels, strict=True)
    ]
    return _tree(grouped, sum)


def _check_series(name: str, series: object) -> None:
    if not isinstance(series, dd.Series):
        hint = "such as ddf['text']" if isinstance(series, dd.DataFrame) else "such as a column of a Dask DataFrame"
        raise TypeError(f"{name} is {type(series).__name__}; expected a Dask Series, {hint}")


def _frame(part: pd.Series, counter: TermCounter, **options: Any) -> pd.DataFrame:
    """The counts of a partition."""
    return countgrid.pandas.CountgridAccessor(part).count(counter, **options)


def _sparse(series: dd.Series, counter: TermCounter, options: dict[str, Any]) -> da.Array:
    scipy_sparse = require("scipy.sparse", "sparse=True", "scipy")
    counter.count([], sparse=True, **options)
    dtype = np.dtype(np.int32 if options["per_words"] is None else np.float64)
    shared = delayed(counter, pure=True)
    shape = (np.nan, len(counter))
    meta = scipy_sparse.csr_array((0, len(counter)), dtype=dtype)
    blocks = [
        da.from_delayed(delayed(_csr)(part, shared, **options), shape=shape, dtype=dtype, meta=meta)
        for part in series.to_delayed()
    ]
    return da.concatenate(blocks, axis=0, allow_unknown_chunksizes=True)


def _csr(part: pd.Series, counter: TermCounter, **options: Any) -> Any:
    return counter.count(part, sparse=True, **options)


#: The positions of nonzero totals, their counts and documents, and the number of words if rates are wanted.
_Sums: TypeAlias = "tuple[np.ndarray, np.ndarray, np.ndarray, int | None]"


def _totals(part: pd.Series, counter: TermCounter, per_words: float | None, **options: Any) -> _Sums:
    """The totals of a partition, without names and zeros: both may take more time to send than to count."""
    found = counter.totals(part, per_words=per_words, **options)
    occurrences = found.occurrences()
    at = np.flatnonzero(occurrences)
    return at, occurrences[at], found.documents[at], found.words


def _added(parts: list[_Sums]) -> _Sums:
    at, found_counts, found_documents, words = zip(*parts, strict=True)
    columns, inverse = np.unique(np.concatenate(at), return_inverse=True)
    counts, documents = np.zeros(len(columns), np.int64), np.zeros(len(columns), np.int64)
    np.add.at(counts, inverse, np.concatenate(found_counts))
    np.add.at(documents, inverse, np.concatenate(found_documents))
    return columns, counts, documents, None if words[0] is None else sum(words)


def _named_totals(sums: _Sums, counter: TermCounter, per_words: float | None) -> Totals:
    at, found_counts, found_documents, words = sums
    counts, documents = np.zeros(len(counter), np.int64), np.zeros(len(counter), np.int64)
    counts[at], documents[at] = found_counts, found_documents
    return Totals.of(counter.columns, counts, documents, words, per_words)


def _grouped(part: pd.Series, labels: pd.Series, counter: TermCounter, **options: Any) -> GroupedTotals:
    return counter.totals(part, by=labels, **options)


def _tree(parts: list[Delayed], added: Callable[[list[Any]], Any]) -> Delayed:
    """Add up some at a time, so that no task waits for all."""
    while len(parts) > 1:
        parts = [delayed(added)(parts[start : start + _FAN_IN]) for start in range(0, len(parts), _FAN_IN)]
    return parts[0]
