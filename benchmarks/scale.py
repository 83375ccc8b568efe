"""Measures the inputs of the cost model in docs/scale.md on this machine, then checks what the model predicts.

    python benchmarks/scale.py [--rounds N] [--quick] [--no-record] [--wait MINUTES]

The model: seconds = start + bytes of text * (1 / most + (1 / rate - 1 / most) / cores). Only counting is spread over
the cores. One thread reads, and one groups and writes: `most` is the rate of the slower one, which a process cannot
exceed. The rates are measured with one core and the smallest size, in processor time, which other programs disturb
less than the time that passes. The check counts copies (hard links) of a Parquet file with `count_dataset`, in a new
process that may use one core or two. On a virtual machine, cores differ in speed, and each drifts. So the rates are
measured again before and after each job, on the same cores. Totals must first grow exactly with the copies.

On a machine that others use too, --wait repeats each run during which they were busy.

Read next: `scale_run.py` (that process), `quiet.py` (other programs), `texts.py` (the text), `record.py` (records).
"""

import argparse
import json
import os
import pickle
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, product
from pathlib import Path
from typing import Any

import countgrid as cg
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import record
import terms
import texts
from quiet import Quiet

#: Text of the check in bytes, for a full and a quick run.
SIZES = {False: (500_000_000, 1_500_000_000, 5_000_000_000), True: (1_000_000, 2_000_000, 4_000_000)}
MANY = 286_000
REGEXES = [
    r"\d{4}-\d{2}-\d{2}",
    r"https?://\S+",
    r"[A-Z]{3,}",
    r"\w+_\w+",
    r"\d+\.\d+",
    r"\(\w+\)",
    r"[a-z]+tion",
    r"(?i)warn(?:ing|ed)?",
    r"``[^`]+``",
    r"\w+@\w+",
]
#: What is left is reading: there is nothing to count.
ABSENT = "qqzzxxqq"
#: Jobs of `count_dataset`: their words (None: the most common 100), and the form of the result.
FORMS = [
    ("100 words, totals by file", None, "totals"),
    ("100 words, a row for each count", None, "long"),
    ("100 words, a column for each word", None, "wide"),
    ("an absent word, a row for each count", [ABSENT], "long"),
]
UNDISTURBED = Quiet()
#: The cores of the check, one or two. Without affinity (macOS, Windows), only one process at a time is measured.
CORES = sorted(os.sched_getaffinity(0))[:2] if hasattr(os, "sched_getaffinity") else [0]
RUN = [sys.executable, str(Path(__file__).with_name("scale_run.py"))]


@dataclass(frozen=True)
class Workload:
    """Terms, how they are matched, and the form of the result."""

    name: str
    terms: list[str]
    form: str
    matching: dict[str, Any] = field(default_factory=dict)

    def run(self, counter: cg.TermCounter, column: pa.Array, workers: int = 1) -> Any:
        if self.form == "totals":
            return counter.totals(column, workers=workers)
        return counter.count(column, sparse=self.form == "sparse", workers=workers)

    def totals(self, result: Any) -> np.ndarray:
        return result.counts if self.form == "totals" else np.asarray(result.sum(axis=0, dtype=np.int64))


def workloads(text: texts.Text) -> list[Workload]:
    hundred = terms.common(1, 100)(text)
    return [
        Workload("100 words", hundred, "dense"),
        Workload("100 words", hundred, "sparse"),
        Workload("10,000 words", terms.common(1, 10_000)(text), "sparse"),
        Workload(f"{MANY:,} words", made_words(text, MANY), "totals"),
        Workload("100 substrings", terms.pieces(1, 100, 8)(text), "dense", {"match": "substring"}),
        Workload("10 regexes", REGEXES, "dense", {"match": "substring", "syntax": "regex"}),
    ]


def made_words(text: texts.Text, count: int) -> list[str]:
    """The words of the text, then pairs of its common words written together."""
    known = terms.common(1, count)(text)
    pairs = ("".join(pair) for pair in product(known[:1000], repeat=2))
    return list(islice(dict.fromkeys([*known, *pairs]), count))


