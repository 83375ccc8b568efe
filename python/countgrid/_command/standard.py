"""Standard output and standard error. They are None if the parent process closed them."""

from __future__ import annotations

import sys
from typing import BinaryIO, TextIO

import click

from countgrid._command.ending import Failure, naming


def standard_output() -> BinaryIO:
    if sys.stdout is None:
        raise Failure("standard output is closed")
    return sys.stdout.buffer


def is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def say(message: str) -> None:
    click.echo(f"countgrid: {message}", err=True)


def write(text: str, *, color: bool | None = None) -> None:
    with naming("standard output"):
        standard_output()
        click.echo(text, nl=False, color=color)
