"""Measures the figures of docs/parallelism.md: threads, workers, processes, with the GIL and without it.

    python benchmarks/parallelism.py

Writes the tables between the marks of docs/parallelism.md and the pictures docs/images/parallel-*.png. All counts are
checked before anything is timed. Run `make bench-word-count` first: its table and histogram are used. Needs
matplotlib.
"""

import json
import os
import pickle
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import countgrid as cg
import matplotlib
import numpy as np
import pyarrow as pa

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import sources
import texts
import word_count

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "parallelism.md"
OURS, PLAIN, TEXT = "#d9622b", "#9fb3c1", "#222222"
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
#: The load of the machine at the start.
LOAD = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
ROUNDS = 7
#: The width of a bar in the picture of ticks, in seconds.
BIN = 0.02
#: The size of the text (docstrings) and the number of terms (its most common words).
MEGABYTES = 100
TERMS = 100


class Ticker:
    """A Python thread that repeats a little work and stores the times."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stopped.is_set():
            sum(range(20_000))
            self.times.append(time.perf_counter())

    def __enter__(self) -> "Ticker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def rate(self, start: float, end: float) -> float:
        return sum(start <= tick < end for tick in self.times) / (end - start)


def ticks(jobs: dict[str, Callable[[], object]]) -> list[list[str]]:
    """Run each job while another thread ticks. Draws the ticks and returns their rates as rows."""
    figure, panels = plt.subplots(len(jobs), 1, figsize=(8, 1.55 * len(jobs)), layout="constrained", sharex=True)
    rows = []
    for panel, (name, job) in zip(panels, jobs.items(), strict=True):
        with Ticker() as ticker:
            time.sleep(0.4)
            start = time.perf_counter()
            job()
            end = time.perf_counter()
            time.sleep(0.4)
        before, during = ticker.rate(start - 0.35, start), ticker.rate(start, end)
        rows.append(
            [name, f"{1e3 * (end - start):,.0f}", f"{before:,.0f}", f"{during:,.0f}", f"{during / before:.0%}"]
        )
        edges = np.arange(-0.3, end - start + 0.3, BIN)
        counted, _ = np.histogram(np.array(ticker.times) - start, edges)
        panel.bar(edges[:-1], counted / BIN, width=BIN, align="edge", color=PLAIN)
        panel.axvspan(0, end - start, color=OURS, alpha=0.15, lw=0, zorder=0)
        panel.set_title(name, loc="left", fontsize=10, color=TEXT)
        panel.set_ylabel("ticks per s", fontsize=8)
        panel.tick_params(labelsize=8)
        panel.spines[["top", "right"]].set_visible(False)
    panels[-1].set_xlabel("seconds; the count runs in the coloured time", fontsize=9)
    figure.savefig(DOCS / "images" / "parallel-ticks.png", dpi=110)
    return rows


def turns(runs: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """The median seconds of runs that take turns, after one round to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            if turn:
                seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(times) for name, times in seconds.items()}


def workers(counter: cg.TermCounter, column: pa.Array, path: Path, token: str) -> list[list[str]]:
    """Speed by number of workers, as a table and a picture."""
    numbers = sorted({1, 2, CORES, 2 * CORES, *(2**i for i in range(1, CORES.bit_length()))})
    jobs = {
        "count": lambda n: counter.totals(column, workers=n),
        "search": lambda n: cg.search(path, token, workers=n),
    }
    sizes = {"count": column.nbytes, "search": path.stat().st_size}
    figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    speeds = {}
    for (name, job), colour in zip(jobs.items(), (OURS, PLAIN), strict=True):
        seconds = turns({str(n): partial(job, n) for n in numbers})
        speeds[name] = {n: sizes[name] / seconds[str(n)] / 1e6 for n in numbers}
        axes.plot(numbers, [speeds[name][n] / speeds[name][1] for n in numbers], "o-", color=colour, label=name)
    axes.plot(numbers, [min(n, CORES) for n in numbers], ":", color="#888888", label="limit by cores")
    axes.set(xlabel="workers", ylabel="speedup", xticks=numbers, ylim=(0, None))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(DOCS / "images" / "parallel-workers.png", dpi=110)
    return [
        [str(n), *(f"{speed[n]:,.0f} ({speed[n] / speed[1]:.2f}x)" for speed in speeds.values())] for n in numbers
    ]


def threads(counter: cg.TermCounter, column: pa.Array) -> list[list[str]]:
    """Two counts, one after the other and in two Python threads."""
    pool = ThreadPoolExecutor(2)

    def in_turn(n: int | None) -> None:
        for _ in range(2):
            counter.totals(column, workers=n)

    def at_once(n: int | None) -> None:
        list(pool.map(lambda _: counter.totals(column, workers=n), range(2)))

    cases = {"1": 1, "default": None}
    runs = {f"{name} {how.__name__}": partial(how, n) for name, n in cases.items() for how in (in_turn, at_once)}
    seconds = turns(runs)
    return [[name, *(f"{1e3 * seconds[f'{name} {how}']:,.0f}" for how in ("in_turn", "at_once"))] for name in cases]


CHILD = """
import pickle, sys, time
start = time.perf_counter()
import countgrid as cg
imported = time.perf_counter()
counter = pickle.loads(sys.stdin.buffer.read())
print(imported - start, time.perf_counter() - imported)
"""


