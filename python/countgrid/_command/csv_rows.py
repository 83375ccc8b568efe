"""CSV and TSV: all columns are text as it stands."""

from __future__ import annotations

import csv
import io
import re
import secrets
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.csv

from countgrid._command.columns import Tables, Wanted, gathered
from countgrid._command.inputs import Input
from countgrid._command.streams import BLOCK, BYTE_ORDER_MARK, Rest, Stream

#: A row of column names is looked for in so many bytes.
_HEADER = 1 << 20
#: Arrow holds several blocks of CSV, and takes no row that is longer: the file is read again from there on, in larger
#: blocks, which take memory. A pipe cannot be read again.
_BLOCKS = (4 << 20, 64 << 20, 1 << 30)
_BLOCKS_OF_A_PIPE = (64 << 20,)


def read_csv(source: Input, stream: Stream, wanted: Wanted) -> Tables:
    """A field of nothing is missing; one of two quotes is an empty text."""
    delimiter = wanted.delimiter or ("\t" if source.format == "tsv" else ",")
    content = stream.sequential()
    head = content.read(BLOCK).removeprefix(BYTE_ORDER_MARK)
    if b"\n" not in head:
        head += content.read(BLOCK) or b"\n"  # Arrow wants a line's end after the names
    text = io.StringIO(head[:_HEADER].decode(errors="replace"), newline="")
    header = next(filter(None, csv.reader(text, delimiter=delimiter)), None)
    if header is None:
        raise ValueError("is empty; expected a row of column names")
    names = wanted.among(header)
    schema = pa.schema([(name, pa.string()) for name in names])
    # A row of ours behind the last: if it does not come back, it is in quotes that nothing closes.
    end = secrets.token_hex(16)
    last = f"\n{delimiter.join([end] * len(header))}\n".encode()

    def opened(content: Any, block: int, skipped: int) -> Any:
        return pa.csv.open_csv(
            pa.PythonFile(content, mode="r"),
            # With several threads errors would not name the row, and reading is no faster.
            read_options=pa.csv.ReadOptions(use_threads=False, block_size=block, skip_rows_after_names=skipped),
            parse_options=pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(
                include_columns=names,
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )

    def batches() -> Iterator[Any]:
        rest, done, ended = Rest(head, content, last), 0, False
        blocks = _BLOCKS if stream.is_repeatable else _BLOCKS_OF_A_PIPE
        for block in blocks:
            try:
                for batch in opened(rest, block, done):
                    rows = batch.num_rows
                    ended = rows > 0 and batch.column(0)[rows - 1].as_py() == end
                    done += rows - ended
                    yield batch.slice(0, rows - ended)
            except pa.ArrowInvalid as error:
                if end in str(error):  # in a row of too few fields; Arrow counts the names as row 1
                    done, ended = int(re.findall(r"Row #(\d+)", str(error))[0]) - 1, False
                elif "UTF8" in str(error):
                    raise ValueError(f"{error}; pass --encoding if it is not UTF-8") from error
                elif "straddling" not in str(error):
                    raise
                elif block == blocks[-1]:
                    what = f"a row of more than {block >> 20} MB, or a quote that nothing closes"
                    raise ValueError(what) from error
                else:
                    rest = Rest(b"", stream.again(), last)
                    continue
            if not ended:
                raise ValueError(f"row {done} has a quote that nothing closes")
            return

    return schema, gathered(schema, batches())
