"""The peak memory of a count in addition to its input and its result, each case in its own process.

The bound is 64 MB, without the plan, and 24 bytes per document of a Python sequence for references. A sparse result
is built in parts and joined, so its peak is compared with its final size.

The child reads its documents from an Arrow file, so that the count finds little freed memory to reuse. The peak is
Linux's `VmHWM`, which can be reset, or elsewhere `ru_maxrss`.

    python benchmarks/memory.py CASE FILE      the child's command; prints JSON
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
#: By case: the workload with the text and terms, the container, whether the result is sparse.
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
        measured = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        rows.append(_row(name, measured, len(text.documents) * REFERENCE if container.startswith("list") else 0))
        file.unlink()
    return {
        "name": "memory",
        "title": "peak memory of a count in MB, in addition to the memory before it",
        "columns": ["case", "input as Arrow", "result", "peak", "above result", "bound", "peak / result"],
        "rows": rows,
        "notes": [
            "Bounds: 64 MB above the result, and 24 bytes per document of a list. For a sparse result, the bound is",
            "2.5 times its size or 64 MB above it, whichever is more.",
        ],
    }


def _row(name: str, measured: dict[str, float], references: int) -> list[str]:
    is_sparse = name.startswith("sparse")
    bound = max(2.5 * measured["result"], measured["result"] + BOUND) if is_sparse else BOUND + references
    above = measured["peak"] - measured["result"]
    compared = measured["peak"] if is_sparse else above
    figures = [measured["input"], measured["result"], measured["peak"], above]
    mark = "" if compared <= bound else " exceeded"
    cells = [f"{figure / 1e6:,.1f}" for figure in figures]
    return [
        name,
        *cells,
        f"{bound / 1e6:,.1f}{mark}",
        f"{measured['peak'] / measured['result']:.2f}" if is_sparse else "",
    ]


def child(case: str, file: Path) -> None:
    """Count once, and print how much the peak memory exceeds the memory before."""
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
    return_freed_memory()
    before, highest = resident(), peak()
    result = counter.count(documents, sparse=sparse)
    used = highest() - before
    parts = [getattr(result, part) for part in ("data", "indices", "indptr")] if sparse else [result]
    print(json.dumps({"input": size, "result": sum(part.nbytes for part in parts), "peak": used}))


def return_freed_memory() -> None:
    """Make the allocators return freed memory, which the count could otherwise reuse unnoticed."""
    pa.default_memory_pool().release_unused()
    if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)


def resident() -> int:
    try:
        return _status("VmRSS")
    except OSError:
        return _largest()


def peak() -> Callable[[], int]:
    """Return a function that returns the peak resident size from now on."""
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
