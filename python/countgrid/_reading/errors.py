"""Errors of reading. They name the file, and the row if there is one.

Messages name options with `option`, so that they are spelled as users of Python or of the command pass them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from countgrid._errors import about

_EXPECTED = (OSError, ValueError, TypeError, KeyError, OverflowError, ImportError)


class UnusableOptionError(ValueError):
    """An option that does not apply to an input."""


def readable(path: str) -> str:
    """A path for messages: without bytes that are not UTF-8."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def one_line(error: BaseException) -> str:
    """An exception as text without line ends."""
    if isinstance(error, OSError) and error.strerror:
        what = error.strerror
        if error.filename is not None:
            what = f"{readable(str(error.filename))}: {what}"
    elif isinstance(error, KeyError):  # its str is the argument's repr
        what = " ".join(str(argument) for argument in error.args)
    else:
        what = str(error)
        if hasattr(error, "invalid"):  # a list of terms
            what = what.replace(":\n", ": ", 1).replace("\n", "; ")
    what = " ".join(what.split())
    if not what or not isinstance(error, _EXPECTED):
        what = f"{type(error).__name__}: {what}" if what else type(error).__name__
    return what if len(what) <= 500 else what[:500] + "..."


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Make errors in the block name this file. They are OSError with its name, MemoryError, or ValueError."""
    try:
        yield
    except UnusableOptionError:
        raise
    except OSError as error:
        if error.strerror is None:
            raise OSError(f"{name}: {one_line(error)}") from error
        raise OSError(error.errno, " ".join(error.strerror.split()), name) from error
    except MemoryError as error:
        raise MemoryError(f"{name}: {' '.join(str(error).split()) or 'not enough memory'}") from error
    except Exception as error:
        # Errors about a file's content already name it.
        at = "" if hasattr(error, "path") else f"{name}: "
        raise about(ValueError(f"{at}{one_line(error)}"), path=name) from error
