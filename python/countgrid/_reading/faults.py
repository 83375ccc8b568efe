"""Rows that cannot be read. They raise or, with ``on_error="skip"``, are skipped and reported at the end."""

from __future__ import annotations

from bisect import bisect_right

from countgrid._errors import option


class Faults:
    """The faulty rows of one input. Rows are numbered from 1, including skipped ones."""

    def __init__(self, *, skip: bool) -> None:
        self._skip = skip
        #: For each skipped row, how many documents came before it.
        self._before: list[int] = []
        self._first = ""

    def row(self, document: int) -> int:
        """The row of a document, which is numbered from 0."""
        return document + bisect_right(self._before, document) + 1

    def add(self, document: int, what: str, *, line: int | None = None) -> None:
        """Report a faulty row. Without the fault, it would be the document with this number."""
        where = f"row {document + len(self._before) + 1}{f' (line {line})' if line else ''}"
        if not self._skip:
            raise ValueError(f"{where}: {what}; or pass {option('on_error', 'skip')} to skip such rows")
        self._before.append(document)
        self._first = self._first or f"{where}: {what}"

    def report(self) -> str | None:
        """A summary of the skipped rows; None if there are none."""
        if not self._before:
            return None
        rows = f"{len(self._before)} rows" if len(self._before) > 1 else "1 row"
        return f"skipped {rows}; the first: {self._first}"
