r"""The word-count example in three versions on one file: pure Python, Rust on one core, Rust on all cores.

    pytest benchmarks/test_word_count.py

WORD_COUNT_MB sets the size of the file (default 64); a small one makes this a test that the three agree.

The three follow one rule, so that they count the same. A line ends at "\n" alone: the file is read with
`newline="\n"`, since `str.splitlines` would also cut at \x0b, \x0c, \x1c-\x1e, \x85, U+2028 and U+2029. Tokens stand
between white space: `str.split` takes \x1c-\x1f for white space, Unicode does not, so the file holds none of them.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import countgrid as cg
import pytest
import texts
from pytest_benchmark.fixture import BenchmarkFixture

TERM = "the"


def search_python(path: Path, term: str) -> int:
    with open(path, encoding="utf-8", newline="\n") as lines:
        return sum(line.split().count(term) for line in lines)


def search_sequential(path: Path, term: str) -> int:
    return cg.search(path, term, workers=1)


def search_parallel(path: Path, term: str) -> int:
    return cg.search(path, term)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The standard library's docstrings, over and over until the file has its size; all versions count the same."""
    wanted = round(float(os.environ.get("WORD_COUNT_MB", "64")) * 1e6)
    text = re.sub("[\x1c-\x1f]", " ", "\n".join(texts.standard_library())) + "\n"
    data = text.encode(errors="replace")
    path = tmp_path_factory.mktemp("word_count") / "docstrings.txt"
    path.write_bytes(data * max(1, round(wanted / len(data))))
    counts = {search(path, TERM) for search in (search_python, search_sequential, search_parallel)}
    assert len(counts) == 1
    assert counts != {0}
    return path


@pytest.mark.parametrize("search", [search_python, search_sequential, search_parallel])
def test_word_count(benchmark: BenchmarkFixture, path: Path, search: Callable[[Path, str], int]) -> None:
    benchmark.extra_info["MB"] = path.stat().st_size / 1e6
    benchmark.pedantic(search, (path, TERM), rounds=5, warmup_rounds=1)
