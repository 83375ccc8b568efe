"""How a command ends early: with a one-line error, or by a signal."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

import click


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


def one_line(error: BaseException) -> str:
    """An exception as text without line ends."""
    if isinstance(error, OSError) and error.strerror:
        what = error.strerror
        if error.filename is not None:
            what = f"{click.format_filename(error.filename)}: {what}"
    elif isinstance(error, KeyError):  # its str is the argument's repr
        what = " ".join(str(argument) for argument in error.args)
    else:
        what = str(error)
    what = " ".join(what.split())
    expected = (OSError, ValueError, TypeError, KeyError, OverflowError, ImportError)
    if not what or not isinstance(error, expected):
        what = f"{type(error).__name__}: {what}" if what else type(error).__name__
    return what if len(what) <= 500 else what[:500] + "..."


def as_typed(name: str, value: Any = None, others: Mapping[str, str] | None = None) -> str:
    """A Python option as it is typed here: ``--match word`` for ``match="word"``. ``others`` maps different names."""
    typed = (others or {}).get(name) or f"--{name.replace('_', '-')}"
    return (
        typed if value is None or value is True or name == "on_unsupported" else f"{typed} {shlex.quote(str(value))}"
    )


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
