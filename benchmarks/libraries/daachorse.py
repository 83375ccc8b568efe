"""daachorse: a double-array Aho-Corasick automaton, over bytes."""

import daachorse

from .automata import Matches, by_bytes, rows, written
from .question import Bind, Engine, Question


def build(question: Question) -> Bind:
    automaton = daachorse.DoubleArrayAhoCorasick([term.encode() for term in written(question)])

    def find(data: bytes) -> Matches:
        return rows(automaton.find_overlapping(data), 3)[:, [2, 0, 1]]

    return by_bytes(question, find)


ENGINES = [Engine("daachorse", "daachorse", build, "terms overlap themselves, lower case is not case folding")]
