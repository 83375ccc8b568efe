"""Times the pandas idioms of docs/pandas.md and their countgrid versions on a column of docstrings.

    python benchmarks/idioms.py [--rounds N] [--quick]

The functions are those of the page. Both of a pair must return the same result, except for a difference in rules that
the pair names. Then they take turns. Prints the page's table. Slow idioms get every n-th row, and the table
extrapolates to all rows. countgrid gets all rows.

Read next: `timing.py` (turns), `texts.py` (the column).
"""

import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import record
import texts
import timing
from pairs import start
from terms import common

PAGE = Path(__file__).resolve().parent.parent / "docs" / "pandas.md"


@dataclass(frozen=True)
class Pair:
    """An idiom of the page and its countgrid version. `terms` names the terms that both get."""

    title: str
    idiom: str
    ours: str
    terms: str = "20 words"
    step: int = 1
    #: Why some cells may differ.
    rule: str = ""


PAIRS = [
    Pair("`str.count` in a loop", "loop_of_count", "count_anywhere"),
    Pair(
        r"`str.count` with `\b`, in a loop", "loop_of_words", "count_words", step=10, rule="Python's word characters"
    ),
    Pair("a sum of `count` in `apply`", "sum_in_apply", "count_together"),
    Pair("`str.contains` of an alternation", "contains_any", "has_any", "20 rarer words"),
    Pair("`findall`, `explode`, `value_counts`", "findall_value_counts", "total_words"),
    Pair(
        "`findall`, `explode`, `value_counts` of all words",
        "most_frequent",
        "frequent_words",
        "the 100 most frequent",
        rule="Python's word characters",
    ),
    Pair("`split`, `explode`, `isin`, `crosstab`", "split_crosstab", "count_tokens", step=10),
    Pair("`get_dummies`", "dummies", "has_each", step=100),
    Pair("`Counter` in `apply`", "counter_in_apply", "count_ignoring_case", step=5, rule="lower case"),
    Pair(
        "`Counter` in `apply`", "counter_in_apply", "count_ignoring_case", "1,000 words", step=10, rule="lower case"
    ),
    Pair(
        "scores by category in `apply`",
        "scores_in_apply",
        "scores",
        "10 categories of 100 words",
        step=20,
        rule="lower case",
    ),
]


def main() -> None:
    text, rounds = start("Time the idioms of docs/pandas.md, compared with countgrid.", rounds=5)
    functions = functions_of(PAGE)
    given = terms_of(text)
    print("/n: timed on every n-th row\n")
    print("| idiom | terms | idiom, s | countgrid, s | countgrid is |")
    print("| --- | --- | ---: | ---: | ---: |")
    for pair in PAIRS:
        print(measured(pair, functions, text, given[pair.terms], rounds), flush=True)


def functions_of(page: Path) -> dict[str, Callable[..., Any]]:
    """Everything that the code of the page defines."""
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        exec(compile(block, page, "exec"), names)
    return names


def terms_of(text: texts.Text) -> dict[str, Any]:
    """Words of the text in lower case, since some idioms find only these."""
    lowered = texts.Text(text.name, [document.lower() for document in text.documents], text.note)
    ranked = common(1, 1_000)(lowered)
    return {
        "20 words": ranked[:20],
        "the 100 most frequent": 100,
        "20 rarer words": ranked[-20:],
        "1,000 words": ranked,
        "10 categories of 100 words": {f"category {i}": ranked[i::10] for i in range(10)},
    }


def measured(pair: Pair, functions: dict[str, Callable[..., Any]], text: texts.Text, given: Any, rounds: int) -> str:
    """A row of the table."""
    whole = pd.DataFrame({"text": text.documents})
    part = whole if pair.step == 1 else whole[:: pair.step].reset_index(drop=True)
    idiom, ours = functions[pair.idiom], functions[pair.ours]
    wrong = differing(idiom(part, given), ours(part, given))
    if wrong > (timing.TOLERATED if pair.rule else 0):
        raise SystemExit(f"{pair.idiom} and {pair.ours} differ in {record.percent(wrong)} of the cells with counts")
    seconds = timing.turns({"idiom": partial(idiom, part, given), "ours": partial(ours, whole, given)}, rounds)
    share = len(part) / len(whole)
    ratio = record.faster(timing.ratio(seconds["idiom"], seconds["ours"], share))
    theirs, own = (statistics.median(times) for times in seconds.values())
    title = pair.title + (f" /{pair.step}" if pair.step > 1 else "")
    notes = f" ({record.percent(wrong)} of the counts differ: {pair.rule})" if wrong else ""
    return f"| {title}{notes} | {pair.terms} | {theirs / share:,.2f} | {own:.3f} | {ratio} |"


def differing(theirs: pd.DataFrame | pd.Series, ours: pd.DataFrame | pd.Series) -> float:
    """The share of cells that differ, among the cells that are not zero in both."""
    assert theirs.index.tolist() == ours.index.tolist()
    a, b = (result.to_numpy(dtype=float, na_value=np.nan) for result in (theirs, ours))
    return float((a != b).sum() / max(1, ((a != 0) | (b != 0)).sum()))


if __name__ == "__main__":
    main()
