"""The cost of each matching option: the same words counted with and without it, for 10, 1,000 and 10,000 terms.

    python benchmarks/options.py [--match word|substring|token] [--rounds N] [--workers N] [--quick]

The counts of every option are first compared with Python's `re` in some of the documents. Then all options take
turns. The table shows MB of text per second and, in brackets, the speed relative to the default (the median of the
rounds' ratios). The text is `texts.medium`; results are sparse.
"""

import argparse
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import countgrid as cg
import record
import texts
from terms import common

SIZES = (10, 1_000, 10_000)
#: The boundaries of a term and the matches of a wildcard, as expressions for `re`.
AROUND = {"word": (r"(?<!\w)", r"(?!\w)"), "token": (r"(?<!\S)", r"(?!\S)"), "substring": ("", "")}
ONE = {"word": r"\w", "token": r"\S", "substring": r"\w"}


def inner(word: str, wildcard: str, replaced: int) -> str:
    """Return the word with a wildcard in the middle, in place of so many letters."""
    half = len(word) // 2
    return word[:half] + wildcard + word[half + replaced :]


#: By option: how a word becomes a term, and the matching options.
OPTIONS: dict[str, tuple[Callable[[str], str], dict[str, Any]]] = {
    "default": (str, {}),
    'syntax="glob", no wildcard': (str, {"syntax": "glob"}),
    'syntax="glob", `word*`': (lambda word: f"{word}*", {"syntax": "glob"}),
    'syntax="glob", `*word`': (lambda word: f"*{word}", {"syntax": "glob"}),
    'syntax="glob", `wo*rd`': (lambda word: inner(word, "*", 0), {"syntax": "glob"}),
    'syntax="glob", `wo?d`': (lambda word: inner(word, "?", 1), {"syntax": "glob"}),
    'overlap="longest"': (str, {"overlap": "longest"}),
    'overlap="all"': (str, {"overlap": "all"}),
    "ignore_case": (str, {"ignore_case": True}),
    "strip_accents": (str, {"strip_accents": True}),
    "word_chars, two of ASCII": (str, {"word_chars": "\x01\x02"}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Time each matching option, compared with the default.")
    parser.add_argument("--match", choices=list(AROUND), default="word")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each option (default 7)")
    parser.add_argument("--workers", type=int, help="threads (default all cores)")
    parser.add_argument("--quick", action="store_true", help="little text: are the counts right?")
    options = parser.parse_args()

    text = texts.medium(options.quick)
    # Lower case, so that no two words differ only in case.
    text = texts.Text(text.name, [document.lower() for document in text.documents], text.note)
    names = [name for name, (_, given) in OPTIONS.items() if options.match == "word" or "word_chars" not in given]
    rounds = 1 if options.quick else options.rounds
    columns = [measure(text, common(1, size)(text), names, options.match, rounds, options.workers) for size in SIZES]
    print(record.heading(record.environment()))
    print(f"{len(text.documents):,} documents, {text.nbytes / 1e6:.1f} MB ({text.note}, {text.fingerprint})")
    print(f'match="{options.match}"\n')
    print("| option | " + " | ".join(f"{size:,} terms" for size in SIZES) + " |")
    print("| --- |" + " ---: |" * len(SIZES))
    for name in names:
        cells = [f"{rate:,.0f} ({share:.2f})" for rate, share in (column[name] for column in columns)]
        print(f"| {name} | " + " | ".join(cells) + " |")


def measure(
    text: texts.Text, words: list[str], names: list[str], match: str, rounds: int, workers: int | None
) -> dict[str, tuple[float, float]]:
    """By option: MB/s and the speed relative to the default."""
    counters = {}
    for name in names:
        write, given = OPTIONS[name]
        terms = [write(word) for word in words]
        counters[name] = cg.TermCounter(terms, match=match, **given)
        check(text.documents[:40], terms, counters[name], match, given)
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        for name, counter in counters.items():
            start = time.perf_counter()
            counter.count(text.column, sparse=True, workers=workers)
            times[name].append(time.perf_counter() - start)

    def share(name: str) -> float:
        return statistics.median(d / t for d, t in zip(times["default"], times[name], strict=True))

    return {name: (text.nbytes / statistics.median(times[name]) / 1e6, share(name)) for name in names}


def check(documents: list[str], terms: list[str], counter: cg.TermCounter, match: str, given: dict[str, Any]) -> None:
    """Compare the counts with those of `re`."""
    before, after = AROUND[match]
    wildcards = {r"\*": ONE[match] + "*", r"\?": ONE[match]}
    patterns = []
    for term in terms:
        pattern = re.escape(term)
        for wildcard, expression in wildcards.items():
            pattern = pattern.replace(wildcard, expression)
        patterns.append(before + pattern + after)
    if given.get("overlap") == "longest":
        # `re` chooses the first alternative that matches, so the longest come first.
        either = re.compile("|".join(sorted(patterns, key=len, reverse=True)))
        found = [Counter(either.findall(document)) for document in documents]
        expected = [[counts[term] for term in terms] for counts in found]
    else:
        each = [re.compile(f"(?={pattern})" if given.get("overlap") == "all" else pattern) for pattern in patterns]
        expected = [[len(pattern.findall(document)) for pattern in each] for document in documents]
    assert counter.count(documents).tolist() == expected, given


if __name__ == "__main__":
    main()
