"""Turns `progress=` into the callback that the core calls."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from countgrid._optional import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def watched(progress: Any) -> Iterator[Callable[[int, int | None], object] | None]:
    """The callback for a call's `progress`. Closes the bar, if any, at the end."""
    if progress is False or progress is None:
        yield None
    elif progress is True:
        tqdm = require("tqdm.auto", "progress=True", "tqdm").tqdm
        with tqdm(unit="B", unit_scale=True, unit_divisor=1000, desc="countgrid") as bar:

            def show(done: int, total: int | None) -> None:
                bar.total = total
                bar.update(done - bar.n)

            yield show
            bar.refresh()
    elif callable(progress):
        yield progress
    else:
        raise TypeError(f"progress is {type(progress).__name__} ({progress!r}); expected bool or a callable")
