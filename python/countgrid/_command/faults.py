"""Rows that cannot be read: an error, or with ``--on-error skip`` left out, counted, and reported at the end."""

from __future__ import annotations

from bisect import bisect_right


class Faults:
    """The faulty rows of one input. Rows are numbered from 1, those that are left out too."""

    def __init__(self, *, skip: bool) -> None:
        self._skip = skip
        #: For each row that was left out, how many documents came before it.
        self._before: list[int] = []
        self._first = ""

    def row(self, document: int) -> int:
        """The row of a document, whose number is from 0."""
        return document + bisect_right(self._before, document) + 1

    def add(self, document: int, what: str, *, line: int | None = None) -> None:
        """The row that would have given the next document, of this number, is wrong."""
        where = f"row {document + len(self._before) + 1}{f' (line {line})' if line else ''}"
        if not self._skip:
            raise ValueError(f"{where}: {what}; or pass --on-error skip to leave such rows out")
        self._before.append(document)
        self._first = self._first or f"{where}: {what}"

    def report(self) -> str | None:
        """What was left out, if anything was."""
        if not self._before:
            return None
        rows = f"{len(self._before)} rows" if len(self._before) > 1 else "1 row"
        return f"left out {rows}; the first: {self._first}"
