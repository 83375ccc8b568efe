"""The types of options and inputs, for type checkers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import DTypeLike

Match: TypeAlias = Literal["word", "adaptive", "substring", "token"]
Syntax: TypeAlias = Literal["literal", "glob", "regex"]
Overlap: TypeAlias = Literal["per-term", "all", "longest", "first"]
Missing: TypeAlias = Literal["zero", "raise"]
Progress: TypeAlias = bool | Callable[[int, int | None], object]

#: Documents and terms can be columns of many libraries, most of which need not be installed. So types are checked at
#: run time.
Column: TypeAlias = Any
Terms: TypeAlias = Column | Mapping[str, Column]


class Matching(TypedDict, total=False):
    """The matching options, for type checkers."""

    match: Match
    ignore_case: bool
    strip_accents: bool
    fold_punctuation: bool
    word_chars: str
    syntax: Syntax
    overlap: Overlap


class Finding(TypedDict, total=False):
    """How `frequencies` finds terms, for type checkers."""

    ngrams: tuple[int, int]
    min_documents: int
    stop_words: Iterable[str] | Literal["english"]
    ignore_case: bool
    strip_accents: bool
    word_chars: str
    across_punctuation: bool


class Result(TypedDict, total=False):
    """The options of every count, for type checkers."""

    dtype: DTypeLike | None
    workers: int | None
    missing: Missing
    progress: Progress
    per_words: float | None


class DenseResult(Result, total=False):
    out: np.ndarray | None


class Call(Matching, Result):
    """All options of `count`."""


class DenseCall(Matching, DenseResult):
    """All options of `count` for a dense matrix."""
