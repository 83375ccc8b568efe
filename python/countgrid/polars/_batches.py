"""Counts batches of a column: as structs, lists or sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import numpy as np
import polars as pl

from countgrid._columns import count_by_column, named
from countgrid._core import Documents
from countgrid._counter import present
from countgrid._optional import require
from countgrid._rates import count_words
from countgrid._weights import weights_by_column
from countgrid.polars._threads import share

if TYPE_CHECKING:
    from countgrid._counter import TermCounter
    from countgrid._options import Progress

Missing: TypeAlias = Literal["keep", "zero", "raise"]

#: The types of columns of text, or of only nulls.
_TEXT = (pl.String, pl.Binary, pl.Categorical, pl.Enum, pl.Null)

#: The class of extension types. Older versions of polars do not have it.
_EXTENSION: Any = getattr(pl, "BaseExtension", ())

#: Before 1.34, polars exports categories to Arrow as bare numbers, without their texts.
_READABLE_CATEGORIES = tuple(int(part) for part in pl.__version__.split(".")[:2]) >= (1, 34)


def names_of(counter: TermCounter, prefix: str, names: Sequence[str] | None) -> list[str]:
    """Name the columns. Raises if polars cannot represent a name."""
    columns = named(counter, prefix, names)
    for column, name in enumerate(columns):
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise ValueError(
                f"column {column} would be named {name!r}; polars does not allow lone surrogates; pass other names="
            ) from error
    return columns


class Count(Protocol):
    """Counts a batch of a column. A partial of a function, so that it can be pickled with its expression."""

    def __call__(self, series: pl.Series, *, progress: Progress = False) -> pl.Series: ...


def counting(
    counter: TermCounter,
    columns: list[str],
    sparse: bool,
    missing: Missing,
    per_words: float | None,
    workers: int | None,
) -> tuple[Count, pl.DataType]:
    """The function that counts a batch, and the type of its result."""
    counter.count([], workers=workers, per_words=per_words)
    cell = pl.Int32() if per_words is None else pl.Float64()
    if sparse:
        require("scipy.sparse", "sparse=True", "scipy")
        # Names are String, not Enum. An Enum takes 4 bytes per count instead of 16 (characters are shared in both).
        # But polars 1.10 and 1.30 panic when lists of structs with Enums are sorted, joined or concatenated, and an
        # Enum does not join with a String column.
        lists = pl.List(pl.Struct({"column": pl.String(), "count": cell}))
        return _of_batches(_lists, missing, workers, counter=counter, columns=columns, per_words=per_words), lists
    structs = pl.Struct(dict.fromkeys(columns, cell))
    return _of_batches(_structs, missing, workers, counter=counter, columns=columns, per_words=per_words), structs


def naming(counter: TermCounter, columns: list[str], missing: Missing, workers: int | None) -> Count:
    """The function that names the columns that each row of a batch contains."""
    counter.count([], workers=workers)
    require("scipy.sparse", "which", "scipy")
    return _of_batches(_names, missing, workers, counter=counter, columns=columns)


def summing(counter: TermCounter, missing: Missing, workers: int | None) -> Count:
    """The function that adds up the counts of each row of a batch."""
    counter.count([], workers=workers)
    return _of_batches(_sums, missing, workers, counter=counter)


def scoring(
    counter: TermCounter, weights: Any, missing: Missing, per_words: float | None, workers: int | None
) -> tuple[Count, pl.DataType]:
    """The function that scores a batch, and the type of its result."""
    by_column = weights_by_column(weights, counter.columns)
    counter.score([], by_column, per_words=per_words, workers=workers)
    dtype = pl.Float64() if by_column.ndim == 1 else pl.Array(pl.Float64(), by_column.shape[1])
    return _of_batches(_scores, missing, workers, counter=counter, weights=by_column, per_words=per_words), dtype


def word_counting(word_chars: str, missing: Missing, workers: int | None) -> Count:
    """The function that counts the words of each row of a batch."""
    count_words([], word_chars=word_chars, workers=workers)
    return _of_batches(_words, missing, workers, word_chars=word_chars)


def _of_batches(
    of_documents: Callable[..., pl.Series], missing: Missing, workers: int | None, **options: Any
) -> Count:
    """The function that applies ``of_documents`` to each batch."""
    if missing not in ("keep", "zero", "raise"):
        raise ValueError(f"missing is {missing!r}; expected 'keep', 'zero' or 'raise'")
    return partial(_batch, of_documents=partial(of_documents, **options), missing=missing, workers=workers)


def _batch(
    series: pl.Series,
    *,
    of_documents: Callable[..., pl.Series],
    missing: Missing,
    workers: int | None,
    progress: Progress = False,
) -> pl.Series:
    """A row for each text; null where the text is null if ``missing="keep"``."""
    documents = Documents(text_of(series, missing))
    with share(workers) as threads:
        rows = of_documents(documents, workers=threads, progress=progress)
    if missing == "keep" and series.null_count():
        rows = _with_nulls(rows, series.is_null())
    return rows.alias(series.name)


def _with_nulls(rows: pl.Series, are_null: pl.Series) -> pl.Series:
    """Set some rows to null. Only the null mask changes."""
    if rows.dtype == pl.Struct([]):
        # polars 1.10 ignores the mask of structs without fields.
        return pl.Series([{}, None], dtype=rows.dtype).gather(are_null.cast(pl.UInt32))
    return pl.select(pl.when(~are_null).then(rows)).to_series()


def _structs(
    documents: Documents, *, counter: TermCounter, columns: list[str], per_words: float | None, **run: Any
) -> pl.Series:
    """Structs with a field for each column. The counts are not copied."""
    cells = count_by_column(counter, documents, per_words=per_words, **run)
    rows = len(documents)
    if not columns:
        # A DataFrame without columns has no rows, so it cannot be converted.
        return pl.Series([{}], dtype=pl.Struct([])).gather(pl.zeros(rows, pl.UInt32, eager=True))
    # Slices of one Series: creating a Series for each column takes several times as long.
    flat = pl.Series(cells.reshape(-1, order="F"))
    return pl.DataFrame({name: flat.slice(i * rows, rows) for i, name in enumerate(columns)}).to_struct()


def _lists(
    documents: Documents, *, counter: TermCounter, columns: list[str], per_words: float | None, **run: Any
) -> pl.Series:
    """A list of the nonzero counts of each row."""
    counts = counter.count(documents, sparse=True, per_words=per_words, **run)
    column = strings(columns).gather(counts.indices).alias("column")
    entries = pl.DataFrame([column, pl.Series("count", counts.data)]).to_struct("entries")
    return _split(entries, counts.indptr)


def _names(documents: Documents, *, counter: TermCounter, columns: list[str], **run: Any) -> pl.Series:
    """A list of the columns that each row contains."""
    found = present(counter, documents, **run)
    return _split(strings(columns).gather(found.indices), found.indptr)


def _split(entries: pl.Series, ends: np.ndarray) -> pl.Series:
    """Lists of consecutive entries, given where each list ends and the next one starts.

    polars turns ranges into lists of entries for all rows at once. If a list is null, older versions go list by list
    (27 s instead of 0.6 s for a million), so nulls are set afterwards.
    """
    places = pl.DataFrame({"start": ends[:-1], "end": ends[1:]}).select(pl.int_ranges("start", "end")).to_series()
    entry = pl.element().map_batches(entries.gather, return_dtype=entries.dtype, is_elementwise=True)
    return places.list.eval(entry)


def _sums(documents: Documents, *, counter: TermCounter, **run: Any) -> pl.Series:
    """The sum of the counts of each row: the score with weights of 1. Exact up to 2**53."""
    return pl.Series(counter.score(documents, np.ones(len(counter)), **run).astype(np.int64))


def _scores(documents: Documents, *, counter: TermCounter, **options: Any) -> pl.Series:
    """The score of each row, or an array of scores."""
    return pl.Series(counter.score(documents, **options))


def _words(documents: Documents, **options: Any) -> pl.Series:
    """The number of words of each row."""
    return pl.Series(count_words(documents, **options).astype(np.int64))


def text_of(series: pl.Series, missing: Missing = "zero") -> pl.Series:
    """The Series as countgrid can read it. Raises if it is not text, or has nulls that are not allowed."""
    dtype = series.dtype
    if is_extension := isinstance(dtype, _EXTENSION):
        series = series.ext.storage()
    kind = series.dtype.base_type()  # Categoricals with different categories are not equal
    # Bytes with an extension type mean something else.
    if kind not in _TEXT or (is_extension and kind == pl.Binary):
        expected = "expected String, Binary, Categorical, Enum or Null"
        if kind == pl.Object:
            expected += "; convert it, for example with pl.Series(series.to_list(), dtype=pl.String)"
        raise TypeError(f"column {series.name!r} is {dtype}; {expected}")
    nulls = series.null_count()
    if missing == "raise" and nulls:
        raise ValueError(f"column {series.name!r} has {nulls} nulls; expected none with missing='raise'")
    if kind in (pl.Categorical, pl.Enum) and not _READABLE_CATEGORIES:
        return series.cast(pl.String)
    return series


def strings(names: list[str]) -> pl.Series:
    return pl.Series(names, dtype=pl.String)


def row_index(rows: np.ndarray) -> pl.Series:
    """Row numbers in the type that ``DataFrame.with_row_index`` uses."""
    return pl.Series(rows).cast(pl.get_index_type())
