"""LIWC's format: numbered categories between two lines of `%`, then terms with the numbers of their categories."""

from __future__ import annotations

import re
from collections.abc import Iterator

from countgrid._lexicon.conditions import is_conditional, skip_or_raise
from countgrid._lexicon.file import File, shown

#: Numbers at the end of a reversed entry. A search from the front would take quadratic time.
_NUMBERS_AT_END = re.compile(r"(?:[0-9]++\s++)+")
_NUMBER = re.compile(r"[0-9]{1,9}")
#: A category's number, or a condition: `(02 134)125/464`, `(02 134)126`, `<of>131/125`.
_MEMBERSHIP = re.compile(r"[(<][^()<>]*[)>]\S*|\S+")
_CONDITION_AFTER = re.compile(r"\s(?=[(<][^()<>]*[)>][0-9])")


def read_dic(file: File) -> dict[str, list[str]]:
    lines = ((line, text.strip()) for line, text in file.lines() if text.strip())
    names = _read_header(file, lines)
    categories: dict[str, list[str]] = {name: [] for name in names.values()}
    for line, text in lines:
        entry, memberships = _split(text)
        if not memberships:
            raise file.error(line, f"{shown(text)} has no category; expected a term, a tab, and category numbers")
        numbers = [word for word in memberships if word[0] not in "(<"]
        conditional = is_conditional(entry)
        if conditional or len(numbers) < len(memberships):
            skip_or_raise(file, line, text)
        if conditional:
            continue
        _refuse_number_at_end(file, line, entry, text, names)
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
        raise file.error(line, f"{shown(text)} where the header begins; expected a line with only %")
    names: dict[int, str] = {}
    known: set[str] = set()
    for line, text in lines:
        if text == "%":
            return names
        # After a name and a tab, there may be a description.
        digits, *rest = text.split("\t") if "\t" in text else text.split(None, 1)
        number = _number(file, line, digits.strip(), text)
        name = next((part.strip() for part in rest if part.strip()), None)
        if name is None:
            raise file.error(line, f"category {number} has no name; expected a number, a tab, and a name")
        if number in names:
            raise file.error(line, f"category {number} appears twice; expected a number for each category")
        if name in known:
            raise file.error(line, f"the category {shown(name)} appears twice; expected a name for each")
        names[number] = name
        known.add(name)
    raise file.error(line, "the header does not end; expected a second line with only %")


def _split(entry: str) -> tuple[str, list[str]]:
    """The term and its categories: the part after a tab or, without one, the numbers and conditions at the end."""
    term, tab, numbers = entry.partition("\t")
    if not tab:
        condition = _CONDITION_AFTER.search(entry)
        before = entry[: condition.start()] if condition else entry
        found = _NUMBERS_AT_END.match(before[::-1])
        term = before[: len(before) - (found.end() if found else 0)]
        numbers = entry[len(term) :]
    return term.strip(), _MEMBERSHIP.findall(numbers)


def _refuse_number_at_end(file: File, line: int, entry: str, text: str, names: dict[int, str]) -> None:
    """`happy 1<tab>2` is ambiguous: the term `happy` in two categories, or the term `happy 1`."""
    words = entry.rsplit(None, 1)
    if len(words) == 2 and _NUMBER.fullmatch(words[1]) and int(words[1]) in names:
        advice = "expected tabs, or only spaces, between a term and its numbers"
        raise file.error(line, f"the term of {shown(text)} ends in the number of a category; {advice}")


def _number(file: File, line: int, word: str, text: str) -> int:
    if not _NUMBER.fullmatch(word):
        raise file.error(line, f"{shown(word)} in {shown(text)} is not a category number; expected only digits")
    return int(word)
