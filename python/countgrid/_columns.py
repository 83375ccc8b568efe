"""What the adapters for data tools share: terms as a counter, a name for each of its columns, counts by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

import numpy as np

from countgrid import _memory
from countgrid._api import Progress, TermCounter, Terms, _Matching, check_names
from countgrid._core import Documents
from countgrid._errors import about


def counter_of(terms: Terms | TermCounter, matching: _Matching) -> TermCounter:
    """Compile terms, unless they are compiled already; then there is nothing left to be said about matching."""
    check_names(matching)
    if not isinstance(terms, TermCounter):
        return TermCounter(terms, **matching)
    if matching:
        given = ", ".join(f"{name}=..." for name in matching)
        raise TypeError(f"a TermCounter has its own options; pass terms.replace({given}) instead")
    return terms


def lower_ascii(name: str) -> str:
    """Lower the letters A to Z and no others."""
    return name.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def named(
    counter: TermCounter, prefix: str = "", names: Sequence[str] | None = None, *, ignore_case: bool = False
) -> list[str]:
    """Name the columns: each its own name, or that of ``names``, behind ``prefix``; no two may be equal.

    ``ignore_case`` is for tools in which ``A`` and ``a`` are one column; as in these, ``Ä`` and ``ä`` are two.
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
        before = seen.setdefault(lower_ascii(name) if ignore_case else name, column)
        if before != column:
            error = ValueError(
                f"columns {before} and {column} would both be named {named[before]!r}"
                + (f" and {name!r}, which are one name here" if named[before] != name else "")
                + "; pass other names="
            )
            raise about(error, columns=(before, column))
    return named


def _listed(names: Sequence[str]) -> list[str]:
    """The names in their order; a mapping or a set would name columns by chance."""
    if isinstance(names, Iterable) and not isinstance(names, (str, bytes, Mapping, Set)):
        listed = list(names)
        if all(isinstance(name, str) for name in listed):
            return listed
    raise TypeError(f"names is {type(names).__name__} ({names!r}); expected a sequence of str, one for each column")


def count_by_column(
    counter: TermCounter, documents: Documents, *, workers: int | None = None, progress: Progress = False
) -> np.ndarray:
    """Count into int32 of which each column lies in one piece, for tools whose tables are made of columns."""
    shape = len(documents), len(counter.columns)
    _memory.check(*shape, np.dtype(np.int32).itemsize)
    return counter.count(documents, out=np.empty(shape, np.int32, order="F"), workers=workers, progress=progress)
