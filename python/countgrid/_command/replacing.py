"""Files that are whole or not there: what is written stands under its name when all of it is on the disk."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

import click

from countgrid._command.ending import naming


@contextmanager
def written(path: str | None) -> Iterator[BinaryIO]:
    """A file to write to: a new one that takes the path's place at the end, or standard output (None).

    After an exception the new file is removed, and what stood there before still does. Pipes and devices are written
    to as they are.
    """
    if path is None:
        with naming("standard output"):
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        return
    with naming(click.format_filename(path)):
        # Of a link, the file that it leads to is replaced; but what stands for an open file is that file itself.
        is_open = os.path.abspath(path).startswith(("/dev/", "/proc/"))
        path = os.path.realpath(path)
        try:
            mode: int | None = os.stat(path).st_mode
        except FileNotFoundError:
            mode = None
        if is_open or (mode is not None and not stat.S_ISREG(mode)):
            with open(path, "wb") as file:
                yield file
            return
        folder, name = os.path.split(path)
        temporary = os.path.join(folder, f".{name[:200]}.{secrets.token_hex(4)}.part")
        try:
            with open(temporary, "xb") as file:
                if mode is not None:
                    os.chmod(temporary, stat.S_IMODE(mode))
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
