"""Lexicons in files, as the terms that a `TermCounter` takes.

Each format has a reader, which goes through a `File` from top to bottom and gives a list of terms or a mapping of
categories. What all formats have in common is in `file`: how an error names the line, and what a wildcard becomes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from countgrid._lexicon.dic import read_dic
from countgrid._lexicon.file import File, Lexicon, decoded
from countgrid._lexicon.json_nodes import read_json
from countgrid._lexicon.lines import read_csv, read_text, read_tsv
from countgrid._lexicon.yaml_nodes import read_yaml

Syntax: TypeAlias = Literal["literal", "glob"]
Format: TypeAlias = Literal["text", "csv", "tsv", "json", "dic", "yaml"]

_READERS: dict[str, Callable[[File], Lexicon]] = {
    "text": read_text,
    "csv": read_csv,
    "tsv": read_tsv,
    "json": read_json,
    "dic": read_dic,
    "yaml": read_yaml,
}
#: Far larger than any lexicon; the first so many bytes of a pipe or a device that never ends.
_MOST_BYTES = 256 << 20
_SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".dic": "dic", ".yaml": "yaml", ".yml": "yaml"}


def read_lexicon(
    path: str | bytes | os.PathLike[Any],
    *,
    syntax: Syntax = "literal",
    format: Format | None = None,  # noqa: A002 (called by keyword, where the builtin is not in sight)
    encoding: str = "utf-8",
) -> Lexicon:
    """Read terms, or categories of terms, from a file.

    Parameters
    ----------
    path : str, bytes or os.PathLike
        The file. A byte-order mark at its start is skipped; lines end with ``\\n``, ``\\r\\n`` or ``\\r``.
    syntax : {"literal", "glob"}, default "literal"
        The syntax that the terms will be counted with.

        - ``"literal"``: the terms as they stand in the file. A wildcard of the file's format is an error.
        - ``"glob"``: the format's wildcards are kept, and every other ``*``, ``?`` and ``\\`` is escaped.

        Text, CSV, TSV and JSON have no wildcards of their own. If such a file holds globs or regexes of countgrid's,
        read it with ``"literal"`` and count with ``syntax="glob"`` or ``"regex"``.
    format : {"text", "csv", "tsv", "json", "dic", "yaml"}, optional
        Default: by the path's suffix, ``.yml`` being YAML too; a suffix that is none of these is text.

        - ``"text"``: a term a line, without the white space around it. Blank lines are skipped, and comments: lines
          whose first word is ``#`` alone, so that ``#tag`` is a term.
        - ``"csv"``, ``"tsv"``: rows of a term, or of a term and a category. A first row of ``term``, or of ``term``
          and ``category`` in either order, is a header. White space around a cell is dropped.
        - ``"json"``: a list of terms; or an object of categories, each of them a list, one term, or an object of
          further categories. Those are named ``outer.inner``.
        - ``"dic"``: LIWC's, with categories by number. Wildcard: ``*`` at the end of a word.
        - ``"yaml"``: quanteda's, like JSON; a list of a category may hold further categories beside its terms.
          Scalars stay text: ``no`` and ``1.5`` are terms. Wildcards: ``*`` and ``?``. Needs PyYAML.
    encoding : str, default "utf-8"
        The file's. Old LIWC dictionaries are often ``"cp1252"``.

    Returns
    -------
    list of str, or dict of str to list of str
        What `TermCounter` takes: the terms in order, or by category if the file has categories. A term with several
        categories is in each; a category without terms is there too.

    Raises
    ------
    OSError
        The file cannot be opened or read.
    ValueError
        Something that the format does not allow, an empty term, a wildcard with ``syntax="literal"``, bytes of
        another encoding, a NUL character: names the file and the line. A file of more than 256 MB. YAML or JSON
        nested more than 100 levels deep, or whose aliases make more than a million terms or categories. An unknown
        option value.
    ImportError
        A YAML file without PyYAML: ``pip install 'countgrid[yaml]'``.

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
    if syntax not in ("literal", "glob"):
        raise ValueError(f"syntax is {syntax!r}; expected 'literal', which leaves terms as they are, or 'glob'")
    if format is not None and format not in _READERS:
        raise ValueError(f"format is {format!r}; expected {', '.join(map(repr, _READERS))} or None")
    known = format or _SUFFIXES.get(os.path.splitext(name)[1].lower(), "text")
    with open(path, "rb") as opened:
        data = opened.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError(f"{name}: more than {_MOST_BYTES >> 20} MB; expected a lexicon, which is smaller")
    text = decoded(name, data, encoding)
    return _READERS[known](File(name, text, known, syntax))
