r"""Python's `re` and RE2, one regular expression after another, over documents joined by line feeds."""

import re
from collections.abc import Callable
from typing import Any

from .automata import Matches, by_bytes, rows
from .question import Bind, Engine, Question


def _build(question: Question, compiled: Callable[[bytes], Any]) -> Bind:
    expressions = [compiled(term.encode()) for term in question.terms]

    def find(data: bytes) -> Matches:
        found = ((j, *match.span()) for j, each in enumerate(expressions) for match in each.finditer(data))
        return rows(found, 3)

    return by_bytes(question, find)


RULE = r"`\d` and `\w` of ASCII"
ENGINES = [Engine("re per expression", "Python", lambda question: _build(question, re.compile), RULE)]
try:
    import re2

    ENGINES.append(Engine("RE2 per expression", "google-re2", lambda question: _build(question, re2.compile), RULE))
except ImportError:
    pass
