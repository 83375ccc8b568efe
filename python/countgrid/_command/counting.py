"""Portions counted: tables with a column for each term, tables with a row for each count, sparse matrices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa

from countgrid._api import TermCounter
from countgrid._command.arrays import names, numbers, table
from countgrid._command.ending import Failure
from countgrid._command.reading import Portion

#: A table of a column for each term has so many cells at most, or one row: enough that thousands of columns are long.
_CELLS = 32 << 20
#: The columns of a table with a row for each count.
LONG = ("document", "term", "count")

Form: TypeAlias = Literal["wide", "long", "npz"]


@dataclass(frozen=True)
class Counting:
    """How portions are counted, and what the columns are called."""

    counter: TermCounter
    names: Sequence[str]
    dtype: np.dtype[Any]
    missing: str
    workers: int | None

    def parts(self, portions: Iterable[Portion], *, form: Form, key: str | None) -> Iterator[Any]:
        """What a sink takes, one after another: tables, or for ``form="npz"`` matrices.

        ``key`` is the column that names documents in the long form, instead of their numbers.
        """
        before = 0
        first: Portion | None = None
        for portion in portions:
            first = first or portion
            _check_alike(portion, first)
            if form == "wide":
                yield from self._wide(portion)
            else:
                yield self._long(portion, before, key) if form == "long" else self._matrix(portion)
            before += len(portion.documents)

    def _wide(self, portion: Portion) -> Iterator[Any]:
        """A column for each term, behind those carried along; counts of missing documents are null, or zero."""
        rows, columns = len(portion.documents), len(self.names)
        missing = self._missing(portion)
        if rows * columns <= _CELLS:
            cells = np.empty((rows, columns), self.dtype, order="F")
            with self._placed(portion):
                self.counter.count(portion.documents, out=cells, workers=self.workers)
            yield self._table(portion.kept, cells, missing)
            return
        # Most of so many cells are zero; the matrix of the portion is never held as a whole.
        counts = self._sparse(portion)
        step = max(_CELLS // columns, 1)
        for start in range(0, rows, step):
            cells = counts[start : start + step].toarray(order="F")
            some = None if missing is None else missing[start : start + step]
            yield self._table(portion.kept.slice(start, step), cells, some)

    def _table(self, kept: Any, cells: np.ndarray, missing: np.ndarray | None) -> Any:
        counts = [numbers(cells[:, i], missing) for i in range(cells.shape[1])]
        return table([*kept.columns, *counts], names=[*kept.column_names, *self.names])

    def _long(self, portion: Portion, before: int, key: str | None) -> Any:
        """A row for each count that is not zero; ``before`` is the number of documents in the portions before."""
        self._missing(portion)
        counts = self._sparse(portion)
        rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        kept = portion.kept.take(numbers(rows)) if portion.kept.num_columns else portion.kept
        documents = numbers(before + rows) if key is None else kept.column(key)
        if key is not None:
            kept = kept.drop([key])
        terms = pa.DictionaryArray.from_arrays(
            numbers(counts.indices.astype(np.int32, copy=False)), names(self.names)
        )
        columns = [documents, *kept.columns, terms, numbers(counts.data)]
        return table(columns, names=[LONG[0], *kept.column_names, *LONG[1:]])

    def _matrix(self, portion: Portion) -> Any:
        missing = self._missing(portion)
        if missing is not None:
            row = portion.row(int(missing.argmax()))
            raise Failure(f"{row}: the document is missing, which no sparse matrix can say; pass --missing zero")
        return self._sparse(portion)

    def _sparse(self, portion: Portion) -> Any:
        with self._placed(portion):
            return self.counter.count(portion.documents, sparse=True, dtype=self.dtype, workers=self.workers)

    def _missing(self, portion: Portion) -> np.ndarray | None:
        """Which documents have missing counts, if any has."""
        if self.missing == "zero":
            return None
        missing = portion.documents.missing
        if not missing.any():
            return None
        if self.missing == "raise":
            raise Failure(f"{portion.row(int(missing.argmax()))}: the document is missing")
        return missing

    @contextmanager
    def _placed(self, portion: Portion) -> Iterator[None]:
        """A count that is too large is named by its row in the input, not by that in the portion."""
        try:
            yield
        except OverflowError as error:
            about: Any = error
            row, name = portion.row(about.row), self.names[about.column]
            what = f"{self.dtype} cannot hold the count {about.count} of {name!r}"
            raise Failure(f"{row}: {what}; pass a wider --dtype") from error


def _check_alike(portion: Portion, first: Portion) -> None:
    """All inputs carry along columns of the same types, as one table has them."""
    for column, expected in zip(portion.kept.schema, first.kept.schema, strict=True):
        if column.type != expected.type:
            raise Failure(
                f"{portion.source.name}: column {column.name!r} is {column.type}; "
                f"expected {expected.type}, as in {first.source.name}"
            )
