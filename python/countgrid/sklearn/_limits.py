"""``min_df``, ``max_df`` and ``max_features``, decided as scikit-learn does."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from countgrid.sklearn._vocabulary import Statistics

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def kept_terms(
    statistics: Statistics,
    *,
    min_df: float,
    max_df: float,
    max_features: int | None,
    binary: bool,
    dtype: DTypeLike,
) -> np.ndarray | None:
    """Which terms are kept, ascending, or None if all are. The statistics are in the order of the terms."""
    counts, documents, n_documents = statistics
    high = max_df if isinstance(max_df, Integral) else max_df * n_documents
    low = min_df if isinstance(min_df, Integral) else min_df * n_documents
    if high < low:
        raise ValueError("max_df corresponds to < documents than min_df")
    mask = (documents <= high) & (documents >= low)
    if max_features is not None and np.count_nonzero(mask) > max_features:
        dtype = np.dtype(dtype)
        totals = (documents if binary or dtype.kind == "b" else counts)[mask].astype(_type_of_sums(dtype))
        # argsort is not stable, so which of several equal terms are kept depends on its input, also on the type.
        most_frequent = (-totals).argsort()[:max_features]
        mask[np.flatnonzero(mask)[np.delete(np.arange(len(totals)), most_frequent)]] = False
    kept = np.flatnonzero(mask)
    if len(kept) == 0:
        raise ValueError("After pruning, no terms remain. Try a lower min_df or a higher max_df.")
    return None if len(kept) == len(mask) else kept.astype(np.int64, copy=False)


def _type_of_sums(dtype: np.dtype) -> np.dtype:
    """The type of the sums of a sparse matrix of this type."""
    for widest in (np.uint, np.int_) if dtype.kind == "u" else (np.int_,):
        if np.can_cast(dtype, widest):
            return np.dtype(widest)
    return dtype
