"""JSON Lines: an object on each line, of which the wanted keys are columns.

Columns that are not wanted may hold anything. Those carried along have the types that the first rows tell, or that
earlier inputs had; where these tell none that holds all values as they are, they are text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.json

from countgrid._command.columns import Tables, Wanted
from countgrid._command.inputs import Input
from countgrid._command.streams import BLOCK, Stream, lines

#: The types of columns are told by so many rows.
_SAMPLE = 1000
#: From here on a float cannot hold each integer.
_EXACT = 1 << 53


def read_json_lines(source: Input, stream: Stream, wanted: Wanted) -> Tables:
    """An object without the key, or with null, has a missing value."""
    blocks = lines(stream.sequential(soon=True))
    beginning, sample = _beginning(blocks, wanted)
    if sample:
        names = wanted.among(list(dict.fromkeys([*(name for row in sample for name in row), *wanted.types])))
    else:
        names = [wanted.column or "text", *wanted.kept]
    kept = [(name, wanted.types.get(name) or _type(name, sample)) for name in names[1:]]
    schema = pa.schema([(names[0], pa.string()), *kept])

    def tables() -> Iterator[Any]:
        row = 0
        for block in chain(beginning or [b""], blocks):
            yield (rows := _parsed(block, row, schema))
            row += rows.num_rows

    return schema, tables()


def _beginning(blocks: Iterator[bytes], wanted: Wanted) -> tuple[list[bytes], list[dict[str, Any]]]:
    """The first blocks, and their first objects: a thousand, and further ones until each wanted column was there."""
    some: list[bytes] = []
    sample: list[dict[str, Any]] = []
    missing = {wanted.column, *wanted.kept} - {None, *wanted.types}
    tells_something = wanted.kept or wanted.column is None
    for block in blocks:
        some.append(block)
        for row in _objects(block, len(sample)):
            sample.append(row)
            missing -= row.keys()
            if len(sample) >= _SAMPLE and not missing:
                return some, sample
        if sum(map(len, some)) >= BLOCK or not (missing or tells_something):
            break
    return some, sample


def _objects(block: bytes, row: int) -> Iterator[dict[str, Any]]:
    """The objects of some lines, of which the first has this row number, from 0."""
    for number, line in enumerate(filter(bytes.strip, block.split(b"\n")), row + 1):
        try:
            found = json.loads(line)
        except ValueError as error:
            raise ValueError(f"row {number} is no JSON: {error}") from None
        if not isinstance(found, dict):
            raise ValueError(f"row {number} is {line[:20]!r}; expected JSON Lines, an object on each")
        yield found


def _type(name: str, sample: Sequence[dict[str, Any]]) -> Any:
    """The type that holds all values as they are, if there is one; else text."""
    values = [value for row in sample if (value := row.get(name)) is not None]
    kinds = set(map(type, values))
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {int} and all(-(1 << 63) <= value < 1 << 63 for value in values):
        return pa.int64()
    if kinds in ({float}, {int, float}) and all(type(value) is float or abs(value) <= _EXACT for value in values):
        return pa.float64()
    if kinds and kinds <= {list, dict}:
        try:
            data = "\n".join(json.dumps({"value": value}) for value in values).encode()
            return pa.json.read_json(pa.BufferReader(data)).schema.field("value").type
        except pa.ArrowInvalid:
            pass
    return pa.string()


def _parsed(block: bytes, row: int, schema: Any) -> Any:
    """The objects of some lines, of which the first has this row number, from 0."""
    if not block.strip():
        return schema.empty_table()
    try:
        rows = _read(block, schema)
    except pa.ArrowInvalid:
        # Something is text here that is not text there, or wrong.
        try:
            rows = _read(_fitting(block, row, schema), schema)
        except pa.ArrowInvalid as error:
            here = re.sub(r"\bin row (\d+)$", lambda match: f"in row {row + int(match[1]) + 1}", str(error))
            raise ValueError(here) from error
    try:
        rows.validate(full=True)
    except pa.ArrowInvalid as error:
        last = row + rows.num_rows
        raise ValueError(f"rows {row + 1} to {last}: {error}; pass --encoding if it is not UTF-8") from error
    return rows.select(schema.names)


def _read(block: bytes, schema: Any) -> Any:
    return pa.json.read_json(
        pa.BufferReader(block),
        # As one block, in which an object may be as long as it likes.
        read_options=pa.json.ReadOptions(use_threads=False, block_size=len(block)),
        parse_options=pa.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
    )


def _fitting(block: bytes, row: int, schema: Any) -> bytes:
    """The same objects, with text in the columns that are text; or an error that says what does not fit."""
    fitting = []
    for number, found in enumerate(_objects(block, row), row + 1):
        values = {}
        for place, (name, kind) in enumerate(zip(schema.names, schema.types, strict=True)):
            value = found.get(name)
            if place > 0 and pa.types.is_string(kind) and value is not None and not isinstance(value, str):
                value = json.dumps(value, ensure_ascii=False)
            if value is not None and not _fits(value, kind):
                what = json.dumps(value)
                expected = "text" if place == 0 else f"{kind}, as in the rows before"
                raise ValueError(f"row {number}: column {name!r} is {what[:40]}; expected {expected}")
            values[name] = value
        fitting.append(json.dumps(values))
    return "\n".join(fitting).encode()


def _fits(value: Any, kind: Any) -> bool:
    if pa.types.is_string(kind):
        return isinstance(value, str)  # of a lone surrogate Arrow says more
    try:
        _read(json.dumps({"value": value}).encode(), pa.schema([("value", kind)]))
    except pa.ArrowInvalid:
        return False
    return True
