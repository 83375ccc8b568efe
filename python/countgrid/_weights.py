"""Weights, by column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def weights_of(terms: Any) -> Mapping[Any, Any]:
    """The weights of a lexicon. Raises if it has none."""
    weights: Mapping[Any, Any] | None = getattr(terms, "weights", None)
    if weights is None:
        source = getattr(terms, "source", None)
        what = "terms have no weights" if source is None else f"{source} has no weights"
        raise ValueError(f"{what}; pass weights=, or a lexicon of a file with a number for each term")
    return weights


def weights_by_column(weights: Any, columns: list[str]) -> np.ndarray:
    """Return weights as float64 of shape (n_columns,) or (n_columns, k).

    A mapping, and a pandas object whose index has strings, is read by name; all others by position.
    """
    index = getattr(weights, "index", None)
    if index is not None and getattr(index, "inferred_type", None) == "string":
        if not index.is_unique:
            raise ValueError("the index of weights has a label twice; expected each column once")
        values = weights.to_numpy()
        weights = {label: values[at] for at, label in enumerate(index)}
    if isinstance(weights, Mapping):
        weights = _by_name(weights, columns)
    try:
        array = np.asarray(weights)
    except ValueError as error:
        raise ValueError(f"weights have different lengths ({error}); expected as many for each column") from None
    if array.dtype.kind not in "iuf" and not (array.dtype.kind == "O" and _are_numbers(array)) and array.size:
        raise TypeError(f"weights have dtype {array.dtype}; expected numbers")
    array = array.astype(np.float64)
    if not columns and array.ndim == 1:
        array = array.reshape(0)
    if array.ndim not in (1, 2) or len(array) != len(columns):
        expected = f"({len(columns)},) or ({len(columns)}, k), one row for each column"
        raise ValueError(f"weights have shape {array.shape}; expected {expected}")
    if not np.isfinite(array).all():
        at = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(f"the weight of column {columns[at[0]]!r} is {array[tuple(at)]}; expected a finite number")
    return array


def _by_name(weights: Mapping[Any, Any], columns: list[str]) -> list[Any]:
    """The weights in the order of the columns."""
    known = set(columns)
    if len(known) < len(weights) or not known.issuperset(weights):
        unknown = next(name for name in weights if name not in known)
        raise ValueError(f"weights contain {unknown!r}, which is not a column")
    missing = next((column for column in columns if column not in weights), None)
    if missing is not None:
        raise ValueError(f"weights lack the column {missing!r}; pass 0 for a column that should not count")
    return [weights[column] for column in columns]


def _are_numbers(array: np.ndarray) -> bool:
    return all(isinstance(item, (int, float, np.number)) for item in array.ravel())
