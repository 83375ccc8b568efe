"""The terms of a vectorizer and their columns, learned or given.

A learned vocabulary stays packed in the core. Its `dict` costs more than learning the terms, so it is made when it is
first read.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from countgrid import _core
from countgrid.sklearn._column_dict import Columns
from countgrid.sklearn._packing import packed_texts

#: One more than scikit-learn shows of a dict.
FIRST_TERMS = 5


class Statistics(NamedTuple):
    """How often each term occurs, and in how many of the documents."""

    counts: np.ndarray
    documents: np.ndarray
    n_documents: int

    def of(self, terms: np.ndarray) -> Statistics:
        """Those of the terms with these numbers."""
        return Statistics(self.counts[terms], self.documents[terms], self.n_documents)

    def plus(self, more: Statistics) -> Statistics:
        """The sums. There may be more terms in the other statistics."""
        counts, documents = more.counts.copy(), more.documents.copy()
        counts[: len(self.counts)] += self.counts
        documents[: len(self.documents)] += self.documents
        return Statistics(counts, documents, self.n_documents + more.n_documents)


class _Vocabulary:
    #: Counts these terms, for the rules that were last used.
    _counting: tuple[_core.TokenRules | None, _core.Vectorizer] | None = None

    def counting(self, rules: _core.TokenRules | None) -> _core.Vectorizer:
        """Counts these terms in documents that these rules split, or in tokens if there are none."""
        if self._counting is None or self._counting[0] is not rules:
            self._counting = rules, _core.Vectorizer(*self._terms_and_columns(), self._order(), rules)
        return self._counting[1]

    def _terms_and_columns(self) -> tuple[_core.TermTable, np.ndarray]:
        raise NotImplementedError

    def _order(self) -> np.ndarray | None:
        """The numbers of the terms, frequent ones first, so that the core finds them fast."""
        return None


class LearnedVocabulary(_Vocabulary):
    """Terms with statistics. A term's number is its column.

    It starts with the sorted table that the core learned, or with packed terms and their statistics. The table that
    is made of packed terms counts only what is added.
    """

    def __init__(self, table: _core.TermTable) -> None:
        self._table: _core.TermTable | None = table
        self._packed: tuple[bytes, np.ndarray] | None = None
        self._before: Statistics | None = None
        self._is_sorted = True
        self._columns: Columns | None = None

    @classmethod
    def of_packed(
        cls, packed: tuple[bytes, np.ndarray], statistics: Statistics, is_sorted: bool
    ) -> LearnedVocabulary:
        self = cls.__new__(cls)
        self._table, self._packed, self._before = None, packed, statistics
        self._is_sorted, self._columns = is_sorted, None
        return self

    def __len__(self) -> int:
        return len(self.table) if self._packed is None else len(self._packed[1])

    def __reduce__(self) -> tuple[Any, ...]:
        packed = self.table.packed(None) if self._packed is None else self._packed
        counts, documents, n_documents = self.statistics
        return _unpickled, (packed, _small(counts), _small(documents), n_documents, self._is_sorted)

    @property
    def table(self) -> _core.TermTable:
        if self._table is None:
            assert self._packed is not None
            self._table, self._packed = _core.TermTable.unpacked(*self._packed), None
        return self._table

    @property
    def statistics(self) -> Statistics:
        if self._table is None:
            assert self._before is not None
            return self._before
        counted = Statistics(self._table.counts, self._table.documents, self._table.n_documents)
        return counted if self._before is None else self._before.plus(counted)

    def add(self, table: _core.TermTable) -> None:
        """Add counts. New terms get the next columns."""
        self.table.add(table)
        self._is_sorted = False
        self._columns = self._counting = None

    def order(self) -> np.ndarray | None:
        """The terms' numbers in the order of the terms, or None if they are in that order already."""
        return None if self._is_sorted else self.table.order()

    def restricted(self, terms: np.ndarray) -> LearnedVocabulary:
        """Only the terms with these numbers, which are in the order of the terms."""
        return self.of_packed(self.table.packed(terms), self.statistics.of(terms), is_sorted=True)

    def columns(self) -> Columns:
        if self._columns is None:
            columns = Columns()
            self.table.fill(columns)
            self._columns = columns
        return self._columns

    def first_columns(self) -> dict[str, int]:
        """The columns of the first terms, or of all if the dict was made."""
        if self._columns is not None:
            return dict(self._columns)
        numbers = np.arange(min(len(self), FIRST_TERMS), dtype=np.int64)
        return {term: column for column, term in enumerate(self.table.terms(numbers))}

    def was_changed(self) -> bool:
        """Whether the user changed the dict, which then replaces this vocabulary."""
        return self._columns is not None and self._columns.changes > 0

    def names(self) -> list[str]:
        return self.table.terms(None)

    def _terms_and_columns(self) -> tuple[_core.TermTable, np.ndarray]:
        return self.table, np.arange(len(self), dtype=np.int64)

    def _order(self) -> np.ndarray:
        return (-self.statistics.counts).argsort(kind="stable").astype(np.int64, copy=False)


class GivenVocabulary(_Vocabulary):
    """Terms and columns of a mapping."""

    def __init__(self, columns: Mapping[Any, int]) -> None:
        self._columns = columns if isinstance(columns, Columns) else Columns(columns)
        self._changes = self._columns.changes

    def __len__(self) -> int:
        return len(self._columns)

    def __reduce__(self) -> tuple[Any, ...]:
        return GivenVocabulary, (dict(self._columns),)

    def columns(self) -> Columns:
        return self._columns

    def first_columns(self) -> dict[Any, int]:
        return dict(self._columns)

    def names(self) -> list[str]:
        return [term for term, _ in sorted(self._columns.items(), key=itemgetter(1))]

    def counting(self, rules: _core.TokenRules | None) -> _core.Vectorizer:
        if self._changes != self._columns.changes:
            self._counting, self._changes = None, self._columns.changes
        return super().counting(rules)

    def _terms_and_columns(self) -> tuple[_core.TermTable, np.ndarray]:
        # Tokens are str, so other keys never occur.
        terms = {term: column for term, column in self._columns.items() if isinstance(term, str)}
        for term, column in terms.items():
            if not 0 <= column < len(self):
                raise ValueError(f"vocabulary_[{term!r}] is {column}; expected a column from 0 to {len(self) - 1}")
        columns = np.fromiter(terms.values(), np.int64, len(terms))
        return _core.TermTable.unpacked(*packed_texts(list(terms))), columns


Vocabulary = LearnedVocabulary | GivenVocabulary


def _small(counts: np.ndarray) -> np.ndarray:
    """The same numbers in the smallest type."""
    return counts.astype(np.min_scalar_type(counts.max(initial=0)))


def _unpickled(
    packed: tuple[bytes, np.ndarray],
    counts: np.ndarray,
    documents: np.ndarray,
    n_documents: int,
    is_sorted: bool,
) -> LearnedVocabulary:
    statistics = Statistics(counts.astype(np.int64), documents.astype(np.int64), n_documents)
    return LearnedVocabulary.of_packed(packed, statistics, is_sorted)
