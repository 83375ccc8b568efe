"""Formats of a term a line: plain text, and tables of one or two columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from countgrid._lexicon.file import File, Lexicon

_HEADERS = (["term"], ["term", "category"], ["category", "term"])


def read_text(file: File) -> list[str]:
    return [file.term(line, text.strip()) for line, text in file.lines() if text.strip() and not _is_comment(text)]


def _is_comment(line: str) -> bool:
    """Whether a line begins with `#` and a space, or is `#` alone: `#tag` is a term."""
    return line.startswith("# ") or line.rstrip() == "#"


def read_csv(file: File) -> Lexicon:
    return _read_table(file, ",")


def read_tsv(file: File) -> Lexicon:
    return _read_table(file, "\t")


def _read_table(file: File, delimiter: str) -> Lexicon:
    header = ["term"]
    terms: list[str] = []
    categories: dict[str, list[str]] = {}
    for at, (line, row) in enumerate(_rows(file, delimiter)):
        if at == 0:
            if len(row) > 2:
                raise file.error(line, f"a row of length {len(row)}; expected a term, or a term and a category")
            header = ["term", "category"][: len(row)]
            lowered = [cell.lower() for cell in row]
            if lowered in _HEADERS:
                header = lowered
                continue
        if len(row) != len(header):
            raise file.error(line, f"a row of length {len(row)}; expected {len(header)}, as in the first row")
        cells = dict(zip(header, row, strict=True))
        term = file.term(line, cells["term"])
        if "category" in cells:
            categories.setdefault(file.category(line, cells["category"]), []).append(term)
        else:
            terms.append(term)
    return categories if "category" in header else terms


def _rows(file: File, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, and the line where each ends."""
    reader = csv.reader(io.StringIO(file.text), delimiter=delimiter, strict=True)
    begun = 1
    try:
        for row in reader:
            begun = reader.line_num + 1
            if row and not (len(row) == 1 and row[0].isspace()):
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        if "field limit" in str(error):
            most = csv.field_size_limit()
            raise file.error(begun, f"a cell of more than {most} characters; expected a quote at its end") from None
        raise file.error(reader.line_num, f"{error}; expected rows of {file.format.upper()}") from None
