"""Sparse matrices as scikit-learn's vectorizers return them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike
from scipy import sparse
from sklearn import get_config

from countgrid.sklearn._analysis import Csr

Matrix = sparse.csr_matrix | sparse.csr_array


def type_of_counts(dtype: DTypeLike) -> DTypeLike:
    """The type that ``dtype=`` of a `CountVectorizer` means. scikit-learn counts in C's int, which None leaves."""
    return np.intc if dtype is None else dtype


def type_in_core(dtype: DTypeLike) -> np.dtype:
    """The type in which the core counts: this one, if it has it. Raises for types that SciPy cannot count in."""
    wanted = np.dtype(dtype)
    if wanted.isnative and (wanted.kind in "biu" or wanted in (np.float32, np.float64)):
        return wanted
    empty: Any = sparse.csr_matrix
    empty((0, 0), dtype=dtype)
    if wanted.kind not in "biufc" or wanted == np.float16:  # which SciPy before 1.15 accepts for empty matrices
        raise ValueError(f"scipy.sparse does not support dtype {wanted}")
    return np.dtype(np.int64)


def matrix_of(parts: Sequence[Csr], n_columns: int, dtype: DTypeLike) -> Matrix:
    """The rows of all parts, as the kind of matrix that scikit-learn is set to return."""
    data, indices, indptr = parts[0] if len(parts) == 1 else _stacked(parts)
    is_array = get_config().get("sparse_interface", "spmatrix") == "sparray"
    kind = sparse.csr_array if is_array else sparse.csr_matrix
    return kind((data, indices, indptr), shape=(len(indptr) - 1, n_columns), dtype=dtype)


def of_type(part: Csr, dtype: DTypeLike) -> Csr:
    """Counts of float64 in another type."""
    data, indices, indptr = part
    wanted = type_in_core(dtype)
    if wanted.kind == "b":
        # scikit-learn combines signs by or, and each of them is true.
        return np.ones(len(data), bool), indices, indptr
    if wanted.kind == "f":
        return data.astype(wanted, copy=False), indices, indptr
    converted = data.astype(np.int64).astype(wanted)
    if (converted != data).any():
        at = np.flatnonzero(converted != data)[0]
        raise OverflowError(f"a sum of {data[at]:.0f} does not fit {wanted}; pass a wider dtype")
    return converted, indices, indptr


def _stacked(parts: Sequence[Csr]) -> Csr:
    datas, indices, indptrs = zip(*parts, strict=True)
    lengths = np.concatenate([[0], *(np.diff(indptr) for indptr in indptrs)]).cumsum()
    index_type = np.int32 if lengths[-1] <= np.iinfo(np.int32).max else np.int64
    return np.concatenate(datas), np.concatenate(indices, dtype=index_type), lengths.astype(index_type)
