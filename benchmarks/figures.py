"""Figures that are not times of several libraries.

    containers   the same column in every container, compared with an Arrow column
    workers      two workers compared with one
    plans        how long it takes to compile terms, and to count one short document
    memory       the memory of a count in addition to its input and its result

One figure has a comparison:

    learning-memory   the memory of learning a vocabulary, countgrid's and scikit-learn's

A figure is a function of `rounds` and `quick`. It returns a table: a name, a title, columns and rows of text.
"""

from collections.abc import Callable
from typing import Any

from containers import containers
from learning_memory import learning_memory
from memory import memory
from plans import plans
from workers import workers

FIGURES: dict[str, Callable[[int, bool], dict[str, Any]]] = {
    "containers": containers,
    "workers": workers,
    "plans": plans,
    "memory": memory,
    "learning-memory": learning_memory,
}
