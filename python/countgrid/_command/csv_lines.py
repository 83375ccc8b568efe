"""Tables as lines of CSV.

Arrow's own writer puts quotes around all text. Here a field has quotes where it needs them, as people write it and as
`cut` and `sort` can use it; a missing value is a field of nothing, an empty text two quotes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def header(names: Sequence[str], delimiter: str) -> bytes:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(names)
    return line.getvalue().encode()


def csv_lines(table: Any, delimiter: str) -> Any:
    """The rows of a table, as a buffer."""
    if table.num_rows == 0 or table.num_columns == 0:
        return b"\n" * table.num_rows
    columns = [_fields(column, delimiter) for column in table.combine_chunks().itercolumns()]
    columns[-1] = pc.binary_join_element_wise(columns[-1], "\n", "")
    joined = pc.binary_join_element_wise(*columns, delimiter)
    # The lines lie side by side in the array's memory.
    return (
        pa.concat_arrays(joined.chunks).buffers()[2] if isinstance(joined, pa.ChunkedArray) else joined.buffers()[2]
    )


def _fields(column: Any, delimiter: str) -> Any:
    """A column as text: no value is null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        chunks = [pc.take(_fields(chunk.dictionary, delimiter), chunk.indices) for chunk in column.chunks]
        return pc.fill_null(pa.chunked_array(chunks, pa.string()), "")
    if str(kind) not in ("string", "large_string", "string_view"):
        try:
            return pc.fill_null(pc.cast(column, pa.string()), "")
        except pa.ArrowNotImplementedError:
            raise ValueError(
                f"a column of {kind} cannot be written as CSV; expected numbers, times or text"
            ) from None
    text = pc.cast(column, pa.string())
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
    needs = pc.match_substring_regex(text, f'^$|["\\r\\n{delimiter}]')
    return pc.fill_null(pc.if_else(needs, quoted, text), "")
