"""What `TermCounter.totals` returns for groups of documents."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from countgrid._labels import groups_of
from countgrid._optional import require
from countgrid._rates import ARE_GROUPS, PER_WORDS, rates
from countgrid._table import AT_EITHER_END, ByColumn, Series, none, printable, shown_count, shown_rows

if TYPE_CHECKING:
    import pandas as pd

#: A row of `GroupedTotals`: a group's label, the number of its documents, and its counts by column.
Group = namedtuple("Group", ["group", "size", "counts"])

#: Columns that are printed.
_PRINTED_COLUMNS = 8


@dataclass(frozen=True, eq=False, repr=False)
class GroupedTotals(ByColumn):
    """How often each column's terms occur in each group of documents, and in how many documents.

    A table with a row for each group. Iteration gives named tuples ``(group, size, counts)``, ``totals[name]`` the
    counts of one column, by group. Totals over the same columns add up, also if their groups differ.

    Attributes
    ----------
    groups : list, length n_groups
        The sorted unique labels. Documents without a label are the last group, with the label None.
    columns : list of str, length n_columns
    counts : ndarray of int64, shape (n_groups, n_columns)
        Occurrences in the group's documents. With ``per_words``, float64: occurrences per that many words of the
        group.
    documents : ndarray of int64, shape (n_groups, n_columns)
        Documents of the group that contain the column's terms at least once.
    sizes : ndarray of int64, shape (n_groups,)
        Documents of the group, missing ones included.
    words : ndarray of int64, shape (n_groups,), or None
        The words of the group's documents, if ``per_words`` was given.
    per_words : float or None
        The number of words that ``counts`` refer to.

    Examples
    --------
    >>> from countgrid import TermCounter
    >>> totals = TermCounter(["good", "bad"]).totals(["good", "bad, bad", "good"], by=["may", "june", "june"])
    >>> totals
    group  documents  good  bad
    june           2     1    2
    may            1     1    0
    >>> totals["bad"], totals.sizes
    (array([2, 0]), array([2, 1]))
    """

    groups: list[Any]
    _names: Sequence[str]
    counts: np.ndarray
    documents: np.ndarray
    sizes: np.ndarray
    words: np.ndarray | None = field(default_factory=none)
    per_words: float | None = field(default_factory=none)
    _occurrences: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        groups: list[Any],
        names: Sequence[str],
        occurrences: np.ndarray,
        documents: np.ndarray,
        sizes: np.ndarray,
        words: np.ndarray | None,
        per: float | None,
    ) -> GroupedTotals:
        """Totals of occurrences, as rates if there are words."""
        if words is None or per is None:
            return cls(groups, names, occurrences, documents, sizes)
        counts = rates(occurrences, words[:, None], per)
        return cls(groups, names, counts, documents, sizes, words, per, occurrences)

    def __len__(self) -> int:
        return len(self.groups)

    def __iter__(self) -> Iterator[Group]:
        return map(Group._make, zip(self.groups, self.sizes.tolist(), self.counts, strict=True))

    def __getitem__(self, column: str) -> np.ndarray:
        """Return the counts of a column, by group; of several columns with this name, those of the first.

        Raises
        ------
        KeyError
            There is no such column.
        """
        counts: np.ndarray = self.counts[:, self._places[column]]
        return counts

    def to_dict(self) -> dict[Any, dict[str, int]] | dict[Any, dict[str, float]]:
        """Return ``{group: {column: count}}``; of several columns with the same name, the first."""
        places = self._places.items()
        rows = zip(self.groups, self.counts.tolist(), strict=True)
        return {group: {column: counts[at] for column, at in places} for group, counts in rows}

    def to_frame(self) -> pd.DataFrame:
        """Return the counts as a pandas DataFrame, with the groups as its index.

        Groups that are tuples become the levels of a MultiIndex.

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        pandas = require("pandas", "to_frame", "pandas")
        if self.groups and all(isinstance(group, tuple) for group in self.groups):
            index = pandas.MultiIndex.from_tuples(self.groups)
        else:
            index = pandas.Index(self.groups, name="group", tupleize_cols=False)
        frame: pd.DataFrame = pandas.DataFrame(self.counts, index=index, columns=pandas.Index(self.columns))
        frame.attrs[ARE_GROUPS] = True
        if self.per_words is not None:
            frame.attrs[PER_WORDS] = self.per_words
        return frame

    def __add__(self, other: GroupedTotals) -> GroupedTotals:
        """Add the totals of other documents, over the same columns. The result has the groups of both.

        Raises
        ------
        ValueError
            Other columns, or another ``per_words``.
        """
        if not isinstance(other, GroupedTotals):
            return NotImplemented
        self._check_addable(other)
        codes, groups = groups_of([*self.groups, *other.groups])
        rows = np.split(codes, [len(self.groups)])

        def total(own: np.ndarray, others: np.ndarray) -> np.ndarray:
            sums = np.zeros((len(groups), *own.shape[1:]), np.int64)
            for at, part in zip(rows, (own, others), strict=True):
                sums[at] += part
            return sums

        return GroupedTotals.of(
            groups,
            self._names,
            total(self.occurrences(), other.occurrences()),
            total(self.documents, other.documents),
            total(self.sizes, other.sizes),
            None if self.words is None or other.words is None else total(self.words, other.words),
            self.per_words,
        )

    def select(self, columns: np.ndarray) -> GroupedTotals:
        """Return the totals of some columns, by their numbers."""
        return replace(
            self,
            _names=[self._names[at] for at in columns],
            counts=self.counts[:, columns],
            documents=self.documents[:, columns],
            _occurrences=None if self._occurrences is None else self._occurrences[:, columns],
        )

    def _part(self, rows: slice | np.ndarray) -> Series:
        groups = self.groups[rows] if isinstance(rows, slice) else [self.groups[at] for at in rows]
        part: dict[str, Any] = {"group": groups, "documents": self.sizes[rows]}
        for column, at in self._places.items():
            part.setdefault(column, self.counts[rows, at])
        return part

    def _size(self) -> str:
        return f"{len(self)} groups, {len(self.columns)} columns"

    def __repr__(self) -> str:
        return "\n".join(self._lines(shown_rows(len(self)), _PRINTED_COLUMNS))

    def _lines(
        self, shown: np.ndarray, most_columns: int | None, levels: Sequence[str] | None = None
    ) -> Iterator[str]:
        """The lines of a table: these rows, and at most this many columns.

        With ``levels``, the groups are tuples, whose items get a column with such a name each.
        """
        names = ["group"] if levels is None else [printable(level) for level in levels]
        columns = range(len(self.columns))[:most_columns]
        header = [*names, "documents", *(printable(self.columns[at]) for at in columns)]
        rows = [
            [
                *(printable(str(label)) for label in ([self.groups[row]] if levels is None else self.groups[row])),
                str(self.sizes[row]),
            ]
            + [shown_count(self.counts[row, at].item()) for at in columns]
            for row in shown
        ]
        widths = [max(len(row[k]) for row in [header, *rows]) for k in range(len(header))]
        for at, row in enumerate([header, *rows]):
            if at == AT_EITHER_END + 1 and len(shown) < len(self):
                yield "..."
            signs = "<" * len(names) + ">" * (len(row) - len(names))
            cells = [f"{cell:{sign}{width}}" for cell, sign, width in zip(row, signs, widths, strict=True)]
            yield "  ".join(cells)
        if len(shown) < len(self) or len(columns) < len(self.columns):
            yield f"[{self._size()}]"
