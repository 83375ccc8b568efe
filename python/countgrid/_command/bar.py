"""The progress bar: bytes read of the input files, speed, and time left."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from countgrid._command.standard import is_terminal
from countgrid._optional import require
from countgrid._reading.inputs import Input

if TYPE_CHECKING:
    from collections.abc import Iterable

    from countgrid._reading.reading import Batch


def is_shown(chosen: bool | None, *, printing: bool) -> bool:
    """Whether to show the bar. By default, on a terminal to which no result is printed."""
    if chosen is not None:
        return chosen
    return is_terminal(sys.stderr) and not (printing and is_terminal(sys.stdout))


@contextmanager
def watched(batches: Iterable[Batch], inputs: Sequence[Input], *, shown: bool) -> Iterator[Iterable[Batch]]:
    """The batches, with a bar that advances as they are consumed and disappears at the end."""
    if not shown:
        yield batches
        return
    sizes = [source.size for source in inputs]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    tqdm = require("tqdm", "a progress bar", "tqdm").tqdm
    with tqdm(total=total, unit="B", unit_scale=True, desc="countgrid", leave=False, file=sys.stderr) as bar:

        def watching() -> Iterator[Batch]:
            source, before, position = inputs[0], 0, 0
            for batch in batches:
                if batch.source is not source:
                    source, before = batch.source, before + (source.size or position)
                yield batch
                # The caller is done with it.
                position = batch.position
                bar.update(before + position - bar.n)

        yield watching()
