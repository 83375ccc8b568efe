"""Columns from paths: `year=2026/month=1/part.parquet` is in the partition year=2026, month=1, as Hive writes it."""

from __future__ import annotations

from urllib.parse import unquote

_MISSING = "__HIVE_DEFAULT_PARTITION__"


def partitions_of(path: str) -> dict[str, str | None]:
    """The names and values of the partitions in a path. Values are text; a missing one is None."""
    found: dict[str, str | None] = {}
    for segment in path.replace("\\", "/").split("/")[:-1]:
        name, equals, value = segment.partition("=")
        if name and equals:
            found[unquote(name)] = None if value == _MISSING else unquote(value)
    return found
