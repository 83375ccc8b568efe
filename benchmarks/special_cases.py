"""CPU time per byte of jobs that no workload covers, for the table "Special cases" in DESIGN.md.

    python benchmarks/special_cases.py [--job PART] [--rounds N]

Disable a special case in the code, build again, and compare. One worker; the fastest of several rounds, since other
programs only add time.
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import countgrid as cg
import record
import terms
import texts

SUBSTRING = {"match": "substring"}
GLOB = {"syntax": "glob"}
REGEX = {"syntax": "regex"}
LONGEST = {"overlap": "longest"}
EXPRESSIONS = [
    *[
        "return|import",
        r"def \w+\(",
        r"\w+ing",
        r"[A-Z]\w+Error",
        r"self\.\w+",
        r"\d+",
        r"if \w+",
        r"\w+ = ",
        r"\w+\(",
    ],
    "#.*",
]


@dataclass
class Job:
    name: str
    text: Callable[[], texts.Text]
    terms: terms.Terms
    options: dict[str, Any]


def shuffled(name: str, letters: str, length: int) -> Callable[[], texts.Text]:
    """Documents of 40 words of random letters, which hardly ever repeat."""

    def text() -> texts.Text:
        source = random.Random(11)
        words = ("".join(source.choices(letters, k=length)) for _ in range(100_000))
        return texts.Text(name, [" ".join(document) for document in zip(*[words] * 40, strict=False)], "")

    return text


def fixed(*given: str) -> terms.Terms:
    return lambda _: list(given)


def changed(chosen: terms.Terms, change: Callable[[str], str]) -> terms.Terms:
    return lambda text: [change(term) for term in chosen(text)]


def random_parts(text: texts.Text) -> list[str]:
    return [document[:6] for document in text.documents[:100]]


def short() -> texts.Text:
    return texts.short(True)


def medium() -> texts.Text:
    return texts.medium(True)


def long() -> texts.Text:
    return texts.long(True)


def repeated(part: str) -> Callable[[], texts.Text]:
    return lambda: texts.Text(part, [part * 20_000], "")


WORDS = terms.common(1, 1000)
PIECES = terms.pieces(501, 1500, 8)
JOBS = [
    Job("one common word", medium, fixed("the"), {}),
    Job("one rare word", medium, fixed("Zephyr"), {}),
    Job("three words", medium, fixed("return", "array", "value"), {}),
    Job("two substrings", short, fixed("tion", "self"), SUBSTRING),
    Job("longest of 1,000 substrings", long, PIECES, {**SUBSTRING, **LONGEST}),
    Job("100 substrings of random DNA", shuffled("DNA", "acgt", 400), random_parts, SUBSTRING),
    Job("100 substrings of new words", shuffled("new words", "abcdefghijklmnop", 8), random_parts, SUBSTRING),
    Job("16 substrings of one letter", long, fixed(*"etaoinsrhldcumfp"), SUBSTRING),
    Job(
        "16 of a shared prefix", repeated("abcdefgh"), fixed(*("abcdefgh" + c for c in "abcdefghijklmnop")), SUBSTRING
    ),
    Job("1,000 globs word*", medium, changed(WORDS, "{}*".format), GLOB),
    Job("1,000 globs *word", medium, changed(WORDS, "*{}".format), GLOB),
    Job("1,000 substring globs word*", medium, changed(WORDS, "{}*".format), {**GLOB, **SUBSTRING}),
    *(
        Job(f"regex {it}", long, fixed(it), {**REGEX, **SUBSTRING})
        for it in [r"\w+ing", r"[A-Z]\w+Error", "[a-z]+[0-9]+"]
    ),
    *(
        Job(f"regex {match} {it}", long, fixed(it), {**REGEX, "match": match})
        for it in [r"\w+\(", r"self|->", r"\W?self\W?", r"[^\w\s]+|\w+"]
        for match in ["word", "adaptive"]
    ),
    *(
        Job(f"10 regexes {overlap}", text, fixed(*EXPRESSIONS), {**REGEX, "overlap": overlap})
        for text in [long, short]
        for overlap in ["per-term", "first"]
    ),
    *(Job(f"regex word {it}", long, fixed(it), REGEX) for it in ["return|import", r"def \w+\(", "[a-z]+[0-9]+"]),
]


def cost(counter: cg.TermCounter, documents: cg.Documents, rounds: int) -> float:
    """Seconds of CPU."""

    def once() -> float:
        start = time.process_time()
        counter.count(documents, sparse=True, workers=1)
        return time.process_time() - start

    return min(once() for _ in range(rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description="Time jobs that exercise one special case each.")
    parser.add_argument("--job", default="", help="those whose name contains this")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    print(record.heading(record.environment()))
    print("| job | ns per byte |\n| --- | ---: |")
    for job in JOBS:
        if options.job in job.name:
            text = job.text()
            counter = cg.TermCounter(job.terms(text), **job.options)
            seconds = cost(counter, cg.Documents(text.column), options.rounds)
            name = job.name.replace("|", "\\|")
            print(f"| {name} | {seconds / text.nbytes * 1e9:.2f} |", flush=True)


if __name__ == "__main__":
    main()
