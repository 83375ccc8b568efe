"""The figures that are no races: of countgrid alone, each against itself or against a bound.

    containers   the same column in every container, beside the Arrow one
    workers      two workers beside one
    plans        how long terms take to become a plan, and a call on one short document
    memory       what a count needs above its input and its result

A figure is a function of `rounds` and `quick` that gives a table: a name, a title, columns and rows of text.
"""

from collections.abc import Callable
from typing import Any

from containers import containers
from memory import memory
from plans import plans
from workers import workers

FIGURES: dict[str, Callable[[int, bool], dict[str, Any]]] = {
    "containers": containers,
    "workers": workers,
    "plans": plans,
    "memory": memory,
}
