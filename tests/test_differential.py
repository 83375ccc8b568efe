"""Compares countgrid with other libraries, where the rules agree, on the docstrings of the standard library."""
# ruff: noqa: RUF001 (ambiguous letters are intended)

import ast
import re
import sysconfig
from collections import Counter
from pathlib import Path

import countgrid as cg
import numpy as np
import pandas as pd
import polars as pl
import pytest
import regex
from rules import occurrences


def docstrings(most: int) -> list[str]:
    """Docstrings of the standard library, in a fixed order."""
    found = []
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        try:
            tree = ast.parse(path.read_bytes())
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and (
                text := ast.get_docstring(node, False)
            ):
                found.append(text)
    return [text for text in found if text][:most]


ENGLISH = docstrings(3000)
# Most docstrings are ASCII, so words of other scripts are inserted.
OTHER_WORDS = ["Катя", "ёлка", "naïve", "façade", "日本", "ελλάς", "straße", "𝄞", "—", "№"]
MIXED = [
    " ".join(w + " " + OTHER_WORDS[(i + j) % 10] for j, w in enumerate(text.split()))
    for i, text in enumerate(ENGLISH)
]

common = [word for word, _ in Counter(regex.findall(r"\w+", " ".join(ENGLISH))).most_common(300)]
WORDS = common[:40] + common[::9] + ["the", "o", "of the", "is a", "e.g.", "self.", "C++", "[, ", "->", "x", "None."]
SUBSTRINGS = [word[:3] for word in WORDS] + [
    "e",
    " ",
    "  ",
    "\n",
    "aa",
    "----",
    "...",
    "th",
    "the ",
    "=",
    "--",
    "\n\n",
]


def test_the_text_is_there():
    assert len(ENGLISH) > 2000
    assert sum(map(len, ENGLISH)) > 500_000
    assert cg.count(ENGLISH, WORDS, match="word").any(axis=0).sum() > 60


@pytest.mark.parametrize("documents", [ENGLISH, MIXED], ids=["english", "mixed"])
def test_substrings_against_str_count(documents):
    terms = SUBSTRINGS + OTHER_WORDS + ["К", "é", "本"]
    expected = [[document.count(term) for term in terms] for document in documents]
    assert cg.count(documents, terms, match="substring").tolist() == expected


def test_substrings_against_bytes_count():
    documents = [document.encode() for document in MIXED]
    # Single bytes and pairs, parts of characters among them.
    terms = [bytes([byte]) for byte in range(256)] + [documents[7][i : i + 2] for i in range(60)]
    expected = [[document.count(term) for term in terms] for document in documents[:1000]]
    assert cg.count(documents[:1000], terms, match="substring").tolist() == expected


def found_by(engine, before: str, after: str, documents, terms, flags=0):
    patterns = [engine.compile(f"(?<!{before}){re.escape(term)}(?!{after})", flags) for term in terms]
    return [[len(pattern.findall(document)) for pattern in patterns] for document in documents]


# `re` and `regex` treat marks, some numbers, and U+0130 under IGNORECASE (as `i`) differently. Texts and terms here
# do not contain them. Nor are there phrases, since only countgrid lets a space match any run of whitespace.
SINGLE = [term for term in WORDS if not any(map(str.isspace, term))]


@pytest.mark.parametrize("documents", [ENGLISH[:1500], MIXED[:1500]], ids=["english", "mixed"])
@pytest.mark.parametrize("ignore_case", [False, True], ids=["case", "no case"])
@pytest.mark.parametrize("engine", [re, regex], ids=["re", "regex"])
@pytest.mark.parametrize(("match", "class_"), [("word", r"\w"), ("token", r"\S")])
def test_words_against_regular_expressions(engine, match, class_, documents, ignore_case):
    terms = SINGLE + OTHER_WORDS
    if ignore_case:
        # They also fold `ς` and `ß` differently.
        terms = [term.title() for term in terms if not set(term) & set("ςß")]
    flags = engine.IGNORECASE if ignore_case else 0
    expected = found_by(engine, class_, class_, documents, terms, flags)
    assert cg.count(documents, terms, match=match, ignore_case=ignore_case).tolist() == expected


@pytest.mark.parametrize("match", ["word", "token"])
def test_phrases_against_the_rule_in_python(match):
    terms = [
        "of the",
        "is a",
        "if the",
        "return the",
        "the same",
        "a list of",
        "the\nfile",
        "e.g. the",
        "(default:",
        "Return a",
    ]
    expected = [[occurrences(document, term, match) for term in terms] for document in ENGLISH]
    found = cg.count(ENGLISH, terms, match=match)
    assert found.tolist() == expected
    assert found.any(axis=0).sum() > 6


def test_tokens_against_split():
    terms = [*SINGLE, "the", "(the", "the,"]
    expected = [[Counter(document.split())[term] for term in terms] for document in ENGLISH]
    assert cg.count(ENGLISH, terms, match="token").tolist() == expected


@pytest.mark.parametrize("dtype", ["str", "string[python]", "string[pyarrow]", object])
def test_substrings_against_pandas(dtype):
    series = pd.Series([*ENGLISH, None], dtype=dtype)
    terms = ["the", "e", "...", "(", "\n"]
    expected = [series.str.count(re.escape(term)).fillna(0).astype(int) for term in terms]
    assert np.array_equal(cg.count(series, terms, match="substring"), np.column_stack(expected))


@pytest.mark.parametrize("literal", [True, False])
def test_substrings_against_polars(literal):
    series = pl.Series([*MIXED, None])
    terms = ["the", "e", "...", "(", "\n", "Катя", "本"]
    expected = [
        series.str.count_matches(term if literal else re.escape(term), literal=literal).fill_null(0) for term in terms
    ]
    assert np.array_equal(cg.count(series, terms, match="substring"), np.column_stack(expected))


def test_words_against_polars():
    """Both use the word characters of Rust's `regex`, so any text works. For terms of word characters, use `\\b`."""
    series = pl.Series([*MIXED, "e\u0301tude étude", "हिन्दी हिन्", "a²", "x_y x-y", "ﬁ fi", "İ i ı"])
    terms = [
        "tude",
        "étude",
        "e\u0301tude",
        "हिन्दी",
        "हिन्",
        "a",
        "x",
        "y",
        "fi",
        "ﬁ",
        "i",
        "İ",
        "the",
        "Катя",
        "日本",
    ]
    for options, flag in (({}, ""), ({"ignore_case": True}, "(?i)")):
        expected = [series.str.count_matches(rf"{flag}\b{term}\b") for term in terms]
        assert np.array_equal(cg.count(series, terms, **options), np.column_stack(expected))
