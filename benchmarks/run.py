"""Check that countgrid and other libraries count the same, then time them.

All engines take turns on the same inputs in one process, round after round, so a slow moment of the machine affects
all of them. Prints a table for each workload, saves a dated record and draws the charts.

    python benchmarks/run.py [--workload NAME ...] [--rounds N] [--quick] [--ours] [--no-record]
    python benchmarks/run.py --parquet FILE [--column NAME] [--terms FILE]

Read next: `workloads.py` (what is counted), `libraries/` (by which libraries), `learning.py` (learning a vocabulary),
`figures.py` (other figures), `record.py` (records).
"""

import argparse
import shlex
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import figures
import record
from learning import LEARNING, learn
from libraries import MISSING
from race import race
from search import SEARCHES, search
from sources import UnavailableError
from workloads import WORKLOADS, of_column

#: Figures without answers to check.
UNCHECKED = ("plans", "memory", "learning-memory")
CHARTS = Path(__file__).parents[1] / "docs" / "images"


def main() -> None:
    names = [row.name for row in WORKLOADS] + list(SEARCHES) + list(LEARNING) + list(figures.FIGURES)
    parser = argparse.ArgumentParser(description="Check, then time, countgrid and other libraries.")
    parser.add_argument("--workload", choices=names, metavar="NAME", action="append", help=", ".join(names))
    parser.add_argument("--rounds", type=int, default=5, help="turns of each engine (default 5)")
    parser.add_argument("--quick", action="store_true", help="little text: do the answers agree?")
    parser.add_argument("--ours", action="store_true", help="only countgrid, checked and timed; no record")
    parser.add_argument("--no-record", action="store_true", help="print only")
    parser.add_argument("--parquet", type=Path, metavar="FILE", help="your own Parquet file instead; no record")
    parser.add_argument("--column", help="the text column of the file, if it has several")
    parser.add_argument(
        "--terms", type=Path, metavar="FILE", help="terms, one per line; default: common words of the column"
    )
    options = parser.parse_args()
    if (options.column or options.terms) and not options.parquet:
        parser.error("--column and --terms are for --parquet")
    before = record.environment()
    print(record.heading(before), flush=True)
    results, measured, notes = run(options)
    if options.quick or options.ours or options.no_record or options.parquet:
        return
    command = shlex.join(["python", "benchmarks/run.py", *sys.argv[1:]])
    kept = {**before, "command": command, "rounds": options.rounds, "notes": notes}
    kept |= {"workloads": results, "figures": measured}
    print("Record:", *record.save(kept))
    if not options.workload:
        import chart

        chart.draw(kept, CHARTS)
        print("Charts:", *sorted(path.name for path in CHARTS.glob("speed*.png")), "in docs/images")


def run(options: argparse.Namespace) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """The results of the chosen workloads and figures, and notes about what was left out."""
    notes = [f"left out: {library} ({reason})" for library, reason in MISSING.items()]
    print("".join(f"\n{note}" for note in notes))
    rounds = 1 if options.quick else options.rounds
    results: list[dict[str, Any]] = []
    measured: list[dict[str, Any]] = []
    started = time.monotonic()
    for name, make in planned(options, rounds).items():
        try:
            result = make()
        except UnavailableError as error:
            notes.append(f"left out: the workload {name}, which needs {error}")
            print("\n" + notes[-1], flush=True)
            continue
        (results if "engines" in result else measured).append(result)
        print(record.checked(result) if options.quick else "\n" + record.printed(result), flush=True)
    ratios = [result["ratio_to_fastest_other"] for result in results if result["ratio_to_fastest_other"]]
    if ratios and not options.quick:
        print("\n" + record.geometric_mean(ratios))
    print(f"{time.monotonic() - started:,.0f} s")
    return results, measured, notes


def planned(options: argparse.Namespace, rounds: int) -> dict[str, Callable[[], dict[str, Any]]]:
    """The functions that measure the chosen workloads and figures, by name."""
    quick, alone = options.quick, options.ours
    rows = of_column(options.parquet, options.column, options.terms) if options.parquet else WORKLOADS
    plan: dict[str, Callable[[], dict[str, Any]]] = {
        row.name: partial(race, row, rounds, quick, alone) for row in rows
    }
    if not options.parquet:
        plan |= {name: partial(search, name, rounds, quick, alone) for name in SEARCHES}
        plan |= {name: partial(learn, name, rounds, quick, alone) for name in LEARNING}
        plan |= {name: partial(figure, rounds, quick) for name, figure in figures.FIGURES.items()}
        plan = {name: make for name, make in plan.items() if not quick or name not in UNCHECKED}
    return {name: make for name, make in plan.items() if not options.workload or name in options.workload}


if __name__ == "__main__":
    main()
