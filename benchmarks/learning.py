"""Learning a vocabulary: the vectorizers of `countgrid.sklearn` and `cg.frequencies`, compared with others' ways.

countgrid's answers must equal scikit-learn's in every column and cell, and those of `learners.frequent` for
frequencies. Checking the answers is also every engine's warm-up turn. Then all engines take turns on the same
documents. Only a part of the documents is used, so that scikit-learn takes at most 10 s.

Read next: `learners.py` (how each library does it), `learning_memory.py` (the memory of the same calls).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import learners
import numpy as np
import record
import texts
import timing
from learners import Answer, Kind, Learner
from race import compared, row
from scipy import sparse


@dataclass(frozen=True)
class Job:
    title: str
    kind: Kind
    text: Callable[[bool], texts.Text]
    ngrams: tuple[int, int] = (1, 1)
    #: Only every n-th document, for all engines.
    step: int = 2


RUSSIAN, JAPANESE = partial(texts.manuals, "ru"), partial(texts.manuals, "ja")
LEARNING = {
    "fit-medium": Job("documents of 330 bytes, fit_transform of words", "fit", texts.medium),
    "fit-medium-pairs": Job(
        "documents of 330 bytes, fit_transform of words and pairs", "fit", texts.medium, (1, 2), 3
    ),
    "fit-short": Job("lines of 50 bytes, fit_transform of words", "fit", texts.short),
    "fit-code": Job("source files of 14 KB, fit_transform of words", "fit", texts.long),
    "fit-russian": Job("Russian paragraphs of 520 bytes, fit_transform of words", "fit", RUSSIAN),
    "fit-japanese": Job("Japanese paragraphs of 600 bytes, fit_transform of words", "fit", JAPANESE),
    "transform-medium": Job("documents of 330 bytes, transform", "transform", texts.medium),
    "hashing-medium": Job("documents of 330 bytes, HashingVectorizer", "hash", texts.medium),
    "words-medium": Job("documents of 330 bytes, frequencies of words", "frequencies", texts.medium),
    "words-medium-pairs": Job(
        "documents of 330 bytes, frequencies of words and pairs", "frequencies", texts.medium, (1, 2), 3
    ),
}


def learn(name: str, rounds: int, quick: bool, alone: bool) -> dict[str, Any]:
    """Check the answers of all engines of a job, then time them. `alone` leaves out other libraries."""
    job = LEARNING[name]
    text = job.text(quick).thinned(1 if quick else job.step)
    right = learners.right(job.kind, job.ngrams, text)
    runs, wrong, packages = {}, {}, {}
    for learner in learners.LEARNERS[job.kind]:
        if not alone or learner.package == "countgrid":
            run = learner.bind(job.ngrams, text)
            wrong[learner.name] = _wrong(learner, run, right)
            runs[learner.name], packages[learner.name] = run, learner.package
    seconds = timing.turns(runs, rounds)
    base = seconds["countgrid"]
    result = {
        "name": name,
        "title": job.title,
        "text": {
            "documents": len(text.documents),
            "bytes": text.nbytes,
            "note": text.note if quick else f"{text.note}, 1 of {job.step} documents",
            "fingerprint": text.fingerprint,
        },
        "terms": len(right.terms),
        "matches": int(abs(right.counts).sum()),
        "left_out": [],
        "engines": [
            row(engine, packages[engine], times, base, text.nbytes, wrong_cells=wrong[engine], rule=learners.RULE)
            for engine, times in seconds.items()
        ],
    }
    return compared(result) | {"note": "\n".join(_ratios(seconds, packages))}


def _wrong(learner: Learner, run: Callable[[], Any], right: Answer) -> float:
    """The share of wrong cells among the cells that are or should be nonzero."""
    found = learner.answer(run())
    if learner.package in ("countgrid", "scikit-learn"):
        if found.terms != right.terms or (found.counts != right.counts).nnz:
            raise SystemExit(f"{learner.name} learns or counts other terms than it should")
        return 0.0
    columns = {term: column for column, term in enumerate(right.terms)}
    moved = np.array([columns.setdefault(term, len(columns)) for term in found.terms])
    shape = (right.counts.shape[0], len(columns))
    theirs = sparse.csr_array((found.counts.data, moved[found.counts.indices], found.counts.indptr), shape)
    due = sparse.csr_array((right.counts.data, right.counts.indices, right.counts.indptr), shape)
    wrong = (theirs != due).nnz / max(1, theirs.maximum(due).nnz)
    if wrong > timing.TOLERATED:
        raise SystemExit(f"{learner.name}: {record.percent(wrong)} of the cells are wrong")
    return float(wrong)


def _ratios(seconds: dict[str, list[float]], packages: dict[str, str]) -> list[str]:
    """How much faster each way of calling countgrid is than each other engine."""
    ours = [engine for engine in seconds if packages[engine] == "countgrid" and engine != "countgrid"]
    others = [engine for engine in seconds if packages[engine] != "countgrid"]
    return [
        f"{engine} is {record.faster(timing.ratio(seconds[other], seconds[engine]))} than {other}"
        for engine in ours
        for other in others
    ]
