"""Runs an engine in its own process, so that it can take turns with the engines in this process.

For engines that install their own allocator or signal handlers. The time ends when the process reports that the
result is ready. Fetching the result is not timed.
"""

import multiprocessing
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from libraries import ENGINES
from libraries.question import Bind, Question, Run, matrix
from texts import Text


def build(name: str, question: Question) -> Bind:
    """As `ENGINES[name].build(question)`, in a daemon process."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, name, question), daemon=True)
    process.start()
    there.close()

    def bind(text: Text) -> Run:
        _ask(here, name, text)
        return Remote(here, name)

    return bind


class Remote:
    def __init__(self, connection: Connection, name: str) -> None:
        self.connection, self.name = connection, name

    def __call__(self) -> Callable[[], Any]:
        """Run the engine. Returns a function that fetches the count matrix."""
        _ask(self.connection, self.name, "run")
        return lambda: _ask(self.connection, self.name, "matrix")

    def close(self) -> None:
        """End the process."""
        self.connection.close()


def _ask(connection: Connection, name: str, request: Any) -> Any:
    try:
        connection.send(request)
        good, answer = connection.recv()
    except (EOFError, OSError) as error:
        raise RuntimeError(f"{name}: its process ended") from error
    if not good:
        raise RuntimeError(f"{name}:\n{answer}")
    return answer


def _serve(connection: Connection, name: str, question: Question) -> None:
    bind = run = text = result = None
    while True:
        try:
            request = connection.recv()
        except EOFError:
            return
        try:
            answer = None
            if isinstance(request, Text):
                text, bind = request, bind or ENGINES[name].build(question)
                run = bind(text)
            elif request == "run" and run:
                result = None
                result = run()
            elif text:
                answer = matrix(question, text, result)
            connection.send((True, answer))
        except Exception:
            connection.send((False, traceback.format_exc()))
