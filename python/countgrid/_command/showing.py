"""Prints results for people: a table of totals, and matches with the text around them."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import click
import numpy as np

from countgrid._command.replacing import written
from countgrid._command.standard import is_terminal
from countgrid._counter import TermCounter
from countgrid._grouped import GroupedTotals
from countgrid._highlight import Page
from countgrid._matches import Matches
from countgrid._reading.reading import Batch
from countgrid._totals import Totals

#: Characters that move the cursor, end the line, change its direction or start an escape sequence.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


_AT_A_TIME = 1000


def coloured(chosen: bool | None) -> bool:
    """Whether to use colours. By default, on a terminal if NO_COLOR (https://no-color.org) is not set."""
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") if chosen is None else chosen


def table(totals: Totals | GroupedTotals, levels: Sequence[str] | None = None) -> str:
    """All rows and columns, without shortening. ``levels`` are the names of the parts of each group's label."""
    every = np.arange(len(totals))
    lines = totals._lines(every, None, levels) if isinstance(totals, GroupedTotals) else totals._lines(every)
    return "".join(f"{line}\n" for line in lines)


class Concordance:
    """Matches as lines, with the terms aligned."""

    def __init__(self, counter: TermCounter, *, width: int, workers: int | None, files: bool, columns: bool) -> None:
        self._counter, self._width, self._workers = counter, width, workers
        self._files, self._columns = files, columns

    def lines(self, batch: Batch, most: int | None) -> Iterator[list[str]]:
        """The lines of a batch's matches, at most ``most``. Yields some at a time, so that the first appear early."""
        matches = _rows(self._counter.find(batch.documents, workers=self._workers), slice(most))
        for at in range(0, len(matches), _AT_A_TIME):
            yield self._shown(batch, _rows(matches, slice(at, at + _AT_A_TIME)))

    def _shown(self, batch: Batch, matches: Matches) -> list[str]:
        lines = []
        # Lines of a text file are bytes, at most four per character.
        for document, column, *texts in matches.context(batch.documents, width=4 * self._width):
            before, match, after = (_printable(text) for text in texts)
            before, after = before[max(len(before) - self._width, 0) :], after[: self._width]
            place = f"{batch.number(document)}:"
            if self._files:
                place = f"{_printable(batch.source.name)}:{place}"
            padding = " " * (self._width - _cells(before))
            line = f"{place} {padding}{before}{click.style(match, fg='red', bold=True)}{after}"
            lines.append(f"{line} {click.style(f'[{_printable(column)}]', fg='cyan')}" if self._columns else line)
        return lines


def write_page(
    path: str,
    title: str,
    counter: TermCounter,
    batches: Iterable[Batch],
    *,
    most: int | None,
    workers: int | None,
    several: bool,
) -> None:
    """Write an HTML page of the texts that have matches. ``most`` limits the matches."""
    page = Page(counter.columns, title)
    with written(None if path == "-" else path) as file:
        file.write(page.head().encode())
        for batch in batches:
            if most == 0:
                break
            matches = _rows(counter.find(batch.documents, workers=workers), slice(most))
            most = most if most is None else most - len(matches)
            heading = partial(_heading, batch, several)
            for part in matches._highlighted(page, batch.documents, heading, None):
                file.write(part.encode())
        file.write(page.foot().encode())


def _heading(batch: Batch, several: bool, document: int) -> str:
    return batch.row(document) if several else f"row {batch.number(document)}"


def _rows(matches: Matches, rows: slice) -> Matches:
    return replace(matches, **{name: getattr(matches, name)[rows] for name in ("document", "column", "start", "end")})


def _printable(text: str | bytes) -> str:
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    return _CONTROL.sub(" ", text)


def _cells(text: str) -> int:
    """The width of a text on a terminal."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)
