"""Times the word count that this project grew from: one token in one file, in pure Python, Rust, and parallel Rust.

    make bench-word-count
    pytest benchmarks/test_word_count.py

pytest-benchmark times a loop in Python, `countgrid.search` with one worker and with all workers, and the sequential
and parallel search of PyO3's word-count example. `make bench-word-count` builds the example, the crate `word_count/`;
without it these two are skipped. Each search must count correctly before it is timed. WORD_COUNT_MB sets the size of
the file (default 64).

The file contains no whitespace except single spaces and line feeds, so that all versions split it alike. PyO3's
versions get the text in memory, as in its example. The others read the file each time.
"""

import importlib.util
import os
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import countgrid as cg
import pytest

pytest.importorskip("pytest_benchmark", reason="pytest-benchmark is not installed")
texts = pytest.importorskip("texts", reason="texts.py needs pyarrow")

#: About how often the token occurs per megabyte.
TOKENS = {"frequent": 10_000.0, "rare": 1.0}


def pure_python(path: Path, token: str) -> int:
    with open(path, encoding="utf-8", newline="\n") as lines:
        return sum(line.rstrip("\n").split(" ").count(token) for line in lines)


def pyo3(function: str) -> Callable[[Path, str], int]:
    def search(path: Path, token: str) -> int:
        import word_count

        return getattr(word_count, function)(text(path), token)

    return search


VERSIONS: dict[str, Callable[[Path, str], int]] = {
    "pure Python": pure_python,
    "Rust, sequential": partial(cg.search, workers=1),
    "Rust, parallel": cg.search,
    "PyO3 example, sequential": pyo3("search_sequential"),
    "PyO3 example, parallel": pyo3("search"),
}


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def path() -> Path:
    return texts.token_file(float(os.environ.get("WORD_COUNT_MB", "64")))


@cache
def chosen(path: Path, kind: str) -> tuple[str, int]:
    """The token of a kind, and how often it occurs."""
    return texts.token(text(path), TOKENS[kind] * path.stat().st_size / 1e6)


@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize("version", VERSIONS)
def test_word_count(benchmark: Any, path: Path, version: str, kind: str) -> None:
    if version.startswith("PyO3") and importlib.util.find_spec("word_count.word_count") is None:
        pytest.skip("PyO3's example is not built; make bench-word-count builds it")
    search = VERSIONS[version]
    token, expected = chosen(path, kind)
    assert search(path, token) == expected > 0
    benchmark.group = f"{kind} token"
    benchmark.name = version
    benchmark.extra_info |= {"token": token, "occurrences": expected, "bytes": path.stat().st_size}
    benchmark.pedantic(search, (path, token), rounds=7, warmup_rounds=1)
