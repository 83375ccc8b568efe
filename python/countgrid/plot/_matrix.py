"""A count matrix of any type, or totals by group, and sums over rows and columns. Sparse matrices stay sparse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from countgrid._grouped import GroupedTotals
from countgrid._rates import ARE_GROUPS, PER_WORDS, rates
from countgrid._totals import Totals

#: An array, a sparse matrix or array, a DataFrame or `GroupedTotals`. The libraries need not be installed.
Matrix: TypeAlias = Any


@dataclass(frozen=True)
class Counts:
    """Counts of columns, in rows of one document each, or of several."""

    #: An array with two dimensions, or a csr_array.
    cells: Any
    names: list[str]
    #: For each row, whether it is a missing document.
    missing: np.ndarray
    #: The documents of each row.
    sizes: np.ndarray
    #: The label of each row, if rows are groups of documents.
    groups: list[Any] | None = None
    #: The words of each row, if rates are drawn. None if the cells themselves are rates.
    words: np.ndarray | None = None
    #: Rates are occurrences per this many words.
    per_words: float | None = None
    #: What is counted: documents, or the groups of a DataFrame, which does not have their sizes.
    what: str = "document"

    @classmethod
    def of(cls, matrix: Matrix, columns: Sequence[str] | None, *, per_document: bool = False) -> Counts:
        if isinstance(matrix, Totals):
            raise TypeError("the counts are Totals, which have one row; expected totals(documents, by=labels)")
        grouped = matrix if isinstance(matrix, GroupedTotals) else None
        marks = getattr(matrix, "attrs", {})
        are_groups = marks.get(ARE_GROUPS, False)
        if are_groups and per_document:
            raise ValueError(
                "per_document=True divides by numbers of documents, but the DataFrame contains totals of groups"
                " without these; pass counter.totals(documents, by=labels)"
            )
        if grouped is not None:
            if per_document and grouped.per_words is not None:
                raise ValueError(
                    f"per_document=True divides counts, but the totals are rates per {grouped.per_words:,.10g} words;"
                    " pass totals without per_words"
                )
            columns = grouped.columns if columns is None else columns
            matrix = grouped.occurrences()
        elif hasattr(matrix, "columns"):
            columns = list(matrix.columns) if columns is None else columns
            matrix = _frame_cells(matrix)
        is_sparse = hasattr(matrix, "tocsr")
        cells: Any = matrix if is_sparse else np.asarray(matrix)
        if len(cells.shape) != 2:
            raise ValueError(f"matrix has shape {cells.shape}; expected two dimensions, documents by columns")
        cells = cells.tocsr() if is_sparse else cells
        if cells.dtype.kind not in "biuf":
            raise TypeError(f"matrix contains {cells.dtype}; expected numbers")
        if columns is None or isinstance(columns, str | bytes) or not hasattr(columns, "__len__"):
            raise TypeError(f"columns is {type(columns).__name__} ({columns!r}); expected a sequence of str")
        n_columns = cells.shape[1]
        if len(columns) != n_columns:
            raise ValueError(
                f"columns has {len(columns)} names; expected one for each of the matrix's {n_columns} columns"
            )
        # NaN is a missing count, in integers that became floats.
        may_miss = cells.dtype.kind == "f" and not is_sparse
        missing = np.isnan(cells.sum(axis=1)) if may_miss else np.zeros(cells.shape[0], bool)
        names = [str(name) for name in columns]
        if grouped is not None:
            return cls(cells, names, missing, grouped.sizes, grouped.groups, grouped.words, grouped.per_words)
        sizes = np.ones(cells.shape[0], np.int64)
        what = "group" if are_groups else "document"
        return cls(cells, names, missing, sizes, per_words=marks.get(PER_WORDS), what=what)

    @property
    def shape(self) -> tuple[int, int]:
        n_rows, n_columns = self.cells.shape
        return n_rows, n_columns

    @property
    def row(self) -> str:
        """What a row contains."""
        return self.what if self.groups is None else "group"

    def documents(self, rows: np.ndarray | slice = slice(None)) -> int:
        """The number of documents in some rows."""
        return int(self.sizes[rows].sum())

    def check_sums(self, row_of: np.ndarray, per_document: bool) -> None:
        """Raise an exception if rates would be added up: the sum of two rates is not the rate of both."""
        if self.per_words is None or self.words is not None or per_document:
            return
        n_added = int(np.bincount(row_of[row_of >= 0]).max(initial=0))
        if n_added > 1:
            number = f"{self.per_words:.10g}"
            mean = "" if self.what == "group" else ", or per_document=True for the mean of the documents"
            raise ValueError(
                f"the DataFrame contains rates per {self.per_words:,.10g} words, and {n_added} of them would be added"
                f" up; pass counter.totals(documents, by=labels, per_words={number}), whose rates can be combined"
                f"{mean}"
            )

    def divided(self, sums: np.ndarray, row_of: np.ndarray) -> np.ndarray:
        """Divide sums by their documents or, if rates are drawn, by their words. NaN where there are no documents."""
        kept = row_of >= 0
        n_documents = np.bincount(row_of[kept], self.sizes[kept], minlength=len(sums))[:, None]
        if self.words is None or self.per_words is None:
            return sums / np.where(n_documents == 0, np.nan, n_documents)
        words = np.bincount(row_of[kept], self.words[kept], minlength=len(sums))
        return np.where(n_documents == 0, np.nan, rates(sums, words[:, None], self.per_words))

    def unit(self, per_document: bool) -> str | None:
        """What divided sums are divided by, if they are."""
        if self.per_words is not None:
            words = "word" if self.per_words == 1 else f"{self.per_words:,.10g} words"
            return f"{words}, mean of documents" if per_document else words
        return "document" if per_document else None

    def summed(self, row_of: np.ndarray, n_rows: int, column_of: np.ndarray, n_columns: int) -> np.ndarray:
        """Sum the cells: row ``i`` goes to row ``row_of[i]``, column ``j`` to ``column_of[j]``.

        -1 leaves a row or column out. Works on about a million cells at a time.
        """
        total = np.zeros((n_rows, n_columns))
        step = max(1, 2**20 * self.shape[0] // max(self.cells.size, 1))
        for start in range(0, self.shape[0] if total.size else 0, step):
            stop = min(start + step, self.shape[0])
            add = _add_dense if isinstance(self.cells, np.ndarray) else _add_sparse
            add(total, self.cells, np.arange(start, stop), row_of, column_of)
        return total


def _add_dense(
    total: np.ndarray, cells: np.ndarray, documents: np.ndarray, row_of: np.ndarray, column_of: np.ndarray
) -> None:
    """Add the cells of some documents. Summed by row first: the cells of a column are far apart in memory."""
    documents = documents[row_of[documents] >= 0]
    documents = documents[np.argsort(row_of[documents], kind="stable")]
    columns = np.flatnonzero(column_of >= 0)
    part = cells[documents] if len(columns) == cells.shape[1] else cells[documents[:, None], columns]
    check_counts(part, lambda at: f"matrix[{documents[at[0]]}, {columns[at[1]]}]")
    rows = row_of[documents]
    firsts = np.flatnonzero(np.diff(rows, prepend=-1))
    if part.size:
        sums = np.add.reduceat(part, firsts, axis=0, dtype=np.float64)
        np.add.at(total, (rows[firsts][:, None], column_of[columns]), sums)


def _add_sparse(
    total: np.ndarray, cells: Any, documents: np.ndarray, row_of: np.ndarray, column_of: np.ndarray
) -> None:
    """Add the nonzero cells of some consecutive documents."""
    ends = cells.indptr[documents[0] : documents[-1] + 2]
    documents = np.repeat(documents, np.diff(ends))
    columns, numbers = cells.indices[ends[0] : ends[-1]], cells.data[ends[0] : ends[-1]]
    rows, into = row_of[documents], column_of[columns]
    kept = (rows >= 0) & (into >= 0)
    check_counts(numbers[kept], lambda at: f"matrix[{documents[kept][at[0]]}, {columns[kept][at[0]]}]")
    flat = rows[kept] * total.shape[1] + into[kept]
    total += np.bincount(flat, numbers[kept], minlength=total.size).reshape(total.shape)


def column_counts(frame: Any, name: str) -> np.ndarray:
    """A column of a DataFrame of totals, with NaN for missing counts."""
    cells = _frame_cells(frame[[name]], "totals")
    return np.asarray(cells.toarray() if hasattr(cells, "toarray") else cells)[:, 0]


def check_counts(numbers: np.ndarray, place: Callable[[np.ndarray], str]) -> None:
    right = numbers >= 0
    if numbers.dtype.kind == "f":
        right &= np.isfinite(numbers)
    if not right.all():
        at = np.argwhere(~right)[0]
        raise ValueError(f"{place(at)} is {numbers[tuple(at)]}; expected a count, at least 0")


def _frame_cells(frame: Any, what: str = "matrix") -> Any:
    """A DataFrame's counts: a sparse matrix if all columns are sparse, else an array with NaN for missing counts."""
    if frame.shape[1] == 0:
        return np.zeros(frame.shape)
    if type(frame).__module__.partition(".")[0] != "pandas":
        return np.asarray(frame)
    for name, dtype in frame.dtypes.items():
        if dtype.kind not in "biuf":
            raise TypeError(f"column {name!r} of {what} contains {dtype}; expected numbers")
    if all(type(dtype).__name__ == "SparseDtype" for dtype in frame.dtypes):
        return frame.sparse.to_coo()
    # Int32, which can have missing values, would become object.
    of_numpy = all(isinstance(dtype, np.dtype) for dtype in frame.dtypes)
    return frame.to_numpy() if of_numpy else frame.to_numpy(np.float64, na_value=np.nan)
