r"""Hyperscan: one database of regular expressions with a callback for each match, on one core.

Its `\b` knows only ASCII, and is left out next to punctuation. It reports every end of an
expression's match.
"""

import re

import hyperscan
import numpy as np

from .automata import Matches, by_bytes, rows
from .question import Bind, Engine, Question


def build(question: Question) -> Bind:
    flags = hyperscan.HS_FLAG_CASELESS if question.ignore_case else 0
    if question.match == "regex":
        # Documents are joined by line feeds.
        flags |= hyperscan.HS_FLAG_MULTILINE
    database = hyperscan.Database()
    database.compile(
        expressions=[_expression(question, term) for term in question.terms],
        ids=list(range(len(question.terms))),
        flags=[flags] * len(question.terms),
    )
    # Only the ends of matches of regular expressions are known.
    lengths = np.array([1 if question.match == "regex" else len(term.encode()) for term in question.terms])

    def find(data: bytes) -> Matches:
        found: list[tuple[int, int]] = []
        add = found.append

        def matched(term: int, start: int, end: int, flags: int, context: object) -> None:
            add((term, end))

        database.scan(data, match_event_handler=matched)
        column, end = rows(found, 2).T
        return np.column_stack([column, end - lengths[column], end])

    return by_bytes(question, find, checked=False)


def _expression(question: Question, term: str) -> bytes:
    if question.match == "regex":
        return term.encode()
    written = "".join(rf"\x{byte:02x}" for byte in term.encode())
    if question.match == "substring":
        return written.encode()
    before, after = (r"\b" if re.match(r"\w", end) else "" for end in (term[0], term[-1]))
    return f"{before}{written}{after}".encode()


RULE = r"\b of ASCII, none next to punctuation; terms overlap themselves; every end of a match of an expression"
ENGINES = [Engine("Hyperscan", "Hyperscan", build, RULE)]
