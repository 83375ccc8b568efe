"""The warning about literal terms that look like regular expressions: for which terms, when, and for which line."""

import copy
import inspect
import pickle
import warnings
from pathlib import Path

import countgrid as cg
import numpy as np
import pytest
from countgrid._regexes import looks_like_regex
from hypothesis import given
from hypothesis import strategies as st

LIKE_REGEXES = [
    r"error\s+\d+",
    r"(?i)error\w*",
    r"error:\s+\d+",
    r"\d\d:\d\d",
    r"level=(error|warn):\d+",
    r"\d",
    r"\d\d",
    r"\w+",
    r"a\sb\s",
    r"user \d{3}",
    r"\S+@\S+",
    r"\bword\b",
    r"word\b",
    r"\b[A-Z]",
    r"\p{Greek}+",
    "(?:a|b)c",
    "(?P<name>x)",
    "(?<=a)b",
    "[a-z]+",
    "[A-Za-z0-9_]",
    "[1-5]{2,3}",
    "[aeiou]+",
    '"[^"]+"',
    ".*error",
    "a.*b",
    "from .+ to",
    ".*?x",
    "a.{2,5}b",
    r"example\.com",
    "(GET|POST) /admin",
    "error|warning",
    "out of memory|disk full",
    r"\berror\b|\bfail\b",
    "x{2,}",
    "^begin.*end$",
    "^word$",
    "[Cc]at",
    "the [Cc]at",
    "colou?r",
    "https?://",
    "vaccin.*",
    "colou?rs.*",
    r"\bcat",
    r"\b\w",
    rb"\d+",
    "naïve|café".encode(),
]
UNLIKE_REGEXES = [
    "error",
    "C++",
    "C*",
    ".NET",
    "a.b",
    "U.S.",
    "e.g. (this)",
    "why?",
    "page?id=1",
    "really? yes",
    "[CC]",
    "[M+H]+",
    "[M-2H]-",
    "(c)",
    "(?)",
    "(?:",
    "(?:{ (?=D",
    "(: (?:",
    "what(?!)",
    ":-)",
    "(o|o)",
    "^_^",
    "^this",
    "US$",
    "$100",
    "1+1",
    "a|b",
    "a || b",
    "int | None",
    "P(data|model)",
    "[sic]",
    "[1]",
    "[1-5]",
    "[2019-2020]",
    "[co-op]",
    "[x-ray]*",
    "a[i]+1",
    "java.util.*",
    "*.*",
    "...",
    "...*",
    r"\beta",
    r"\bar x",
    r"\bigcup",
    r"\bfseries",
    r"\bibitem",
    r"\boldsymbol",
    r"\begin{document}",
    r"\sum",
    r"\delta",
    r"\widehat",
    r"\d{o}",
    r"\frac{1}{2}",
    "x_{2}",
    r"C:\data\docs",
    r"C:\d",
    r"\\server\share",
    r"DOMAIN\user",
    r"\n",
    "\\",
    "{name}",
    "{0}",
    "#tag",
    "happ*",
    b"C++",
    b"\xff\xff",
    "",
]


def warned(call) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True, action="always") as caught:
        call()
    return caught


@pytest.mark.parametrize("term", LIKE_REGEXES, ids=repr)
def test_terms_that_look_like_regular_expressions(term):
    assert looks_like_regex(term)
    for terms in (["the", term], {"a": ["the"], "b": [term, "cat"]}):
        with pytest.warns(UserWarning, match="looks like a regular expression, and it occurs nowhere"):
            cg.count(["the text"], terms)
        assert not warned(lambda terms=terms: cg.count([b"x", term], terms, match="substring"))


@pytest.mark.parametrize(
    ("terms", "documents", "said"),
    [
        # Another term of its category was found, which shows nothing about the category without matches.
        ({"dose": [r"\d+ mg"], "pain": ["ache|pain", "ache"]}, ["ache"], r"'\\d+ mg' looks like"),
        ({"dose": [r"\d+ mg", r"\d+ ml"], "pain": ["ache|pain", "ache"]}, ["ache"], "2 terms look like"),
        ({"pain": ["ache|pain", "ache"]}, ["ache"], None),
        ({"pain": ["ache|pain", "ache"]}, ["x"], "'ache|pain' looks like"),
        # A term that looks like an expression was found, so all are meant literally.
        ({"dose": [r"\d+ mg"], "pain": ["ache|pain"]}, ["ache|pain"], None),
        ([r"\d+ mg", "ache|pain"], ["ache|pain"], None),
        ([r"\d+ mg", "ache|pain", "ache"], ["ache"], "2 terms look like"),
    ],
)
@pytest.mark.parametrize("method", ["count", "sparse", "totals", "find"])
def test_each_column_is_judged_by_itself(terms, documents, said, method):
    counter = cg.TermCounter(terms, match="substring")
    calls = {
        "count": counter.count,
        "sparse": lambda documents: counter.count(documents, sparse=True),
        "totals": counter.totals,
        "find": counter.find,
    }
    messages = [str(warning.message) for warning in warned(lambda: calls[method](documents))]
    assert len(messages) == (said is not None)
    assert all(message.startswith(said) for message in messages)


