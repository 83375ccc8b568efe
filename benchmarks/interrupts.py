"""Measures how soon Ctrl-C ends each kind of call, by signals at random moments.

    python benchmarks/interrupts.py                      # every kind, 20 signals each
    python benchmarks/interrupts.py --signals 100 find   # one kind

The calls are in ``tests/interrupted.py``. The last column is the share of signals whose exception arrived later than
0.2 s. Signals after the end of the call are not counted. On a busy machine, the CPU time of all threads between
signal and exception is more reliable than the clock.
"""

import argparse
import random
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from interrupted import AFTERWARDS, CALLS, Interrupted

#: The documented limit, in seconds.
PROMISED = 0.2


def delays(name: str, signals: int, longest: float) -> list[tuple[float, float]]:
    """Seconds and CPU seconds that the call took to end after each signal."""
    taken = []
    with Interrupted(name) as process:
        for _ in range(10 * signals):
            moment = random.uniform(0, longest)
            delay = process.after(moment)
            if delay is None:
                longest = max(moment, 0.01)
            else:
                taken.append((delay, process.used))
            if len(taken) == signals:
                break
        assert process.counts() == str(AFTERWARDS)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(CALLS)}; default: all")
    parser.add_argument("--signals", type=int, default=20, help="signals per kind of call")
    parser.add_argument("--longest", type=float, default=3, help="longest time before a signal, in seconds")
    options = parser.parse_args()
    print(f"{'call':<40} {'signals':>7} {'median':>8} {'most':>8} {'CPU':>8} {'late':>6}")
    for name in options.names or CALLS:
        taken, used = zip(*delays(name, options.signals, options.longest), strict=True)
        late = sum(delay > PROMISED for delay in taken) / len(taken)
        median, most, cpu = statistics.median(taken), max(taken), max(used)
        print(f"{name:<40} {len(taken):>7} {median:>6.3f} s {most:>6.3f} s {cpu:>6.2f} s {late:>6.0%}", flush=True)


if __name__ == "__main__":
    main()
