"""Answers checked, then engines timed in turn: what slows the machine slows all of them, and the ratios stand."""

import gc
import mmap
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import apart
import numpy as np
from peers.question import Engine, Question, Run, matrix
from scipy import sparse
from texts import Text

#: An engine that would take longer for all documents gets every n-th of them, so that it takes about half as long.
PATIENCE = 1.0
STEPS = (2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 5000)
#: More than the largest result.
TOUCHED = 256_000_000
#: A peer of whose cells more are wrong does another job: it is shown, but is not the fastest peer.
TOLERATED = 0.05


@dataclass
class Entrant:
    """An engine ready to be timed on its part of the documents."""

    engine: Engine
    run: Run
    step: int
    share: float
    wrong: float


def entered(engine: Engine, question: Question, text: Text, right: sparse.csr_array, strict: bool) -> Entrant:
    """Find the part of the documents that the engine can do in time, and compare its answer cell by cell."""
    bind = apart.build(engine.name, question) if engine.apart else engine.build(question)
    step = 1 if engine.ours else _step(bind, text)
    part = text.thinned(step)
    run = bind(part)
    answer = run()
    found = answer() if isinstance(run, apart.Remote) else matrix(question, part, answer)
    wrong = _wrong(engine, question, part, found, right[::step], strict)
    return Entrant(engine, run, step, part.nbytes / text.nbytes, wrong)


def turns(runs: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each round of each engine; every round begins with another engine."""
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
    started = time.perf_counter()
    result = run()
    seconds = time.perf_counter() - started
    del result  # giving the memory back is not timed
    return seconds


def _touch_memory() -> None:
    """Let every engine find free pages that are there.

    The host of a virtual machine takes back what was freed, and gives it again at a tenth of the speed at which the
    kernel clears pages: which engine's result that would hit is chance. Of a matrix of 46 MB it is 15 to 90 ms.
    """
    np.empty(TOUCHED, np.uint8)[:: mmap.PAGESIZE] = 0


def ratio(theirs: list[float], base: list[float], share: float = 1.0) -> float:
    """How many times as long, round by round: both times of a ratio were taken within the same seconds."""
    return statistics.median(other / share / own for other, own in zip(theirs, base, strict=True))


def spread(times: list[float]) -> float:
    return (max(times) - min(times)) / statistics.median(times)


def _step(bind: Callable[[Text], Run], text: Text) -> int:
    """Every which document the engine gets; parts of the text are tried that grow while that is fast."""
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
    """The share of wrong cells among those in which something is or should be; refused where no rule explains it."""
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
