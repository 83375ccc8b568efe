"""The texts that are counted: English and code in documents of three sizes, Russian, and Japanese.

    short    distinct lines of source files, about 50 bytes, 600,000 of them
    medium   docstrings, cut between paragraphs into documents of about 400 bytes
    long     source files of about 12 KB
    ru, ja   paragraphs of manual pages
    user agents   of crawlers, about 70 bytes
    access log   lines of a web server with these user agents, about 170 bytes
    tokens   one file of lines for the search for one token

Text is neither lowercased nor reduced to ASCII. English text depends on the versions of Python and of the packages,
so every record contains size and fingerprint. Texts that are too short for steady times are repeated, with a note.

Read next: `sources.py` (raw text), `workloads.py` (which text is used for what).
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import sources

# With less text, a run of countgrid is too short to time: runs of 25 ms differed by half, runs of 70 ms by a tenth.
# Quick runs only check answers.
ENOUGH = 72_000_000
QUICK = 400_000


@dataclass(frozen=True)
class Text:
    """Documents and their origin. `column` contains the documents as an Arrow column."""

    name: str
    documents: list[str]
    note: str

    @cached_property
    def column(self) -> pa.Array:
        return pa.array(self.documents, pa.large_utf8())

    @cached_property
    def nbytes(self) -> int:
        """Bytes of UTF-8."""
        offsets = np.frombuffer(self.column.buffers()[1], np.int64)
        return int(offsets[len(self.documents)] - offsets[0])

    @cached_property
    def fingerprint(self) -> str:
        return hashlib.sha256("\0".join(self.documents).encode()).hexdigest()[:12]

    @cached_property
    def words(self) -> Counter[str]:
        """How often each word occurs in the documents."""
        found: Counter[str] = Counter()
        for document in self.documents:
            found.update(re.findall(r"\w+", document))
        return found

    def thinned(self, step: int) -> "Text":
        """Every `step`-th document."""
        return self if step == 1 else Text(self.name, self.documents[::step], self.note)


@lru_cache(2)
def short(quick: bool = False) -> Text:
    lines = (line.rstrip() for file in sources.source_files() for line in file.split("\n"))
    distinct = list(dict.fromkeys(line for line in lines if 25 <= len(line) <= 100))
    # Lines from every file. A run of 600,000 lines would be from only one or two packages.
    return _text("short", distinct[:: max(1, len(distinct) // 600_000)], quick)


@lru_cache(2)
def medium(quick: bool = False) -> Text:
    documents: list[str] = []
    for docstring in sources.docstrings():
        documents += _grouped(docstring.split("\n\n"), 300, "\n\n")
    return _text("medium", documents, quick)


def eighth(quick: bool = False) -> Text:
    """Every eighth document of `medium`."""
    return medium(quick).thinned(1 if quick else 8)


@lru_cache(2)
def long(quick: bool = False) -> Text:
    files = [file for file in sources.source_files() if 3_000 <= len(file) <= 40_000]
    step = max(1, sum(map(len, files)) // ENOUGH)
    return _text("long", files[::step], quick)


@lru_cache(2)
def manuals(language: str, quick: bool = False) -> Text:
    written = {"ru": "[\u0430-\u044f\u0451]", "ja": "[\u3041-\u3093\u30a1-\u30f6\u4e00-\u9fa0]"}[language]
    paragraphs = [page for page in sources.manual_pages(language) if len(re.findall(written, page)) * 3 > len(page)]
    return _text(language, _grouped(paragraphs, 150, "\n"), quick)


@lru_cache(2)
def user_agents(quick: bool = False, enough: int = ENOUGH // 8) -> Text:
    """The examples of the package crawler-user-agents."""
    return _text("user agents", sources.user_agents(), quick, enough)


@lru_cache(2)
def access_log(quick: bool = False) -> Text:
    """Lines of a web server's log, made of the examples of user agents."""
    methods, states = ["GET", "GET", "POST", "HEAD"], [200, 200, 200, 304, 404, 500]
    agents = sources.user_agents()
    lines = []
    for i in range(20_000):
        address = f"10.{i % 7}.{i % 251}.{i % 254 + 1}"
        moment = f"{i // 900 % 28 + 1:02}/Oct/2026:{i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02} +0000"
        request = f"{methods[i % 4]} /shop/{i % 97}/item.html?id={i % 10_007} HTTP/1.1"
        lines.append(
            f'{address} - - [{moment}] "{request}" {states[i % 6]} {i % 9_973} "-" "{agents[i % len(agents)]}"'
        )
    return _text("access log", lines, quick, enough=0)


def column(file: Path, name: str | None, quick: bool = False) -> Text:
    """A text column of a Parquet file, by default the only one. Missing documents become empty."""
    import pyarrow.parquet as pq

    schema = pq.read_schema(file)
    strings = [field.name for field in schema if _is_text(field.type)]
    if name is None and len(strings) != 1:
        raise SystemExit(f"{file} has {len(strings)} text columns ({', '.join(strings)}): choose one by --column")
    chosen = name or strings[0]
    if chosen not in strings:
        raise SystemExit(f"{file} has no text column {chosen!r}, but {', '.join(strings)}")
    documents = [document or "" for document in pq.read_table(file, columns=[chosen])[chosen].to_pylist()]
    return _text(f"{file.name}, column {chosen}", documents, quick, enough=0)


@lru_cache(2)
def token_file(megabytes: float) -> Path:
    """A file of lines whose only whitespace is single spaces and line feeds, so that all versions split it alike."""
    text = "\n".join(_encodable(sources.docstrings()))
    data = (re.sub(r"[^\S\n]|[\x1c-\x1f]", " ", text) + "\n").encode()
    wanted = round(megabytes * 1e6)
    data = (data * (wanted // len(data) + 1))[:wanted]
    path = sources.CACHE / f"tokens-{wanted}-{hashlib.sha256(data).hexdigest()[:12]}.txt"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Cut at the end of a line, so that no character is cut.
        path.write_bytes(data[: data.rindex(b"\n") + 1])
    return path


def token(text: str, times: float) -> tuple[str, int]:
    """The token of letters that occurs about `times` times, and how often it really occurs."""
    part = text[:10_000_000]
    counts = Counter(part.split())
    wanted = times * len(part) / len(text)
    letters = {token: count for token, count in counts.items() if token.isalpha() and 3 <= len(token) <= 12}
    chosen = min(letters, key=lambda token: (abs(letters[token] - wanted), token))
    return chosen, len(re.findall(rf"(?<!\S){chosen}(?!\S)", text))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _grouped(paragraphs: Iterable[str], size: int, between: str) -> list[str]:
    """Documents of one or more paragraphs, with at least `size` characters each."""
    documents: list[str] = []
    group: list[str] = []
    for paragraph in paragraphs:
        group.append(paragraph)
        if sum(map(len, group)) >= size:
            documents.append(between.join(group))
            group = []
    return [*documents, between.join(group)] if group else documents


def _text(name: str, documents: list[str], quick: bool, enough: int = ENOUGH) -> Text:
    documents = _encodable(documents)
    size = sum(len(document.encode()) for document in documents)
    if quick:
        return Text(name, documents[:: max(1, size // QUICK)], "a part")
    times = max(1, round(enough / size))
    return Text(name, documents * times, f"repeated {times} times" if times > 1 else "each document once")


def _encodable(documents: list[str]) -> list[str]:
    """The documents without lone surrogates, which most libraries reject."""
    return [document for document in documents if not re.search("[\ud800-\udfff]", document)]
