"""Runs the command in a process. Errors become one line on standard error and an exit code."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import NoReturn

import click

from countgrid._command.commands import countgrid
from countgrid._command.ending import Ended, Failure, end_by, raise_on_signals
from countgrid._reading.errors import one_line


def run() -> NoReturn:
    raise_on_signals()
    raw = getattr(sys.stdout, "buffer", None)
    if isinstance(raw, io.RawIOBase):
        # PYTHONUNBUFFERED: a write can be incomplete, for example on a full disk, and nothing says so.
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(raw), encoding=sys.stdout.encoding)
    # Characters that the terminal's encoding lacks are printed as escapes.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    code = 0
    try:
        # click returns the exit code of `--help` and the like.
        code = countgrid.main(prog_name="countgrid", standalone_mode=False) or 0
    except Ended as ended:
        end_by(ended.number)
    except click.UsageError as error:
        more = f"; see {error.ctx.command_path} --help" if error.ctx else ""
        Failure(" ".join(error.format_message().split()).rstrip(".") + more).show()
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except Exception as error:
        Failure(one_line(error)).show()
        code = 1
    # Not `sys.exit`: the reading thread may be waiting for standard input, which can crash Python's shutdown.
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError):
            stream.flush()
    os._exit(code)
