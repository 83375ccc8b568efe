"""Writes files atomically: to a temporary file that is renamed when it is complete and on disk."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

import click

from countgrid._command.ending import naming
from countgrid._command.standard import standard_output


def replaced(path: str) -> str | None:
    """The path that a new file replaces, with links resolved. It need not exist.

    None for pipes, devices, and paths in /dev and /proc that refer to open files.
    """
    if os.path.abspath(path).startswith(("/dev/", "/proc/")):
        return None
    place = os.path.realpath(path)
    return place if os.path.isfile(place) or not os.path.exists(place) else None


def check_apart(output: str | None, option: str, read: Iterable[tuple[str, str | None]]) -> None:
    """Raise if the output is one of the files to read: it would be overwritten, or read while it grows.

    ``read`` has a description and a path of each file; None is standard input. The output None is standard output.
    """
    target = _regular(1 if output is None else output)
    if target is None:
        return
    for what, path in read:
        found = _regular(0 if path is None else path)
        if found is None or not os.path.samestat(target, found):
            continue
        name = "standard input" if path is None else click.format_filename(path)
        if output is None:
            raise click.UsageError(f"standard output is the {what} {name}; write to another file")
        raise click.UsageError(
            f"{option} {click.format_filename(output)} would overwrite the {what} {name}; write to another file"
        )


def _regular(file: str | int) -> os.stat_result | None:
    """The identity of a regular file; None for pipes and devices, which cannot be overwritten."""
    try:
        found = os.stat(file)
    except OSError:  # opening the file will raise it again
        return None
    return found if stat.S_ISREG(found.st_mode) else None


@contextmanager
def written(path: str | None) -> Iterator[BinaryIO]:
    """A file to write to: a new file that replaces the path at the end, or standard output for None.

    After an exception the new file is deleted and an old one is unchanged. Pipes and devices are written to directly.
    """
    if path is None:
        with naming("standard output"):
            yield (output := standard_output())
            output.flush()
        return
    with naming(click.format_filename(path)):
        place = replaced(path)
        if place is None:
            with open(path, "wb") as file:
                yield file
            return
        folder, name = os.path.split(place)
        temporary = os.path.join(folder, f".{name[:200]}.{secrets.token_hex(4)}.part")
        try:
            with open(temporary, "xb") as file:
                with suppress(FileNotFoundError):
                    os.chmod(temporary, stat.S_IMODE(os.stat(place).st_mode))
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, place)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