def processes(counter: cg.TermCounter, column: pa.Array) -> list[list[str]]:
    """The cost of counting in another process: a fork, or a new process that unpickles the counter."""
    data = pickle.dumps(counter)
    new = [
        list(
            map(float, subprocess.run([sys.executable, "-c", CHILD], input=data, capture_output=True).stdout.split())
        )
        for _ in range(ROUNDS)
    ]
    imported, unpickled = (statistics.median(column) for column in zip(*new, strict=True))
    rows = [
        ["the pickled counter", f"{len(data):,} bytes"],
        ["`import countgrid` in a new process", f"{1e3 * imported:,.0f} ms"],
        ["unpickling, which compiles the terms", f"{1e3 * unpickled:.1f} ms"],
    ]
    if hasattr(os, "fork"):
        rows.append(
            ["a fork after a count: the child's count, on all cores", f"{1e3 * forked(counter, column):,.0f} ms"]
        )
        rows.append(
            ["the same count in the parent", f"{1e3 * turns({'': lambda: counter.totals(column)})['']:,.0f} ms"]
        )
    return rows


def forked(counter: cg.TermCounter, column: pa.Array) -> float:
    expected = counter.totals(column).counts.tolist()
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            counter.totals(column)
            started = time.perf_counter()
            found = counter.totals(column).counts.tolist()
            os.write(write, str(time.perf_counter() - started).encode())
            code = int(found != expected)
        finally:
            os._exit(code)
    os.close(write)
    with open(read, encoding="ascii") as pipe:
        seconds = float(pipe.read())
    if os.waitpid(pid, 0)[1] != 0:
        raise SystemExit("a forked child and its parent count differently")
    return seconds


def first() -> str:
    """The table of `make bench-word-count`. Also copies its histogram to the page."""
    build = DOCS.parent / "build"
    kept = json.loads((build / "word-count.json").read_text(encoding="utf-8"))["benchmarks"]
    shutil.copy(build / "word-count-frequent_token.svg", DOCS / "images" / "word-count-frequent.svg")
    medians: dict[str, dict[str, float]] = {}
    tokens: dict[str, str] = {}
    for row in kept:
        medians.setdefault(row["name"], {})[row["group"]] = row["stats"]["median"]
        tokens[row["group"]] = f"`{row['extra_info']['token']}`, {row['extra_info']['occurrences']:,} times"
    base = medians["pure Python"]
    rows = [
        [name, *(f"{1e3 * times[group]:,.1f} ({base[group] / times[group]:,.0f}x)" for group in tokens)]
        for name, times in medians.items()
    ]
    size = kept[0]["extra_info"]["bytes"] / 1e6
    return table([f"median ms for {size:.0f} MB (speedup over Python)", *tokens.values()], rows)


def table(head: list[str], rows: list[list[str]]) -> str:
    numbers = ["---", *["---:"] * (len(head) - 1)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in [head, numbers, *rows])


def put(tables: dict[str, str]) -> None:
    """Write the tables between their marks in the page."""
    page = PAGE.read_text(encoding="utf-8")
    for name, text in tables.items():
        page, n = re.subn(
            rf"(<!-- {name} -->\n).*?(<!-- end -->)",
            lambda m, text=text: f"{m[1]}\n{text}\n{m[2]}",
            page,
            flags=re.DOTALL,
        )
        if n != 1:
            raise SystemExit(f"{PAGE.name} has {n} places for the table {name!r}")
    PAGE.write_text(page, encoding="utf-8")


def machine() -> str:
    cpu = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.*)", cpu.read_text(encoding="utf-8")) if cpu.exists() else []
    gil = "" if getattr(sys, "_is_gil_enabled", lambda: True)() else ", free-threaded"
    python = ".".join(map(str, sys.version_info[:2]))
    busy = f", load average {LOAD:.1f} before" if LOAD > 0.5 else ""
    name = names[0].split(" (")[0] if names else "this machine"
    return f"{name}, {CORES} cores, Python {python}{gil}, {time.strftime('%Y-%m-%d')}{busy}."


def main() -> None:
    documents = sources.docstrings()
    documents *= 1 + int(MEGABYTES * 1e6 / sum(map(len, documents)))
    column = pa.array([text.encode(errors="replace").decode() for text in documents], pa.large_utf8())
    common = texts.Text("docstrings", documents[:20_000], "").words.most_common(TERMS)
    counter = cg.TermCounter([word for word, _ in common], ignore_case=True)
    path = texts.token_file(float(MEGABYTES))
    text = path.read_text(encoding="utf-8") * 4
    token = "the"
    found = {word_count.search_with_gil(text, token), word_count.search_sequential(text, token)}
    found |= {word_count.search(text, token), 4 * cg.search(path, token), 4 * cg.search(path, token, workers=1)}
    if len(found) != 1:
        raise SystemExit(f"the searches find {token!r} {found} times")

    def count(times: int, n: int | None = None) -> None:
        for _ in range(times):
            counter.totals(column, workers=n)

    jobs: dict[str, Callable[[], object]] = {
        "PyO3's word count, GIL held": lambda: word_count.search_with_gil(text, token),
        "PyO3's word count, GIL released": lambda: word_count.search_sequential(text, token),
        "countgrid, one worker": lambda: count(5, 1),
        "countgrid, all cores": lambda: count(10),
    }
    tables = {
        "machine": machine() + "\n",
        "word-count": first(),
        "ticks": table(["count", "ms", "ticks per s before", "during", "left"], ticks(jobs)),
        "workers": table(
            ["workers", f"count {TERMS} words, MB/s", "search one token, MB/s"], workers(counter, column, path, token)
        ),
        "threads": table(["`workers`", "one after the other, ms", "at once, ms"], threads(counter, column)),
        "processes": table(["what", "cost"], processes(counter, column)),
    }
    put(tables)
    print("\n".join(tables.values()))


if __name__ == "__main__":
    main()
