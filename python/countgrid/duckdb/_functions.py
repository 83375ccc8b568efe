"""The functions that DuckDB calls with batches of a text column."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

from countgrid import _memory
from countgrid._counter import present
from countgrid._optional import scipy_sparse
from countgrid.arrow import ArrowCounter

if TYPE_CHECKING:
    from countgrid._counter import TermCounter

#: What DuckDB calls with each batch of a column. The result has the same length.
Function: TypeAlias = Callable[[pa.ChunkedArray], pa.Array]

#: The most rows in a batch that DuckDB passes.
_BATCH_ROWS = 2048


def counts(
    counter: TermCounter, columns: tuple[str, ...], sparse: bool, per_words: float | None, workers: int | None
) -> Function:
    """A function that returns structs with a field for each column, or lists of the columns that occur."""
    if not sparse:
        _memory.check(_BATCH_ROWS, len(columns), 4 if per_words is None else 8)
    # DuckDB converts dictionaries to VARCHAR, with one copy of a name for all rows of a batch: 1.3x as fast.
    name = pa.dictionary(pa.int32(), pa.string())
    return ArrowCounter(counter, columns, sparse, "keep", per_words, workers, name)


def which(counter: TermCounter, columns: tuple[str, ...], workers: int | None) -> Function:
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


def score(counter: TermCounter, weights: tuple[Any, ...], per_words: float | None, workers: int | None) -> Function:
    """A function that returns numbers or, for several weights of a column, arrays of numbers."""
    by_column = np.array(weights, np.float64)
    number = pa.float64()

    def score_terms(text: pa.ChunkedArray) -> pa.Array:
        scores = counter.score(text, by_column, per_words=per_words, workers=workers)
        nulls = _validity(text)
        if scores.ndim == 1:
            return pa.Array.from_buffers(number, len(text), [nulls, pa.py_buffer(scores)])
        items = pa.array(scores.ravel(), number)
        # A list of fixed size.
        return pa.Array.from_buffers(pa.list_(number, scores.shape[1]), len(text), [nulls], children=[items])

    return score_terms


def _validity(text: pa.ChunkedArray) -> pa.Buffer | None:
    """The validity bitmap of a column; None if no row is NULL."""
    if not text.null_count:
        return None
    bits: pa.Buffer = text.is_valid().combine_chunks().buffers()[1]
    return bits
