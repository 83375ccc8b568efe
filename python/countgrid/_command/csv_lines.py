"""Writes tables as lines of CSV.

Arrow's own writer quotes all text. Here a field is quoted only if needed, so that people, `cut` and `sort` can read
it. A missing value is an empty field, an empty text is two quotes.
"""

from __future__ import annotations

import csv
import io
import uuid
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from countgrid._reading.arrays import names, texts

_NOTHING, _QUOTE, _END = names(["", '"', "\n"])


def header(schema: Any, delimiter: str) -> bytes:
    """The line of names. Raises if a column cannot be written as CSV."""
    for name, kind in zip(schema.names, schema.types, strict=True):
        _fields(pa.nulls(0, kind), name, delimiter)
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(schema.names)
    return line.getvalue().encode()


def csv_lines(table: Any, delimiter: str) -> Any:
    """The rows of a table, as a buffer."""
    if table.num_rows == 0 or table.num_columns == 0:
        return b"\n" * table.num_rows
    (batch,) = table.combine_chunks().to_batches()
    fields = [
        _fields(column, name, delimiter) for name, column in zip(table.column_names, batch.columns, strict=True)
    ]
    fields[-1] = pc.binary_join_element_wise(fields[-1], _END, _NOTHING, null_handling="replace", null_replacement="")
    (separator,) = names([delimiter])
    lines = pc.binary_join_element_wise(*fields, separator, null_handling="replace", null_replacement="")
    # The lines are contiguous in the array's memory.
    _, ends, data = lines.buffers()
    return data[: int.from_bytes(ends[4 * len(lines) : 4 * len(lines) + 4].to_pybytes(), "little")]


def _fields(column: Any, name: str, delimiter: str) -> Any:
    """A column as text. Nulls stay null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return pc.take(_fields(column.dictionary, name, delimiter), column.indices)
    try:
        text = pc.cast(_plain(column), pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):  # lists and the like; bytes that are not text
        advice = "write Parquet or Arrow, or keep other columns"
        raise ValueError(f"column {name!r} is {kind}, which cannot be written as CSV; {advice}") from None
    if pa.types.is_primitive(kind):
        return text
    quoted = pc.binary_join_element_wise(_QUOTE, pc.replace_substring(text, '"', '""'), _QUOTE, _NOTHING)
    needs = pc.match_substring_regex(text, f'^$|["\\r\\n{delimiter}]')
    return pc.if_else(needs, quoted, text)


def _plain(column: Any) -> Any:
    """A column without its extension type: UUIDs in their usual notation, text unchanged."""
    kind = column.type
    if not isinstance(kind, pa.BaseExtensionType):
        return column
    if kind.extension_name == "arrow.uuid":
        values = column.storage.to_pylist()
        return texts([value and str(uuid.UUID(bytes=value)).encode() for value in values])
    inner = kind.storage_type
    if pa.types.is_primitive(inner) or str(inner) in ("string", "large_string", "string_view"):
        return column.storage
    raise pa.ArrowNotImplementedError(f"{kind} is more than its bytes")
