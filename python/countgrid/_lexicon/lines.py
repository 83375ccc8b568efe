"""Reads plain text: one term per line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from countgrid._errors import option
from countgrid._lexicon.file import File, refuse_column_of_numbers, shown
from countgrid._lexicon.header import is_header

#: Other formats in .txt files: the beginning of the file, the format's name, what to do.
_OTHER_FORMATS = [
    (r"type=\S+ len=\d+ word1=", "MPQA's subjectivity clues", "write the words of each type to a CSV file"),
    (r"<(?:[?!]|dictionary\b|html\b)", "XML or HTML", "write the terms to a text, CSV or JSON file"),
    (r"\{\\rtf", "RTF", "save it as plain text"),
]

_DIC = r"%\s*\n\s*\d+\s"
_QUOTED = re.compile(r"""(["']).+\1,?""")


def read_text(file: File) -> list[str]:
    lines = [(line, text.strip()) for line, text in file.lines() if text.strip() and not is_comment(text)]
    refuse_other_formats(file, lines)
    terms = [file.term(line, text) for line, text in lines]
    refuse_column_of_numbers(file, lines)
    return terms


def is_table(text: str) -> bool:
    """Whether every line has a tab between two cells. Blank lines and comments do not count."""
    lines = [line.strip() for line in text.split("\n") if line.strip() and not is_comment(line)]
    return bool(lines) and all("\t" in line for line in lines)


def is_comment(line: str) -> bool:
    """Whether the first word is `#` or consists of semicolons. `#tag`, `;)` and `;-)` are terms."""
    return re.match(r"\s*(?:#(?:\s|$)|;+(?:\s|$)|;;;)", line) is not None


def refuse_other_formats(file: File, lines: Sequence[tuple[int, str]]) -> None:
    """Raise if the lines are not terms but the beginning of another format."""
    if not lines:
        return
    line, first = lines[0]
    begin = "\n".join(text for _, text in lines[:2])
    for pattern, what, advice in [*_OTHER_FORMATS, (_DIC, "a LIWC dictionary", f"pass {option('format', 'dic')}")]:
        if re.match(pattern, begin):
            raise file.error(line, f"{shown(first)} is how {what} begins; {advice}")
    if is_header(re.split("[,;|]", first)):
        raise file.error(
            line, f"{shown(first)} is the header of a table; pass {option('format', 'csv')}, or use tabs"
        )
    if len(lines) > 1 and all(_QUOTED.fullmatch(text) for _, text in lines):
        raise file.error(
            line,
            f"{shown(first)} is quoted, like every line; pass {option('format', 'csv')}, or write a JSON list",
        )
    if first[0] in "[{" and lines[-1][1][-1] in "]}" and '"' in file.text:
        try:
            json.loads(file.text, parse_int=str)
        except (ValueError, RecursionError):
            return
        raise file.error(line, f"{shown(first)} is how JSON begins; pass {option('format', 'json')}")
