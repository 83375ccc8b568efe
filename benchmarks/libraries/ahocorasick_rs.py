"""ahocorasick_rs: the crate aho-corasick, over bytes. A DFA if it is small enough, otherwise the crate's choice."""

import ahocorasick_rs as ac

from .automata import Matches, by_bytes, rows, written
from .question import Bind, Engine, Question


def build(question: Question) -> Bind:
    terms = [term.encode() for term in written(question)]
    small = sum(map(len, terms)) < 200_000
    automaton = ac.BytesAhoCorasick(terms, implementation=ac.Implementation.DFA if small else None)

    def find(data: bytes) -> Matches:
        return rows(automaton.find_matches_as_indexes(data, overlapping=True), 3)

    return by_bytes(question, find)


ENGINES = [
    Engine("ahocorasick_rs", "ahocorasick_rs", build, "terms overlap themselves, lower case is not case folding")
]
