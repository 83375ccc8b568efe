"""Decodes text from the command line. Python turns bytes that the locale cannot decode into lone surrogates."""

from __future__ import annotations

import os


def term(typed: str) -> str | bytes:
    """A term, decoded as UTF-8 in any locale. Invalid UTF-8 stays bytes, which match byte for byte."""
    if not any("\udc80" <= character <= "\udcff" for character in typed):
        return typed
    data = os.fsencode(typed)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def text(typed: str) -> str:
    """Text, decoded as UTF-8 in any locale. Other bytes stay surrogates, as in the names of CSV columns."""
    found = term(typed)
    return found if isinstance(found, str) else typed
