"""What a count needs above its input and its result, at its peak, each case in a process of its own.

The bound is 64 MB, the plan aside, and 24 bytes for each document of a Python sequence, whose references are held.
A sparse result is built in pieces and put together: its peak is compared with the size that it has in the end.

The child takes its documents from an Arrow file, so that little was freed before that the count could use again, and
asks the system for its peak: `VmHWM` of Linux, which can be set back, or else the largest `ru_maxrss`.

    python benchmarks/memory.py CASE FILE      what the child runs; prints JSON
"""

import ctypes
import gc
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import feather

BOUND = 64e6
REFERENCE = 24
#: Name of the case: the workload whose text and terms it has, the container, whether the result is sparse.
CASES: dict[str, tuple[str, str, bool]] = {
    "dense, pyarrow": ("medium-100-words", "pyarrow", False),
    "dense, list of str": ("medium-100-words", "list of str", False),
    "dense, NumPy StringDType": ("medium-100-words", "NumPy StringDType", False),
    "dense, list of Russian str": ("russian-1000-words", "list of str", False),
    "dense, list of Japanese str": ("japanese-100-substrings", "list of str", False),
    "sparse, pyarrow": ("medium-lexicon", "pyarrow", True),
    "sparse, many matches": ("medium-phrases", "pyarrow", True),
    "sparse, list of str": ("short-dictionary", "list of str", True),
}


def memory(rounds: int, quick: bool) -> dict[str, Any]:
    import sources
    from workloads import WORKLOADS

    workloads = {workload.name: workload for workload in WORKLOADS}
    rows = []
    for name, (workload, container, _) in CASES.items():
        try:
            text = workloads[workload].text(quick)
            question = workloads[workload].question(text)
        except sources.UnavailableError:
            continue
        file = sources.CACHE / "memory.arrow"
        feather.write_feather(pa.table({"text": text.column}), file, compression="uncompressed")
        options = {"match": question.match, "ignore_case": question.ignore_case}
        file.with_suffix(".json").write_text(json.dumps({"terms": question.terms, "options": options}))
        command = [sys.executable, __file__, name, str(file)]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        rows.append(_row(name, told, len(text.documents) * REFERENCE if container.startswith("list") else 0))
        file.unlink()
    return {
        "name": "memory",
        "title": "memory in MB: what a count needs at its peak above what was there before",
        "columns": ["case", "input as Arrow", "result", "peak", "above result", "bound", "peak / result"],
        "rows": rows,
        "notes": [
            "Bounds: above the result 64 MB, and 24 bytes a document of a list; of a sparse result the peak is",
            "2.5 times its size, or 64 MB above it.",
        ],
    }


def _row(name: str, told: dict[str, float], references: int) -> list[str]:
    is_sparse = name.startswith("sparse")
    bound = max(2.5 * told["result"], told["result"] + BOUND) if is_sparse else BOUND + references
    above = told["peak"] - told["result"]
    held = told["peak"] if is_sparse else above
    figures = [told["input"], told["result"], told["peak"], above]
    mark = "" if held <= bound else " exceeded"
    cells = [f"{figure / 1e6:,.1f}" for figure in figures]
    return [name, *cells, f"{bound / 1e6:,.1f}{mark}", f"{told['peak'] / told['result']:.2f}" if is_sparse else ""]


def child(case: str, file: Path) -> None:
    """Count once, and print how much more memory there was at the peak than before."""
    import countgrid as cg
    from containers import CONTAINERS

    _, container, sparse = CASES[case]
    given = json.loads(file.with_suffix(".json").read_text())
    counter = cg.TermCounter(given["terms"], **given["options"])
    del given
    column = feather.read_table(file, memory_map=False)["text"].combine_chunks()
    size = column.nbytes
    documents = column if container == "pyarrow" else CONTAINERS[container](column.to_pylist())
    del column
    counter.count(["a warm", "start"], sparse=sparse)
    gc.collect()
    _give_back()
    before, peak = _resident(), _peak()
    result = counter.count(documents, sparse=sparse)
    used = peak() - before
    parts = [getattr(result, part) for part in ("data", "indices", "indptr")] if sparse else [result]
    print(json.dumps({"input": size, "result": sum(part.nbytes for part in parts), "peak": used}))


def _give_back() -> None:
    """Freed memory that the allocators keep goes back, else the count could use it unseen."""
    pa.default_memory_pool().release_unused()
    if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)


def _resident() -> int:
    try:
        return _status("VmRSS")
    except OSError:
        return _largest()


def _peak() -> Callable[[], int]:
    """What tells the largest resident size since now."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    except OSError:
        return _largest
    return lambda: _status("VmHWM")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def _largest() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    child(sys.argv[1], Path(sys.argv[2]))
