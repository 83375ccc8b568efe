"""The dict that `vocabulary_` returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any


class Columns(dict[Any, int]):
    """Terms and their columns. It counts its changes, so that the next `transform` follows them.

    Copies and pickles are plain dicts.
    """

    __slots__ = ("changes",)

    def __init__(self, columns: Mapping[Any, int] = MappingProxyType({})) -> None:
        super().__init__(columns)
        self.changes = 0

    def __reduce__(self) -> tuple[type, tuple[dict[Any, int]]]:
        return dict, (dict(self),)


def _counted(name: str) -> Callable[..., Any]:
    method = getattr(dict, name)

    def change(self: Columns, *args: Any, **keywords: Any) -> Any:
        self.changes += 1
        return method(self, *args, **keywords)

    change.__name__, change.__doc__ = name, method.__doc__
    return change


for _name in ("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update"):
    setattr(Columns, _name, _counted(_name))
