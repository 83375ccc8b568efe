"""Results as tables, for other libraries and notebooks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

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
            pyarrow is not installed.
        ValueError
            A column's name contains a lone surrogate, which Arrow strings cannot contain.
        """
        pyarrow = require("pyarrow", "Arrow export", "pyarrow")
        arrays = {}
        for name, values in self._part(slice(None)).items():
            try:
                arrays[name] = pyarrow.array(values, pyarrow.string() if _are_names(values) else None)
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


def none() -> None:
    """The default of an attribute. A default in the class would be a public attribute without a docstring."""


def _text_type(values: Sequence[Any] | np.ndarray) -> Any:
    if not isinstance(values, list):
        return None
    return str if all(name.isascii() or not _has_surrogate(name) for name in values) else object


def _are_names(values: Sequence[Any] | np.ndarray) -> bool:
    return isinstance(values, list) and all(value is None or isinstance(value, str) for value in values)


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


def printable(name: str) -> str:
    """A name on one line, without control characters and lone surrogates."""
    return name if name.isprintable() else repr(name)[1:-1]


def _cell(value: object) -> str:
    if isinstance(value, str):
        return f'<td style="text-align: left">{escape(printable(value))}</td>'
    return f"<td>{value}</td>"
