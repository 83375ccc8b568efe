"""Counts by groups of documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from countgrid import _core
from countgrid._grouped import GroupedTotals
from countgrid._labels import groups_of
from countgrid._optional import require

#: A stream is counted in batches of about this many bytes.
_STREAM_BYTES = 16 << 20
#: Or of this many batches.
_MOST_BATCHES = 4096
#: Rows of a batch of Hugging Face's datasets.
_DATASET_ROWS = 10_000


@dataclass(frozen=True)
class GroupedCount:
    """How to count by groups."""

    plan: _core.Plan
    #: The plan that counts words, if counts are per words.
    words: _core.Plan | None
    per_words: float | None
    workers: int | None
    missing: Literal["zero", "raise"]
    progress: Callable[[int, int | None], object] | None

    def __call__(self, documents: Any, labels: Any) -> GroupedTotals:
        """Count documents with a label for each."""
        return self._totals(documents, labels, 0, self.progress)

    def of_stream(self, stream: Any, by: str) -> GroupedTotals:
        """Count an Arrow stream, whose column ``by`` has the labels, in bounded memory."""
        pyarrow = require("pyarrow", "by with a stream", "pyarrow")
        total = self._totals([], [], 0, None)
        rows = before = 0

        def progress(done: int, _: int | None) -> None:
            assert self.progress is not None
            self.progress(before + done, None)

        told = None if self.progress is None else progress
        for table in _tables(_batches(stream, by, pyarrow), pyarrow):
            names = table.column_names
            documents = _core.Documents(table.column(1 - names.index(by)))
            total += self._totals(documents, table[by], rows, told)
            rows += len(documents)
            before += documents.nbytes
        return total

    def _totals(
        self,
        documents: Any,
        labels: Any,
        rows_before: int,
        progress: Callable[[int, int | None], object] | None,
    ) -> GroupedTotals:
        codes, groups = groups_of(labels)
        counts, documents_with, words = self.plan.grouped_totals(
            documents, codes, len(groups), rows_before, self.workers, self.missing, progress, self.words
        )
        columns = self.plan.columns()
        shape = len(groups), len(columns)
        sizes = np.bincount(codes, minlength=len(groups))
        return GroupedTotals.of(
            groups, columns, counts.reshape(shape), documents_with.reshape(shape), sizes, words, self.per_words
        )


def _batches(stream: Any, by: str, pyarrow: Any) -> Iterator[Any]:
    """The record batches of a stream, or of an iterable of record batches or tables."""
    if hasattr(stream, "__arrow_c_stream__"):
        reader = pyarrow.RecordBatchReader.from_stream(stream)
        _check_names(reader.schema.names, by)
        yield from reader
        return
    if type(stream).__module__.startswith("datasets.") and hasattr(stream, "with_format"):
        stream = stream.with_format("arrow").iter(batch_size=_DATASET_ROWS)
    for part in stream if isinstance(stream, Iterable) and not isinstance(stream, (str, bytes)) else [stream]:
        if not (hasattr(part, "__arrow_c_stream__") or hasattr(part, "__arrow_c_array__")):
            what = f"by is {by!r}, but documents is {type(stream).__name__}"
            raise TypeError(
                f"{what}; a column's name needs an Arrow stream, a table or batches; else pass the labels"
            )
        table = pyarrow.table(part)
        _check_names(table.column_names, by)
        yield from table.to_batches()


def _tables(batches: Iterator[Any], pyarrow: Any) -> Iterator[Any]:
    """Tables of several batches each, as long as their columns are the same."""
    pending: list[Any] = []
    size = 0
    for batch in batches:
        if pending and (size >= _STREAM_BYTES or len(pending) >= _MOST_BATCHES or batch.schema != pending[0].schema):
            yield pyarrow.Table.from_batches(pending)
            pending, size = [], 0
        pending.append(batch)
        size += batch.nbytes
    if pending:
        yield pyarrow.Table.from_batches(pending)


def _check_names(names: list[str], by: str) -> None:
    if names.count(by) != 1:
        raise ValueError(f"by is {by!r}; expected the name of one of the columns {', '.join(map(repr, names))}")
    if len(names) != 2:
        raise ValueError(f"documents have the columns {', '.join(map(repr, names))}; expected {by!r} and one of text")
