"""The words of documents, and counts per 100 or 1,000 words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from countgrid import _core
from countgrid._progress import watched

if TYPE_CHECKING:
    from collections.abc import Callable

#: Cells that are divided at a time. They stay in the cache.
_BLOCK = 64 << 10

#: Keys in ``DataFrame.attrs``, for plots. Rates are occurrences per this many words. Rows of totals are groups.
PER_WORDS = "countgrid.per_words"
ARE_GROUPS = "countgrid.groups"


def count_words(
    documents: Any,
    *,
    word_chars: str = "",
    workers: int | None = None,
    missing: Literal["zero", "raise"] = "zero",
    progress: bool | Callable[[int, int | None], object] = False,
) -> np.ndarray:
    """Count the words of each document. A word is a maximal run of word characters.

    Word characters are ``\\w`` of UTS #18 (https://unicode.org/reports/tr18/#word): alphabetic, mark, decimal digit,
    connector punctuation, join control. So ``don't`` is two words, unless ``word_chars`` contains the apostrophe.

    Parameters
    ----------
    documents : sequence or column of str or bytes, length n_documents
        See `TermCounter.count`.
    word_chars : str, default ""
        More characters to treat as word characters, such as ``"-'"``. Their order does not matter.
    workers, missing, progress
        See `TermCounter.count`. A missing document has no words.

    Returns
    -------
    ndarray of int32, or of int64 if a document has more words, shape (n_documents,)

    Raises
    ------
    TypeError, ValueError, MemoryError
        See `TermCounter.count`; whitespace in ``word_chars``.

    Examples
    --------
    >>> from countgrid import count_words
    >>> count_words(["the cat sat", "It's 5 o'clock.", None])
    array([3, 5, 0], dtype=int32)
    >>> count_words(["It's 5 o'clock."], word_chars="'")
    array([3], dtype=int32)
    """
    plan = _core.Plan([], "word", False, False, False, word_chars, "literal", "per-term")
    with watched(progress) as callback:
        words: np.ndarray = plan.words().count(documents, np.int64, None, False, workers, missing, callback).ravel()
    return words if words.max(initial=0) > np.iinfo(np.int32).max else words.astype(np.int32)


def words_for(plan: _core.Plan, documents: _core.Documents, workers: int | None) -> np.ndarray:
    """Count the words of each document as the plan sees it: with its ``word_chars``, folded and without accents."""
    words: np.ndarray = plan.words().count(documents, np.int64, None, False, workers, "zero", None).ravel()
    return words


def checked_per_words(per_words: object) -> float:
    """Return a positive number, or raise an exception."""
    if isinstance(per_words, (bool, np.bool_)) or not isinstance(per_words, (int, float, np.integer, np.floating)):
        raise TypeError(f"per_words is {type(per_words).__name__} ({per_words!r}); expected a number such as 1000")
    number = float(per_words)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"per_words is {per_words!r}; expected a positive number such as 1000")
    return number


def rate_dtype(dtype: Any, out: np.ndarray | None) -> Any:
    """Return the dtype for rates: ``dtype``, by default float64. None if ``out`` decides."""
    own = getattr(out, "dtype", None)
    chosen = np.dtype(np.float64) if dtype is None and own is None else own if dtype is None else np.dtype(dtype)
    if isinstance(chosen, np.dtype) and chosen.kind != "f":
        what = "out has dtype" if dtype is None else "dtype is"
        raise TypeError(f"{what} {chosen}, but per_words gives rates; expected a float type")
    return dtype if out is not None else chosen


def to_rates(counts: Any, words: np.ndarray, per_words: float) -> Any:
    """Divide the rows of a matrix of float counts by the documents' words, in place. Return the matrix."""
    if isinstance(counts, np.ndarray):
        rows = max(1, _BLOCK // max(1, counts.shape[1]))
        for start in range(0, len(counts), rows):
            part = counts[start : start + rows]
            part[...] = _fitting(rates(part, words[start : start + rows, None], per_words), part.dtype, start)
    else:
        of_cells = np.repeat(words, np.diff(counts.indptr))
        counts.data = _fitting(rates(counts.data, of_cells, per_words), counts.dtype, None)
    return counts


def rates(counts: np.ndarray, words: Any, per_words: float) -> np.ndarray:
    """Return counts per that many words, as float64. Without words, a rate is 0."""
    rates: np.ndarray = np.asarray(counts, np.float64) * per_words
    words = np.broadcast_to(words, rates.shape)
    np.divide(rates, words, out=rates, where=words > 0)
    rates[words == 0] = 0
    return rates


def _fitting(rates: np.ndarray, dtype: np.dtype, first_row: int | None) -> np.ndarray:
    """Convert rates to the cells' type, or raise an exception if one is too large for it."""
    with np.errstate(over="ignore"):
        converted = rates.astype(dtype, copy=False)
    if dtype.itemsize < 8 and not np.isfinite(converted).all():
        at = np.argwhere(~np.isfinite(converted))[0]
        where = "" if first_row is None else f" in row {first_row + at[0]}, column {at[1]}"
        raise OverflowError(f"the rate {rates[tuple(at)]:g}{where} does not fit {dtype}; pass a larger dtype")
    return converted
