"""`Totals`: the result of `TermCounter.totals`."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, overload

import numpy as np

from countgrid._rates import rates
from countgrid._table import AT_EITHER_END, ByColumn, Series, none, printable, shown_count, shown_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: A row of `Totals`: a column's name, its count, and the number of documents that contain it.
Total = namedtuple("Total", ["column", "count", "documents"])


class Term(Total):
    """A row of the result of `frequencies`: a term, its count, and the number of documents that contain it."""

    __slots__ = ()
    _fields = ("term", "count", "documents")

    @property
    def term(self) -> str:
        return str(self.column)

    def __repr__(self) -> str:
        return f"Term(term={self.column!r}, count={self.count!r}, documents={self.documents!r})"


@dataclass(frozen=True, eq=False, repr=False)
class Totals(ByColumn):
    """How often each column's terms occur in all documents, and in how many documents.

    A table with a row for each column of the count matrix. Iteration gives its rows as named tuples ``(column, count,
    documents)``. ``totals[name]`` gives the row of one column, and ``totals[:10]`` the totals of the first 10. It
    prints as a table; long tables are shortened. Totals over the same columns add up: ``total =
    sum(counter.totals(batch) for batch in batches)``. In the result of `frequencies`, each row is a term, and
    ``term`` takes the place of ``column`` in rows and tables.

    Attributes
    ----------
    columns : list of str, length n_columns
    counts : ndarray of int64, shape (n_columns,)
        Occurrences in all documents. With ``per_words``, float64: occurrences per that many words.
    documents : ndarray of int64, shape (n_columns,)
        Documents that contain the column's terms at least once.
    words : int or None
        The words of all documents, if ``per_words`` was given.
    per_words : float or None
        The number of words that ``counts`` refer to.

    Examples
    --------
    >>> from countgrid import TermCounter
    >>> totals = TermCounter(["the", "at"]).totals(["the cat sat", "the the", None])
    >>> totals["the"]
    Total(column='the', count=3, documents=2)
    >>> totals.to_dict()
    {'the': 3, 'at': 0}
    >>> totals.to_frame()
      column  count  documents
    0    the      3          2
    1     at      0          0
    """

    _names: Sequence[str]
    counts: np.ndarray
    documents: np.ndarray
    words: int | None = field(default_factory=none)
    per_words: float | None = field(default_factory=none)
    _occurrences: np.ndarray | None = None
    #: Whether the columns are terms that `frequencies` found.
    _are_terms: bool = False

    @property
    def terms(self) -> list[str]:
        """The terms that `frequencies` found, for a `TermCounter`.

        Raises
        ------
        AttributeError
            These are totals of a `TermCounter`, whose columns may be categories.
        """
        if not self._are_terms:
            raise AttributeError("only the result of frequencies has terms; use columns, or TermCounter.terms")
        return self.columns

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        occurrences: np.ndarray,
        documents: np.ndarray,
        words: int | None,
        per: float | None,
    ) -> Totals:
        """Totals of occurrences, as rates if there are words."""
        if words is None or per is None:
            return cls(names, occurrences, documents)
        return cls(names, rates(occurrences, words, per), documents, words, per, occurrences)

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[Total]:
        rows = zip(self._names, self.counts.tolist(), self.documents.tolist(), strict=True)
        return map(self._row._make, rows)

    @overload
    def __getitem__(self, column: str) -> Total: ...
    @overload
    def __getitem__(self, column: slice) -> Totals: ...
    def __getitem__(self, column: str | slice) -> Total | Totals:
        """Return the row of a column, or the totals of a slice of the columns, such as ``totals[:10]``.

        If several columns have this name, return the first.

        Raises
        ------
        KeyError
            There is no such column.
        """
        if isinstance(column, slice):
            return self.select(np.arange(len(self))[column])
        at = self._places[column]
        return self._row(column, self.counts[at].item(), int(self.documents[at]))

    def to_dict(self) -> dict[str, int] | dict[str, float]:
        """Return ``{column: count}``. If several columns have the same name, the first counts."""
        counts = self.counts.tolist()
        return {column: counts[at] for column, at in self._places.items()}

    def __add__(self, other: Totals) -> Totals:
        """Add the totals of other documents, over the same columns. Rates are those of all documents together.

        Raises
        ------
        ValueError
            The columns or ``per_words`` differ.
        """
        if not isinstance(other, Totals):
            return NotImplemented
        self._check_addable(other)
        words = None if self.words is None or other.words is None else self.words + other.words
        occurrences = self.occurrences() + other.occurrences()
        total = Totals.of(self._names, occurrences, self.documents + other.documents, words, self.per_words)
        return replace(total, _are_terms=self._are_terms and other._are_terms)

    def select(self, columns: np.ndarray) -> Totals:
        """Return the totals of some columns, by their numbers."""
        names = [self._names[at] for at in columns]
        occurrences = None if self._occurrences is None else self._occurrences[columns]
        counts, documents = self.counts[columns], self.documents[columns]
        return Totals(names, counts, documents, self.words, self.per_words, occurrences, self._are_terms)

    @property
    def _row(self) -> type[Total]:
        return Term if self._are_terms else Total

    def _part(self, rows: slice | np.ndarray) -> Series:
        columns = self.columns[rows] if isinstance(rows, slice) else [self._names[at] for at in rows]
        return dict(zip(self._row._fields, (columns, self.counts[rows], self.documents[rows]), strict=True))

    def _size(self) -> str:
        return f"{len(self)} {'terms' if self._are_terms else 'columns'}"

    def __repr__(self) -> str:
        return "\n".join(self._lines(shown_rows(len(self))))

    def _lines(self, shown: slice | np.ndarray) -> Iterator[str]:
        """The lines of a table of these rows."""
        part = self._part(shown)
        rows = [
            (printable(column), shown_count(count), str(documents))
            for column, count, documents in zip(*part.values(), strict=True)
        ]
        header = tuple(part)
        widths = [max(len(row[k]) for row in [header, *rows]) for k in range(3)]
        for at, (column, count, documents) in enumerate([header, *rows]):
            if at == AT_EITHER_END + 1 and len(rows) < len(self):
                yield "..."
            yield f"{column:<{widths[0]}}  {count:>{widths[1]}}  {documents:>{widths[2]}}"
        if len(rows) < len(self):
            yield f"[{self._size()}]"
