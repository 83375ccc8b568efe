"""Results for people's eyes: a table of totals, and matches with the text around them."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

import click

from countgrid._api import TermCounter
from countgrid._command.reading import Portion
from countgrid._command.replacing import written
from countgrid._command.standard import is_terminal
from countgrid._highlight import Page
from countgrid._matches import Matches
from countgrid._totals import Totals

#: What would move the cursor, end the line or turn it round; escape sequences begin with such a character.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


_AT_A_TIME = 1000


def coloured(chosen: bool | None) -> bool:
    """Whether standard output takes colours: on a terminal, if NO_COLOR (https://no-color.org) is not set."""
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") if chosen is None else chosen


def table(totals: Totals) -> str:
    """All columns, however many."""
    return "".join(f"{line}\n" for line in totals._lines(slice(None)))


class Concordance:
    """Matches as lines, the terms below one another."""

    def __init__(self, counter: TermCounter, *, width: int, workers: int | None, files: bool, columns: bool) -> None:
        self._counter, self._width, self._workers = counter, width, workers
        self._files, self._columns = files, columns

    def lines(self, portion: Portion, most: int | None) -> Iterator[list[str]]:
        """The lines of a portion's matches, at most so many; some at a time, so that the first come at once."""
        matches = _rows(self._counter.find(portion.documents, workers=self._workers), slice(most))
        for at in range(0, len(matches), _AT_A_TIME):
            yield self._shown(portion, _rows(matches, slice(at, at + _AT_A_TIME)))

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


def write_page(
    path: str,
    title: str,
    counter: TermCounter,
    portions: Iterable[Portion],
    *,
    most: int | None,
    workers: int | None,
    several: bool,
) -> None:
    """Write the texts that have matches as an HTML page; with `most`, only the first matches."""
    page = Page(counter.columns, title)
    with written(None if path == "-" else path) as file:
        file.write(page.head().encode())
        for portion in portions:
            if most == 0:
                break
            matches = _rows(counter.find(portion.documents, workers=workers), slice(most))
            most = most if most is None else most - len(matches)
            heading = partial(_heading, portion, several)
            for part in matches._highlighted(page, portion.documents, heading, None):
                file.write(part.encode())
        file.write(page.foot().encode())


def _heading(portion: Portion, several: bool, document: int) -> str:
    return portion.row(document) if several else f"row {portion.number(document)}"


def _rows(matches: Matches, rows: slice) -> Matches:
    return replace(matches, **{name: getattr(matches, name)[rows] for name in ("document", "column", "start", "end")})


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
