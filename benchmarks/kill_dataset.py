"""Kills `count_dataset` at random moments, and checks that nothing is lost, changed or counted twice.

    python benchmarks/kill_dataset.py [--kills N] [--gigabytes N] [--format long|wide] [--by filename] [--seed N]

Counts many hard links to one Parquet file, and a large file that is divided into units, in a process that gets
SIGKILL after a random time. The next process continues in the same directory. The last one is not killed. Afterwards:

- Every file of the directory has the same bytes as after an uninterrupted run.
- The counts add up to those of `TermCounter.totals`, times the copies.
- Every unit has one record, which was written once: the file never changes after its first appearance.
- The last run skipped exactly the units that had a record and results.

Prints which process counted how many units, and the peak memory of all.

Read next: `texts.py` (the text), `python/countgrid/_dataset/plan.py` (records).
"""

import argparse
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import countgrid as cg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import record
import terms
import texts

#: A copy of the large file has more than one unit: units have at most 256 MB of a file.
LARGE = 300_000_000
WORDS = 100

RUN = """
import json, sys, countgrid as cg
job = json.load(sys.stdin)
done = cg.count_dataset(job["inputs"], job["words"], job["out"], column="text", **job["options"])
print(json.dumps([done.units, done.skipped, done.documents]))
"""


