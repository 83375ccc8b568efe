"""Where the benchmarks' raw text comes from: what every machine with Python has, and two kinds of downloads.

Docstrings and source files are those of the standard library and of the packages that the benchmarks need. Russian
and Japanese manual pages and a dictionary of English are Debian packages, taken with `apt-get download` and unpacked
under build/ without being installed; where there is no `apt-get`, `UnavailableError` is raised and what needs them is
left out with a note. The sentiment lexicon comes with the Python package vaderSentiment.

Everything that takes long is kept under build/benchmarks/. Read next: `texts.py`, which makes documents of this.
"""

import ast
import gzip
import hashlib
import importlib.util
import json
import re
import subprocess
import sys
import sysconfig
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import metadata
from itertools import chain
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / "build" / "benchmarks"
# Directories of tests, not of the library, and of packages that are not the standard library's own.
NOT_LIBRARY = frozenset({"site-packages", "dist-packages", "test", "tests", "idle_test"})
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
MANUALS = {"ru": "manpages-ru", "ja": "manpages-ja"}
DICTIONARIES = {
    "wamerican-huge": "usr/share/dict/american-english-huge",
    "wamerican-insane": "usr/share/dict/american-english-insane",
}


class UnavailableError(Exception):
    """What a workload needs cannot be had on this machine; the message says what and why."""


def docstrings() -> list[str]:
    """The docstrings of all modules, classes and functions, each once."""
    return _cached("docstrings", lambda: dict.fromkeys(chain.from_iterable(map(_docstrings, _modules()))))


def source_files() -> list[str]:
    """All source files, in the order of their paths."""
    return _cached("sources", lambda: (path.read_text(errors="replace") for path in _modules()))


def manual_pages(language: str) -> list[str]:
    """The paragraphs of the manual pages of a language, without their markup."""
    folder = _package(MANUALS[language]) / "usr" / "share" / "man" / language
    paragraphs: list[str] = []
    for path in sorted(folder.rglob("*.gz")):
        paragraphs += _paragraphs(gzip.decompress(path.read_bytes()).decode(errors="replace"))
    return list(dict.fromkeys(paragraphs))


def dictionary(at_least: int) -> list[str]:
    """A dictionary's words of letters alone, in its order, from the smallest dictionary that has enough of them."""
    for package, path in DICTIONARIES.items():
        lines = (_package(package) / path).read_text(encoding="utf-8").splitlines()
        words = [line for line in dict.fromkeys(lines) if line.isalpha()]
        if len(words) >= at_least:
            return words
    raise UnavailableError(f"no dictionary of {at_least:,} words among {', '.join(DICTIONARIES)}")


def lexicon() -> list[str]:
    """The terms of VADER's sentiment lexicon: words, hyphenated words, slang and emoticons; case aside, each once."""
    found = importlib.util.find_spec("vaderSentiment")
    if found is None or not found.submodule_search_locations:
        raise UnavailableError("the lexicon of vaderSentiment, which is not installed")
    path = Path(found.submodule_search_locations[0]) / "vader_lexicon.txt"
    terms = (line.split("\t")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return list({term.lower(): term for term in terms if term}.values())


@cache
def _modules() -> list[Path]:
    """The standard library's modules, then those of the packages."""
    library, packages = _path("stdlib"), _path("platlib")
    found = [path for path in sorted(library.rglob("*.py")) if not NOT_LIBRARY & set(path.relative_to(library).parts)]
    for directory in PACKAGES.values():
        found += sorted((packages / directory).rglob("*.py"))
    return found


def _path(kind: str) -> Path:
    return Path(sysconfig.get_path(kind))


def _docstrings(path: Path) -> Iterator[str]:
    try:
        with warnings.catch_warnings(action="ignore"):
            module = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):  # the standard library's own examples of bad syntax
        return
    for node in ast.walk(module):
        if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node)):
            yield text


def _paragraphs(roff: str) -> Iterator[str]:
    """Paragraphs of running text; requests of roff end a paragraph, or keep their text if they set it in a font."""
    held: list[str] = []
    for line in [*roff.split("\n"), "."]:
        font = re.match(r"\.(?:B|I|R|SM|SB|BR|BI|RB|RI|IR|IB) +(.*)", line)
        if line.startswith((".", "'")) and not font:
            if held:
                yield "\n".join(held)
            held = []
        elif text := _plain(font[1].replace('"', "") if font else line):
            held.append(text)


def _plain(line: str) -> str:
    line = re.sub(r"\\f(?:\[[^\]]*\]|\(..|.)|\\s[+-]?\d|\\[&/,|^%:c]|\\\".*", "", line)
    line = re.sub(r"\\\(([a-z]q|[a-z]{2})|\\\[[^\]]*\]|\\\*(?:\(..|\[[^\]]*\]|.)", "", line)
    return line.replace("\\-", "-").replace("\\e", "\\").replace("\\ ", " ").replace("\\~", " ").strip()


@cache
def _package(name: str) -> Path:
    """The folder of an unpacked Debian package, which is downloaded if it is not there."""
    folder = CACHE / "debian" / name
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            _run(["apt-get", "download", name], folder.parent)
            archive = next(folder.parent.glob(f"{name}_*.deb"))
            _run(["dpkg-deb", "--extract", archive.name, f"{name}.part"], folder.parent)
            (folder.parent / f"{name}.part").rename(folder)
        except (OSError, subprocess.CalledProcessError, StopIteration) as error:
            told = getattr(error, "stderr", "").strip().splitlines()
            reason = told[-1] if told else str(error)
            raise UnavailableError(f"the Debian package {name}, which could not be downloaded ({reason})") from error
    return folder


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)


def _cached(name: str, collect: Callable[[], Iterable[str]]) -> list[str]:
    """What `collect` gives, kept under build/ by Python's version and those of the packages."""
    key = "\n".join([sys.version, *(f"{package} {metadata.version(package)}" for package in PACKAGES)])
    file = CACHE / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:12]}.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(list(collect())))
    cached: list[str] = json.loads(file.read_text())
    return cached
