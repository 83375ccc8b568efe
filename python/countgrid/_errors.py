"""Exceptions that code can read.

Attributes say what an exception is about, so that nobody has to parse its text. The core's exceptions get theirs in
`src/bindings/errors.rs`. What they are called is said in docs/inputs-and-results.md.

Messages name options by `option`, so that these are spelled as users of Python, or of the command, pass them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias, TypeVar

AnyError = TypeVar("AnyError", bound=BaseException)

#: How an option with this name and value, or without a value, is spelled.
Spelling: TypeAlias = Callable[[str, Any], str]


def about(error: AnyError, **attributes: Any) -> AnyError:
    """The exception with further attributes."""
    for name, value in attributes.items():
        setattr(error, name, value)
    return error


def _in_python(name: str, value: Any) -> str:
    return f"{name}=" if value is None else f"{name}={value!r}"


def within(where: str, error: AnyError) -> AnyError:
    """The exception with the place that it is about, in its text."""
    return about(type(error)(f"{where}: {error}"), **vars(error))


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Exceptions within are about the content of this file."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or path
        raise
    except ValueError as error:
        about(error, path=path)
        raise


_spelling: ContextVar[Spelling] = ContextVar("_spelling", default=_in_python)


def option(name: str, value: Any = None) -> str:
    """An option as it is passed."""
    return _spelling.get()(name, value)


@contextmanager
def spelled(spelling: Spelling) -> Iterator[None]:
    """Messages of exceptions that are made within spell options like this."""
    token = _spelling.set(spelling)
    try:
        yield
    finally:
        _spelling.reset(token)
