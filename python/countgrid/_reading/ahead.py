"""Reads ahead: a thread makes the next item while the previous one is used.

Decoding a file uses one core, counting uses all. If one waits for the other, cores are idle. With two cores, this
saves 5 to 20 percent of a command's time.
"""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Generator, Iterable
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterable[Item]) -> Generator[Item]:
    """Yield the items. At most two are made ahead. An exception is raised in its place in the order."""
    made: queue.Queue[tuple[Item] | BaseException | None] = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def put(something: tuple[Item] | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                made.put(something, timeout=0.05)
            except queue.Full:
                continue
            break

    def make() -> None:
        try:
            for item in items:
                put((item,))
                if stopped.is_set():
                    return
            put(None)
        except BaseException as error:
            put(error)

    # A daemon: it may wait for standard input, and must not keep the process from exiting.
    # It runs in the caller's context, which says how messages spell options.
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=[make], name="countgrid-reading", daemon=True).start()
    try:
        while (got := made.get()) is not None:
            if isinstance(got, BaseException):
                raise got
            yield got[0]
    finally:
        stopped.set()
