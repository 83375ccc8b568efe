"""Random cases for the differential fuzzer: documents, terms, options and containers.

A case depends only on its seed. There are three kinds: `small` cases with every option, checked match by match;
`lexicon`, with up to 100,000 terms; `long`, with one document of up to 10 MB that is split among workers.
"""
# ruff: noqa: RUF001 (similar letters are intended)

import random
import unicodedata
from dataclasses import dataclass, field
from typing import Any

LETTERS = [
    *"aabBc01_-+.,'!:",
    *" \t\n\u00a0\u3000",
    *(
        "the",
        "\u0301",
        "\u0323",
        "é",
        "É",
        "ß",
        "ẞ",
        "s",
        "ſ",
        "σ",
        "ς",
        "Σ",
        "k",
        "\u212a",
        "𐐀",
        "𐐨",
        "ⱥ",
        "Ⱥ",
        "😀",
    ),
    *("\u200d", "東", "京", "カ", "\u3099", "𠀀", "각", "\u1112\u1161", "ﷺ", "ﬁ", "हि", "\x01", "å", "\u212b", "’"),
]
BROKEN = [b"\xff", b"\x80", b"\xc3", b"\xa9", b"\xe2\x82", b"\xac", b"\xf0\x9f\x98", b"\xed\xa0\x80"]
WORDS = [
    "the",
    "of",
    "a",
    "is",
    "ab",
    "abc",
    "don't",
    "C++",
    "state-of-the-art",
    "naïve",
    "Straße",
    "ёлка",
    "東京",
    "x1",
    ":)",
]


@dataclass
class Case:
    seed: int
    kind: str
    documents: list[Any]
    terms: list[Any] | dict[str, list[Any]]
    options: dict[str, Any] = field(default_factory=dict)
    container: str = "list"
    workers: int | None = None


def make(seed: int) -> Case:
    source = random.Random(seed)
    kind = source.choices(["small", "lexicon", "long"], [96, 3, 1])[0]
    case = {"small": small, "lexicon": lexicon, "long": long}[kind](source, seed)
    case.workers = source.choice([None, 1, 2, 5])
    return case


def options(source: random.Random) -> dict[str, Any]:
    chosen: dict[str, Any] = {"match": source.choice(["word", "word", "adaptive", "substring", "token"])}
    if source.random() < 0.3:
        chosen["ignore_case"] = True
    if source.random() < 0.2:
        chosen["strip_accents"] = True
    if source.random() < 0.2:
        chosen["fold_punctuation"] = True
    if source.random() < 0.3:
        chosen["syntax"] = "glob"
    if source.random() < 0.4:
        chosen["overlap"] = source.choice(["all", "longest", "first"])
    if chosen["match"] in ("word", "adaptive") and source.random() < 0.2:
        chosen["word_chars"] = source.choice(["-", "-'", ".", "😀+"])
    return chosen


def small(source: random.Random, seed: int) -> Case:
    chosen = options(source)
    alphabet = [*source.sample(LETTERS, source.randint(1, 5)), *(" " if source.random() < 0.7 else "")]
    of_terms = alphabet + (["*", "?", "\\*"] if chosen.get("syntax") == "glob" else [])
    as_bytes = source.random() < 0.3

    def text(letters: list[str], most: int) -> Any:
        made = "".join(source.choices(letters, k=source.randint(1, most)))
        if source.random() < 0.1:
            made = made * source.randint(1, 40)
        if not as_bytes:
            return made
        data = made.encode()
        if source.random() >= 0.3:
            return data
        at = source.randint(0, len(data))
        broken = data[:at] + source.choice(BROKEN) + data[at:]
        # Together with the bytes around it, it may form a character that not every version of Unicode has.
        return broken if all(unicodedata.category(c) != "Cn" for c in broken.decode(errors="ignore")) else data

    def term() -> Any:
        made = text(of_terms, 5)[:120]
        star = b"*" if as_bytes else "*"
        return made if made.count(star) <= 3 else made.replace(star, b"a" if as_bytes else "a")

    documents: list[Any] = [text(alphabet, 40) for _ in range(source.randint(0, 6))]
    if source.random() < 0.2:
        documents.insert(source.randint(0, len(documents)), None)
    terms: Any = [term() for _ in range(source.randint(1, 6))]
    if source.random() < 0.25:
        terms = {f"c{i}": [term() for _ in range(source.randint(0, 4))] for i in range(source.randint(1, 3))}
    # The number chooses one of the containers that can store the documents.
    return Case(seed, "small", documents, terms, chosen, container=str(source.random()))


def word(source: random.Random) -> str:
    if source.random() < 0.3:
        return source.choice(WORDS)
    letters = source.choice(["abc", "etaoinshrdlu", "0123456789", "абвгд", "αβγσς", "日本語漢字"])
    return "".join(source.choices(letters, k=source.randint(1, 9)))


def lexicon(source: random.Random, seed: int) -> Case:
    terms = list(dict.fromkeys(word(source) for _ in range(source.choice([100, 3_000, 100_000]))))
    if source.random() < 0.3:
        terms += [f"{source.choice(terms)} {source.choice(terms)}" for _ in range(len(terms) // 10)]
    between = [" ", " ", ", ", "\n", "-", "'s ", "\u3000"]

    def document() -> str:
        words = [
            source.choice(terms) if source.random() < 0.6 else word(source) for _ in range(source.randint(0, 60))
        ]
        return "".join(part + source.choice(between) for part in words)

    documents = [document() for _ in range(source.choice([5, 300]))]
    match = source.choice(["word", "adaptive", "token", "substring"])
    chosen = {"match": match, **({"ignore_case": True} if source.random() < 0.3 else {})}
    return Case(seed, "lexicon", documents, terms, chosen)


def long(source: random.Random, seed: int) -> Case:
    size = source.choice([300_000, 3_000_000, 10_000_000])
    unit = source.choice(["word", "run"])
    parts: list[str] = []
    size_so_far = 0
    while size_so_far < size:
        if unit == "run":
            part = source.choice(["a", " ", "-", ".", "カ", "ab", "a ", "日本"]) * source.randint(1, 60_000)
        else:
            part = " ".join(word(source) for _ in range(2_000))
        part += source.choice([" ", "\n", "", "-"])
        parts.append(part)
        size_so_far += len(part.encode())
    terms = list(dict.fromkeys([word(source), word(source), "a", "a a", "aa", "ab", "--", "日本", "the of", "カ"]))
    chosen = {"match": source.choice(["word", "adaptive", "token", "substring"])}
    if source.random() < 0.3:
        chosen["overlap"] = source.choice(["all", "longest", "first"])
    return Case(seed, "long", ["".join(parts)], terms, chosen)
