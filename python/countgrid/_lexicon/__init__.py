"""Lexicons in files, as the terms that a `TermCounter` takes.

Each format has a reader, which goes through a `File` from top to bottom and gives a list of terms or a mapping of
categories. What all formats have in common is in `file`: how an error names the line, and what a wildcard becomes.
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
from countgrid._lexicon.lines import read_text
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
#: Files of other programs, and how to get their terms.
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
#: Far larger than any lexicon; the first so many bytes of a pipe or a device that never ends.
_MOST_BYTES = 256 << 20


def read_lexicon(
    path: str | bytes | os.PathLike[Any],
    *,
    syntax: Syntax = LITERAL,
    format: Format | None = None,  # noqa: A002 (called by keyword, where the builtin is not in sight)
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

        - ``"literal"``: terms are taken as they are. A wildcard of the file's format is an error. In other formats,
          `TermCounter` warns about terms that look like globs, unless you pass ``syntax="literal"``.
        - ``"glob"``: terms are countgrid's globs, as they are in the file. LIWC's formats know only ``*`` at the end
          of a word, so every other ``*``, ``?`` and ``\\`` in them is escaped.
        - ``"regex"``: terms are regular expressions. Not for LIWC's formats.
    format : {"text", "csv", "tsv", "json", "dic", "dicx", "yaml"}, optional
        Default: by the path's suffix. A path without a suffix is text; pass ``format`` for any other suffix.

        - ``"text"``: a term a line, without the whitespace around it. Blank lines are skipped, and comments: lines
          whose first word is ``#`` or consists of semicolons. ``#tag`` and ``;)`` are terms.
        - ``"csv"``, ``"tsv"``: rows of a term, perhaps with a category, a number, or both. A header names columns:
          ``term``, ``word``, ``keyword``, ``token``, ``phrase``, ``pattern``, ``expression``, ``entry``, ``lemma``,
          ``lexeme`` or ``ngram``; ``category``, ``sentiment``, ``label``, ``class``, ``emotion``, ``polarity`` or
          ``topic``; ``weight``, ``score``, ``valence``, ``value`` or ``intensity``. A column of another name is a
          category: its cells are ``x``, ``1``, ``0`` or empty. Columns without a name are skipped, comments too.
          Without a header, the term comes first, and a table that could mean something else is an error: pass
          ``columns``. CSV may be divided by semicolons.
        - ``"json"``: a list of terms; or an object of categories, each of them a list, one term, or an object of
          further categories. Those are named ``outer.inner``.
        - ``"dic"``: LIWC's, with categories by number. Wildcard: ``*`` at the end of a word.
        - ``"dicx"``: LIWC-22's, a CSV of ``DicTerm`` and a column for each category. Wildcard: as in ``"dic"``.
        - ``"yaml"``: quanteda's, like JSON; a list of a category may hold further categories besides its terms.
          Scalars stay text: ``no`` and ``1.5`` are terms. Wildcards: ``*`` and ``?``. Needs PyYAML.
    encoding : str, optional
        The file's, if it has no byte-order mark. Default: UTF-8. Old LIWC dictionaries are often ``"cp1252"``.
    columns : sequence of {"term", "category", "weight", None}, optional
        What each column of a CSV or TSV without a header contains; None skips a column. VADER's own file has
        ``("term", "weight", None, None)``. Default: by the header or, without one, by the cells.
    on_unsupported : {"raise", "skip"}, default "raise"
        What happens to LIWC's conditional entries, such as ``(02 134)125/464``: an error, or they are left out with
        one warning that says how many. A term stays in its other categories.

    Returns
    -------
    Lexicon
        A list of the terms in order, or a dict of category to terms if the file has categories. A term with several
        categories is in each; a category without terms is there too. ``Lexicon.weights`` has the numbers of a table
        without categories. In a table with categories, the number 0 means that the term is not in the category; other
        numbers are not kept.

    Raises
    ------
    OSError
        The file cannot be opened or read.
    ValueError
        Content that the format does not allow or that could mean two things (the message names the option that
        decides), an empty term, a wildcard with
        ``syntax="literal"``, bytes of another encoding, a control character or a tab in a term: names the file and
        the line. An unknown suffix. A file of more than 256 MB. YAML or JSON nested more than 100 levels deep, or
        whose aliases make more than a million terms or categories. An unknown option value.
    ImportError
        A YAML file without PyYAML: ``pip install pyyaml``.

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
    lexicon.syntax, lexicon.weights, lexicon.source = syntax, file.weights or None, name
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
        raise ValueError(f"{name}: LIWC's dictionaries have no regular expressions; pass {option('syntax', 'glob')}")
    named = None if columns is None else check_columns(columns)
    if named is not None and known not in ("csv", "tsv"):
        what = f"{option('columns')} is for CSV and TSV, not for {known}"
        raise ValueError(f"{name}: {what}; pass {option('format', 'csv')} or {option('format', 'tsv')}")
    file = File(name, _text(path, encoding), known, syntax, on_unsupported, named)
    if (nul := file.text.find("\0")) >= 0:
        raise file.error(file.line_at(nul), f"a NUL character; delete it, or pass the file's {option('encoding')}")
    return file, _READERS[known](file)


def check_columns(columns: Sequence[Column]) -> Sequence[Column]:
    """The names of columns, if a table can have them."""
    expected = "expected one 'term', at most one 'category' and 'weight', and None for what is skipped"
    if isinstance(columns, (str, bytes)) or not isinstance(columns, Sequence):
        raise TypeError(f"columns is {type(columns).__name__} ({columns!r}); expected a sequence, such as ['term']")
    for column in columns:
        if column not in ("term", "category", "weight", None):
            raise ValueError(f"columns has {column!r}; {expected}")
    if columns.count("term") != 1 or columns.count("category") > 1 or columns.count("weight") > 1:
        raise ValueError(f"columns is {tuple(columns)!r}; {expected}")
    return columns


def _text(path: str | bytes | os.PathLike[Any], encoding: str | None) -> str:
    """A file's text, with `\\n` for every line end."""
    text = _opening.read_text(path, encoding, _MOST_BYTES).replace("\r\n", "\n").replace("\r", "\n")
    # DOS ended text with Ctrl-Z; LIWC 2007's dictionaries still do.
    return re.sub(r"\x1a\s*\Z", "", text)


def _format_of(name: str) -> str:
    """The format that a file's suffix tells, that of a compression aside."""
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
        raise ValueError(f"{name}: {suffix} is {what}, which is not read; {advice}; {expected}")
    raise ValueError(f"{name}: the suffix {suffix} is not that of a lexicon; {expected}")


def _check(option: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{option} is {value!r}; expected {', '.join(map(repr, known))}")
    return value
