"""`Totals`: the result of `TermCounter.totals`."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from countgrid._table import AT_EITHER_END, Series, Table, printable, shown_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

#: A row of `Totals`: a column's name, its count, and the number of documents that contain it.
Total = namedtuple("Total", ["column", "count", "documents"])


@dataclass(frozen=True, eq=False, repr=False)
class Totals(Table):
    """How often each column's terms occur in all documents, and in how many documents.

    A table with a row for each column of the count matrix. Iteration gives its rows as named tuples ``(column, count,
    documents)``. ``totals[name]`` gives the row of one column. It prints as a table; long tables are shortened.
    Totals over the same columns add up: ``total = sum(counter.totals(batch) for batch in batches)``.

    Attributes
    ----------
    columns : list of str, length n_columns
    counts : ndarray of int64, shape (n_columns,)
        Occurrences in all documents.
    documents : ndarray of int64, shape (n_columns,)
        Documents that contain the column's terms at least once.

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

    columns: list[str]
    counts: np.ndarray
    documents: np.ndarray

    def __len__(self) -> int:
        return len(self.columns)

    def __iter__(self) -> Iterator[Total]:
        return map(Total._make, zip(self.columns, self.counts.tolist(), self.documents.tolist(), strict=True))

    def __contains__(self, column: object) -> bool:
        """Whether there is a column with this name."""
        return column in self._places

    def __getitem__(self, column: str) -> Total:
        """Return the row of a column. If several columns have this name, return the first.

        Raises
        ------
        KeyError
            There is no such column.
        """
        at = self._places[column]
        return Total(column, int(self.counts[at]), int(self.documents[at]))

    def to_dict(self) -> dict[str, int]:
        """Return ``{column: count}``. If several columns have the same name, the first counts."""
        counts = self.counts.tolist()
        return {column: counts[at] for column, at in self._places.items()}

    def __add__(self, other: Totals) -> Totals:
        """Add the totals of other documents, over the same columns.

        Raises
        ------
        ValueError
            The columns differ.
        """
        if not isinstance(other, Totals):
            return NotImplemented
        if other.columns != self.columns:
            raise ValueError(_differ(self.columns, other.columns))
        return Totals(self.columns, self.counts + other.counts, self.documents + other.documents)

    def __radd__(self, other: int) -> Totals:
        # `sum` starts with 0.
        return self if type(other) is int and other == 0 else NotImplemented

    @cached_property
    def _places(self) -> dict[str, int]:
        """Each column's row."""
        places: dict[str, int] = {}
        for at, column in enumerate(self.columns):
            places.setdefault(column, at)
        return places

    def _part(self, rows: slice | np.ndarray) -> Series:
        columns = self.columns[rows] if isinstance(rows, slice) else [self.columns[at] for at in rows]
        return {"column": columns, "count": self.counts[rows], "documents": self.documents[rows]}

    def _size(self) -> str:
        return f"{len(self)} columns"

    def __repr__(self) -> str:
        return "\n".join(self._lines(shown_rows(len(self))))

    def _lines(self, shown: slice | np.ndarray) -> Iterator[str]:
        """The lines of a table of these rows."""
        part = self._part(shown)
        rows = [
            (printable(column), str(count), str(documents))
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


def _differ(columns: list[str], others: list[str]) -> str:
    """The error for adding totals over different columns."""
    if len(columns) != len(others):
        return f"cannot add totals over {len(columns)} and {len(others)} columns; expected the same columns"
    at = next(at for at, (one, other) in enumerate(zip(columns, others, strict=True)) if one != other)
    return f"cannot add totals whose column {at} is {columns[at]!r} and {others[at]!r}; expected the same columns"
