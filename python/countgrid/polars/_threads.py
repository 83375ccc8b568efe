"""How many threads a count may use while polars counts several batches at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from countgrid._core import default_workers

#: One item for each running count.
_running: list[None] = []


@contextmanager
def share(workers: int | None) -> Iterator[int]:
    """Yield how many threads a count may use: polars' number, divided among the running counts.

    polars calls from one of its threads or from all at once, and does not say which. If each call used all cores, 16
    polars threads would start 256 workers, each with its own caches: 1.4x the CPU time and 1.7x the memory for 1,000
    substrings, streaming. If each call used one thread, a single call would leave cores idle.
    """
    _running.append(None)
    try:
        yield workers if workers is not None else max(1, _most() // len(_running))
    finally:
        _running.pop()


def _most() -> int:
    """The threads of all counts together: polars' number, or fewer if the environment says so."""
    return min(pl.thread_pool_size(), default_workers())
