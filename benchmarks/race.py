"""One workload: countgrid and other libraries on the same documents and terms."""

import statistics
from typing import Any

import judge
import timing
from apart import Remote
from libraries import ENGINES
from timing import TOLERATED, Entrant
from workloads import Workload


def race(workload: Workload, rounds: int, quick: bool, alone: bool) -> dict[str, Any]:
    """Check the answers of all engines of a workload, then time them. `alone` leaves out other libraries."""
    text = workload.text(quick)
    question = workload.question(text)
    right = judge.answer(question, text)
    entrants: list[Entrant] = []
    left_out: list[str] = []
    for name in ["countgrid", *([] if alone else workload.others)]:
        if name not in ENGINES:
            left_out.append(f"{name} (not installed)")
            continue
        try:
            entrants.append(timing.entered(ENGINES[name], question, text, right, workload.strict))
        except Exception as error:
            # The libraries that work are timed even if one fails.
            if name == "countgrid":
                raise
            lines = str(error).strip().splitlines()
            left_out.append(f"{name} ({type(error).__name__}: {lines[-1] if lines else ''})")
    seconds = timing.turns({entrant.engine.name: entrant.run for entrant in entrants}, rounds)
    for entrant in entrants:
        if isinstance(entrant.run, Remote):
            entrant.run.close()
    result = {
        "name": workload.name,
        "title": workload.title,
        "text": {
            "documents": len(text.documents),
            "bytes": text.nbytes,
            "note": text.note,
            "fingerprint": text.fingerprint,
        },
        "terms": len(question.terms),
        "matches": int(right.sum()),
        "left_out": left_out,
        "engines": [_row(entrant, seconds, text.nbytes) for entrant in entrants],
    }
    return compared(result)


def compared(result: dict[str, Any]) -> dict[str, Any]:
    """The result with the fastest other library and the ratio to it."""
    others = [row for row in result["engines"] if not row["ours"] and row["wrong_cells"] <= TOLERATED]
    fastest = min(others, key=lambda row: row["countgrid_is_faster_by"], default=None)
    return result | {
        "fastest_other": fastest and fastest["engine"],
        "ratio_to_fastest_other": fastest and fastest["countgrid_is_faster_by"],
    }


def row(
    name: str, package: str, times: list[float], base: list[float], nbytes: int, share: float = 1.0, **more: Any
) -> dict[str, Any]:
    """An engine's row: its times on a share of the text, compared with `base`, the times of countgrid."""
    return {
        "engine": name,
        "package": package,
        "ours": package == "countgrid",
        "seconds": times,
        "median": statistics.median(times),
        "spread": timing.spread(times),
        "mb_per_second": nbytes * share / statistics.median(times) / 1e6,
        "countgrid_is_faster_by": timing.ratio(times, base, share),
        "every_nth_document": 1,
        "wrong_cells": 0.0,
        "rule": "",
    } | more


def _row(entrant: Entrant, seconds: dict[str, list[float]], nbytes: int) -> dict[str, Any]:
    engine, times, base = entrant.engine, seconds[entrant.engine.name], seconds["countgrid"]
    return row(
        engine.name,
        engine.package,
        times,
        base,
        nbytes,
        entrant.share,
        every_nth_document=entrant.step,
        wrong_cells=entrant.wrong,
        rule=engine.rule if entrant.wrong else "",
    )
