"""LIWC's format: categories with their numbers between two lines of `%`, then terms with numbers of categories.

LIWC 2007 also had conditional entries, such as `like` with `(02 134)125/464`: one category after certain words, else
another. A count of terms alone cannot tell, so they are errors rather than a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from countgrid._lexicon.file import File, shown

#: Numbers at the end of an entry, both written backwards: a search for them from the front is quadratic.
_NUMBERS_AT_END = re.compile(r"(?:[0-9]++\s++)+")
_NUMBER = re.compile(r"[0-9]{1,9}")


def read_dic(file: File) -> dict[str, list[str]]:
    lines = ((line, text.strip()) for line, text in file.lines() if text.strip())
    names = _read_header(file, lines)
    categories: dict[str, list[str]] = {name: [] for name in names.values()}
    for line, text in lines:
        entry, numbers = _split(text)
        if not numbers:
            raise file.error(line, f"{shown(text)} has no category; expected a term, a tab, and categories' numbers")
        term = file.term(line, entry)
        for number in dict.fromkeys(_number(file, line, word, text) for word in numbers):
            if number not in names:
                raise file.error(line, f"category {number} is not in the header; expected one of the numbers there")
            categories[names[number]].append(term)
    return categories


def _read_header(file: File, lines: Iterator[tuple[int, str]]) -> dict[int, str]:
    """The categories' names by number."""
    line, text = next(lines, (1, ""))
    if text != "%":
        raise file.error(line, f"{shown(text)} where the header begins; expected a line of % alone")
    names: dict[int, str] = {}
    known: set[str] = set()
    for line, text in lines:
        if text == "%":
            return names
        digits, *rest = text.split(None, 1)
        number = _number(file, line, digits, text)
        if not rest:
            raise file.error(line, f"category {number} has no name; expected a number, a tab, and a name")
        if number in names:
            raise file.error(line, f"category {number} is there twice; expected a number for each category")
        if rest[0] in known:
            raise file.error(line, f"the category {shown(rest[0])} is there twice; expected a name for each")
        names[number] = rest[0]
        known.add(rest[0])
    raise file.error(line, "the header does not end; expected a second line of % alone")


def _split(entry: str) -> tuple[str, list[str]]:
    """The term and its numbers: what follows a tab; without one, what looks like numbers at the end."""
    term, tab, numbers = entry.partition("\t")
    if not tab:
        found = _NUMBERS_AT_END.match(entry[::-1])
        term = entry[: len(entry) - (found.end() if found else 0)]
        numbers = entry[len(term) :]
    return term.strip(), numbers.split()


def _number(file: File, line: int, word: str, text: str) -> int:
    if not _NUMBER.fullmatch(word):
        raise file.error(line, f"{shown(word)} in {shown(text)} is no number of a category; expected digits alone")
    return int(word)