@pytest.mark.parametrize("term", UNLIKE_REGEXES, ids=repr)
def test_terms_that_do_not(term):
    assert not looks_like_regex(term)
    if term not in ("", "happ*"):
        assert not warned(lambda: cg.count(["the text"], ["the", term]))


@given(term=st.text(st.characters(exclude_characters=r"\[(.|{^?")) | st.text("ab *+$-_)]}", max_size=8))
def test_only_some_characters_begin_a_sign(term):
    assert not looks_like_regex(term)
    assert looks_like_regex(rf"{term.replace(':', '')}\d+")


@pytest.mark.parametrize(
    "part", ["[", "[a-z", "[^a", "(ab|", "(ab|ab", "ab|", "^a$", "(?a", "\\\\", ".*", "a{1,", "\\d{a"]
)
def test_long_terms_take_linear_time(part):
    """If they took quadratic time, this would take hours."""
    for text in (part * 300_000, part + "a" * 1_000_000, part + "a1-" * 300_000):
        assert looks_like_regex(text + r" \d+")
        looks_like_regex(text)


TERMS = ["the", r"\d+", "[a-z]+"]
#: Each way to count: what it returns is not needed.
WAYS = {
    "count": lambda counter, documents: counter.count(documents),
    "out": lambda counter, documents: counter.count(documents, out=np.empty((len(documents), 3), order="F")),
    "bool": lambda counter, documents: counter.count(documents, dtype=bool),
    "sparse": lambda counter, documents: counter.count(documents, sparse=True),
    "per_words": lambda counter, documents: counter.count(documents, per_words=100),
    "which": lambda counter, documents: counter.which(documents),
    "find": lambda counter, documents: counter.find(documents),
    "totals": lambda counter, documents: counter.totals(documents),
    "by": lambda counter, documents: counter.totals(documents, by=["x"] * len(documents)),
}


@pytest.mark.parametrize("way", WAYS)
def test_only_if_none_is_found(way: str):
    counter = cg.TermCounter(TERMS, match="substring")
    (said,) = warned(lambda: WAYS[way](counter, ["the", "123", None]))
    assert str(said.message) == (
        r"2 terms look like regular expressions, such as '\\d+', and none occurs as literal text;"
        " pass syntax='regex' for regular expressions, or syntax='literal' for literal text"
    )
    assert said.category is UserWarning
    assert not warned(lambda: WAYS[way](counter, []))
    assert not warned(lambda: WAYS[way](counter, ["the"] * 10_000 + ["x[a-z]+"]))
    assert not warned(lambda: WAYS[way](counter, [r"\d+", ""]))
    assert not warned(lambda: WAYS[way](cg.TermCounter(TERMS, syntax="regex"), ["x"]))
    assert not warned(lambda: WAYS[way](cg.TermCounter(TERMS, syntax="literal"), ["x"]))


def test_a_category_may_have_found_it():
    """Its other terms have no column of their own."""
    terms = {"numbers": [r"\d+", "five"], "words": ["a"]}
    assert not warned(lambda: cg.count(["five"], terms))
    assert len(warned(lambda: cg.count(["six"], terms))) == 1


def test_the_line_is_the_users():
    import countgrid.pandas
    import countgrid.polars  # noqa: F401
    import pandas as pd
    import polars as pl

    counter = cg.TermCounter([r"\d+"])
    here = inspect.currentframe().f_lineno
    said = [
        *warned(lambda: counter.count(["a"])),
        *warned(lambda: cg.count(["a"], [r"\d+"])),
        *warned(lambda: counter.which(["a"])),
        *warned(lambda: pd.Series(["a"]).countgrid.count([r"\d+"])),
        *warned(lambda: pl.Series(["a"]).countgrid.count([r"\d+"])),
    ]
    lines = [(warning.filename, warning.lineno) for warning in said]
    assert lines == [(__file__, line) for line in range(here + 2, here + 7)]


def test_batches_are_silent():
    """A term that one batch does not contain may be in another."""
    import countgrid.arrow
    import countgrid.polars
    import polars as pl
    import pyarrow as pa

    counter = cg.TermCounter([r"\d+"])
    assert not warned(lambda: countgrid.arrow.counter(counter)(pa.array(["a"])))
    frame = pl.DataFrame({"text": ["a", "b"]})
    for method in ("count", "total", "which"):
        expression = getattr(pl.col("text").countgrid, method)(counter)
        assert not warned(lambda expression=expression: frame.select(expression))
    assert countgrid.arrow.counter(counter).counter == counter


def test_copies_of_pickles_are_silent():
    counter = cg.TermCounter([r"\d+"])
    assert len(warned(lambda: copy.deepcopy(counter).count(["a"]))) == 1
    again = pickle.loads(pickle.dumps(counter))
    assert again == counter
    assert not warned(lambda: again.count(["a"]))


def test_lexicons(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("\\d+\nsad\n")
    lexicon = cg.read_lexicon(path)
    (said,) = warned(lambda: cg.count(["a"], lexicon))
    assert f"; read {path} with syntax='regex' for " in str(said.message)
    assert not warned(lambda: cg.count(["a"], cg.read_lexicon(path, syntax="literal")))


def test_long_terms_are_cut():
    for term in ("x" * 5000 + r"\d", b"x" * 5000 + rb"\d"):
        (said,) = warned(lambda term=term: cg.count(["a"], [term]))
        assert len(str(said.message)) < 400
