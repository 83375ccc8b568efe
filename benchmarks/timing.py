"""Checks answers, then times engines in turns, so that a slow moment of the machine affects all of them."""

import gc
import mmap
import os
import statistics
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import apart
import numpy as np
from libraries.question import Engine, Question, Run, matrix
from scipy import sparse
from texts import Text

#: An engine that would take more seconds for all documents gets every n-th, so that it takes about half as long.
PATIENCE = 1.0
STEPS = (2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 5000)
#: Bytes, more than the largest result.
TOUCHED = 256_000_000
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
#: Seconds that all cores are kept busy before each turn.
AWAKE = 0.02
#: A library with a larger share of wrong cells does a different job. It is shown, but never called the fastest.
TOLERATED = 0.05


@dataclass
class Entrant:
    """An engine, ready to be timed on its part of the documents."""

    engine: Engine
    run: Run
    step: int
    share: float
    wrong: float


def entered(engine: Engine, question: Question, text: Text, right: sparse.csr_array, strict: bool) -> Entrant:
    """Choose the part of the documents that the engine can count in time, and check its answer cell by cell."""
    bind = apart.build(engine.name, question) if engine.apart else engine.build(question)
    step = 1 if engine.ours else _step(bind, text)
    part = text.thinned(step)
    run = bind(part)
    answer = run()
    found = answer() if isinstance(run, apart.Remote) else matrix(question, part, answer)
    wrong = _wrong(engine, question, part, found, right[::step], strict)
    return Entrant(engine, run, step, part.nbytes / text.nbytes, wrong)


def turns(runs: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each round of each engine. Every round starts with a different engine."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            seconds[name].append(timed(runs[name]))
    return seconds


def timed(run: Callable[[], Any]) -> float:
    gc.collect()
    _touch_memory()
    _wake_cores()
    started = time.perf_counter()
    result = run()
    seconds = time.perf_counter() - started
    del result  # releasing the memory is not timed
    return seconds


def _touch_memory() -> None:
    """Make sure that every engine finds free pages.

    The host of a virtual machine takes back freed memory. Getting it again is ten times slower than clearing pages,
    and would hit engines at random: 15 to 90 ms for a matrix of 46 MB.
    """
    np.empty(TOUCHED, np.uint8)[:: mmap.PAGESIZE] = 0


def _wake_cores() -> None:
    """Keep all cores busy for a moment, so that every engine finds them awake.

    A core sleeps while an engine with one thread runs. The next engine with several threads would pay for waking it.
    """
    end = time.perf_counter() + AWAKE
    spinning = [threading.Thread(target=_spin, args=(end,)) for _ in range(CORES)]
    for thread in spinning:
        thread.start()
    for thread in spinning:
        thread.join()


def _spin(end: float) -> None:
    block = bytes(1 << 16)
    while time.perf_counter() < end:
        zlib.crc32(block)  # which releases the GIL


def ratio(theirs: list[float], base: list[float], share: float = 1.0) -> float:
    """How many times slower than `base`: the median of the rounds' ratios."""
    return statistics.median(other / share / own for other, own in zip(theirs, base, strict=True))


def spread(times: list[float]) -> float:
    return (max(times) - min(times)) / statistics.median(times)


def _step(bind: Callable[[Text], Run], text: Text) -> int:
    """The n of "every n-th document". Tries growing parts of the text while they are fast."""
    whole = 0.0
    for tried in (1000, 100, 10):
        if len(text.documents) >= 5 * tried:
            seconds = timed(bind(text.thinned(tried)))
            whole = seconds * tried
            if seconds * 10 > PATIENCE:
                break
    return 1 if whole <= PATIENCE else next((step for step in STEPS if whole / step <= PATIENCE / 2), STEPS[-1])


def _wrong(
    engine: Engine, question: Question, text: Text, found: sparse.csr_array, right: sparse.csr_array, strict: bool
) -> float:
    """The share of wrong cells among the cells that are or should be nonzero. Exits if no rule explains them."""
    differences = (found - right).tocoo()
    differences.eliminate_zeros()
    if not differences.nnz:
        return 0.0
    if engine.ours or (strict and not engine.rule):
        i, j = differences.row[0], differences.col[0]
        raise SystemExit(
            f"{engine.name} differs in {differences.nnz} cells, first for the term {question.terms[j]!r} in document "
            f"{i}: {right[i, j] + differences.data[0]} instead of {right[i, j]}\n{text.documents[i]!r}"
        )
    either = right.nnz + (found > right).nnz
    return float(differences.nnz / max(1, either, differences.nnz))
