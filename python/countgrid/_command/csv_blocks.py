"""Blocks of CSV by Arrow, in a third of the time of Python's `csv`.

Arrow also reads quotes that are out of place, though not as anybody expects, and its errors do not name the row. So
it reads only blocks whose quotes are all in place, and leaves to `csv_rows` what it refuses.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from countgrid._command.csv_rows import Dialect, Rows, line_ends


def whole_rows(block: bytes, dialect: Dialect) -> int:
    """Where the last whole row ends; 0 if there is none, or a quote is out of place.

    Quotes open and close by turns. One that opens stands at a field's beginning, one that closes at a field's end; or
    they are side by side, and are a quote within the field.
    """
    if dialect.quote is None or dialect.quote.encode() not in block:
        return len(block)
    data = np.frombuffer(block, np.uint8)
    quotes = np.flatnonzero(data == ord(dialect.quote))
    before, after = quotes[::2] - 1, quotes[1::2] + 1
    neighbours = np.zeros(256, np.bool_)
    neighbours[[ord(one) for one in (dialect.delimiter, dialect.quote, "\r", "\n")]] = True
    # At the ends of a block is a line's end, or nothing.
    if not (neighbours[data[before[before >= 0]]].all() and neighbours[data[after[after < len(data)]]].all()):
        return 0
    end = len(block)
    while (opened := int(np.searchsorted(quotes, end))) % 2:
        end = block.rfind(b"\n", 0, int(quotes[opened - 1])) + 1
    return end


def parsed(block: bytes, rows: Rows) -> Any:
    """The rows of a block that ends with a row, as a table; None if Arrow refuses any."""
    columns = [str(place) for place in rows.places]
    try:
        found = pa.csv.read_csv(
            # Without a line's end, Arrow takes an empty last field for quoted if the field before is.
            pa.BufferReader(block if block.endswith(b"\n") else block + b"\n"),
            read_options=pa.csv.ReadOptions(
                use_threads=False, block_size=len(block) + 2, column_names=[str(i) for i in range(rows.width)]
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=rows.dialect.delimiter,
                quote_char=rows.dialect.quote or False,
                newlines_in_values=True,
            ),
            convert_options=pa.csv.ConvertOptions(
                include_columns=columns,
                column_types=dict.fromkeys(columns, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, OverflowError):  # for one, a line of 2 GB
        return None
    rows.line += line_ends(block)
    rows.documents += found.num_rows
    return found.rename_columns(rows.schema.names)
