"""How a command ends early: by an error that is told on one line, or by a signal."""

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
    """Something is wrong with the files or what is in them; the message says what, where, and what was expected."""

    exit_code = 1

    def show(self, file: object = None) -> None:
        click.echo(f"countgrid: {self.message}", err=True)


class Ended(BaseException):
    """A signal came, or nobody reads what we write; no error, so nothing but cleaning up may catch it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def one_line(error: BaseException) -> str:
    """An exception as text without line ends."""
    if isinstance(error, OSError) and error.strerror:
        what = error.strerror
        if error.filename is not None:
            what = f"{click.format_filename(error.filename)}: {what}"
    elif isinstance(error, KeyError):  # whose text is its argument's repr
        what = " ".join(str(argument) for argument in error.args)
    else:
        what = str(error)
    what = " ".join(what.split())
    expected = (OSError, ValueError, TypeError, KeyError, OverflowError, ImportError)
    if not what or not isinstance(error, expected):
        what = f"{type(error).__name__}: {what}" if what else type(error).__name__
    return what if len(what) <= 500 else what[:500] + "..."


def as_typed(name: str, value: Any = None, others: Mapping[str, str] | None = None) -> str:
    """An option of Python as it is typed here: ``match="word"`` as ``--match word``. ``others`` have other names."""
    typed = (others or {}).get(name) or f"--{name.replace('_', '-')}"
    return (
        typed if value is None or value is True or name == "on_unsupported" else f"{typed} {shlex.quote(str(value))}"
    )


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Errors within are about this file."""
    try:
        yield
    except BrokenPipeError:
        raise Ended(_SIGPIPE) from None
    except (Failure, click.UsageError):
        raise
    except OSError as error:
        raise Failure(f"{name}: {' '.join((error.strerror or str(error)).split())}") from error
    except Exception as error:
        # What is about the content of a file names it.
        at = "" if hasattr(error, "path") else f"{name}: "
        raise Failure(f"{at}{one_line(error)}") from error


#: Where there is no such signal, its number is still what a closed pipe is told by.
_SIGPIPE = int(getattr(signal, "SIGPIPE", 13))


def raise_on_signals() -> None:
    """Let Ctrl-C, and being asked to end, unwind the stack, so that no temporary file stays."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # A signal that whoever started us wants ignored (nohup) stays so.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _raise)


def _raise(number: int, frame: FrameType | None) -> NoReturn:
    # Once is enough: a second one would cut the cleaning short.
    signal.signal(number, signal.SIG_IGN)
    raise Ended(number)


def end_by(number: int) -> NoReturn:
    """End as a process does that leaves the signal alone, so that shells and loops around it notice."""
    if os.name == "posix":
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    sys.exit(128 + number)
