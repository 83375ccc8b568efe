"""The cost of text and terms that are designed to be slow, as multiples of the usual cost per byte.

    python benchmarks/adversarial.py [--case PART] [--rounds N] [--megabytes N] [--quick]

Each case has a usual job of the same kind: ordinary terms with the same options on ordinary text (docstrings). The
two take turns on one worker. The ratio compares their CPU time per byte, which other programs hardly affect. A text
grows until its count takes a third of a second, or to --megabytes. The last column divides its cost per byte by the
cost per byte of a text of a quarter of the length. If it is much more than 1, the cost is not linear. Many matches
per KB mean that the result itself is large.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import countgrid as cg
import record
import texts
from terms import common

#: Long enough to be timed, in seconds of CPU.
ENOUGH = 0.3
SMALLEST = 8 << 10

Text = Callable[[int], str]


@dataclass
class Case:
    name: str
    terms: list[str]
    #: Makes a text of about a given number of bytes.
    text: Text
    options: dict[str, Any] = field(default_factory=dict)
    #: The usual job to compare with.
    usual: str = "words"


def repeated(part: str) -> Text:
    size = len(part.encode())
    return lambda wanted: part * (wanted // size)


def shuffled(parts: list[str], between: str = "") -> Text:
    """A text of parts in random order, the same for the same length."""

    def text(wanted: int) -> str:
        source = random.Random(7)
        size = max(1, sum(len((part + between).encode()) for part in parts) // len(parts))
        return between.join(source.choices(parts, k=wanted // size))

    return text


def new_words(wanted: int) -> str:
    """Distinct words, so that caches do not help."""
    source = random.Random(11)
    return " ".join("".join(source.choices("abcdefghijklmnopqrstuvwxyz", k=8)) for _ in range(wanted // 9))


def phrases(length: int) -> list[str]:
    """All phrases of `length` words, each `a` or `*`."""
    return [" ".join("a*"[number >> place & 1] for place in range(length)) for number in range(1 << length)]


SUBSTRING = {"match": "substring"}
GLOB = {"syntax": "glob"}
REGEX = {"syntax": "regex", "match": "substring"}
COMPETING = {**REGEX, "overlap": "first"}
CASES = [
    Case("phrase a^1000 b on a", ["a " * 1000 + "b", "the", "of", "in"], repeated("a ")),
    Case("phrases a^n b, n = 1 to 200, on a", ["a " * n + "b" for n in range(1, 201)], repeated("a ")),
    Case("phrases a^n b among a and b", ["a " * n + "b" for n in range(1, 50)], shuffled(["a ", "a ", "a ", "b "])),
    Case("-^1000 + on dashes", ["-" * 1000 + "+", "the", "of", "a"], repeated("-")),
    Case("-+ in token mode on dashes", ["-" * 1000 + "+", "a"], repeated("- "), {"match": "token"}),
    Case("punctuation terms on dashes", ["--", "---", "-", ":-)", "->"], repeated("-")),
    Case(
        "punctuation terms on punctuation", [":)", ":-)", "...", "!?", "--", "->", "<3"], shuffled(list(":-)(.!?<>3"))
    ),
    Case("-a on dashes before words", ["-" * 20 + "a", "--b"], repeated("-" * 19 + "a")),
    Case("glob phrases {a,*}^10 b on a", [phrase + " b" for phrase in phrases(10)], repeated("a "), GLOB, "globs"),
    Case(
        "glob phrases {a,*}^10 b on a and c", [p + " b" for p in phrases(10)], shuffled(["a ", "c "]), GLOB, "globs"
    ),
    Case("*x*y*z* on new words", ["*x*y*z*", "*q*j*"], new_words, GLOB, "globs"),
    Case("a*a*a*a*b on one long word", ["a*" * 8 + "b"], repeated("a"), GLOB, "globs"),
    Case(
        "word* on new words",
        [chr(97 + i) + chr(97 + j) + "*" for i in range(26) for j in range(26)],
        new_words,
        GLOB,
        "globs",
    ),
    Case("spaces", ["the", "a b", "of", "in the"], repeated(" ")),
    Case("one long word", ["the", "a b", "of", "in the"], repeated("a")),
    Case("kana", ["the", "a b", "of", "カ"], repeated("カ")),
    Case("CJK Extension B", ["the", "a b", "of", "𠀀"], shuffled(["𠀀", "𠀁", "𪜶", "𫝀"])),
    Case("Deseret, ignoring case", ["the", "a b", "of", "𐐨"], shuffled(["𐐀", "𐐨", "𐐁 "]), {"ignore_case": True}),
    Case("combining marks", ["the", "a b", "of", "é"], repeated("\u0301")),
    Case("many short words", ["a", "b", "a b", "c d"], shuffled(["a", "b", "c"], " ")),
    Case(
        "accents of Hangul",
        ["the", "of", "a", "한"],
        shuffled(["한", "각", "힣", "글 "]),
        {"strip_accents": True},
        "accents",
    ),
    Case("accents of U+FDFA", ["the", "of", "a", "x"], repeated("\ufdfa"), {"strip_accents": True}, "accents"),
    Case("accents, dropped marks", ["the", "of", "a", "x"], repeated("\u0301"), {"strip_accents": True}, "accents"),
    Case("accents, é", ["the", "of", "a", "e"], repeated("éàü "), {"strip_accents": True}, "accents"),
    Case("substring a^1000 b on a", ["a" * 1000 + "b"], repeated("a"), SUBSTRING, "substrings"),
    Case("substring a^1000 on a", ["a" * 1000], repeated("a"), SUBSTRING, "substrings"),
    Case(
        "substrings a^n b, n = 1 to 200, on a",
        ["a" * n + "b" for n in range(1, 201)],
        repeated("a"),
        SUBSTRING,
        "substrings",
    ),
    Case(
        "substrings b a^n, n = 1 to 200, on a",
        ["b" + "a" * n for n in range(1, 201)],
        repeated("a"),
        SUBSTRING,
        "substrings",
    ),
    Case(
        "substrings of a shared prefix",
        ["abcdefgh" + chr(97 + i) + chr(97 + j) for i in range(26) for j in range(26)],
        repeated("abcdefgh"),
        SUBSTRING,
        "substrings",
    ),
    Case(
        "longest a^1 to a^100 on a",
        ["a" * n for n in range(1, 101)],
        repeated("a"),
        {**SUBSTRING, "overlap": "longest"},
        "longest",
    ),
    Case(
        "longest phrases a^1 to a^100",
        [("a " * n).strip() for n in range(1, 101)],
        repeated("a "),
        {"overlap": "longest"},
        "longest words",
    ),
    Case(
        "longest of phrases a and a^5000 b",
        ["a", "a " * 5000 + "b"],
        repeated("a "),
        {"overlap": "longest"},
        "longest words",
    ),
    Case(
        "longest of nested tokens",
        [("-x " * n).strip() for n in range(1, 51)],
        repeated("-x "),
        {"match": "token", "overlap": "longest"},
        "longest words",
    ),
    Case(
        "longest of wildcard phrases a* to (a*)^20",
        [("a* " * n).strip() for n in range(1, 21)],
        repeated("a "),
        {**GLOB, "overlap": "longest"},
        "longest globs",
    ),
    Case(
        "longest of five runs of dashes",
        ["-" * n for n in range(1, 6)],
        repeated("-"),
        {"overlap": "longest"},
        "longest words",
    ),
    Case(
        "substring glob (a*)^100 b on a", ["a*" * 100 + "b"], repeated("a"), {**SUBSTRING, **GLOB}, "substring globs"
    ),
    Case(
        "substring globs *a, a*, *a* on a",
        ["*ab", "ba*", "*ab*"],
        repeated("a"),
        {**SUBSTRING, **GLOB},
        "substring globs",
    ),
    *(
        Case(f"regex {pattern} on {letter}", [pattern], repeated(letter), REGEX, "regex")
        for pattern, letter in [
            (".*[^A-Z]|[A-Z]", "A"),
            ("a.*b|a", "a"),
            ("[a ]+b|a", "a "),
            ("A*B|A", "A"),
            (r"(?s).*\d|A", "A"),
            (r"\w+ing", "a"),
            (r"\w+\d", "word "),
        ]
    ),
    Case(
        r"regex a.*b|\S, adaptive, on !",
        [r"a.*b|\S"],
        repeated("!"),
        {"syntax": "regex", "match": "adaptive"},
        "regex",
    ),
    *(
        Case(
            f"regexes that compete, {', '.join(patterns)}, on {letter}",
            patterns,
            repeated(letter),
            COMPETING,
            "regex",
        )
        for patterns, letter in [
            (["a", "a+"], "a"),
            (["a", "(?s).+", ".*b"], "a"),
            (["ab", r"\w+", r"(\w+ )+"], "ab "),
        ]
    ),
    Case("regex a[ab]{60}c on a and b", ["a[ab]{60}c"], shuffled(list("ab")), REGEX, "regex"),
    Case(r"regex \w+ing, whole words, on é", [r"\w+ing"], repeated("éa "), {"syntax": "regex"}, "regex words"),
]


def usual_jobs(text: texts.Text) -> dict[str, tuple[list[str], dict[str, Any]]]:
    """Ordinary terms by kind of job."""
    words = common(1, 100)(text)
    stems = [word[:4] for word in words]
    return {
        "words": (words, {}),
        "accents": (words, {"strip_accents": True}),
        "globs": ([f"{stem}*" for stem in stems], GLOB),
        "longest words": (
            [*words, *(" ".join(pair) for pair in pairwise(words))],
            {"overlap": "longest"},
        ),
        "longest globs": ([f"{stem}*" for stem in stems], {**GLOB, "overlap": "longest"}),
        "substrings": (stems, SUBSTRING),
        "longest": (stems, {**SUBSTRING, "overlap": "longest"}),
        "substring globs": ([f"{stem}*" for stem in stems], {**SUBSTRING, **GLOB}),
        "regex": ([r"[a-z]+ing\b"], REGEX),
        "regex words": ([r"\w+ing"], {"syntax": "regex"}),
    }


def cost(counter: cg.TermCounter, documents: list[str], size: int) -> float:
    """CPU seconds per byte, with one worker."""
    start = time.process_time()
    counter.count(documents, sparse=True, workers=1)
    return (time.process_time() - start) / size


def main() -> None:
    parser = argparse.ArgumentParser(description="Time hostile text and terms, compared with ordinary ones.")
    parser.add_argument("--case", default="", help="only cases whose name contains this")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=float, default=8, help="the longest text (default 8)")
    parser.add_argument("--quick", action="store_true", help="little text, one round: does every case run?")
    options = parser.parse_args()
    most = 4 * SMALLEST if options.quick else int(options.megabytes * 1e6)
    rounds = 1 if options.quick else options.rounds
    ordinary = texts.medium(True).documents
    size = sum(len(document.encode()) for document in ordinary)
    jobs = {name: cg.TermCounter(terms, **given) for name, (terms, given) in usual_jobs(texts.medium(True)).items()}
    print(record.heading(record.environment()))
    print("| case | usual job | MB | ns/byte | matches/KB | x usual | growth |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for case in CASES:
        if options.case in case.name:
            print(measured(case, jobs[case.usual], ordinary, size, most, rounds), flush=True)


def measured(case: Case, usual: cg.TermCounter, ordinary: list[str], size: int, most: int, rounds: int) -> str:
    counter = cg.TermCounter(case.terms, **case.options)
    length = SMALLEST
    costs: list[float] = []
    while True:
        text = case.text(length)
        nbytes = len(text.encode())
        costs.append(cost(counter, [text], nbytes))
        if costs[-1] * nbytes > ENOUGH or 2 * length > most:
            break
        length *= 2
    quarter = costs[-3] if len(costs) > 2 else costs[0]
    pairs = [(cost(counter, [text], nbytes), cost(usual, ordinary, size)) for _ in range(rounds)]
    own = statistics.median(own for own, _ in pairs)
    ratio = statistics.median(own / other for own, other in pairs)
    matches = counter.totals([text]).counts.sum() / nbytes * 1e3
    cells = [case.name.replace("|", "\\|"), case.usual, f"{nbytes / 1e6:.2f}", f"{own * 1e9:.2f}", f"{matches:,.0f}"]
    return "| " + " | ".join([*cells, f"{ratio:,.1f}", f"{own / quarter:.1f}"]) + " |"


if __name__ == "__main__":
    main()
