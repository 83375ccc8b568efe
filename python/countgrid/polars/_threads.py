"""How many threads a count may have, while polars counts several pieces at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

#: One item for each count that runs at this moment.
_running: list[None] = []


@contextmanager
def share(workers: int | None) -> Iterator[int]:
    """How many threads a count may have: polars' own, divided among the counts that run.

    polars calls from one of its threads or from all at once, and does not tell. Were each call to take all cores, 16
    threads of polars would ask for 256 workers, each of which learns the text anew: 1.4 times the processor time and
    1.7 times the memory for 1,000 substrings, streaming. Were each to take one, a lone call would leave cores idle.
    """
    _running.append(None)
    try:
        yield workers if workers is not None else max(1, pl.thread_pool_size() // len(_running))
    finally:
        _running.pop()
