r"""Times the jobs for which docs/performance.md recommends other tools: the other tool and countgrid, in turns.

    python benchmarks/elsewhere.py [--rounds N] [--quick]

Both must first return the same number, the sum of all counts. Prints the page's table.

Read next: `timing.py` (turns), `texts.py` (the column), `idioms.py` (the same for pandas' idioms).
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

import countgrid as cg
import countgrid.polars
import hyperscan
import polars as pl
import record
import texts
import timing
from pairs import start
from terms import common

SHORT = "It was the best of times, it was the worst of times, it was the age of wisdom."


@dataclass(frozen=True)
class Pair:
    """Two ways to do a job. Each returns the sum of the counts."""

    job: str
    tool: str
    theirs: Callable[[], int]
    ours: Callable[[], int]


def jobs(text: texts.Text) -> list[Pair]:
    column = pl.Series("text", text.documents)
    ranked = common(1, 300)(text)
    few = text.documents[:20_000]

    def changing() -> int:
        return sum(document.count(ranked[i % 300]) for i, document in enumerate(few))

    def changing_plans() -> int:
        return sum(
            int(cg.count([document], [ranked[i % 300]], match="substring").sum()) for i, document in enumerate(few)
        )

    the = cg.TermCounter(["the"], match="substring")
    calls = range(20_000)
    return [
        Pair(
            "`the` in one short text, 20,000 times",
            "`str.count`",
            lambda: sum(SHORT.count("the") for _ in calls),
            lambda: sum(int(the.count([SHORT]).sum()) for _ in calls),
        ),
        Pair("another term for each of 20,000 documents", "`str.count`", changing, changing_plans),
        *(many_expressions(text, ranked, number) for number in (80, 1000)),
        *(one_expression(column, expression) for expression in (r"[a-z]+ing", r"zebra[a-z]+")),
        *(is_there(column, word) for word in ("the", "zebra")),
    ]


def many_expressions(text: texts.Text, ranked: list[str], number: int) -> Pair:
    """Hyperscan reports every possible end of a match. These expressions have only one."""
    words = [word for word in ranked if word.isascii() and word.isalpha()]
    word = [words[i % len(words)] for i in range(2 * number + 2)]
    expressions = [rf"{word[i]} (?:of|in|to|{word[2 * i + 1]}) {word[2 * i + 2][0]}" for i in range(number)]
    data = "\n".join(text.documents).encode()
    database = hyperscan.Database()
    encoded = [expression.encode() for expression in expressions]
    database.compile(expressions=encoded, ids=list(range(number)), flags=0)
    counter = cg.TermCounter(expressions, syntax="regex", match="substring")
    documents = cg.Documents(pl.Series(text.documents))

    def scan() -> int:
        found = [0]

        def matched(*_: object) -> None:
            found[0] += 1

        database.scan(data, match_event_handler=matched)
        return found[0]

    return Pair(
        f"{number:,} regular expressions",
        "Hyperscan, one core",
        scan,
        lambda: int(counter.totals(documents).counts.sum()),
    )


def one_expression(column: pl.Series, expression: str) -> Pair:
    counter = cg.TermCounter([expression], syntax="regex", match="substring")
    return Pair(
        f"the regular expression `{expression}`",
        "polars `str.count_matches`",
        lambda: int(column.str.count_matches(expression).sum()),
        lambda: int(counter.count(column).sum()),
    )


def is_there(column: pl.Series, word: str) -> Pair:
    counter = cg.TermCounter([word], match="substring")
    return Pair(
        f"whether `{word}` is there",
        "polars `str.contains`",
        lambda: int(column.str.contains(word, literal=True).sum()),
        lambda: int(counter.count(column, dtype=bool).sum()),
    )


def main() -> None:
    text, rounds = start("Time jobs that other tools do faster.", rounds=7)
    print("| job | other tool | its ms | countgrid, ms | other tool |")
    print("| --- | --- | ---: | ---: | ---: |")
    for pair in jobs(text):
        theirs, ours = pair.theirs(), pair.ours()
        if theirs != ours:
            raise SystemExit(f"{pair.job}: {pair.tool} finds {theirs}, countgrid {ours}")
        seconds = timing.turns({"theirs": pair.theirs, "ours": pair.ours}, rounds)
        their, own = (1000 * statistics.median(times) for times in seconds.values())
        ratio = record.faster(timing.ratio(seconds["ours"], seconds["theirs"]))
        print(f"| {pair.job} | {pair.tool} | {their:,.1f} | {own:,.1f} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
