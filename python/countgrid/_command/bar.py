"""The progress bar: bytes of the input files read, their speed, and the time left."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from countgrid._command.inputs import Input
from countgrid._command.standard import is_terminal
from countgrid._optional import require

if TYPE_CHECKING:
    from collections.abc import Iterable

    from countgrid._command.reading import Portion


def is_shown(chosen: bool | None, *, printing: bool) -> bool:
    """On a terminal, unless the result is printed there meanwhile."""
    if chosen is not None:
        return chosen
    return is_terminal(sys.stderr) and not (printing and is_terminal(sys.stdout))


@contextmanager
def watched(portions: Iterable[Portion], inputs: Sequence[Input], *, shown: bool) -> Iterator[Iterable[Portion]]:
    """The portions; a bar goes on as they are asked for, and goes away at the end."""
    if not shown:
        yield portions
        return
    sizes = [source.size for source in inputs]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    tqdm = require("tqdm", "a progress bar", "tqdm").tqdm
    with tqdm(total=total, unit="B", unit_scale=True, desc="countgrid", leave=False, file=sys.stderr) as bar:

        def following() -> Iterator[Portion]:
            source, before, position = inputs[0], 0, 0
            for portion in portions:
                if portion.source is not source:
                    source, before = portion.source, before + (source.size or position)
                yield portion
                # It has been used by now.
                position = portion.position
                bar.update(before + position - bar.n)

        yield following()
