"""How a command ends early: with a one-line error, or by a signal."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

import click

from countgrid._reading.errors import UnusableOptionError, one_line


class Failure(click.ClickException):
    """A fault in the files or their content. The message says what is wrong, where, and what was expected."""

    exit_code = 1

    def show(self, file: object = None) -> None:
        click.echo(f"countgrid: {self.message}", err=True)


class Ended(BaseException):
    """A signal arrived, or the output pipe was closed. A BaseException, so that only cleanup code sees it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


#: Options of reading with different names here.
_OF_READING = {"input_format": "--format", "header": "--no-header"}


def as_typed(name: str, value: Any = None, others: Mapping[str, str] | None = None) -> str:
    """A Python option as it is typed here: ``--match word`` for ``match="word"``. ``others`` maps different names."""
    typed = (others or _OF_READING).get(name) or f"--{name.replace('_', '-')}"
    if value is None or value is True or name == "on_unsupported":
        return typed
    text = str(value).replace("\t", "\\t")
    return f"{typed} '{text}'" if name == "delimiter" else f"{typed} {shlex.quote(text)}"


@contextmanager
def as_failures() -> Iterator[None]:
    """Turn errors of reading, which name the file, into failures."""
    try:
        yield
    except UnusableOptionError as error:
        raise click.UsageError(str(error)) from error
    except (Failure, click.UsageError):
        raise
    except Exception as error:
        raise Failure(one_line(error)) from error


@contextmanager
def resumable() -> Iterator[None]:
    """Say how to continue if a signal ends the block."""
    try:
        yield
    except Ended:
        with suppress(OSError):  # the terminal may be closed
            click.echo("countgrid: interrupted; run the same command with --resume to continue", err=True)
        raise


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Make errors in the block name this file."""
    try:
        yield
    except BrokenPipeError:
        raise Ended(_SIGPIPE) from None
    except (Failure, click.UsageError):
        raise
    except OSError as error:
        raise Failure(f"{name}: {' '.join((error.strerror or str(error)).split())}") from error
    except Exception as error:
        # Errors about a file's content already name it.
        at = "" if hasattr(error, "path") else f"{name}: "
        raise Failure(f"{at}{one_line(error)}") from error


#: Windows has no SIGPIPE. A closed pipe is still reported with its usual number.
_SIGPIPE = int(getattr(signal, "SIGPIPE", 13))


def raise_on_signals() -> None:
    """Make SIGINT, SIGTERM and SIGHUP unwind the stack, so that no temporary file stays."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # A signal that the parent ignores (nohup) stays ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _raise)


def _raise(number: int, frame: FrameType | None) -> NoReturn:
    # A second signal must not interrupt the cleanup.
    signal.signal(number, signal.SIG_IGN)
    raise Ended(number)


def end_by(number: int) -> NoReturn:
    """End as if the signal were not handled, so that shells and scripts notice it."""
    if os.name == "posix":
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    sys.exit(128 + number)
