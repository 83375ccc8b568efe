"""Results for people's eyes: a table of totals, and matches with the text around them."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

import click

from countgrid._api import TermCounter
from countgrid._command.reading import Portion
from countgrid._command.standard import is_terminal
from countgrid._matches import Matches
from countgrid._totals import Totals, _lines

#: What would move the cursor, end the line or turn it round; escape sequences begin with such a character.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


_AT_A_TIME = 1000


def coloured(chosen: bool | None) -> bool:
    """Whether standard output takes colours: on a terminal, if NO_COLOR (https://no-color.org) is not set."""
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") if chosen is None else chosen


def table(totals: Totals) -> str:
    """All columns, however many."""
    return "".join(f"{line}\n" for line in _lines(totals, max(len(totals.columns), 1)))


class Concordance:
    """Matches as lines, the terms below one another."""

    def __init__(self, counter: TermCounter, *, width: int, workers: int | None, files: bool, columns: bool) -> None:
        self._counter, self._width, self._workers = counter, width, workers
        self._files, self._columns = files, columns

    def lines(self, portion: Portion, most: int | None) -> Iterator[list[str]]:
        """The lines of a portion's matches, at most so many; some at a time, so that the first come at once."""
        matches = self._counter.find(portion.documents, workers=self._workers)
        places = {name: getattr(matches, name)[:most] for name in ("document", "column", "start", "end")}
        for at in range(0, len(places["start"]), _AT_A_TIME):
            some = {name: place[at : at + _AT_A_TIME] for name, place in places.items()}
            yield self._shown(portion, replace(matches, **some))

    def _shown(self, portion: Portion, matches: Matches) -> list[str]:
        lines = []
        # Lines of a text are bytes, of which a character has four at most.
        for document, column, *texts in matches.context(portion.documents, width=4 * self._width):
            before, match, after = (_printable(text) for text in texts)
            before, after = before[max(len(before) - self._width, 0) :], after[: self._width]
            place = f"{portion.number(document)}:"
            if self._files:
                place = f"{_printable(portion.source.name)}:{place}"
            padding = " " * (self._width - _cells(before))
            line = f"{place} {padding}{before}{click.style(match, fg='red', bold=True)}{after}"
            lines.append(f"{line} {click.style(f'[{_printable(column)}]', fg='cyan')}" if self._columns else line)
        return lines


def _printable(text: str | bytes) -> str:
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    return _CONTROL.sub(" ", text)


def _cells(text: str) -> int:
    """How many places of a line a text takes on a terminal."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)
