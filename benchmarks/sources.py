"""The raw text of the benchmarks: Python's own code and documentation, and some downloads.

Docstrings and source files are from the standard library and the packages that the benchmarks need. Russian and
Japanese manual pages and an English dictionary are in Debian packages, which are downloaded with `apt-get` and
unpacked under build/, not installed. Without `apt-get`, `UnavailableError` is raised, and the workloads that need
them are left out with a note. The sentiment lexicon is in the Python package vaderSentiment.

Slow results are stored under build/benchmarks/. Read next: `texts.py`, which makes documents of the text.
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
# Directories in the standard library that contain tests or other packages.
NOT_LIBRARY = frozenset({"site-packages", "dist-packages", "test", "tests", "idle_test"})
# Directories of packages, by name of the distribution.
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
    """Data that a workload needs is unavailable on this machine. The message says which and why."""


def docstrings() -> list[str]:
    """The distinct docstrings of all modules, classes and functions."""
    return _cached("docstrings", lambda: dict.fromkeys(chain.from_iterable(map(_docstrings, _modules()))))


def source_files() -> list[str]:
    """All source files, in the order of their paths."""
    return _cached("sources", lambda: (path.read_text(errors="replace") for path in _modules()))


def manual_pages(language: str) -> list[str]:
    """The paragraphs of the manual pages of a language, without markup."""
    folder = _package(MANUALS[language]) / "usr" / "share" / "man" / language
    paragraphs: list[str] = []
    for path in sorted(folder.rglob("*.gz")):
        paragraphs += _paragraphs(gzip.decompress(path.read_bytes()).decode(errors="replace"))
    return list(dict.fromkeys(paragraphs))


def dictionary(at_least: int) -> list[str]:
    """The words of only letters, in order, from the smallest dictionary with at least `at_least` of them."""
    for package, path in DICTIONARIES.items():
        lines = (_package(package) / path).read_text(encoding="utf-8").splitlines()
        words = [line for line in dict.fromkeys(lines) if line.isalpha()]
        if len(words) >= at_least:
            return words
    raise UnavailableError(f"no dictionary of {at_least:,} words among {', '.join(DICTIONARIES)}")


def lexicon() -> list[str]:
    """The distinct terms of VADER's sentiment lexicon, ignoring case: words, also hyphenated, slang and emoticons."""
    found = importlib.util.find_spec("vaderSentiment")
    if found is None or not found.submodule_search_locations:
        raise UnavailableError("the lexicon of vaderSentiment, which is not installed")
    path = Path(found.submodule_search_locations[0]) / "vader_lexicon.txt"
    terms = (line.split("\t")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return list({term.lower(): term for term in terms if term}.values())


def user_agents() -> list[str]:
    """The user agents of crawlers that the package crawler-user-agents contains."""
    if importlib.util.find_spec("crawleruseragents") is None:
        raise UnavailableError("the user agents of crawler-user-agents, which is not installed")
    import crawleruseragents

    entries = crawleruseragents.CRAWLER_USER_AGENTS_DATA
    return list(dict.fromkeys(agent for entry in entries for agent in entry["instances"]))


@cache
def _modules() -> list[Path]:
    """The modules of the standard library, then of the packages."""
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
    """Paragraphs of text. Requests of roff end a paragraph, except for font requests, whose text is kept."""
    lines: list[str] = []
    for line in [*roff.split("\n"), "."]:
        font = re.match(r"\.(?:B|I|R|SM|SB|BR|BI|RB|RI|IR|IB) +(.*)", line)
        if line.startswith((".", "'")) and not font:
            if lines:
                yield "\n".join(lines)
            lines = []
        elif text := _plain(font[1].replace('"', "") if font else line):
            lines.append(text)


def _plain(line: str) -> str:
    line = re.sub(r"\\f(?:\[[^\]]*\]|\(..|.)|\\s[+-]?\d|\\[&/,|^%:c]|\\\".*", "", line)
    line = re.sub(r"\\\(([a-z]q|[a-z]{2})|\\\[[^\]]*\]|\\\*(?:\(..|\[[^\]]*\]|.)", "", line)
    return line.replace("\\-", "-").replace("\\e", "\\").replace("\\ ", " ").replace("\\~", " ").strip()


@cache
def _package(name: str) -> Path:
    """The folder of an unpacked Debian package, downloaded if necessary."""
    folder = CACHE / "debian" / name
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            _run(["apt-get", "download", name], folder.parent)
            archive = next(folder.parent.glob(f"{name}_*.deb"))
            _run(["dpkg-deb", "--extract", archive.name, f"{name}.part"], folder.parent)
            (folder.parent / f"{name}.part").rename(folder)
        except (OSError, subprocess.CalledProcessError, StopIteration) as error:
            lines = getattr(error, "stderr", "").strip().splitlines()
            reason = lines[-1] if lines else str(error)
            raise UnavailableError(f"the Debian package {name}, which could not be downloaded ({reason})") from error
    return folder


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)


def _cached(name: str, collect: Callable[[], Iterable[str]]) -> list[str]:
    """The result of `collect`, cached under build/ by the versions of Python and the packages."""
    key = "\n".join([sys.version, *(f"{package} {metadata.version(package)}" for package in PACKAGES)])
    file = CACHE / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:12]}.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(list(collect())))
    cached: list[str] = json.loads(file.read_text())
    return cached