class Run:
    """A process that counts, and the largest memory that it was seen to use."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdin
        self.process.stdin.write(json.dumps(job).encode())
        self.process.stdin.close()
        self.started = time.monotonic()
        self.peak = 0

    def watch(self, seconds: float = float("inf")) -> bool:
        """Wait for the end, or for some seconds. Returns whether the process has ended."""
        while self.process.poll() is None:
            left = self.started + seconds - time.monotonic()
            if left <= 0:
                return False
            self._look()
            time.sleep(min(left, 0.02))
        return True

    def kill(self) -> None:
        self._look()
        self.process.send_signal(signal.SIGKILL)
        self._printed()

    def result(self) -> list[int]:
        printed = self._printed()
        if self.process.returncode:
            raise SystemExit("the process failed")
        return json.loads(printed)

    def _printed(self) -> bytes:
        assert self.process.stdout
        with self.process.stdout as output:
            printed = output.read()
        self.process.wait()
        return printed

    def _look(self) -> None:
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        except OSError:
            return
        self.peak = max([self.peak, *(1024 * int(size) for size in re.findall(r"VmHWM:\s*(\d+) kB", status))])


def records(out: Path) -> dict[str, tuple[int, int]]:
    """The records of units: the number and the time of each file, which change if it is written again."""
    found = (out / "_countgrid" / "units").glob("*.json")
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


def digests(out: Path) -> dict[str, str]:
    """The content of every file, hidden ones too."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def write_inputs(text: texts.Text, folder: Path, size: int) -> tuple[list[str], int]:
    """Files with about this many bytes of text. Returns their paths, and how often they contain the text."""
    table = pa.table({"text": text.column})
    first = folder / "0000.parquet"
    pq.write_table(table, first, compression="zstd", row_group_size=100_000)
    repeats = min(LARGE // first.stat().st_size + 1, size // text.nbytes // 4)
    copies = size // text.nbytes - repeats + 1
    for copy in range(1, copies):
        os.link(first, folder / f"{copy:04}.parquet")
    with pq.ParquetWriter(folder / "large.parquet", table.schema, compression="zstd") as large:
        for _ in range(repeats):
            large.write_table(table, row_group_size=100_000)
    return sorted(map(str, folder.iterdir())), copies + repeats


def kill_often(job: dict[str, Any], kills: int, longest: float, dice: random.Random) -> tuple[int, int]:
    """Kill processes until this many were killed.

    Returns the peak memory, and how many units had results but no record at a kill. They are counted again.
    """
    out = Path(job["out"])
    peak = 0
    unrecorded: set[str] = set()
    seen: dict[str, tuple[int, int]] = {}
    for kill in range(kills):
        run = Run(job)
        moment = dice.uniform(0, longest)
        if run.watch(moment):
            raise SystemExit(f"finished after {kill} kills; pass more --gigabytes, or fewer --kills")
        run.kill()
        peak = max(peak, run.peak)
        there = records(out)
        if not seen.items() <= there.items():
            raise SystemExit(f"records changed: {sorted(set(seen.items()) - set(there.items()))}")
        unrecorded |= {f"{path.name}.json" for path in out.glob("*.parquet")} - set(there)
        print(f"killed after {moment:5.2f} s: {len(there) - len(seen):3} more units, {len(there):3} in total")
        seen = there
    run = Run(job)
    run.watch()
    counted, skipped, _ = run.result()
    last = records(out)
    if not seen.items() <= last.items():
        raise SystemExit(f"records changed: {sorted(set(seen.items()) - set(last.items()))}")
    if (counted, skipped) != (len(last) - len(seen), len(seen)):
        raise SystemExit(f"the last run counted {counted} and skipped {skipped} units; {len(seen)} had a record")
    print(f"not killed: {counted} more units, {len(last)} in total")
    return max(peak, run.peak), len(unrecorded)


def total(out: Path) -> int:
    """All counts in a directory of results."""
    sums = []
    for path in out.glob("*.parquet"):
        found = pq.read_table(path)
        counts = [name for name in found.column_names if name == "count"] or found.column_names
        sums += [pc.sum(found[name]).as_py() or 0 for name in counts]
    return sum(sums)


def count_whole(job: dict[str, Any], size: int) -> float:
    """Count without interruption, and print speed and memory. Returns the seconds."""
    run = Run(job)
    run.watch()
    took = time.monotonic() - run.started
    units, skipped, documents = run.result()
    assert skipped == 0
    made = sum(path.stat().st_size for path in Path(job["out"]).glob("*.parquet"))
    print(f"{date.today()}, {record.cpu()}, {record.cores()} cores, countgrid of commit {record.commit()}")
    print(f"{size / 1e9:.2f} GB of text, {documents:,} documents, {len(job['inputs'])} files, {units} units")
    speed = f"{took:.1f} s, {size / took / 1e6:.0f} MB/s"
    print(f"{job['options']}: {speed}, peak memory {run.peak / 1e6:.0f} MB, results {made / 1e6:.1f} MB")
    return took


def check_equal(killed: Path, whole: Path, occurrences: int) -> None:
    expected, found = digests(whole), digests(killed)
    if found != expected:
        raise SystemExit(f"the directories differ: {sorted(set(found.items()) ^ set(expected.items()))}")
    if (sums := total(killed)) != occurrences:
        raise SystemExit(f"the results have {sums:,} occurrences; expected {occurrences:,}")
    print(f"{len(found)} files are equal, {sums:,} occurrences, {len(records(killed))} records written once")


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill count_dataset at random moments, and check its results.")
    parser.add_argument("--kills", type=int, default=20, help="how often (default 20); 0 measures only speed")
    parser.add_argument("--gigabytes", type=float, default=5.2, help="of text (default 5.2)")
    parser.add_argument("--format", choices=["long", "wide"], default="long", help="form of the results")
    parser.add_argument("--by", choices=["filename"], help="totals by file instead")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of the random moments")
    given = parser.parse_args()
    text = texts.medium(False)
    words = terms.common(1, WORDS)(text)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        inputs, copies = write_inputs(text, folder / "in", int(given.gigabytes * 1e9))
        options = {"by": given.by} if given.by else {"format": given.format}
        job = {"inputs": inputs, "words": words, "options": options}
        took = count_whole({**job, "out": str(folder / "whole")}, copies * text.nbytes)
        if given.kills == 0:
            return
        # A process also starts, and loses its last unit. So the text lasts longer than the kills.
        longest, dice = 2 * took / given.kills, random.Random(given.seed)
        peak, unrecorded = kill_often({**job, "out": str(folder / "killed")}, given.kills, longest, dice)
        once = int(cg.TermCounter(words).totals(text.column).counts.sum())
        check_equal(folder / "killed", folder / "whole", copies * once)
    print(f"{given.kills} kills, seed {given.seed}; peak memory {peak / 1e6:.0f} MB;", end=" ")
    print(f"{unrecorded} units were killed between results and record, and counted again")


if __name__ == "__main__":
    main()
