"""pyahocorasick: an automaton over `str`, whose iterator returns all matches, also overlapping ones."""

import ahocorasick
import numpy as np

from .automata import Matches, by_characters, rows, written
from .question import Bind, Engine, Question


def build(question: Question) -> Bind:
    lengths = np.array([len(term) for term in question.terms])
    automaton = ahocorasick.Automaton()
    for column, term in enumerate(written(question)):
        automaton.add_word(term, column)
    automaton.make_automaton()

    def find(text: str) -> Matches:
        last, column = rows(automaton.iter(text), 2).T
        return np.column_stack([column, last + 1 - lengths[column], last + 1])

    return by_characters(question, find)


ENGINES = [
    Engine("pyahocorasick", "pyahocorasick", build, "terms overlap themselves, lower case is not case folding")
]
