"""Two workers compared with one: for each workload, and for one document of 100 MB among short ones."""

import statistics
from collections.abc import Iterator
from functools import partial
from typing import Any

import countgrid as cg
import terms
import texts
import timing
from libraries.question import Question
from scipy import sparse
from sources import UnavailableError
from texts import Text
from workloads import WORKLOADS


def workers(rounds: int, quick: bool) -> dict[str, Any]:
    rows = [_measured(name, question, text, rounds) for name, question, text in _cases(quick)]
    return {
        "name": "workers",
        "title": "two workers compared with one",
        "columns": ["workload", "1 worker, ms", "2 workers, ms", "speedup"],
        "rows": rows,
    }


def _cases(quick: bool) -> Iterator[tuple[str, Question, Text]]:
    for workload in WORKLOADS:
        try:
            text = workload.text(quick)
            yield workload.name, workload.question(text), text
        except UnavailableError:
            continue
    text = _one_long(quick)
    words, substrings = terms.common(1, 100)(texts.medium(quick)), terms.TEN
    yield "one long document, 100 words", Question(tuple(words), "word", False), text
    yield "one long document, 10 substrings", Question(tuple(substrings), "substring", False), text


def _one_long(quick: bool) -> Text:
    """A document of 100 MB among short ones."""
    files = texts.long(quick).documents
    size = 1_000_000 if quick else 100_000_000
    long = "\n".join(files * (size // sum(map(len, files)) + 1))[:size]
    around = texts.medium(quick).documents[:5000]
    return Text("one long", [*around, long, *around], "one long document among short ones")


def _measured(name: str, question: Question, text: Text, rounds: int) -> list[str]:
    counter = cg.TermCounter(question.terms, match=question.match, ignore_case=question.ignore_case)
    runs = {
        str(count): partial(counter.count, text.column, sparse=question.sparse, workers=count) for count in (1, 2)
    }
    one, two = (sparse.csr_array(run()) for run in runs.values())
    if (one != two).nnz:
        raise SystemExit(f"the counts of {name} differ between one worker and two")
    seconds = timing.turns(runs, rounds)
    medians = [f"{statistics.median(times) * 1e3:,.1f}" for times in seconds.values()]
    return [name, *medians, f"{timing.ratio(seconds['1'], seconds['2']):.2f}"]
