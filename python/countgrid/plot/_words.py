"""Texts for the axes, about numbers of documents and columns, and the check of ``top``."""

from __future__ import annotations

import numpy as np


def checked_top(top: int | None) -> int | None:
    if top is None:
        return None
    if not isinstance(top, int | np.integer) or isinstance(top, bool):
        raise TypeError(f"top is {type(top).__name__} ({top!r}); expected an int, or None for all columns")
    if top < 1:
        raise ValueError(f"top is {top}; expected at least 1, or None for all columns")
    return int(top)


def some(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def of_all(n: int, of: int, what: str) -> str:
    return some(of, what) if n == of else f"{n:,} of {some(of, what)}"


def left_out(n: int, what: str) -> str:
    return f"\n{n:,} without {what} left out" if n else ""


def missing_documents(missing: np.ndarray) -> str:
    return f"\n{missing.sum():,} missing" if missing.any() else ""
