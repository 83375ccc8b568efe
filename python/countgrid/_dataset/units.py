"""Divides inputs into units. Each unit gets an output file, and one machine counts it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any

from countgrid._reading.errors import naming
from countgrid._reading.inputs import Input
from countgrid._reading.streams import Stream

#: The row groups of a unit have at most this many bytes in the file together, or there is only one.
_MOST = 256 << 20


@dataclass(frozen=True)
class Unit:
    """A file, or some row groups of a Parquet file."""

    source: Input
    #: Bytes of the file.
    size: int

    @property
    def path(self) -> str:
        return self.source.scheme + str(self.source.path)

    @cached_property
    def groups(self) -> list[int] | None:
        """The first row group and the one after the last; None for the whole file."""
        groups = self.source.row_groups
        return None if groups is None else [groups.start, groups.stop]

    @cached_property
    def name(self) -> str:
        """The name of the output file: like the input's, and different for each unit."""
        stem = re.sub(r"[^\w.-]", "_", posixpath.basename(self.path.replace("\\", "/")), flags=re.ASCII)[:80]
        start = "" if self.groups is None else f"-{self.groups[0]:06}"
        # Readers of Parquet directories ignore names that start with a dot or an underscore.
        return f"{stem.lstrip('._')}-{_digest(self.path)}{start}.parquet"

    def is_in(self, part: tuple[int, int]) -> bool:
        return is_in(part, self.path, self.groups)

    def record(self) -> dict[str, Any]:
        """What identifies the content of the unit. If it differs, the unit is counted again."""
        return {
            "input": self.path,
            "modified": self.source.modified,
            "row_groups": self.groups,
            "size": self.source.size,
        }


def is_in(part: tuple[int, int], path: str, groups: list[int] | None) -> bool:
    """Whether a unit belongs to a machine. It depends on the path and the row groups only."""
    return int(_digest(f"{path}\0{groups}"), 16) % part[1] == part[0]


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def units_of(inputs: Iterable[Input]) -> list[Unit]:
    """The units of all inputs. An input that is named twice is one unit."""
    found = {(one.scheme, one.path): one for one in inputs}
    return [unit for source in found.values() for unit in _divided(source)]


def _divided(source: Input) -> Iterator[Unit]:
    size = source.size or 0
    sizes = _row_groups(source) if source.format == "parquet" and size > _MOST else []
    bounds = _bounds([size for size, _ in sizes])
    if len(bounds) <= 1:
        yield Unit(source, size)
        return
    first = 0
    for groups in bounds:
        part = [sizes[group] for group in groups]
        yield Unit(replace(source, row_groups=groups, first=first), sum(size for size, _ in part))
        first += sum(rows for _, rows in part)


def _bounds(sizes: list[int]) -> list[range]:
    """Consecutive row groups, as many as fit."""
    bounds: list[range] = []
    start = total = 0
    for group, size in enumerate(sizes):
        if group > start and total + size > _MOST:
            bounds.append(range(start, group))
            start, total = group, 0
        total += size
    if sizes:
        bounds.append(range(start, len(sizes)))
    return bounds


def _row_groups(source: Input) -> list[tuple[int, int]]:
    """The bytes and rows of each row group; none if the whole file is compressed."""
    import pyarrow.parquet

    with naming(source.name), Stream(source, None) as stream:
        if stream.content.compression is not None:
            return []
        metadata = pyarrow.parquet.ParquetFile(stream.random()).metadata
        groups = map(metadata.row_group, range(metadata.num_row_groups))
        return [
            (sum(group.column(at).total_compressed_size for at in range(group.num_columns)), group.num_rows)
            for group in groups
        ]
