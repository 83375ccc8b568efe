"""Check that countgrid and its peers count the same, then time them side by side.

All engines take turns on the same inputs in one process, round after round, so that what slows the machine slows
all of them and the ratios stand. Prints a table for each workload, saves a dated record and draws the chart.

    python benchmarks/run.py [--rounds N] [--workload NAME] [--quick] [--no-record]

Read next: `workloads.py` (what is counted), `engines.py` (by whom), `record.py` (what is kept).
"""

import argparse
import gc
import math
import shlex
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import chart
import record
from engines import ENGINES, Case, Engine, Run, matrix, reference
from workloads import OURS, WORKLOADS, Workload

CHART = Path(__file__).resolve().parent.parent / "docs" / "images" / "speed.png"


def main() -> None:
    parser = argparse.ArgumentParser(description="Check, then time, countgrid and its peers.")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each engine (default 7)")
    parser.add_argument("--workload", choices=[w.name for w in WORKLOADS], action="append", help="only this one")
    parser.add_argument("--quick", action="store_true", help="little text: do the answers agree?")
    parser.add_argument("--no-record", action="store_true", help="print only")
    options = parser.parse_args()
    rounds = 1 if options.quick else options.rounds

    results = []
    before = record.environment()
    print(record.heading(before))
    for workload in WORKLOADS:
        if options.workload and workload.name not in options.workload:
            continue
        results.append(measure(workload, rounds, options.quick))
        print("\n" + record.table(results[-1]), flush=True)
    mean = math.exp(statistics.fmean(math.log(result["ratio_to_fastest_peer"]) for result in results))
    print(f"\nGeometric mean of the ratios to the fastest peer: {mean:.1f}")
    if options.quick or options.no_record:
        return

    command = shlex.join(["python", "benchmarks/run.py", *sys.argv[1:]])
    kept = {**before, "command": command, "rounds": rounds, "workloads": results, "geometric_mean": mean}
    print("Record:", *record.save(kept))
    if not options.workload:
        chart.draw(kept, CHART)
        print("Chart:", CHART.relative_to(Path.cwd()) if CHART.is_relative_to(Path.cwd()) else CHART)


def measure(workload: Workload, rounds: int, quick: bool) -> dict[str, Any]:
    """Answers checked, then the times of all engines of a workload."""
    case = workload.case(quick)
    engines = [ENGINES[name] for name in OURS + workload.peers]
    steps = {engine.name: workload.thinned.get(engine.name, 1) for engine in engines}
    runs, matches = checked(case, engines, steps)
    seconds = timed(runs, rounds)

    base = seconds[OURS[0]]
    rows: list[dict[str, Any]] = []
    for engine in engines:
        step, times = steps[engine.name], seconds[engine.name]
        share = case.thinned(step).text.nbytes / case.text.nbytes
        median = statistics.median(times)
        # Round by round: both times of a ratio were taken within the same seconds.
        ratio = statistics.median(theirs / share / ours for theirs, ours in zip(times, base, strict=True))
        rows.append(
            {
                "engine": engine.name,
                "ours": engine.ours,
                "every_nth_document": step,
                "seconds": times,
                "median": median,
                "spread": (max(times) - min(times)) / median,
                "mb_per_second": case.text.nbytes * share / median / 1e6,
                "countgrid_is_faster_by": ratio,
            }
        )
    fastest = max((row for row in rows if not row["ours"]), key=lambda row: row["mb_per_second"])
    return {
        "name": workload.name,
        "title": workload.title,
        "text": {
            "documents": len(case.text.documents),
            "bytes": case.text.nbytes,
            "note": case.text.note,
            "fingerprint": case.text.fingerprint,
        },
        "terms": len(case.terms),
        "matches": matches,
        "engines": rows,
        "fastest_peer": fastest["engine"],
        "ratio_to_fastest_peer": fastest["countgrid_is_faster_by"],
    }


def checked(case: Case, engines: list[Engine], steps: dict[str, int]) -> tuple[dict[str, Run], int]:
    """Prepare each engine and compare its answer with the plain one, cell by cell; this also warms it up.

    Gives what is to be timed, and the number of matches.
    """
    right = reference(case)
    runs: dict[str, Run] = {}
    for engine in engines:
        step = steps[engine.name]
        part = case.thinned(step)
        runs[engine.name] = engine.prepare(part)
        differences = (matrix(part, runs[engine.name]()) - right[::step]).tocoo()
        differences.eliminate_zeros()
        if differences.nnz:
            i, j = differences.row[0], differences.col[0]
            raise SystemExit(
                f"{engine.name} differs in {differences.nnz} cells, first for the term {part.terms[j]!r} in document "
                f"{i * step}: {right[i * step, j] + differences.data[0]} instead of {right[i * step, j]}\n"
                f"{part.text.documents[i]!r}"
            )
    return runs, int(right.sum())


def timed(runs: dict[str, Run], rounds: int) -> dict[str, list[float]]:
    """Seconds of each round of each engine; every round begins with another engine."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            gc.collect()
            started = time.perf_counter()
            result = runs[name]()
            seconds[name].append(time.perf_counter() - started)
            del result  # giving the memory back is not timed
    return seconds


if __name__ == "__main__":
    main()
