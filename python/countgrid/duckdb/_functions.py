"""The functions that DuckDB calls with batches of a text column."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

from countgrid import _memory
from countgrid._counter import present
from countgrid._optional import scipy_sparse

if TYPE_CHECKING:
    from countgrid._counter import TermCounter

#: What DuckDB calls with each batch of a column. The result has the same length.
Function: TypeAlias = Callable[[pa.ChunkedArray], pa.Array]

#: The most rows in a batch that DuckDB passes.
_BATCH_ROWS = 2048


def dense(counter: TermCounter, columns: tuple[str, ...], per_words: float | None, workers: int | None) -> Function:
    """A function that returns structs with a field for each column."""
    cell = _cell(per_words)
    # Checked once: it takes as long as counting a batch.
    _memory.check(_BATCH_ROWS, len(columns), cell.bit_width // 8)
    struct = pa.struct([(name, cell) for name in columns])

    def count_terms(text: pa.ChunkedArray) -> pa.Array:
        rows = len(text)
        cells = np.empty((len(columns), rows), cell.to_pandas_dtype())
        counter.count(text, out=cells.T, per_words=per_words, workers=workers)
        # Slices of one array are 3x faster than an array for each field.
        flat = pa.Array.from_buffers(cell, cells.size, [None, pa.py_buffer(cells)])
        fields = [flat.slice(start, rows) for start in range(0, cells.size, rows)] if rows else [flat] * len(columns)
        return pa.StructArray.from_buffers(struct, rows, [_validity(text)], children=fields)

    return count_terms


def sparse(counter: TermCounter, columns: tuple[str, ...], per_words: float | None, workers: int | None) -> Function:
    """A function that returns lists of the columns that occur, with their counts."""
    scipy_sparse()
    names = pa.array(columns, pa.string())
    # DuckDB converts it to VARCHAR, with one copy of a name for all rows of a batch.
    column = pa.dictionary(pa.int32(), pa.string())
    struct = pa.struct([("column", column), ("count", _cell(per_words))])
    lists = pa.list_(struct)

    def count_terms(text: pa.ChunkedArray) -> pa.Array:
        counts = counter.count(text, sparse=True, per_words=per_words, workers=workers)
        found = [pa.DictionaryArray.from_arrays(pa.array(counts.indices), names), pa.array(counts.data)]
        items = pa.StructArray.from_buffers(struct, counts.nnz, [None], children=found)
        starts = pa.py_buffer(counts.indptr)
        return pa.ListArray.from_buffers(lists, len(text), [_validity(text), starts], children=[items])

    return count_terms


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


def _cell(per_words: float | None) -> pa.DataType:
    """The type of a count, or of a rate."""
    return pa.int32() if per_words is None else pa.float64()


def _validity(text: pa.ChunkedArray) -> pa.Buffer | None:
    """The validity bitmap of a column; None if no row is NULL."""
    if not text.null_count:
        return None
    bits: pa.Buffer = text.is_valid().combine_chunks().buffers()[1]
    return bits
