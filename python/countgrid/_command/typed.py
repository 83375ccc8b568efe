"""Text from the command line. Python turns bytes that the locale cannot decode into lone surrogates."""

from __future__ import annotations

import os
from typing import Any

import click


def _bytes_of(typed: str) -> bytes | None:
    """The bytes that were typed, if Python could not decode them."""
    return os.fsencode(typed) if any("\udc80" <= character <= "\udcff" for character in typed) else None


class _Text(click.ParamType):
    """Text in UTF-8, whatever the locale is. Other bytes stay surrogates, as they are in the names of CSV columns."""

    name = "text"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        data = _bytes_of(value)
        if data is None:
            return value
        try:
            return data.decode()
        except UnicodeDecodeError:
            return self.undecodable(value, data)

    def undecodable(self, value: str, data: bytes) -> str | bytes:
        return value


class _Term(_Text):
    """A term: bytes that are not UTF-8 stay bytes, and are counted byte for byte."""

    name = "term"

    def undecodable(self, value: str, data: bytes) -> str | bytes:
        return data


TEXT = _Text()
TERM = _Term()
