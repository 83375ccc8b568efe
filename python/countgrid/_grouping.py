"""Counts by groups of documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

import numpy as np

from countgrid import _core
from countgrid._grouped import GroupedTotals
from countgrid._labels import groups_of
from countgrid._optional import require

#: A stream is counted in batches of about this many bytes.
_STREAM_BYTES = 16 << 20


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
        return self._totals(documents, labels, self.progress)

    def of_stream(self, stream: Any, by: str) -> GroupedTotals:
        """Count an Arrow stream, whose column ``by`` has the labels, in bounded memory."""
        pyarrow = require("pyarrow", "by with a stream", "pyarrow")
        reader = _reader(stream, by, pyarrow)
        names = reader.schema.names
        if names.count(by) != 1:
            raise ValueError(f"by is {by!r}; expected the name of one of the columns {', '.join(map(repr, names))}")
        if len(names) != 2:
            raise ValueError(
                f"documents have the columns {', '.join(map(repr, names))}; expected {by!r} and one of text"
            )
        text = names[1 - names.index(by)]
        before = 0

        def progress(done: int, _: int | None) -> None:
            assert self.progress is not None
            self.progress(before + done, None)

        empty = reader.schema.empty_table()
        told = None if self.progress is None else progress
        total = self._totals(empty[text], empty[by], None)
        for table in _tables(reader, pyarrow):
            total += self._totals(table[text], table[by], told)
            before += table[text].nbytes
        return total

    def _totals(
        self, documents: Any, labels: Any, progress: Callable[[int, int | None], object] | None
    ) -> GroupedTotals:
        codes, groups = groups_of(labels)
        counts, documents_with, words = self.plan.grouped_totals(
            documents, codes, len(groups), self.workers, self.missing, progress, self.words
        )
        columns = self.plan.columns()
        shape = len(groups), len(columns)
        sizes = np.bincount(codes, minlength=len(groups))
        return GroupedTotals.of(
            groups, columns, counts.reshape(shape), documents_with.reshape(shape), sizes, words, self.per_words
        )


def _reader(stream: Any, by: str, pyarrow: Any) -> Any:
    """Read a stream, or an iterable of record batches or tables."""
    if hasattr(stream, "__arrow_c_stream__"):
        return pyarrow.RecordBatchReader.from_stream(stream)
    parts = iter(stream) if isinstance(stream, Iterable) else iter(())
    first = next(parts, None)
    if not isinstance(first, (pyarrow.RecordBatch, pyarrow.Table)):
        what = f"by is {by!r}, but documents is {type(stream).__name__}"
        raise TypeError(f"{what}; a column's name needs an Arrow stream, a table or batches; else pass the labels")
    batches = (
        batch
        for part in chain([first], parts)
        for batch in (part.to_batches() if isinstance(part, pyarrow.Table) else [part])
    )
    return pyarrow.RecordBatchReader.from_batches(first.schema, batches)


def _tables(reader: Any, pyarrow: Any) -> Iterator[Any]:
    """The batches of a stream, several small ones together."""
    pending: list[Any] = []
    for batch in reader:
        pending.append(batch)
        if sum(part.nbytes for part in pending) >= _STREAM_BYTES:
            yield pyarrow.Table.from_batches(pending)
            pending = []
    if pending:
        yield pyarrow.Table.from_batches(pending)