@contextmanager
def only(cores: list[int]) -> Iterator[None]:
    """Let this thread, and processes that it starts, use only some cores."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)


def spent(run: Callable[[], Any], rounds: int) -> float:
    """The median processor time of a run in seconds, of all its threads."""

    def timed() -> float:
        before = time.process_time()
        run()
        return time.process_time() - before

    return statistics.median(UNDISTURBED(timed) for _ in range(rounds))


def check_linear(work: Workload, counter: cg.TermCounter, column: pa.Array) -> None:
    """Three copies must have three times the totals, with one worker and with two."""
    once = work.totals(work.run(counter, column))
    for workers in (1, 2):
        thrice = work.totals(work.run(counter, pa.concat_arrays([column] * 3), workers))
        if not (thrice == 3 * once).all() or not once.any():
            raise SystemExit(f"{work.name}, {work.form}: the totals of three copies are wrong with {workers} workers")


def rates(text: texts.Text, works: list[Workload], rounds: int) -> Iterator[list[str]]:
    """A row of the table for each workload."""
    sample = text.column.slice(0, 2_000)
    for work in works:
        counter = cg.TermCounter(work.terms, **work.matching)
        check_linear(work, counter, sample)
        compiled = spent(lambda work=work: compile_terms(work), rounds)
        pickled = pickle.dumps(counter)
        loaded = spent(lambda pickled=pickled: load(pickled), rounds)
        rate = text.nbytes / spent(lambda work=work, counter=counter: work.run(counter, text.column), rounds)
        size = in_memory(work.run(counter, text.column)) / len(text.documents)
        each = f"{size:,.0f}" if work.form != "totals" else "0"
        times = f"{compiled * 1e3:,.1f}", f"{len(pickled) / 1e3:,.1f}", f"{loaded * 1e3:,.1f}"
        yield [f"{work.name}, {work.form}", f"{rate / 1e6:,.0f}", *times, each]


def compile_terms(work: Workload) -> None:
    cg.clear_cache()
    cg.TermCounter(work.terms, **work.matching).totals([""])


def load(pickled: bytes) -> None:
    """Unpickle a counter in a process that has not compiled its terms."""
    cg.clear_cache()
    pickle.loads(pickled).totals([""])


def in_memory(result: Any) -> int:
    if isinstance(result, cg.Totals):
        return result.counts.nbytes + result.documents.nbytes
    arrays = [result] if isinstance(result, np.ndarray) else [result.data, result.indices, result.indptr]
    return sum(array.nbytes for array in arrays)


def written(text: texts.Text, folder: Path) -> Path:
    file = folder / "text.parquet"
    pq.write_table(pa.table({"text": text.column}), file, compression="zstd", row_group_size=100_000)
    return file


def read(file: Path, count: Callable[[pa.Array], Any] = lambda column: None) -> None:
    """Read the file in batches of about 8 MB, and count each."""
    for batch in pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20).iter_batches(25_000, use_threads=False):
        count(batch["text"])


def copies(file: Path, count: int) -> list[str]:
    """Hard links to a file, in a folder of their own, which are counted as different files."""
    folder = Path(tempfile.mkdtemp(dir=file.parent))
    for copy in range(count):
        os.link(file, folder / f"{copy:04}.parquet")
    return sorted(map(str, folder.iterdir()))


def count_copies(file: Path, count: int, words: list[str], workers: int, form: str) -> dict[str, float]:
    """Count copies with `count_dataset` in a new process; its seconds, memory and results."""
    inputs = copies(file, count)

    def run() -> dict[str, float]:
        with tempfile.TemporaryDirectory(dir=file.parent) as out:
            place = str(Path(out) / "counts")
            job = json.dumps({"inputs": inputs, "words": words, "workers": workers, "form": form, "out": place})
            before, started = os.times(), time.perf_counter()
            done = subprocess.run(RUN, input=job, stdout=subprocess.PIPE, text=True, check=True)
            seconds, after = time.perf_counter() - started, os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        return {"seconds": seconds, "cpu": cpu, **json.loads(done.stdout)}

    found = UNDISTURBED(run)
    for path in inputs:
        os.unlink(path)
    return found


def figure(name: str, title: str, columns: list[str], rows: list[list[str]]) -> dict[str, Any]:
    made = {"name": name, "title": title, "columns": columns, "rows": rows}
    print("\n" + record.printed(made), flush=True)
    return made


@dataclass(frozen=True)
class Speed:
    """Processor seconds of one core for each byte of text: in all, and the part that a single thread must do."""

    whole: float
    serial: float

    @classmethod
    def measured(cls, job: float, reading: float, counting: float) -> "Speed":
        """From the seconds per byte of a job, of reading, and of reading and counting. The rest is serial."""
        return cls(job, max(job - counting, reading))

    @classmethod
    def mean(cls, speeds: "list[Speed]") -> "Speed":
        return cls(
            statistics.mean(speed.whole for speed in speeds), statistics.mean(speed.serial for speed in speeds)
        )

    def predicted(self, size: int, cores: int, start: dict[str, float]) -> tuple[float, float]:
        """Seconds, and processor seconds."""
        seconds = size * (self.serial + (self.whole - self.serial) / cores)
        return start["seconds"] + seconds, start["cpu"] + size * self.whole


class Job:
    """Counts copies of a Parquet file of the text, and measures the parts of that work."""

    def __init__(self, text: texts.Text, file: Path, words: list[str], quick: bool) -> None:
        self.text, self.file, self.words = text, file, words
        self.smallest = self.number(SIZES[quick][0])
        self.counter = cg.TermCounter(words)
        self.start = {"seconds": 0.0, "cpu": 0.0}

    def number(self, size: int) -> int:
        """How many copies have about so many bytes of text."""
        return max(1, round(size / self.text.nbytes))

    def measure_start(self, rounds: int) -> None:
        tiny = self.file.with_name("tiny.parquet")
        pq.write_table(pa.table({"text": self.text.column[:1]}), tiny)
        runs = [count_copies(tiny, 1, self.words, 1, "totals") for _ in range(rounds)]
        self.start = {name: statistics.median(run[name] for run in runs) for name in self.start}

    def reading(self, rounds: int, way: str | None = None) -> float:
        """Processor seconds per byte: to read, and to make a result of each batch."""
        ways: dict[str | None, Callable[[pa.Array], Any]] = {
            None: lambda column: None,
            "totals": partial(self.counter.totals, workers=1),
            "sparse": partial(self.counter.count, sparse=True, workers=1),
        }
        return spent(lambda: read(self.file, ways[way]), rounds) / self.text.nbytes

    def whole(self, rounds: int, form: str = "totals", words: list[str] | None = None) -> tuple[float, float]:
        """Processor seconds per byte of `count_dataset` with one core, and bytes of the result per document."""
        runs = [count_copies(self.file, self.smallest, words or self.words, 1, form) for _ in range(rounds)]
        seconds = statistics.median(run["cpu"] for run in runs) - self.start["cpu"]
        written = runs[0]["bytes"] / (self.smallest * len(self.text.documents))
        return max(seconds, 1e-3) / (self.smallest * self.text.nbytes), written

    def speed(self, core: int) -> Speed:
        """Of totals, on a core, now."""
        with only([core]):
            return Speed.measured(self.whole(1)[0], self.reading(1), self.reading(1, "totals"))


def measure(text: texts.Text, folder: Path, rounds: int, quick: bool) -> list[dict[str, Any]]:
    works = workloads(text)
    rows = list(rates(text, works, rounds))
    columns = ["terms, result", "MB per core-second", "compile, ms", "pickle, KB", "load, ms", "memory per document"]
    figures = [figure("rates", "counting with one worker, from memory", columns, rows)]

    job = Job(text, written(text, folder), works[1].terms, quick)
    with only(CORES[:1]):
        job.measure_start(rounds)
        job.reading(1)  # the first call also loads pyarrow's readers
        parts = {way: job.reading(rounds, way) for way in (None, "totals", "sparse")}
        rows = [
            ["reading Parquet (zstd), MB of text per core-second", megabytes(parts[None])],
            ["the same, and totals of 100 words for each batch", megabytes(parts["totals"])],
            ["the same, and a sparse matrix for each batch", megabytes(parts["sparse"])],
            ["start of a process, s", f"{job.start['seconds']:.2f}"],
            ["the text, bytes per document", f"{text.nbytes / len(text.documents):,.0f}"],
            ["its Parquet file, bytes per document", f"{job.file.stat().st_size / len(text.documents):,.1f}"],
        ]
        figures.append(figure("fixed", "reading and starting", ["what", "figure"], rows))

        rows = []
        for name, chosen, form in FORMS:
            seconds, size = job.whole(rounds, form, chosen)
            counted = parts["totals" if form == "totals" else "sparse"]
            limit = megabytes(Speed.measured(seconds, parts[None], counted).serial) if chosen is None else ""
            rows.append([name, megabytes(seconds), limit, f"{size:,.3f}"])
        columns = ["job of count_dataset", "MB per core-second", "most of one process, MB/s", "bytes per document"]
        figures.append(figure("jobs", "from Parquet to Parquet, with one core", columns, rows))
    return [*figures, predictions(job, quick)]


def megabytes(seconds_per_byte: float) -> str:
    """Megabytes per second."""
    return f"{1e-6 / seconds_per_byte:,.0f}"


def predictions(job: Job, quick: bool) -> dict[str, Any]:
    """What the model says about larger jobs and two cores, and what they take.

    The speed of a virtual machine drifts within a minute. So it is measured before and after each job.
    """
    once = int(job.counter.totals(job.text.column).counts.sum())
    rows = []
    before = [job.speed(core) for core in CORES]
    for size, cores in product(SIZES[quick], range(1, 1 + len(CORES))):
        count = job.number(size)
        with only(CORES[:cores]):
            got = count_copies(job.file, count, job.words, cores, "totals")
        if got["total"] != count * once:
            raise SystemExit(f"{count} copies have {got['total']:,} occurrences; expected {count * once:,}")
        after = [job.speed(core) for core in CORES]
        speed = Speed.mean([*before[:cores], *after[:cores]])
        seconds, cpu = speed.predicted(count * job.text.nbytes, cores, job.start)
        times = f"{seconds:.2f}", f"{got['seconds']:.2f}", f"{got['seconds'] / seconds:.2f}"
        times += f"{cpu:.2f}", f"{got['cpu']:.2f}", f"{got['cpu'] / cpu:.2f}"
        size_read = f"{count * job.text.nbytes / 1e9:.2f} GB"
        rows.append([size_read, str(cores), megabytes(speed.whole), *times, f"{got['peak'] / 1e6:,.0f}"])
        before = after
    columns = [
        "text",
        "cores",
        "MB per core-second",
        "predicted, s",
        "measured, s",
        "ratio",
        "CPU predicted",
        "measured",
        "ratio",
        "peak, MB",
    ]
    return figure("model", f"{FORMS[0][0]}, with count_dataset", columns, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the inputs of the cost model, and check its predictions.")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each (default 5)")
    parser.add_argument("--quick", action="store_true", help="little text: are the answers right? no record")
    parser.add_argument("--no-record", action="store_true", help="print only")
    parser.add_argument("--wait", type=float, default=0, help="minutes to wait in all until others are quiet")
    options = parser.parse_args()
    UNDISTURBED.wait_for(options.wait)
    before = record.environment()
    text = texts.medium(options.quick)
    note = f"{len(text.documents):,} documents, {text.nbytes / 1e6:.1f} MB ({text.note}, {text.fingerprint})"
    print(f"{record.heading(before)}\n{note}", flush=True)
    rounds = 1 if options.quick else options.rounds
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(text, Path(folder), rounds, options.quick)
    if UNDISTURBED.disturbed:
        note += f"; other programs disturbed {UNDISTURBED.disturbed} runs"
    if not (options.quick or options.no_record):
        command = shlex.join(["python", "benchmarks/scale.py", *sys.argv[1:]])
        kept = {**before, "command": command, "rounds": rounds, "notes": [note], "workloads": [], "figures": figures}
        print("Record:", *record.save(kept))


if __name__ == "__main__":
    main()
