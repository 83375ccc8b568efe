"""A lexicon's file, as the readers see it.

All errors about its content are created here, so that each names the file and the line. All terms pass through
`File.term`, which converts wildcards and rejects invalid characters.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from countgrid._errors import about, option

Syntax: TypeAlias = Literal["literal", "glob", "regex"]
Unsupported: TypeAlias = Literal["raise", "skip"]
Column: TypeAlias = Literal["term", "category", "weight", None]
Content: TypeAlias = list[str] | dict[str, list[str]]

#: The wildcards of formats that have some. YAML has the same as countgrid's globs, LIWC has fewer.
_LIWC = re.compile(r"\*(?!\S)")
_WILDCARDS = {"dic": _LIWC, "dicx": _LIWC, "yaml": re.compile(r"[*?]")}
_SPECIAL_IN_GLOBS = re.compile(r"[*?\\]")
#: Not allowed in terms. Line ends are allowed: they are whitespace, and only quoted terms can contain them.
_NOT_IN_TERMS = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
#: Possessive: backtracking would take quadratic time for many digits.
_IS_NUMBER = re.compile(r"[-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][-+]?[0-9]++)?")
_BEFORE_NUMBERS = " \t,;:|="


@dataclass
class File:
    """The decoded text of a file, its name for errors, and the options."""

    name: str
    text: str
    format: str
    syntax: Syntax
    on_unsupported: Unsupported = "raise"
    #: What each column of a table without a header contains, if given by the caller.
    columns: Sequence[Column] | None = None
    #: The lines of skipped entries.
    skipped: list[int] = field(default_factory=list)
    #: The numbers of each term, if the file has numbers and no categories.
    weights: dict[str, float] | dict[str, tuple[float, ...]] | None = None
    #: The names of several numbers.
    dimensions: list[str] | None = None

    def error(self, line: int, what: str) -> ValueError:
        return about(ValueError(f"{self.name}, line {line}: {what}"), path=self.name, line=line)

    def set_weights(self, weights: dict[str, tuple[float, ...]], names: Sequence[str]) -> None:
        """Set the weights: a number for each term, or several, whose names are those of their columns."""
        if all(len(numbers) == 1 for numbers in weights.values()):
            self.weights = {term: number for term, (number,) in weights.items()}
        else:
            self.weights, self.dimensions = weights, list(names) or None

    def lines(self) -> Iterator[tuple[int, str]]:
        return enumerate(self.text.split("\n"), 1)

    def line_at(self, position: int) -> int:
        return 1 + bisect_left(self._line_ends, position)

    @cached_property
    def _line_ends(self) -> list[int]:
        return [end.start() for end in re.finditer("\n", self.text)]

    def term(self, line: int, text: str) -> str:
        """Convert a term in the file to the caller's syntax."""
        if not text.strip():
            raise self.error(line, "an empty term; expected at least one character")
        self._refuse_characters(line, text)
        wildcards = _WILDCARDS.get(self.format)
        if wildcards is None or (wildcards is not _LIWC and self.syntax != "literal"):
            return text
        if self.syntax == "glob":
            return _SPECIAL_IN_GLOBS.sub(
                lambda sign: sign[0] if wildcards.match(text, sign.start()) else "\\" + sign[0], text
            )
        if wildcard := wildcards.search(text):
            raise self.error(line, f"{shown(text)} has the wildcard {wildcard[0]}; pass {option('syntax', 'glob')}")
        return text

    def category(self, line: int, text: str) -> str:
        if not text.strip():
            raise self.error(line, "an empty category; expected its name")
        self._refuse_characters(line, text)
        return text

    def _refuse_characters(self, line: int, text: str) -> None:
        if not (found := _NOT_IN_TERMS.search(text)):
            return
        if found[0] != "\t":
            raise self.error(line, f"the character U+{ord(found[0]):04X} in {shown(text)}; delete it")
        if self.format in ("json", "yaml"):
            advice = "write a space"
        else:
            advice = f"pass {option('format', 'tsv')} for a table, or 'dic' for LIWC"
        raise self.error(line, f"a tab in {shown(text)}; {advice}")


def shown(text: str, most: int = 80) -> str:
    """Text for an error: quoted, and shortened if it is long."""
    return repr(text if len(text) <= most else text[:most] + "...")


def is_number(text: str) -> bool:
    return _IS_NUMBER.fullmatch(text) is not None


def looks_like_number(text: str) -> bool:
    """Whether a text is a number, here or in another notation: `1_000`, `0x1F`, `0,5`, `5%`."""
    if is_number(text):
        return True
    if not any(character.isdigit() for character in text):
        return False
    text = re.sub("[, \u00a0]", "_", text.replace("\u2212", "-").removesuffix("%").strip())
    for parse in (float, lambda text: int(text, 0)):
        try:
            parse(text)
        except ValueError:
            continue
        return True
    return False


def refuse_column_of_numbers(file: File, lines: Sequence[tuple[int, str]]) -> None:
    """Raise if most terms end in a number: then the file is a table whose columns were not split.

    Regular expressions are exempt: they may end in `|1`.
    """
    numbered = [(line, text) for line, text in lines if _ends_in_number(text)]
    if file.syntax == "regex" or len(numbered) < 2 or 2 * len(numbered) <= len(lines):
        return
    line, text = numbered[0]
    # The first line may be the header.
    others = [(at, other) for at, other in lines[1:] if not _ends_in_number(other)]
    what = "as does every line"
    if others:
        at, other = others[0]
        what = f"as do {len(numbered)} of {len(lines)} lines, but not line {at}, {shown(other, 40)}"
    advice = f"separate columns with a tab and pass {option('format', 'tsv')}"
    advice += "; if it is part of the term, begin a CSV with 'term'"
    raise file.error(line, f"{shown(text)} ends in a number, {what}; {advice}")


def _ends_in_number(text: str) -> bool:
    # A regular expression would take quadratic time for long runs of whitespace.
    end = 1 + max(text.rfind(sign) for sign in _BEFORE_NUMBERS)
    return is_number(text[end:].replace("\u2212", "-")) and text[:end].strip(_BEFORE_NUMBERS) != ""
