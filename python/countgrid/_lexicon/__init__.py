"""Reads lexicons from files, as terms for a `TermCounter`.

Each format has a reader that turns a `File` into a list of terms or a mapping of categories. `file` has the code that
all formats share: errors that name the line, and the conversion of wildcards.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from countgrid import _kinds, _opening
from countgrid._errors import option, reading
from countgrid._lexicon.dic import read_dic
from countgrid._lexicon.file import Column, Content, File, Syntax, Unsupported
from countgrid._lexicon.json_nodes import read_json
from countgrid._lexicon.lexicon import LITERAL, CategoryDict, TermList
from countgrid._lexicon.lines import is_table, read_text
from countgrid._lexicon.tables import read_csv, read_dicx, read_tsv
from countgrid._lexicon.yaml_nodes import read_yaml

Format: TypeAlias = Literal["text", "csv", "tsv", "json", "dic", "dicx", "yaml"]

_READERS: dict[str, Callable[[File], Content]] = {
    "text": read_text,
    "csv": read_csv,
    "tsv": read_tsv,
    "json": read_json,
    "dic": read_dic,
    "dicx": read_dicx,
    "yaml": read_yaml,
}
FORMATS = tuple(_READERS)
_SUFFIXES = {
    "": "text",
    ".txt": "text",
    ".text": "text",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".dic": "dic",
    ".dicx": "dicx",
    ".yaml": "yaml",
    ".yml": "yaml",
}
#: Formats of other programs, and how to convert them.
_OTHERS = {
    ".jsonl": ("JSON Lines", "write one JSON list or object"),
    ".ndjson": ("JSON Lines", "write one JSON list or object"),
    ".xlsx": ("a spreadsheet", "save it as CSV"),
    ".xls": ("a spreadsheet", "save it as CSV"),
    ".ods": ("a spreadsheet", "save it as CSV"),
    ".parquet": ("a table", "pass its column to TermCounter"),
    ".lc3": ("Lexicoder's format", "convert it to YAML or JSON"),
    ".lcd": ("Lexicoder's format", "convert it to YAML or JSON"),
    ".cat": ("WordStat's format", "convert it to YAML or JSON"),
    ".ykd": ("Yoshikoder's format", "convert it to YAML or JSON"),
    ".tff": ("MPQA's format", "write the words of each type to a CSV file"),
    ".xml": ("XML", "convert it to CSV or JSON"),
}
#: Far larger than any lexicon. Stops reading a pipe or device that never ends.
_MOST_BYTES = 256 << 20


def read_lexicon(
    path: str | bytes | os.PathLike[Any],
    *,
    syntax: Syntax = LITERAL,
    format: Format | None = None,  # noqa: A002 (a keyword argument, so the shadowed builtin does no harm)
    encoding: str | None = None,
    columns: Sequence[Column] | None = None,
    on_unsupported: Unsupported = "raise",
) -> TermList | CategoryDict:
    """Read terms, or categories of terms, from a file.

    Parameters
    ----------
    path : str, bytes or os.PathLike
        The file. Lines end with ``\\n``, ``\\r\\n`` or ``\\r``. gzip, zstd, bzip2 and lz4 are decompressed:
        ``mood.csv.gz`` is CSV.
    syntax : {"literal", "glob", "regex"}, default "literal"
        How the terms are matched. `TermCounter` takes it from the lexicon.

        - ``"literal"``: terms are read unchanged. In formats with wildcards, a wildcard is an error. In other
          formats, `TermCounter` warns about terms that look like globs, unless you pass ``syntax="literal"``.
        - ``"glob"``: terms are countgrid's globs, read unchanged. LIWC's formats allow only ``*`` at the end of a
          word, so every other ``*``, ``?`` and ``\\`` in them is escaped.
        - ``"regex"``: terms are regular expressions. Not for LIWC's formats.
    format : {"text", "csv", "tsv", "json", "dic", "dicx", "yaml"}, optional
        Default: by the path's suffix. A path without a suffix is text; pass ``format`` for any other suffix.

        - ``"text"``: one term per line, without surrounding whitespace. Blank lines and comments are skipped. A
          comment's first word is ``#`` or consists of semicolons. ``#tag`` and ``;)`` are terms. A ``.txt`` file
          with a tab in every line is a TSV instead.
        - ``"csv"``, ``"tsv"``: rows of a term and optionally a category, a number, or both; or of a term and several
          numbers. A header names columns: ``term``, ``word``, ``keyword``, ``token``, ``phrase``, ``pattern``,
          ``expression``, ``entry``, ``lemma``, ``lexeme`` or ``ngram``; ``category``, ``sentiment``, ``label``,
          ``class``, ``emotion``, ``polarity`` or ``topic``; ``weight``, ``score``, ``valence``, ``arousal``,
          ``dominance``, ``value`` or ``intensity``. A column with another name is a category: its cells are ``x``,
          ``1``, ``0`` or empty. Columns without a name and comments are skipped. Without a header, the term comes
          first. If the table is ambiguous, you get an error: pass ``columns``. CSV can use semicolons.
        - ``"json"``: a list of terms, or an object of categories. A category is a list, one term, or an object of
          inner categories, which are named ``outer.inner``.
        - ``"dic"``: LIWC's format, with numbered categories. Wildcard: ``*`` at the end of a word.
        - ``"dicx"``: LIWC-22's format, a CSV of ``DicTerm`` and a column for each category. Wildcard: as in
          ``"dic"``.
        - ``"yaml"``: quanteda's format, like JSON. A category's list can also contain inner categories. Scalars stay
          text: ``no`` and ``1.5`` are terms. Wildcards: ``*`` and ``?``. Needs PyYAML.
    encoding : str, optional
        The encoding of a file without a byte-order mark. Default: UTF-8. Old LIWC dictionaries often need
        ``"cp1252"``.
    columns : sequence of {"term", "category", "weight", None}, optional
        What each column of a CSV or TSV contains; None skips a column. Without a category, several columns can be
        weights, and the first row can name them. Default: detected from the header, or else from the cells.
    on_unsupported : {"raise", "skip"}, default "raise"
        LIWC's conditional entries, such as ``(02 134)125/464``, raise an error, or are skipped. One warning says how
        many. A term stays in its other categories.

    Returns
    -------
    Lexicon
        A list of the terms in order, or a dict of category to terms if the file has categories. A term with several
        categories is in each of them. Categories can be empty. ``Lexicon.weights`` has the numbers of a table without
        categories. In a table with categories, the number 0 means that the term is not in the category; other numbers
        are dropped. In VADER's own file, the weight is the mean rating, and the last line of a term counts.

    Raises
    ------
    OSError
        The file cannot be opened or read.
    ValueError
        Content that the format does not allow; ambiguous content (the message names the option to pass); an empty
        term; a wildcard with ``syntax="literal"``; invalid bytes; a control character or a tab in a term. These
        errors name the file and the line. Also an unknown suffix; a file larger than 256 MB; YAML or JSON nested more
        than 100 levels deep, or whose aliases create more than a million terms or categories; an unknown option
        value.
    ImportError
        A YAML file, if PyYAML is not installed.

    See Also
    --------
    TermCounter : counts the terms.

    Examples
    --------
    >>> import tempfile
    >>> from countgrid import read_lexicon
    >>> with tempfile.NamedTemporaryFile("w", suffix=".dic") as file:
    ...     _ = file.write("%\\n1\\tjoy\\n2\\tcalm\\n%\\nhapp*\\t1\\nserene\\t1\\t2\\nwhy?\\t2\\n")
    ...     file.flush()
    ...     read_lexicon(file.name, syntax="glob")
    {'joy': ['happ*', 'serene'], 'calm': ['serene', 'why\\\\?']}
    """
    name = os.fsdecode(path)
    _check("syntax", syntax, ("literal", "glob", "regex"))
    _check("on_unsupported", on_unsupported, ("raise", "skip"))
    with reading(name):
        file, content = _read(name, path, syntax, format, encoding, columns, on_unsupported)
    if file.skipped:
        entries = f"{len(file.skipped)} conditional {'entry' if len(file.skipped) == 1 else 'entries'}"
        warnings.warn(f"{name}: skipped {entries}, the first in line {file.skipped[0]}", stacklevel=2)
    lexicon = CategoryDict(content) if isinstance(content, Mapping) else TermList(content)
    lexicon.syntax, lexicon.source = syntax, name
    lexicon.weights, lexicon.dimensions = file.weights or None, file.dimensions
    return lexicon


def _read(
    name: str,
    path: str | bytes | os.PathLike[Any],
    syntax: Syntax,
    chosen: Format | None,
    encoding: str | None,
    columns: Sequence[Column] | None,
    on_unsupported: Unsupported,
) -> tuple[File, Content]:
    known = _format_of(name) if chosen is None else _check("format", chosen, FORMATS)
    if syntax == "regex" and known in ("dic", "dicx"):
        raise ValueError(f"{name}: LIWC dictionaries have no regular expressions; pass {option('syntax', 'glob')}")
    named = None if columns is None else check_columns(columns)
    text = _text(path, encoding)
    if chosen is None and known == "text" and is_table(text):
        known = "tsv"
    if named is not None and known not in ("csv", "tsv"):
        what = f"{option('columns')} is for CSV and TSV, not for {known}"
        raise ValueError(f"{name}: {what}; pass {option('format', 'csv')} or {option('format', 'tsv')}")
    file = File(name, text, known, syntax, on_unsupported, named)
    if (nul := file.text.find("\0")) >= 0:
        raise file.error(file.line_at(nul), f"a NUL character; delete it, or pass the file's {option('encoding')}")
    return file, _READERS[known](file)


def check_columns(columns: Sequence[Column]) -> Sequence[Column]:
    """The column names. Raises if they are invalid."""
    expected = (
        "expected one 'term', at most one 'category', at most one 'weight' next to it, and None for columns to skip"
    )
    if isinstance(columns, (str, bytes)) or not isinstance(columns, Sequence):
        raise TypeError(f"columns is {type(columns).__name__} ({columns!r}); expected a sequence, such as ['term']")
    for column in columns:
        if column not in ("term", "category", "weight", None):
            raise ValueError(f"columns has {column!r}; {expected}")
    several = "category" in columns and columns.count("weight") > 1
    if columns.count("term") != 1 or columns.count("category") > 1 or several:
        raise ValueError(f"columns is {tuple(columns)!r}; {expected}")
    return columns


def _text(path: str | bytes | os.PathLike[Any], encoding: str | None) -> str:
    """A file's text, with `\\n` line ends."""
    text = _opening.read_text(path, encoding, _MOST_BYTES).replace("\r\n", "\n").replace("\r", "\n")
    # DOS ended text with Ctrl-Z; LIWC 2007's dictionaries still do.
    return re.sub(r"\x1a\s*\Z", "", text)


def _format_of(name: str) -> str:
    """The format for a file's suffix, after removing a compression's suffix."""
    stem, suffix = os.path.splitext(name)
    if suffix.lower() in _kinds.COMPRESSIONS:
        suffix = os.path.splitext(stem)[1]
    suffix = suffix.lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if problem := _kinds.not_read(name):
        raise ValueError(f"{name}: {problem}")
    expected = f"if it is one of {', '.join(FORMATS)}, pass {option('format')}"
    if suffix in _OTHERS:
        what, advice = _OTHERS[suffix]
        raise ValueError(f"{name}: {suffix} is {what}, which is not supported; {advice}; {expected}")
    raise ValueError(f"{name}: {suffix} is not the suffix of a lexicon; {expected}")


def _check(option: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{option} is {value!r}; expected {', '.join(map(repr, known))}")
    return value
