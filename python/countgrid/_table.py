"""Results as tables, for other libraries and notebooks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np

from countgrid import _core
from countgrid._optional import require

if TYPE_CHECKING:
    import pandas as pd

#: Columns of a table by name: arrays of numbers, or lists of str.
Series: TypeAlias = Mapping[str, Sequence[Any] | np.ndarray]

#: Long tables show only this many rows at either end.
AT_EITHER_END = 15


class Table:
    """A result that is a table: named columns of equal length."""

    __slots__ = ()

    @abstractmethod
    def __len__(self) -> int:
        """Number of rows."""

    @abstractmethod
    def _part(self, rows: slice | np.ndarray) -> Series:
        """Some rows of the table."""

    @abstractmethod
    def _size(self) -> str:
        """The size of the table in words, for display below a part of it."""

    def to_frame(self) -> pd.DataFrame:
        """Return the table as a pandas DataFrame.

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        pandas = require("pandas", "to_frame", "pandas")
        part = self._part(slice(None))
        # An empty list has no type, and pandas strings cannot contain lone surrogates.
        series = {name: pandas.Series(values, dtype=_text_type(values)) for name, values in part.items()}
        frame: pd.DataFrame = pandas.DataFrame(series)
        return frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Export the table as an Arrow stream, for ``polars.DataFrame(...)``, ``pyarrow.table(...)`` and DuckDB.

        Defined by https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html.

        Raises
        ------
        ImportError
            Groups have labels other than text and numbers, and pyarrow is not installed.
        ValueError
            A column's name contains a lone surrogate, which Arrow strings cannot contain.
        """
        part = {name: _exported(values) for name, values in self._part(slice(None)).items()}
        try:
            for name in part:
                name.encode()
            if all(values is not None for values in part.values()):
                return _core.arrow_stream(list(part.items()))
            pyarrow = require("pyarrow", "Arrow export", "pyarrow")
            arrays = {name: pyarrow.array(values) for name, values in self._part(slice(None)).items()}
        except UnicodeEncodeError as error:
            raise ValueError(f"the name {error.object!r} has a lone surrogate; Arrow does not allow it") from None
        return pyarrow.table(arrays).__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        """Return the table as HTML for a notebook. Long tables are shortened."""
        shown = shown_rows(len(self))
        part = self._part(shown)
        lines = [f"<tr>{''.join(f'<th>{escape(name)}</th>' for name in part)}</tr>"]
        for at, row in enumerate(zip(*part.values(), strict=True)):
            if at == AT_EITHER_END and len(shown) < len(self):
                lines.append(f'<tr><td colspan="{len(part)}">&hellip;</td></tr>')
            lines.append(f"<tr>{''.join(_cell(value) for value in row)}</tr>")
        return f"<table>{''.join(lines)}</table><p>{escape(self._size())}</p>"


class ByColumn(Table):
    """Totals: counts, or rates, of named columns."""

    #: The names of the columns. All results of a counter share them, so they are not handed out.
    _names: Sequence[str]
    counts: np.ndarray
    per_words: float | None
    #: The occurrences, if `counts` are rates.
    _occurrences: np.ndarray | None

    @cached_property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self._names)

    def named(self, names: Sequence[str]) -> Self:
        """The same totals with other names of the columns."""
        return replace(self, _names=names)  # type: ignore[type-var]  # each subclass is a dataclass

    def __reduce__(self) -> tuple[Any, ...]:
        # Without zeros: distributed engines send totals of many terms, few of which occur.
        values = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]  # as above
        return _unpickled, (type(self), {name: _packed(value) for name, value in values.items()})

    def __contains__(self, column: object) -> bool:
        """Whether there is a column with this name."""
        return column in self._places

    def __radd__(self, other: int) -> Self:
        # `sum` starts with 0.
        return self if type(other) is int and other == 0 else NotImplemented

    @cached_property
    def _places(self) -> dict[str, int]:
        """The place of each column; of several with the same name, the first."""
        places: dict[str, int] = {}
        for at, column in enumerate(self.columns):
            places.setdefault(column, at)
        return places

    def occurrences(self) -> np.ndarray:
        """The counts, also if `counts` are rates."""
        return self.counts if self._occurrences is None else self._occurrences

    def _check_addable(self, other: ByColumn) -> None:
        """Raise an exception unless two totals are over the same columns and the same number of words."""
        if self._names is not other._names and self.columns != other.columns:
            raise ValueError(_differ(self.columns, other.columns))
        if self.per_words != other.per_words:
            raise ValueError(
                f"cannot add totals with per_words={self.per_words} and per_words={other.per_words}; "
                "expected the same"
            )


@dataclass(frozen=True)
class _Packed:
    """An array without its zeros."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    at: np.ndarray
    values: np.ndarray


def _packed(value: object) -> object:
    if not isinstance(value, np.ndarray):
        return value
    at = np.flatnonzero(value)
    if 2 * len(at) >= value.size:
        return value
    return _Packed(value.shape, value.dtype, at, value.ravel()[at])


def _unpickled(kind: type[ByColumn], values: dict[str, Any]) -> ByColumn:
    """The totals that `ByColumn.__reduce__` describes."""
    for name, value in values.items():
        if isinstance(value, _Packed):
            array = np.zeros(value.shape, value.dtype)
            array.ravel()[value.at] = value.values
            values[name] = array
    return kind(**values)


def _differ(columns: list[str], others: list[str]) -> str:
    """The error for adding totals over different columns."""
    if len(columns) != len(others):
        return f"cannot add totals over {len(columns)} and {len(others)} columns; expected the same columns"
    at = next(at for at, (one, other) in enumerate(zip(columns, others, strict=True)) if one != other)
    return f"cannot add totals whose column {at} is {columns[at]!r} and {others[at]!r}; expected the same columns"


def none() -> None:
    """The default of an attribute. A default in the class would be a public attribute without a docstring."""


def _text_type(values: Sequence[Any] | np.ndarray) -> Any:
    if not isinstance(values, list):
        return None
    return str if all(name.isascii() or not _has_surrogate(name) for name in values) else object


def _exported(values: Sequence[Any] | np.ndarray) -> Sequence[Any] | np.ndarray | None:
    """A column as the core can export it; None if it cannot."""
    if isinstance(values, list):
        if all(value is None or isinstance(value, str) for value in values):
            return values
        if all(type(value) in (int, float) for value in values):
            values = np.array(values)
    if not isinstance(values, np.ndarray):
        return None
    return np.ascontiguousarray(values) if values.dtype in (np.int64, np.float64) else None


def _has_surrogate(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return True
    return False


def shown_rows(length: int) -> np.ndarray:
    """The rows of a table that are shown."""
    rows = np.arange(length)
    if length > 2 * AT_EITHER_END:
        rows = np.concatenate([rows[:AT_EITHER_END], rows[-AT_EITHER_END:]])
    return rows


def shown_count(count: float) -> str:
    """A count, or a rate with four digits."""
    return f"{count:.4g}" if isinstance(count, float) else str(count)


def printable(name: str) -> str:
    """A name on one line, without control characters and lone surrogates."""
    return name if name.isprintable() else repr(name)[1:-1]


def _cell(value: object) -> str:
    if isinstance(value, str):
        return f'<td style="text-align: left">{escape(printable(value))}</td>'
    return f"<td>{value}</td>"
