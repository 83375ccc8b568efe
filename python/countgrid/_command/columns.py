"""The names of the output's columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from countgrid import TermCounter
from countgrid._command.ending import Failure


def named_columns(counter: TermCounter, prefix: str, names: Sequence[str], options: dict[str, Any]) -> list[str]:
    from countgrid._columns import named

    # Terms and categories read from a file are its content, not the command line's.
    invalid = click.UsageError if options["file"] is None or names else Failure
    try:
        columns = named(counter, prefix, names or None)
    except ValueError as error:
        same = getattr(error, "columns", None)
        if same is None:
            what = f"--name gives {len(names)} names; expected one for each of {len(counter.columns)} columns"
            raise click.UsageError(what) from error
        name = prefix + (names or counter.columns)[same[0]]
        what = f"columns {same[0]} and {same[1]} would both be named {name!r}"
        raise invalid(
            f"{what}; {'pass another --name' if names else 'remove a term, or pass --name for each'}"
        ) from error
    for name in [prefix, *names]:
        if _has_surrogates(name):
            raise click.UsageError(f"the name {name!a} is not valid UTF-8; type it in UTF-8")
    for name in columns:
        if _has_surrogates(name):
            raise Failure(f"the name {name!a} cannot be written as UTF-8; pass --name")
    return columns


def _has_surrogates(name: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in name)


def check_distinct(columns: Sequence[str], options: dict[str, Any]) -> None:
    """Raise if two columns of the output would have the same name."""
    invalid = click.UsageError if options["file"] is None else Failure
    for name in dict.fromkeys(columns):
        if columns.count(name) > 1:
            raise invalid(f"two columns would be named {name!r}; pass --prefix or --name, or keep another column")
