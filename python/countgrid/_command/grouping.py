"""Groups of documents: by a column, or by a regular expression."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import click

from countgrid._reading.reading import Batch


def by_regex(text: str | None) -> re.Pattern[str] | None:
    """The regular expression of ``--by-regex``."""
    if text is None:
        return None
    try:
        return re.compile(text)
    except re.error as error:
        raise click.UsageError(f"--by-regex {text!r} is not a valid regular expression: {error}") from None


def labels_of(batch: Batch, columns: Sequence[str], pattern: re.Pattern[str] | None) -> Any:
    """The label of each document of a batch: its value in a column, or the first match of a regular expression.

    Several columns give a tuple of values.
    """
    if len(columns) == 1:
        return batch.kept.column(columns[0])
    if pattern is None:
        return zip(*(batch.kept.column(name).to_pylist() for name in columns), strict=True)
    return [_label(document, pattern) for document in map(batch.documents.__getitem__, range(len(batch.documents)))]


def _label(document: str | bytes | None, pattern: re.Pattern[str]) -> str | None:
    """The first match, or the first group of the regular expression. None without a match."""
    text = document.decode("utf-8", "replace") if isinstance(document, bytes) else document or ""
    found = pattern.search(text)
    return None if found is None else found[1 if pattern.groups else 0]
