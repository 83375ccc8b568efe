"""pyahocorasick: an automaton over `str`, whose iterator gives all matches, overlapping ones too."""

import ahocorasick

from .automata import Matches, by_characters, written
from .question import Bind, Engine, Question


def build(question: Question) -> Bind:
    automaton = ahocorasick.Automaton()
    for column, term in enumerate(written(question)):
        automaton.add_word(term, (column, len(term)))
    automaton.make_automaton()

    def find(text: str) -> Matches:
        return ((column, last + 1 - length, last + 1) for last, (column, length) in automaton.iter(text))

    return by_characters(question, find)


ENGINES = [
    Engine("pyahocorasick", "pyahocorasick", build, "terms overlap themselves, lower case is not case folding")
]
