"""Counts the units of one machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal

import numpy as np

from countgrid._counter import TermCounter
from countgrid._dataset import groups
from countgrid._dataset.counting import LONG, Counting
from countgrid._dataset.parquet_sink import ParquetSink
from countgrid._dataset.plan import prepared, record_of, released_on_failure
from countgrid._dataset.result import DatasetCounts
from countgrid._dataset.store import Store, store_of, write_json
from countgrid._dataset.units import Unit, units_of
from countgrid._options import Progress
from countgrid._plans import digest_of
from countgrid._progress import watched
from countgrid._reading.ahead import ahead
from countgrid._reading.columns import Wanted
from countgrid._reading.errors import naming, readable
from countgrid._reading.inputs import Input, Say, inputs_of
from countgrid._reading.reading import Batch, batches
from countgrid._reading.remote import Place, located


@dataclass(frozen=True)
class Job:
    """What to read, and how to count it."""

    counter: TermCounter
    wanted: Wanted
    input_format: str | None
    format: Literal["long", "wide"]
    by: Sequence[str]
    #: The names of the columns, or terms.
    names: Sequence[str]
    missing: str = "zero"
    dtype: str = "int32"

    def check(self) -> None:
        """Raise if columns of the results would have the same name."""
        if self.by:
            own: Sequence[str] = groups.COLUMNS
        else:
            own = LONG if self.format == "long" else self.names
        seen = set(own)
        for name in self.by or self.wanted.kept:
            if name in seen:
                what = f"two columns of the results would be named {name!r}"
                raise ValueError(f"{what}; rename the column, or leave it out")
            seen.add(name)

    def described(self) -> dict[str, Any]:
        """What all results in a directory have in common."""
        wanted = self.wanted
        return {
            "terms": digest_of(self.counter._plan.packed()).hex(),
            "columns": list(self.names),
            **self.counter.options,
            "column": wanted.column,
            "keep": [] if self.by else list(wanted.kept),
            "format": self.format,
            "by": list(self.by),
            "missing": self.missing,
            "dtype": self.dtype,
            "input_format": self.input_format,
            "encoding": wanted.encoding,
            "delimiter": wanted.delimiter,
            "quote": wanted.quote,
            "header": wanted.header,
            "on_error": "skip" if wanted.skip_faults else "stop",
        }


def run(
    job: Job,
    inputs: Sequence[str],
    out: str,
    *,
    filesystem: Any,
    resume: bool,
    part: tuple[int, int],
    progress: Progress,
    workers: int | None,
    say: Say,
) -> DatasetCounts:
    """Count the units that are not done. ``say`` receives messages about files and rows that are left out."""
    job.check()
    sources = inputs_of(inputs, job.input_format, say, filesystem)
    if not sources:
        raise ValueError("inputs is empty; expected at least one path")
    for source in sources:
        if source.size is None:
            what = "is not a regular file, which a later run could read again"
            raise ValueError(f"{source.name} {what}; copy it to a file first")
    job.wanted.check(sources)
    place = located(out, filesystem)
    _check_apart(place, inputs, sources)
    store = store_of(place)
    plan = prepared(store, job.described(), units_of(sources), part, resume=resume)
    counting = Counting(job.counter, job.names, np.dtype(job.dtype), job.missing, workers)
    documents = done = 0
    total = sum(unit.size for unit in plan.todo)
    reports: list[str] = []
    with released_on_failure(store, plan), watched(progress) as tell:

        def told(batch: Batch, unit: Unit) -> None:
            if tell is not None:
                tell(done + unit.size * batch.position // max(batch.source.size or 0, 1), total)

        with closing(ahead(_batches(plan.todo, job.wanted, reports))) as read:
            for unit in plan.todo:
                own: Iterator[Any] = takewhile(lambda batch: batch is not None, read)
                documents += _count_unit(job, counting, store, unit, own, told)
                done += unit.size
                # Now: the next run does not read this unit.
                while reports:
                    say(reports.pop(0))
    return DatasetCounts(len(plan.todo), plan.done, plan.others, documents, done)


def _batches(units: Iterable[Unit], wanted: Wanted, reports: list[str]) -> Iterator[Batch | None]:
    """The batches of all units. Each unit has at least one, and ends with None."""
    for unit in units:
        yield from batches([unit.source], wanted, reports)
        # The unit is complete before the next is opened, which may fail.
        yield None


def _count_unit(job: Job, counting: Counting, store: Store, unit: Unit, batches: Iterable[Batch], told: Any) -> int:
    """Write the results and the record of a unit. Returns the number of its documents."""
    rows = 0

    def counted() -> Iterator[Batch]:
        nonlocal rows
        for batch in batches:
            yield batch
            rows += len(batch.documents)
            told(batch, unit)

    # An input may have changed back since. So the record of other results must not stay.
    store.delete(record_of(unit.name))
    with store.writing(unit.name) as file:
        sink = ParquetSink(file)
        try:
            for table in _tables(job, counting, unit, counted()):
                sink.write(table)
            sink.close()
        except BaseException:
            with suppress(Exception):
                sink.abandon()
            raise
    write_json(store, record_of(unit.name), {**unit.record(), "rows": rows})
    return rows


def _tables(job: Job, counting: Counting, unit: Unit, batches: Iterable[Batch]) -> Iterator[Any]:
    """The results of a unit: tables of the same columns."""
    if job.by:
        totals = groups.Groups(job.by, counting)
        for batch in batches:
            totals.add(batch)
        with naming(unit.source.name):
            result = totals.result()
        yield result
        return
    for batch in batches:
        if job.format == "wide":
            yield from counting.wide(batch)
        else:
            yield counting.long(batch, batch.first, None).select([*job.wanted.kept, *LONG])


def _check_apart(place: Place, inputs: Sequence[str], sources: Sequence[Input]) -> None:
    """Raise if results would be read as inputs."""
    out = _absolute(place)
    for source in sources:
        if _is_below(_absolute(Place(source.filesystem, str(source.path), source.scheme)), out):
            raise ValueError(f"the input {source.name} is in the directory of results; pass another directory")
    for argument in inputs:
        folder = located(argument, sources[0].filesystem if sources else None)
        if folder.filesystem is None and os.path.isdir(folder.path) and _is_below(out, _absolute(folder)):
            what = f"the directory of results is in the input {readable(argument)}"
            raise ValueError(f"{what}, and would be read the next time; pass another directory")


def _absolute(place: Place) -> tuple[str, str]:
    path = os.path.realpath(place.path) if place.filesystem is None else place.path.strip("/")
    return ("" if place.filesystem is None else place.filesystem.type_name), path.replace(os.sep, "/")


def _is_below(place: tuple[str, str], folder: tuple[str, str]) -> bool:
    return place[0] == folder[0] and f"{place[1]}/".startswith(f"{folder[1].rstrip('/')}/")
