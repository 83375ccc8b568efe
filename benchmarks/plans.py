"""How long it takes to compile terms, and to count one short document.

The time of a plan includes a count of one empty document, since some parts are built at the first count.
"""

import statistics
import timeit
from collections.abc import Callable
from functools import partial
from typing import Any

import countgrid as cg
import pyarrow as pa
import terms
import texts
import timing
from sources import UnavailableError

DOCUMENT = "The quick brown fox jumps over the lazy dog, twice"


def plans(rounds: int, quick: bool) -> dict[str, Any]:
    text = texts.medium(quick)
    chosen: dict[str, tuple[Callable[[texts.Text], list[str]], dict[str, Any]]] = {
        "10,000 words": (terms.common(1, 10_000), {}),
        "10,000 words, ignore_case": (terms.common(1, 10_000), {"ignore_case": True}),
        "5,000 phrases and 5,000 words": (terms.phrases_and_words(5_000, 5_000), {}),
        "10,000 substrings": (terms.pieces(1, 10_000, 8), {"match": "substring"}),
        "a dictionary of 286,000 words": (terms.dictionary, {}),
    }
    rows = []
    for name, (choose, options) in chosen.items():
        try:
            given = choose(text)
        except UnavailableError:
            continue
        seconds = timing.turns({"plan": partial(_plan, given, options)}, rounds)["plan"]
        rows.append([f"plan of {name}", f"{statistics.median(seconds) * 1e3:,.1f} ms"])
    counter = cg.TermCounter(terms.common(1, 10)(text))
    for name, documents in {"a list": [DOCUMENT], "an Arrow array": pa.array([DOCUMENT])}.items():
        rows.append([f"one call, 10 terms, {name} of one document of 50 bytes", _microseconds(counter, documents)])
    return {
        "name": "plans",
        "title": "plans, and calls on one short document",
        "columns": ["what", "time"],
        "rows": rows,
    }


def _plan(given: list[str], options: dict[str, Any]) -> None:
    cg.TermCounter(given, **options).count([""], sparse=True)


def _microseconds(counter: cg.TermCounter, documents: Any) -> str:
    calls = 1_000
    times = timeit.repeat(lambda: counter.count(documents), number=calls, repeat=9)
    return f"{statistics.median(times) / calls * 1e6:,.1f} us"
