"""Counts batches: into tables with a column for each term, tables with a row for each count, or sparse matrices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa

from countgrid._counter import TermCounter
from countgrid._errors import about, option
from countgrid._reading.arrays import names, numbers, table
from countgrid._reading.reading import Batch

#: A table with a column for each term has at most this many cells, or one row. So even thousands of columns are long.
_CELLS = 32 << 20
#: The columns of a table with a row for each count.
LONG = ("document", "term", "count")

Form: TypeAlias = Literal["wide", "long", "npz"]


@dataclass(frozen=True)
class Counting:
    """How batches are counted, and the names of the columns."""

    counter: TermCounter
    names: Sequence[str]
    dtype: np.dtype[Any]
    missing: str
    workers: int | None

    def parts(self, batches: Iterable[Batch], *, form: Form, key: str | None) -> Iterator[Any]:
        """The parts of the result that a sink writes: tables, or matrices for ``form="npz"``.

        ``key`` is the column that identifies documents in the long form, instead of their numbers.
        """
        before = 0
        first: Batch | None = None
        for batch in batches:
            first = first or batch
            check_alike(batch, first)
            if form == "wide":
                yield from self.wide(batch)
            else:
                yield self.long(batch, before, key) if form == "long" else self._matrix(batch)
            before += len(batch.documents)

    def wide(self, batch: Batch) -> Iterator[Any]:
        """The copied columns, then a column for each term. Counts of missing documents are null or zero."""
        rows, columns = len(batch.documents), len(self.names)
        missing = self._missing(batch)
        if rows * columns <= _CELLS:
            cells = np.empty((rows, columns), self.dtype, order="F")
            with self._placed(batch):
                self.counter.count(batch.documents, out=cells, workers=self.workers)
            yield self._table(batch.kept, cells, missing)
            return
        # Most of this many cells are zero. The whole dense matrix is never in memory.
        counts = self.sparse(batch)
        step = max(_CELLS // columns, 1)
        for start in range(0, rows, step):
            cells = counts[start : start + step].toarray(order="F")
            some = None if missing is None else missing[start : start + step]
            yield self._table(batch.kept.slice(start, step), cells, some)

    def _table(self, kept: Any, cells: np.ndarray, missing: np.ndarray | None) -> Any:
        counts = [numbers(cells[:, i], missing) for i in range(cells.shape[1])]
        return table([*kept.columns, *counts], names=[*kept.column_names, *self.names])

    def long(self, batch: Batch, before: int, key: str | None) -> Any:
        """A row for each nonzero count. ``before`` is the number of documents in earlier batches."""
        self._missing(batch)
        counts = self.sparse(batch)
        rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        kept = batch.kept.take(numbers(rows)) if batch.kept.num_columns else batch.kept
        documents = numbers(before + rows) if key is None else kept.column(key)
        if key is not None:
            kept = kept.drop([key])
        terms = pa.DictionaryArray.from_arrays(
            numbers(counts.indices.astype(np.int32, copy=False)), names(self.names)
        )
        columns = [documents, *kept.columns, terms, numbers(counts.data)]
        return table(columns, names=[LONG[0], *kept.column_names, *LONG[1:]])

    def _matrix(self, batch: Batch) -> Any:
        missing = self._missing(batch)
        if missing is not None:
            row = batch.row(int(missing.argmax()))
            advice = f"pass {option('missing', 'zero')}"
            what = f"{row}: the document is missing, which npz cannot represent; {advice}"
            raise about(ValueError(what), path=batch.source.name)
        return self.sparse(batch)

    def sparse(self, batch: Batch) -> Any:
        """The counts as a `csr_array`."""
        with self._placed(batch):
            return self.counter.count(batch.documents, sparse=True, dtype=self.dtype, workers=self.workers)

    def totals(self, batch: Batch, codes: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
        """Counts, and how many documents have them, by group and column, flat. ``codes`` are the groups."""
        counts, documents, _ = self.counter._plan.grouped_totals(
            batch.documents, codes.astype(np.uint32), groups, 0, self.workers, "zero", None, None
        )
        return counts, documents

    def _missing(self, batch: Batch) -> np.ndarray | None:
        """Which documents are missing; None if none are, or if they count zero."""
        if self.missing == "zero":
            return None
        missing = batch.documents.missing
        if not missing.any():
            return None
        if self.missing == "raise":
            what = f"{batch.row(int(missing.argmax()))}: the document is missing"
            raise about(ValueError(what), path=batch.source.name)
        return missing

    @contextmanager
    def _placed(self, batch: Batch) -> Iterator[None]:
        """Make an OverflowError name the row in the input, not the row in the batch."""
        try:
            yield
        except OverflowError as error:
            found: Any = error
            row, name = batch.row(found.row), self.names[found.column]
            what = f"{self.dtype} cannot represent the count {found.count} of {name!r}"
            advice = f"pass a wider {option('dtype')}"
            raise about(OverflowError(f"{row}: {what}; {advice}"), path=batch.source.name) from error


def check_alike(batch: Batch, first: Batch) -> None:
    """Raise if a copied column has another type than in the first batch: all go into one table."""
    for column, expected in zip(batch.kept.schema, first.kept.schema, strict=True):
        if column.type != expected.type:
            what = f"column {column.name!r} is {column.type}; expected {expected.type}, as in {first.source.name}"
            raise about(ValueError(f"{batch.source.name}: {what}"), path=batch.source.name)
