"""One token in one file: `countgrid.search` compared with PyO3's word-count example, in Rust and in Python.

The only whitespace in the file is single spaces and line feeds, so all versions split it alike. PyO3's example
(`word_count/`) gets the text in memory; countgrid opens the file each time. The read speed of memory is measured too,
since it can limit a search.
"""

import importlib.util
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import countgrid as cg
import numpy as np
import texts
import timing
from race import compared, row

# By workload: about how often the token occurs per megabyte.
SEARCHES = {"file-frequent": 10_000.0, "file-rare": 1.0}


def search(name: str, rounds: int, quick: bool, alone: bool) -> dict[str, Any]:
    megabytes = 1.0 if quick else 100.0
    path = texts.token_file(megabytes)
    text = path.read_text(encoding="utf-8")
    token, expected = texts.token(text, SEARCHES[name] * megabytes)
    runs = _runs(path, text, token, alone)
    for engine, run in runs.items():
        if (found := run()) != expected:
            raise SystemExit(f"{engine} finds {token!r} {found} times instead of {expected}")
    nbytes = path.stat().st_size
    seconds = timing.turns(runs, rounds)
    base = seconds["countgrid"]
    result = compared(
        {
            "name": name,
            "title": f"one token, {token!r}, in a file of {nbytes / 1e6:.0f} MB",
            "text": {"documents": 1, "bytes": nbytes, "note": "docstrings, one file", "fingerprint": path.stem[-12:]},
            "terms": 1,
            "matches": expected,
            "left_out": [] if _rust() or alone else ["PyO3's word-count in Rust, which is not built"],
            "engines": [row(engine, engine.split(",")[0], times, base, nbytes) for engine, times in seconds.items()],
        }
    )
    memory = bandwidth()
    share = nbytes / min(base) / memory
    return result | {"note": f"memory can be read at {memory / 1e9:.1f} GB/s; countgrid reaches {share:.0%} of that"}


def bandwidth() -> float:
    """Bytes per second that two threads read from memory at best."""
    data = np.ones(32_000_000, np.int64)

    def read() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(np.max, np.split(data, 2)))

    return float(data.nbytes / min(timing.timed(read) for _ in range(5)))


def _runs(path: Path, text: str, token: str, alone: bool) -> dict[str, Callable[[], int]]:
    runs: dict[str, Callable[[], int]] = {
        "countgrid": lambda: cg.search(path, token),
        "countgrid, workers=1": lambda: cg.search(path, token, workers=1),
    }
    if not alone and _rust():
        import word_count

        runs["PyO3 word-count, rayon"] = lambda: word_count.search(text, token)
        runs["PyO3 word-count, sequential"] = lambda: word_count.search_sequential(text, token)
    if not alone:
        runs["pure Python"] = lambda: sum(line.split(" ").count(token) for line in text.split("\n"))
    return runs


def _rust() -> bool:
    return importlib.util.find_spec("word_count.word_count") is not None
