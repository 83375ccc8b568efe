"""Exceptions with attributes.

The attributes say what an exception is about, so that code need not parse its text. docs/inputs-and-results.md lists
them. The core's exceptions get theirs in `src/bindings/errors.rs`.

Messages name options with `option`, which spells them as Python users or users of the command pass them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias, TypeVar

AnyError = TypeVar("AnyError", bound=BaseException)

#: Spells an option with this name and value. The value None means any.
Spelling: TypeAlias = Callable[[str, Any], str]


def about(error: AnyError, **attributes: Any) -> AnyError:
    """Add attributes to an exception."""
    for name, value in attributes.items():
        setattr(error, name, value)
    return error


def _in_python(name: str, value: Any) -> str:
    return f"{name}=" if value is None else f"{name}={value!r}"


def within(where: str, error: AnyError) -> AnyError:
    """The exception with a place added to its text."""
    return about(type(error)(f"{where}: {error}"), **vars(error))


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Add the path of this file to exceptions raised in the block."""
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
    """An option as the user passes it."""
    return _spelling.get()(name, value)


@contextmanager
def spelled(spelling: Spelling) -> Iterator[None]:
    """Set how messages created in the block spell options."""
    token = _spelling.set(spelling)
    try:
        yield
    finally:
        _spelling.reset(token)
