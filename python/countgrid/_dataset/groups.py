"""Adds up counts by group, a row for each group and term."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

from countgrid._reading.arrays import names, numbers, table
from countgrid._reading.errors import naming

if TYPE_CHECKING:
    from collections.abc import Sequence

    from countgrid._dataset.counting import Counting
    from countgrid._reading.reading import Batch

#: Group, term, count and number of documents, of each count that is not zero.
_Sums: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

#: Up to this many groups x terms, the totals of a batch are a matrix. With 100 words and one group, this takes 60% of
#: the processor time of a sparse matrix with a row for each document. From a million cells on, it can take longer.
_CELLS = 1 << 20
#: Rows are added up when there are this many more than after the last time.
_MORE = 1 << 20
_TERM, _COUNT, _DOCUMENTS = "term", "count", "documents"
#: The columns of the result after those of the groups.
COLUMNS = (_TERM, _COUNT, _DOCUMENTS)


class Groups:
    """The totals of the groups so far. Memory grows with the groups and their terms, not with the documents."""

    def __init__(self, by: Sequence[str], counting: Counting) -> None:
        self._by, self._counting = list(by), counting
        self._parts: list[Any] = []
        self._rows = self._most = 0

    def add(self, batch: Batch) -> None:
        """Count documents. Their copied columns include those that group them."""
        with naming(batch.source.name):
            codes, groups = _groups(batch.kept.select(self._by))
        few = groups.num_rows * len(self._counting.names) <= _CELLS
        group, *found = (_dense if few else _sparse)(self._counting, batch, codes, groups.num_rows)
        labelled = groups.take(numbers(group)).columns
        self._parts.append(table([*labelled, *map(numbers, found)], [*self._by, *COLUMNS]))
        self._rows += len(group)
        if self._rows > self._most + _MORE:
            with naming(batch.source.name):
                self._add_up()

    def _add_up(self) -> None:
        sums = pa.concat_tables(self._parts).group_by([*self._by, _TERM], use_threads=False)
        found = sums.aggregate([(_COUNT, "sum"), (_DOCUMENTS, "sum")])
        columns = [*self._by, _TERM, f"{_COUNT}_sum", f"{_DOCUMENTS}_sum"]
        self._parts = [table([found.column(name) for name in columns], [*self._by, *COLUMNS])]
        self._rows = self._most = found.num_rows

    def result(self) -> Any:
        """The totals, sorted by group and by the term's place among the terms. Those without a count are left out."""
        self._add_up()
        found = self._parts[0].sort_by([(name, "ascending") for name in [*self._by, _TERM]])
        places = np.concatenate([np.zeros(0, np.int64), *(chunk.to_numpy() for chunk in found.column(_TERM).chunks)])
        terms = pa.DictionaryArray.from_arrays(numbers(places.astype(np.int32)), names(self._counting.names))
        return found.set_column(len(self._by), _TERM, terms)


def _dense(counting: Counting, batch: Batch, codes: np.ndarray, groups: int) -> _Sums:
    counts, documents = counting.totals(batch, codes, groups)
    at = np.flatnonzero(counts)
    group, term = np.divmod(at, max(len(counting.names), 1))
    return group, term, counts[at], documents[at]


def _sparse(counting: Counting, batch: Batch, codes: np.ndarray, groups: int) -> _Sums:
    from scipy import sparse  # optional: only grouping needs it

    counts = counting.sparse(batch)
    ones = np.ones(len(codes), np.int64)
    members = sparse.csr_array((ones, (codes, np.arange(len(codes)))), shape=(groups, len(codes)))
    # Sums in one pass, without sorting the cells. All counts are positive, so both have cells in the same order.
    sums = members @ counts.astype(np.int64)
    containing = members @ sparse.csr_array(
        (np.ones(counts.nnz, np.int64), counts.indices, counts.indptr), shape=counts.shape
    )
    group = np.repeat(np.arange(groups), np.diff(sums.indptr))
    return group, sums.indices.astype(np.int64), sums.data, containing.data


def _groups(labels: Any) -> tuple[np.ndarray, Any]:
    """The number of each row's group, and a table with a row for each group."""
    codes = np.zeros(labels.num_rows, np.int64)
    for column in labels.columns:
        whole = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
        encoded = whole.dictionary_encode(null_encoding="encode")
        codes = codes * max(len(encoded.dictionary), 1) + encoded.indices.to_numpy()
        codes = np.unique(codes, return_inverse=True)[1]
    first = np.unique(codes, return_index=True)[1]
    return codes, labels.take(numbers(first))
