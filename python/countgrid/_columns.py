"""Shared by the adapters: compile terms, name the columns, count into columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set

import numpy as np

from countgrid import _memory
from countgrid._core import Documents
from countgrid._counter import TermCounter, check_names, without_warnings
from countgrid._errors import about
from countgrid._options import Matching, Progress, Terms


def counter_of(terms: Terms | TermCounter, matching: Matching) -> TermCounter:
    """Compile the terms, unless they are a `TermCounter`. Then no matching options are allowed."""
    check_names(matching)
    if not isinstance(terms, TermCounter):
        return TermCounter(terms, **matching)
    if matching:
        given = ", ".join(f"{name}=..." for name in matching)
        raise TypeError(f"a TermCounter has its own options; pass terms.replace({given}) instead")
    return terms


def counter_of_batches(terms: Terms | TermCounter, matching: Matching) -> TermCounter:
    """As `counter_of`, for tools that count some documents at a time. No batch shows that a term occurs nowhere."""
    return without_warnings(counter_of(terms, matching))


def lower_ascii(name: str) -> str:
    """Lower only the letters A to Z."""
    return name.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def named(
    counter: TermCounter,
    prefix: str = "",
    names: Sequence[str] | None = None,
    *,
    fold: Callable[[str], str] = str,
) -> list[str]:
    """Name the columns: ``prefix``, then the column's own name or the one in ``names``. Equal names raise ValueError.

    ``fold`` is for tools that ignore case: names that it makes equal are equal there.
    """
    if not isinstance(prefix, str):
        raise TypeError(f"prefix is {type(prefix).__name__} ({prefix!r}); expected str")
    if names is None:
        named = counter.columns
    else:
        named = _listed(names)
        if len(named) != len(counter.columns):
            expected = f"expected one for each of {len(counter.columns)} columns"
            raise ValueError(f"names has {len(named)} names; {expected}")
    named = [prefix + name for name in named]
    seen: dict[str, int] = {}
    for column, name in enumerate(named):
        before = seen.setdefault(fold(name), column)
        if before != column:
            error = ValueError(
                f"columns {before} and {column} would both be named {named[before]!r}"
                + (f" and {name!r}, which are the same name here" if named[before] != name else "")
                + "; pass other names="
            )
            raise about(error, columns=(before, column))
    return named


def _listed(names: Sequence[str]) -> list[str]:
    """The names as a list. Mappings and sets are not allowed: their order might be accidental."""
    if isinstance(names, Iterable) and not isinstance(names, (str, bytes, Mapping, Set)):
        listed = list(names)
        if all(isinstance(name, str) for name in listed):
            return listed
    raise TypeError(f"names is {type(names).__name__} ({names!r}); expected a sequence of str, one for each column")


def count_by_column(
    counter: TermCounter,
    documents: Documents,
    *,
    workers: int | None = None,
    progress: Progress = False,
    per_words: float | None = None,
) -> np.ndarray:
    """Count into an int32 matrix, or a float64 matrix of rates, with contiguous columns."""
    shape = len(documents), len(counter.columns)
    dtype = np.int32 if per_words is None else np.float64
    _memory.check(*shape, np.dtype(dtype).itemsize)
    out = np.empty(shape, dtype, order="F")
    return counter.count(documents, out=out, workers=workers, progress=progress, per_words=per_words)
