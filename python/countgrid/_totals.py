"""What `TermCounter.totals` gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np


@dataclass(frozen=True, eq=False, repr=False)
class Totals:
    """How often each column's terms occur in all documents, and in how many documents.

    Printed, it is a table; of many columns, the first and last.

    Attributes
    ----------
    columns : list of str, length n_columns
    counts : ndarray of int64, shape (n_columns,)
        Occurrences in all documents.
    documents : ndarray of int64, shape (n_columns,)
        Documents that hold the column's terms at least once.
    """

    columns: list[str]
    counts: np.ndarray
    documents: np.ndarray

    def __repr__(self) -> str:
        return "\n".join(_lines(self))


#: A table of more columns is shortened to so many at either end.
_SHOWN_AT_EITHER_END = 15


def _lines(totals: Totals, at_either_end: int = _SHOWN_AT_EITHER_END) -> Iterator[str]:
    n = len(totals.columns)
    shown = list(range(n))
    if n > 2 * at_either_end:
        shown = shown[:at_either_end] + shown[-at_either_end:]
    rows = [(_printable(totals.columns[i]), str(totals.counts[i]), str(totals.documents[i])) for i in shown]
    header = ("column", "count", "documents")
    widths = [max(len(row[k]) for row in [header, *rows]) for k in range(3)]
    for at, (column, count, documents) in enumerate([header, *rows]):
        if at == at_either_end + 1 and len(shown) < n:
            yield "..."
        yield f"{column:<{widths[0]}}  {count:>{widths[1]}}  {documents:>{widths[2]}}"
    if len(shown) < n:
        yield f"[{n} columns]"


def _printable(column: str) -> str:
    """The name on one line."""
    return column if column.isprintable() else repr(column)[1:-1]
