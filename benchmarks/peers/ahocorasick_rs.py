"""ahocorasick_rs: the aho-corasick crate, over bytes, as the DFA where that has room and as what it chooses else."""

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
