"""Reads JSON objects. The wanted keys become columns.

Other keys can have any values. Copied columns have the types that they had in earlier inputs, or types inferred from
the first rows. If no type represents all values exactly, a column is text.

Arrow reads blocks of lines, 3x faster than Python's `json`. `json` reads the blocks that Arrow rejects, so that
errors name the row and the fault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from countgrid._errors import option
from countgrid._reading.columns import Tables, Wanted
from countgrid._reading.faults import Faults
from countgrid._reading.inputs import Input
from countgrid._reading.json_objects import DECODER, Part, TooLarge, parts
from countgrid._reading.streams import BLOCK, Stream

#: Column types are inferred from this many rows.
_SAMPLE = 1000
#: Above these, a float with this many bits cannot represent every integer.
_EXACT = {16: 1 << 11, 32: 1 << 24, 64: 1 << 53}
#: Halves of a UTF-16 character. JSON can escape one without the other.
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
#: The end of one object and the start of another on the same line.
_SEVERAL = re.compile(rb"}[ \t\r]*{")
#: The keys that lead to each column.
Paths: TypeAlias = Mapping[str, Sequence[str]]
_text_of = json.JSONEncoder(ensure_ascii=False).encode


def read_json(source: Input, stream: Stream, wanted: Wanted, faults: Faults) -> Tables:
    """A missing key, or null, is a missing value. A lone surrogate is read as U+FFFD."""
    found = parts(stream.text())
    beginning, sample = _beginning(found, wanted)
    if sample:
        there = list(dict.fromkeys([*(name for row in sample for name in row), *wanted.types]))
        names = wanted.among(there, lambda name: any(_has(row, name) for row in sample))
    else:
        there = [wanted.column or "text", *(name for name in wanted.kept if name not in wanted.constants)]
        names = wanted.among(there)
    paths = {name: [name] if name in there else name.split(".") for name in names}
    kept = [
        (name, wanted.types.get(name) or _type(_at(row, paths[name]) for row in sample if _has(row, name)))
        for name in names[1:]
    ]
    schema = pa.schema([(names[0], pa.string()), *kept])

    # Arrow drops keys of nested objects that do not occur in the first rows.
    is_flat = all(len(path) == 1 for path in paths.values())
    by_arrow = is_flat and not any(pa.types.is_nested(kind) for kind in schema.types)

    def tables() -> Iterator[Any]:
        documents = 0
        for part in chain(beginning or [b""], found):
            table = _by_arrow(part, schema) if by_arrow and isinstance(part, bytes) else None
            if table is None:
                table = _by_json(part, schema, paths, faults, documents)
            documents += table.num_rows
            yield table

    return schema, tables()


def _beginning(found: Iterator[Part], wanted: Wanted) -> tuple[list[Part], list[dict[str, Any]]]:
    """The first parts, and a sample of their objects: a thousand, or more until each wanted column has occurred."""
    some: list[Part] = []
    sample: list[dict[str, Any]] = []
    named = [*wanted.kept] if wanted.column is None else [wanted.column, *wanted.kept]
    missing = set(named) - wanted.types.keys() - wanted.constants.keys()
    tells_something = wanted.kept or wanted.column is None
    size = 0
    for part in found:
        some.append(part)
        if isinstance(part, bytes):
            size += len(part)
        else:
            size += sum(len(_text_of(row)) for row in part if isinstance(row, dict))
        for row in _values(part):
            if not isinstance(row, dict):
                continue
            sample.append(row)
            missing = {name for name in missing if not _has(row, name)}
            if len(sample) >= _SAMPLE and not missing:
                return some, sample
        if size >= BLOCK or not (missing or tells_something):
            break
    return some, sample


def _values(part: Part) -> Iterator[Any]:
    """The values of a part; a ValueError (not raised) for a line that is not JSON."""
    if not isinstance(part, bytes):
        yield from part
        return
    for line in filter(bytes.strip, part.split(b"\n")):
        try:
            yield DECODER.decode(line.decode())
        except UnicodeDecodeError as error:
            advice = f"pass its {option('encoding')}, such as cp1252"
            yield ValueError(f"not valid UTF-8: {error.reason}; {advice}")
        except ValueError as error:
            yield ValueError(f"not JSON: {error}; expected one object per line")


def _type(values: Iterable[Any]) -> Any:
    """The type that represents all values exactly; text if there is none."""
    kind = _common(values)
    return pa.string() if kind is None or pa.types.is_null(kind) else kind


def _common(values: Iterable[Any]) -> Any:
    """The type that represents all values exactly; None if there is none.

    Arrow's own inference would turn some text into times, and integers beyond 64 bits into floats.
    """
    there = [value for value in values if value is not None]
    kinds = set(map(type, there))
    if not kinds:
        return pa.null()
    if kinds == {list}:
        inner = _common(chain.from_iterable(there))
        return inner and pa.list_(inner)
    if kinds == {dict}:
        names = dict.fromkeys(chain.from_iterable(there))
        fields = [(name, _common(value.get(name) for value in there)) for name in names]
        return pa.struct(fields) if fields and all(kind is not None for _, kind in fields) else None
    scalars = (pa.bool_(), pa.int64(), pa.float64(), pa.string())
    return next((kind for kind in scalars if all(_fits(value, kind) for value in there)), None)


def _by_arrow(block: bytes, schema: Any) -> Any:
    """The objects of some lines; None if Arrow rejects any, or if a line is not exactly one object."""
    rows_of_text = [row for row in map(bytes.strip, block.split(b"\n")) if row]
    if not rows_of_text:
        return schema.empty_table()
    # Arrow accepts several objects on a line, and crashes if the first row is null.
    if not all(row[:1] == b"{" and row[-1:] == b"}" for row in rows_of_text) or _SEVERAL.search(block):
        return None
    try:
        rows = _read(block, schema)
        rows.validate(full=True)
    except pa.ArrowInvalid:
        return None
    return None if any(_may_be_rounded(column) for column in rows.columns) else rows


def _may_be_rounded(column: Any) -> bool:
    """Whether some floats are so large that they may be rounded integers."""
    if not pa.types.is_floating(column.type):
        return False
    most = pc.max(pc.abs(column)).as_py()
    return most is not None and not most < _EXACT[column.type.bit_width]


def _read(block: bytes, schema: Any) -> Any:
    rows = pa.json.read_json(
        pa.BufferReader(block),
        # One block, so that an object can have any length.
        read_options=pa.json.ReadOptions(use_threads=False, block_size=len(block)),
        parse_options=pa.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
    )
    return rows.select(schema.names)


def _by_json(part: Part, schema: Any, paths: Paths, faults: Faults, documents: int) -> Any:
    """The objects of a part. ``documents`` is the number of documents before it."""
    lines: list[str] = []
    for found in _values(part):
        try:
            lines.append(_text_of(_fitting(found, schema, paths)))
        except ValueError as error:
            faults.add(documents + len(lines), str(error))
    return _read(_encoded(lines), schema) if lines else schema.empty_table()


def _encoded(lines: Sequence[str]) -> bytes:
    text = "\n".join(lines)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _LONE_SURROGATES.sub("\ufffd", text).encode()


def _fitting(found: Any, schema: Any, paths: Paths) -> dict[str, Any]:
    """The wanted columns of an object. Raises if a value does not fit its column."""
    if isinstance(found, ValueError):
        raise found
    if not isinstance(found, dict):
        raise ValueError(f"{_shown(found)}; expected an object")
    values = {}
    for place, (name, kind) in enumerate(zip(schema.names, schema.types, strict=True)):
        value = _at(found, paths[name])
        if place > 0 and pa.types.is_string(kind) and value is not None and not isinstance(value, str | TooLarge):
            value = _text_of(value)
        if not _fits(value, kind):
            expected = "text" if place == 0 else f"{kind}, as in the rows before"
            if type(value) is int and _is_number(kind):
                expected += ", which cannot represent it exactly"
            raise ValueError(f"column {name!r} is {_shown(value)}; expected {expected}")
        values[name] = value
    return values


def _has(row: Mapping[str, Any], name: str) -> bool:
    """Whether an object has a key, or keys within keys, such as "meta.text"."""
    if name in row:
        return True
    value: Any = row
    for step in name.split("."):
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True


def _at(row: Mapping[str, Any], path: Sequence[str]) -> Any:
    """The value at a path of keys; None if a key is missing or null."""
    value: Any = row
    for at, step in enumerate(path):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise ValueError(f"column {'.'.join(path[:at])!r} is {_shown(value)}; expected an object")
        value = value.get(step)
    return value


def _shown(value: Any) -> str:
    if isinstance(value, TooLarge):
        return "a number beyond 1.8e308"
    shown = json.dumps(value)
    return shown if len(shown) <= 40 else f"{shown[:40]}..."


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _fits(value: Any, kind: Any) -> bool:
    """Whether a column of this type represents the value exactly."""
    if value is None:
        return True
    if pa.types.is_string(kind):
        return isinstance(value, str)
    if pa.types.is_boolean(kind):
        return isinstance(value, bool)
    if pa.types.is_int64(kind):
        return type(value) is int and -(1 << 63) <= value < 1 << 63
    if pa.types.is_floating(kind):
        return type(value) is float or (type(value) is int and abs(value) <= _EXACT[kind.bit_width])
    if pa.types.is_list(kind):
        return isinstance(value, list) and all(_fits(item, kind.value_type) for item in value)
    if pa.types.is_struct(kind):
        inner = {kind.field(i).name: kind.field(i).type for i in range(kind.num_fields)}
        return isinstance(value, dict) and all(
            name in inner and _fits(item, inner[name]) for name, item in value.items()
        )
    try:  # a type from an earlier input
        _read(_encoded([_text_of({"value": value})]), pa.schema([("value", kind)]))
    except pa.ArrowInvalid:
        return False
    return True
