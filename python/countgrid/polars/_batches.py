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

#: The type of ``sparse=True``. Names are String, not Enum. An Enum takes 4 bytes per count instead of 16 (characters
#: are shared in both). But polars 1.10 and 1.30 panic when lists of structs with Enums are sorted, joined or
#: concatenated, and an Enum does not join with a String column.
_LISTS = pl.List(pl.Struct({"column": pl.String(), "count": pl.Int32()}))

#: Rows that `total` counts in one call. This many short texts keep all cores busy. Their counts take 12 bytes for
#: each column that a text contains, little compared to the whole column of texts.
_ROWS = 1 << 16


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
    counter: TermCounter, columns: list[str], sparse: bool, missing: Missing, workers: int | None
) -> tuple[Count, pl.DataType]:
    """The function that counts a batch, and the type of its result."""
    _check_options(counter, missing, workers)
    if sparse:
        require("scipy.sparse", "sparse=True", "scipy")
        return partial(_lists, counter=counter, columns=columns, missing=missing, workers=workers), _LISTS
    dtype = pl.Struct({name: pl.Int32() for name in columns})
    return partial(_structs, counter=counter, columns=columns, missing=missing, workers=workers), dtype


def naming(counter: TermCounter, columns: list[str], missing: Missing, workers: int | None) -> Count:
    """The function that names the columns that each row of a batch contains."""
    _check_options(counter, missing, workers)
    require("scipy.sparse", "which", "scipy")
    return partial(_names, counter=counter, columns=columns, missing=missing, workers=workers)


def summing(counter: TermCounter, missing: Missing, workers: int | None) -> Callable[[pl.Series], pl.Series]:
    """The function that adds up the counts of each row of a batch."""
    _check_options(counter, missing, workers)
    require("scipy.sparse", "total", "scipy")
    return partial(_sums, counter=counter, missing=missing, workers=workers)


def scoring(
    counter: TermCounter, weights: Any, missing: Missing, per_words: float | None, workers: int | None
) -> tuple[Callable[[pl.Series], pl.Series], pl.DataType]:
    """The function that scores a batch, and the type of its result."""
    _check_options(counter, missing, workers)
    by_column = weights_by_column(weights, counter.columns)
    counter.score([], by_column, per_words=per_words)
    dtype = pl.Float64() if by_column.ndim == 1 else pl.Array(pl.Float64(), by_column.shape[1])
    score = partial(
        _scores, counter=counter, weights=by_column, missing=missing, per_words=per_words, workers=workers
    )
    return score, dtype


def word_counting(word_chars: str, missing: Missing, workers: int | None) -> Callable[[pl.Series], pl.Series]:
    """The function that counts the words of each row of a batch."""
    _check_missing(missing)
    count_words([], word_chars=word_chars, workers=workers)
    return partial(_words, word_chars=word_chars, missing=missing, workers=workers)


def _check_options(counter: TermCounter, missing: Missing, workers: int | None) -> None:
    _check_missing(missing)
    counter.count([], workers=workers)


def _check_missing(missing: Missing) -> None:
    if missing not in ("keep", "zero", "raise"):
        raise ValueError(f"missing is {missing!r}; expected 'keep', 'zero' or 'raise'")


def _structs(
    series: pl.Series,
    *,
    counter: TermCounter,
    columns: list[str],
    missing: Missing,
    workers: int | None,
    progress: Progress = False,
) -> pl.Series:
    """Structs with a field for each column. The counts are not copied."""
    documents = Documents(text_of(series, missing))
    with share(workers) as threads:
        cells = count_by_column(counter, documents, workers=threads, progress=progress)
    if not columns:
        # A DataFrame without columns has no rows, so it cannot be converted.
        is_null = series.is_null() & (missing == "keep")
        return pl.Series(series.name, [{}, None], dtype=pl.Struct([])).gather(is_null.cast(pl.UInt32))
    # Slices of one Series: creating a Series for each column takes several times as long.
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
    """A list of the nonzero counts of each row."""
    documents = Documents(text_of(series, missing))
    with share(workers) as threads:
        counts = counter.count(documents, sparse=True, workers=threads, progress=progress)
    column = strings(columns).gather(counts.indices).alias("column")
    entries = pl.DataFrame([column, pl.Series("count", counts.data)]).to_struct("entries")
    return _kept(_split(entries, counts.indptr), series, missing)


def _names(
    series: pl.Series,
    *,
    counter: TermCounter,
    columns: list[str],
    missing: Missing,
    workers: int | None,
    progress: Progress = False,
) -> pl.Series:
    """A list of the columns that each row contains."""
    documents = Documents(text_of(series, missing))
    with share(workers) as threads:
        found = present(counter, documents, workers=threads, progress=progress)
    return _kept(_split(strings(columns).gather(found.indices), found.indptr), series, missing)


def _split(entries: pl.Series, ends: np.ndarray) -> pl.Series:
    """Lists of consecutive entries, given where each list ends and the next one starts.

    polars turns ranges into lists of entries for all rows at once. If a list is null, older versions go list by list
    (27 s instead of 0.6 s for a million), so nulls are set afterwards.
    """
    places = pl.DataFrame({"start": ends[:-1], "end": ends[1:]}).select(pl.int_ranges("start", "end")).to_series()
    entry = pl.element().map_batches(entries.gather, return_dtype=entries.dtype, is_elementwise=True)
    return places.list.eval(entry)


def _sums(series: pl.Series, *, counter: TermCounter, missing: Missing, workers: int | None) -> pl.Series:
    """The sum of the counts of each row."""
    text, sums = text_of(series, missing), np.empty(len(series), np.int64)
    with share(workers) as threads:
        for start in range(0, len(series), _ROWS):
            batch = text.slice(start, _ROWS)
            counts = counter.count(batch, sparse=True, dtype=np.int64, workers=threads)
            sums[start : start + len(batch)] = counts.sum(axis=1)
    return _kept(pl.Series(sums), series, missing)


def _scores(
    series: pl.Series,
    *,
    counter: TermCounter,
    weights: np.ndarray,
    missing: Missing,
    per_words: float | None,
    workers: int | None,
) -> pl.Series:
    """The score of each row, or an array of scores."""
    documents = Documents(text_of(series, missing))
    with share(workers) as threads:
        scores = counter.score(documents, weights, per_words=per_words, workers=threads)
    return _kept(pl.Series(scores), series, missing)


def _words(series: pl.Series, *, word_chars: str, missing: Missing, workers: int | None) -> pl.Series:
    """The number of words of each row."""
    documents = Documents(text_of(series, missing))
    with share(workers) as threads:
        words = count_words(documents, word_chars=word_chars, workers=threads)
    return _kept(pl.Series(words.astype(np.int64)), series, missing)


def _kept(counts: pl.Series, series: pl.Series, missing: Missing) -> pl.Series:
    """The counts, null where the text is null if ``missing="keep"``. Only the null mask changes."""
    if missing == "keep" and series.null_count():
        counts = pl.select(pl.when(series.is_not_null()).then(counts)).to_series()
    return counts.alias(series.name)


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
