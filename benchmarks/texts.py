"""The texts that are counted: real prose and code that every machine with Python has.

Docstrings of the standard library and of the packages that the benchmarks need are lower-cased, kept where they
are ASCII, and cut into documents. On such text all engines agree about what a word is, so that their counts can be
compared cell by cell before anything is timed. The text depends on the versions of Python and of the packages: its
size and a fingerprint go into every record, beside the versions.

Read next: `engines.py`, what counts these texts; `run.py`, which puts them together.
"""

import ast
import hashlib
import json
import re
import sys
import sysconfig
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

CACHE = Path(__file__).resolve().parent.parent / "build" / "benchmarks"
# Directories of tests, not of documentation, and of packages that are not the standard library's own.
NOT_LIBRARY = {"site-packages", "dist-packages", "test", "tests", "idle_test"}
# By the name of the distribution, the directory.
PACKAGES = {
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "pandas": "pandas",
    "polars": "polars",
    "pyarrow": "pyarrow",
    "scikit-learn": "sklearn",
    "scipy": "scipy",
}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Text:
    """Documents with their origin, as a list of str; `column` is the same as an Arrow column."""

    name: str
    documents: list[str]
    note: str

    @cached_property
    def column(self) -> "pa.Array":
        import pyarrow as pa

        return pa.array(self.documents, pa.large_utf8())

    @cached_property
    def nbytes(self) -> int:
        return sum(map(len, self.documents))  # ASCII: one byte a character

    @cached_property
    def fingerprint(self) -> str:
        return hashlib.sha256("\0".join(self.documents).encode()).hexdigest()[:12]

    @cached_property
    def words(self) -> Counter[str]:
        """How often each word stands in the documents."""
        found: Counter[str] = Counter()
        for document in self.documents:
            found.update(re.findall(r"\w+", document))
        return found

    def thinned(self, step: int) -> "Text":
        """Every `step`-th document, for engines too slow for all of them."""
        return self if step == 1 else Text(self.name, self.documents[::step], self.note)


def docstrings(root: Path, skip: frozenset[str] = frozenset()) -> Iterator[str]:
    """The docstrings of all modules, classes and functions under `root`, in the order of their paths."""
    for path in sorted(root.rglob("*.py")):
        if skip.intersection(path.relative_to(root).parts):
            continue
        try:
            with warnings.catch_warnings(action="ignore"):
                module = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):  # the standard library's own examples of bad syntax
            continue
        for node in ast.walk(module):
            if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node)):
                yield text


def standard_library() -> list[str]:
    """The standard library's docstrings."""
    return _cached("stdlib", sys.version, lambda: docstrings(_path("stdlib"), frozenset(NOT_LIBRARY)))


def packages() -> list[str]:
    """The docstrings of the packages that the benchmarks need."""
    versions = [f"{name} {metadata.version(name)}" for name in PACKAGES]
    roots = [_path("platlib") / directory for directory in PACKAGES.values()]
    return _cached("packages", "\n".join([sys.version, *versions]), lambda: chain(*map(docstrings, roots)))


def medium(at_least: int, quick: bool = False) -> Text:
    """Documents of about 400 bytes: runs of lines, closed as soon as they hold 380 bytes."""
    documents, document, held = [], [], 0
    for line in _lines(quick):
        document.append(line)
        held += len(line) + 1
        if held >= 380:
            documents.append("\n".join(document))
            document, held = [], 0
    return _repeated("medium", documents, at_least)


def short(at_least: int, quick: bool = False) -> Text:
    """Documents of about 55 bytes: the lines of 25 to 100 bytes."""
    return _repeated("short", [line for line in _lines(quick) if 25 <= len(line) <= 100], at_least)


@lru_cache(2)
def _lines(quick: bool) -> list[str]:
    """The lower-cased ASCII lines that hold more than white space; of the standard library alone when `quick`."""
    texts = standard_library() if quick else standard_library() + packages()
    lines = (line.rstrip().lower() for text in texts for line in text.split("\n"))
    return [line for line in lines if line and line.isascii()]


def _repeated(name: str, documents: list[str], at_least: int) -> Text:
    size = sum(map(len, documents))
    times = -(-at_least // size)
    note = f"repeated {times} times" if times > 1 else "each document once"
    return Text(name, documents * times, note)


def _path(kind: str) -> Path:
    return Path(sysconfig.get_path(kind))


def _cached(name: str, key: str, collect: Callable[[], Iterable[str]]) -> list[str]:
    """What `collect` gives, kept under build/ since reading thousands of modules takes half a minute."""
    file = CACHE / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:12]}.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(list(collect())))
    cached: list[str] = json.loads(file.read_text())
    return cached
