"""Reading beside counting: the next item is made by a thread while the last one is used.

Decoding a file keeps one core busy, the counting all of them: one after the other leaves cores idle. With two cores a
command takes 5 to 20 per cent less time for it.
"""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The items, of which at most two are held that nobody has asked for yet. An exception comes in its place."""
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

    # A daemon: it may wait for standard input, which must not keep the process from ending.
    # It has the caller's context, which says how messages spell options.
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=[make], name="countgrid-reading", daemon=True).start()
    try:
        while (got := made.get()) is not None:
            if isinstance(got, BaseException):
                raise got
            yield got[0]
    finally:
        stopped.set()
