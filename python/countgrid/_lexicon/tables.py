"""Reads CSV, TSV and LIWC-22's .dicx: rows of a term and its categories or number.

There are three kinds of tables: terms, optionally with numbers; rows of a term and a category, optionally with a
number; and terms with a column of marks for each category. The header or the caller's `columns` decide. Without
either, the cells do. An ambiguous table is an error.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from countgrid._errors import option
from countgrid._lexicon.conditions import is_conditional, skip_or_raise
from countgrid._lexicon.file import (
    Column,
    Content,
    File,
    is_number,
    looks_like_number,
    refuse_column_of_numbers,
    shown,
)
from countgrid._lexicon.header import EITHER, is_header, plain, role_of, roles_of
from countgrid._lexicon.lines import is_comment, refuse_other_formats

_NAMES = "term, category and weight"
#: If both cells of the first row are one of these, they are not a term and its category.
_POLARITIES = {"positive", "negative", "neutral", "pos", "neg"}

_MEMBER = {"x", "1", "true"}
_NO_MEMBER = {"", "0", "false"}
_SEPARATOR = re.compile(r"(?P<quote>\"?)sep=(?P<sign>[,;|\t])(?P=quote)", re.IGNORECASE)
#: Names of columns of numbers that are not weights.
_NO_WEIGHTS = {"id", "index", "no", "nr", "n", "rank", "freq", "frequency", "count", "counts"}
#: The table that `frequencies` and `countgrid words` make. Its numbers are not weights.
_FREQUENCIES = ["term", "count", "documents"]
#: The most characters of a cell. A longer one is a quote that is never closed.
_LONGEST = 1 << 17

#: A row: its line and its cells.
Row = tuple[int, list[str]]


#: VADER's ratings: `[-1, -1, -3]`.
_RATINGS = re.compile(r"\[-?\d+(?:, ?-?\d+)*+\]")


@dataclass
class _Columns:
    """The columns of terms, categories and numbers, and the category of each column of marks."""

    term: int
    category: int | None = None
    numbers: Sequence[int] = ()
    marks: dict[int, str] | None = None
    #: The names of the columns of numbers, if the table has them.
    names: Sequence[str] = ()
    #: Whether the last of several rows of a term counts, instead of raising an error.
    last_counts: bool = False


def read_csv(file: File) -> Content:
    return _read_table(file, list(_rows(file, _delimiter(file))))


def read_tsv(file: File) -> Content:
    return _read_table(file, list(_rows(file, "\t")))


def read_dicx(file: File) -> Content:
    rows = list(_rows(file, ","))
    if not rows or role_of(rows[0][1][0]) != "term":
        line, first = rows[0] if rows else (1, [""])
        raise file.error(line, f"{shown(first[0])} where the header begins; expected DicTerm, then the categories")
    kept = []
    for line, row in rows:
        if is_conditional(row[0]):
            skip_or_raise(file, line, row[0])
        else:
            kept.append((line, row))
    return _read_table(file, kept)


def _read_table(file: File, rows: list[Row]) -> Content:
    if not rows:
        return []
    width = len(rows[0][1])
    for line, row in rows:
        if len(row) != width:
            raise file.error(line, f"a row of length {len(row)}; expected {width}, as in the first row")
    if file.columns is not None:
        columns = _columns_of_caller(file, rows, file.columns)
        rows = rows[1:] if columns.names else rows
    elif _is_header(rows[0][1]):
        columns = _named_columns(file, rows[0], rows[1:])
        rows = rows[1:]
    else:
        columns = _columns_without_names(file, rows)
    if columns.marks is not None:
        return _by_marks(file, rows, columns.term, columns.marks)
    if columns.category is not None:
        return _by_category(file, rows, columns.term, columns.category, columns.numbers)
    if columns.numbers:
        return _with_weights(file, rows, columns)
    return [file.term(line, row[columns.term]) for line, row in rows]


def _with_weights(file: File, rows: list[Row], columns: _Columns) -> list[str]:
    weights: dict[str, tuple[float, ...]] = {}
    for line, row in rows:
        term = file.term(line, row[columns.term])
        numbers = tuple(_number(file, line, row[column]) for column in columns.numbers)
        before = weights.setdefault(term, numbers)
        if before != numbers and not columns.last_counts:
            has, had = (", ".join(f"{number:g}" for number in each) for each in (numbers, before))
            raise file.error(line, f"{shown(term)} has {has}, and {had} before; delete one of the lines")
        weights[term] = numbers
    file.set_weights(weights, columns.names)
    # A repeated term would be scored twice.
    return list(weights)


def _by_category(file: File, rows: list[Row], at: int, category: int, numbers: Sequence[int]) -> dict[str, list[str]]:
    categories: dict[str, list[str]] = {}
    for line, row in rows:
        terms = categories.setdefault(file.category(line, row[category]), [])
        term = file.term(line, row[at])
        # In the NRC lexicons, 0 means that the term is not in the category.
        if all(_number(file, line, row[column]) != 0 for column in numbers):
            terms.append(term)
    return categories


def _by_marks(file: File, rows: list[Row], at: int, marks: dict[int, str]) -> dict[str, list[str]]:
    categories: dict[str, list[str]] = {name: [] for name in marks.values()}
    for line, row in rows:
        term = file.term(line, row[at])
        for column, name in marks.items():
            if row[column].lower() in _MEMBER:
                categories[name].append(term)
    return categories


def _number(file: File, line: int, cell: str) -> float:
    if not is_number(cell):
        raise file.error(line, f"{shown(cell)} where a number was expected, such as -1.5")
    number = float(cell)
    if math.isinf(number) or (number == 0 and re.match("[-+]?[0.]*[1-9]", cell)):
        raise file.error(line, f"the number {shown(cell)} is too {'large' if number else 'small'} for a float")
    return number


def _is_header(first: list[str]) -> bool:
    """Whether the first row names a column of terms."""
    return "term" in roles_of(first) and not any(is_number(cell) for cell in first)


def _columns_of_caller(file: File, rows: list[Row], names: Sequence[Column]) -> _Columns:
    line, cells = rows[0]
    if len(cells) != len(names):
        raise file.error(line, f"a row of length {len(cells)}; expected {len(names)}, as {option('columns')} says")
    numbers = [column for column, name in enumerate(names) if name == "weight"]
    category = names.index("category") if "category" in names else None
    above = [cells[column] for column in numbers]
    is_named = bool(numbers) and category is None and not any(map(looks_like_number, above)) and all(above)
    if is_header(cells) and not is_named:
        advice = f"leave {option('columns')} out, or delete the header"
        raise file.error(line, f"{shown(cells[0])} is the name of a column; {advice}")
    if category is not None and role_of(cells[category]) == "category" and _is_unique(rows, category):
        advice = f"{_rename(cells)}, or add such a row above it, and leave {option('columns')} out"
        raise file.error(line, f"{shown(cells[category])} looks like a column name; {advice}")
    return _Columns(names.index("term"), category, numbers, names=above if is_named else ())


def _named_columns(file: File, header: Row, rows: list[Row]) -> _Columns:
    """The columns by their names, or by their cells if the name is unknown."""
    line, names = header
    if names == _FREQUENCIES and all(_all_numbers(rows, column) for column in (1, 2)):
        return _Columns(0)
    found: dict[str, int] = {}
    numbers: list[int] = []
    marks: dict[int, str] = {}
    roles = _roles(file, names, rows)
    for column, name in enumerate(names):
        role = roles[column]
        if not name:
            continue
        if role == "category" and plain(name) in EITHER:
            if _all_numbers(rows, column):
                role = "number"
            else:
                _refuse_mixed(file, rows, column, "name the column weight for numbers, category for names")
        if role is None and name.lower() in _NO_WEIGHTS and _all_numbers(rows, column):
            raise file.error(
                line,
                f"a column {shown(name)} of numbers; name it weight to use it for scores, or leave its name empty",
            )
        if role is None:
            offending = next(((at, row[column]) for at, row in rows if not _is_mark(row[column])), None)
            are_weights = offending is not None and len(names) == 2 and _all_numbers(rows, column)
            if are_weights and file.format != "dicx":
                role = "number"
            elif offending is not None:
                at, cell = offending
                raise file.error(at, f"{shown(cell)} in the column {shown(name)}; {_expected(file, are_weights)}")
        if role is None:
            if name in marks.values():
                raise file.error(line, f"the column {shown(name)} appears twice; expected a name for each category")
            marks[column] = file.category(line, name)
        elif role == "number":
            numbers.append(column)
        elif role in found:
            first = shown(names[found[role]])
            raise file.error(line, f"two columns of {_plural(role)}, {first} and {shown(name)}; leave one name empty")
        else:
            found[role] = column
    if marks and "category" in found:
        one = shown(next(iter(marks.values())))
        raise file.error(
            line, f"a column {shown(names[found['category']])} and a column {one}; expected one or the other"
        )
    if len(numbers) > 1 and "category" in found:
        one, other = (shown(names[column]) for column in numbers[:2])
        raise file.error(line, f"two columns of numbers, {one} and {other}, next to categories; leave one name empty")
    return _Columns(
        found["term"], found.get("category"), numbers, marks or None, [names[column] for column in numbers]
    )


def _expected(file: File, are_weights: bool) -> str:
    """The expected cells of a column with an unknown name, and what to do about others."""
    if file.format != "dicx":
        return f"expected x, 1, 0 or nothing; or name the columns {_NAMES}, or leave a name empty to skip it"
    return "expected X or nothing" + (
        f"; to read it as weights pass {option('format', 'csv')}" if are_weights else ""
    )


def _roles(file: File, names: list[str], rows: list[Row]) -> list[str | None]:
    """The role of each name. Among columns of marks, `emotion` is a category like the others."""
    roles = roles_of(names)
    others = [column for column, name in enumerate(names) if name and roles[column] != "term"]
    only_marks = all(_is_mark(row[column]) for _, row in rows for column in others)
    if file.format == "dicx" or (only_marks and any(roles[column] is None for column in others)):
        first = roles.index("term")
        return ["term" if column == first else None for column in range(len(names))]
    return roles


def _plural(role: str) -> str:
    return {"term": "terms", "category": "categories"}[role]


def _is_mark(cell: str) -> bool:
    return cell.lower() in _MEMBER | _NO_MEMBER


def _all_numbers(rows: list[Row], column: int) -> bool:
    return bool(rows) and all(is_number(row[column]) for _, row in rows)


def _columns_without_names(file: File, rows: list[Row]) -> _Columns:
    line, first = rows[0]
    width = len(first)
    advice = f"expected a first row of names: {_NAMES}; or pass {option('columns')}"
    if width == 1:
        lines = [(at, row[0]) for at, row in rows]
        refuse_other_formats(file, lines)
        refuse_column_of_numbers(file, lines)
        return _Columns(0)
    if width == 4 and all(_RATINGS.fullmatch(row[3]) and is_number(row[1]) and is_number(row[2]) for _, row in rows):
        # VADER's own file: a term, its mean rating, their standard deviation, the ratings. VADER takes the last line.
        return _Columns(0, numbers=[1], last_counts=True)
    numbers = [column for column in range(width) if _all_numbers(rows, column)]
    if numbers == list(range(1, width)):
        return _Columns(0, numbers=numbers)
    if width > 3:
        raise file.error(
            line, f"a row of length {width} without a name for the terms; {advice}, empty for a column to skip"
        )
    mixed = [column for column in range(width) if column not in numbers and _all_numbers(rows[1:], column)]
    if mixed and first[mixed[0]] and not looks_like_number(first[mixed[0]]):
        raise file.error(line, f"{shown(first[mixed[0]])} above a column of numbers; {advice}")
    if 0 in numbers:
        raise file.error(line, f"{shown(first[0])} is a number, like its whole column; {advice}")
    for name, column in ((cell, column) for column, cell in enumerate(first) if role_of(cell)):
        if _is_unique(rows, column):
            what = f"{shown(name)} looks like a column name, but no column is named term"
            raise file.error(line, f"{what}; {_rename(first)}; or add such a row above it")
    if width == 3:
        if len(numbers) != 1:
            raise file.error(line, f"a row of length 3 that is not a term, a category and a number; {advice}")
        return _with_categories(file, rows, _Columns(0, category=3 - numbers[0], numbers=numbers), advice)
    _refuse_mixed(file, rows, 1, advice)
    return _with_categories(file, rows, _Columns(0, category=1), advice)


def _is_unique(rows: list[Row], column: int) -> bool:
    """Whether the first cell of a column does not occur again below."""
    first = rows[0][1][column]
    return len(rows) > 1 and all(row[column] != first for _, row in rows[1:])


def _rename(header: list[str]) -> str:
    """What to do about a header with an unknown name for the terms."""
    unknown = [name for name in header if name and role_of(name) is None]
    name = f"rename {shown(unknown[0])} to term" if len(unknown) == 1 else f"name the columns {_NAMES}"
    return f"{name} in this row"


def _with_categories(file: File, rows: list[Row], columns: _Columns, advice: str) -> _Columns:
    """The columns. Raises if it is not clear which column has the categories.

    Categories could also be in the first column or, without numbers, be the names of columns of terms. There are
    fewer categories than terms, and they repeat more often.
    """
    assert columns.category is not None
    line, first = rows[0]
    terms, categories = ([row[at] for _, row in rows] for at in (0, columns.category))
    n_terms, n_categories = len(set(terms)), len(set(categories))
    if columns.numbers:
        clear = n_categories <= n_terms
    elif {category.lower() for category in categories} <= _POLARITIES:
        clear = first[0].lower() not in _POLARITIES
    else:
        clear = n_categories < n_terms and 2 * n_categories <= len(rows) and categories[0] in categories[1:]
    if not clear:
        what = f"{shown(categories[0])} may be a term, or a category of terms in rows or in its column"
        raise file.error(line, f"{what}; {advice}")
    return columns


def _refuse_mixed(file: File, rows: list[Row], column: int, advice: str) -> None:
    """Raise if a column has both numbers and other cells, or numbers in another notation."""
    numbers = [looks_like_number(row[column]) for _, row in rows]
    mostly = 2 * sum(numbers) >= len(rows)
    for (line, row), number in zip(rows, numbers, strict=True):
        if any(numbers) and mostly and not is_number(row[column]):
            raise file.error(line, f"{shown(row[column])} where a number was expected, such as -1.5; {advice}")
        if number and not mostly:
            raise file.error(line, f"the number {row[column]} among categories; {advice}")


def _delimiter(file: File) -> str:
    """A comma, unless only another character splits the first row, or the first line is Excel's `sep=;`."""
    first = next((text for _, text in file.lines() if text.strip() and not is_comment(text)), "")
    if said := _SEPARATOR.fullmatch(first):
        return said["sign"]
    if len(_cells(first, ",")) < 2:
        for sign in ("\t", ";", "|"):
            cells = _cells(first, sign)
            if len(cells) > 1 and all(cell.strip() for cell in cells):
                return sign
    return ","


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _rows(file: File, delimiter: str) -> Iterator[Row]:
    """The rows that are not blank or comments, and the line where each ends."""
    reader = csv.reader(io.StringIO(file.text), delimiter=delimiter, strict=True)
    lines = file.text.split("\n")
    begun = 1
    too_long = f"a cell of more than {_LONGEST} characters; expected a quote at its end"
    try:
        for row in reader:
            comment = is_comment(lines[begun - 1]) or (begun == 1 and _SEPARATOR.fullmatch(lines[0]))
            if any(len(cell) > _LONGEST for cell in row):
                raise file.error(begun, too_long)
            begun = reader.line_num + 1
            if row and not comment and not (len(row) == 1 and row[0].isspace()):
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        # `csv` has its own limit for the whole process, which others may have changed.
        if "field limit" in str(error) or sum(map(len, lines[begun - 1 : reader.line_num])) > _LONGEST:
            raise file.error(begun, too_long) from None
        if "unexpected end" in str(error):
            raise file.error(
                begun, 'a cell begins with " but no " ends it; write such a cell in quotes, as """a"'
            ) from None
        raise file.error(reader.line_num, f"{error}; expected rows of {file.format.upper()}") from None
