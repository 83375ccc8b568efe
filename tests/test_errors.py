"""Errors for invalid input say what was wrong, where, and what was expected."""

from collections import OrderedDict, deque

import countgrid as cg
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from containers import object_array
from numpy.dtypes import StringDType

TEXTS = ["a"] * 17


def saying(*parts: str) -> str:
    """A regular expression for a text that contains all these parts, in any order."""
    return "(?is)" + "".join(f"(?=.*{part})" for part in parts)


# Documents and terms that are not lists


@pytest.mark.parametrize("given", ["the cat", b"the cat", "", np.str_("the")], ids=repr)
def test_one_text_as_documents(given):
    for take in (lambda: cg.count(given, ["a"]), lambda: cg.Documents(given), lambda: plan().totals(given)):
        with pytest.raises(TypeError, match=saying("documents", "(str|bytes)", "list")):
            take()


@pytest.mark.parametrize("given", ["the cat", b"the cat", ""], ids=repr)
def test_one_text_as_terms(given):
    for take in (lambda: cg.count(["a"], given), lambda: cg.TermCounter(given)):
        with pytest.raises(TypeError, match=saying("terms", type(given).__name__, "list")):
            take()
    with pytest.raises(TypeError, match=saying("terms", "pos", type(given).__name__, "list")):
        cg.TermCounter({"pos": given})


@pytest.mark.parametrize(
    "given", [{"a": 1}, OrderedDict(a=1), {"a"}, frozenset("a")], ids=lambda given: type(given).__name__
)
def test_a_mapping_or_a_set_as_documents(given):
    for take in (lambda: cg.count(given, ["a"]), lambda: cg.Documents(given)):
        with pytest.raises(TypeError, match=saying("documents", type(given).__name__, "list")):
            take()


@pytest.mark.parametrize("given", [None, 3, 3.5, object(), len, pd.NA], ids=lambda given: type(given).__name__)
def test_objects_that_cannot_be_iterated(given):
    with pytest.raises(TypeError, match=saying("documents", type(given).__name__)):
        cg.count(given, ["a"])
    with pytest.raises(TypeError, match=saying("terms", type(given).__name__)):
        cg.count(["a"], given)


def plan(terms=("a",), **options):
    return cg.TermCounter(list(terms), **options)


# Items that are not text

WRAPS = {
    "list": list,
    "tuple": tuple,
    "iterator": iter,
    "deque": deque,
    "object array": object_array,
    "Series": lambda items: pd.Series(items, dtype=object),
    "Index": lambda items: pd.Index(items, dtype=object),
}
ITEMS = {
    "float": (3.5, "float", r"3\.5"),
    "int": (3, "int", "3"),
    "bool": (True, "bool", "True"),
    "list": (["a"], "list", r"\['a'\]"),
    "bytearray": (bytearray(b"a"), "bytearray", "a"),
    "numpy": (np.float64(3.5), "float64", r"3\.5"),
}


@pytest.mark.parametrize(("item", "kind", "value"), ITEMS.values(), ids=ITEMS)
@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
def test_an_item_that_is_not_text(wrap, item, kind, value):
    items = [*TEXTS, item, 4.5]
    with pytest.raises(TypeError, match=saying(r"documents\[17\]", kind, value, "str", "bytes")):
        cg.count(wrap(items), ["a"])
    with pytest.raises(TypeError, match=saying(r"terms\[17\]", kind, value, "str", "bytes")):
        cg.count(["a"], wrap(items))
    with pytest.raises(TypeError, match=saying(r"terms\['pos'\]\[17\]", kind, value)):
        cg.count(["a"], {"neg": ["b"], "pos": wrap(items)})


def test_a_long_value_is_shortened():
    with pytest.raises(TypeError) as caught:
        cg.count([list(range(100_000))], ["a"])
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "made",
    [
        np.array([1, 2]),
        np.array([1.0, np.nan]),
        np.array([True]),
        np.array(["2020-01-01"], "M8[D]"),
        pd.Series([1, 2]),
        pd.Series([1.5, np.nan]),
        pd.Series([1, None], dtype="Int64"),
        pd.Index([1, 2]),
        pd.date_range("2020-01-01", periods=2),
        pa.array([1, 2]),
        pa.array([1.5, None]),
        pa.array([["a"]]),
        pa.array([True]),
        pa.chunked_array([[1], [2]]),
        pa.table({"a": [1, 2]}),
        pa.array([1, 2]).dictionary_encode(),
        pl.Series([1, 2]),
        pl.Series([["a"]]),
        pl.DataFrame({"a": [1]}),
    ],
    ids=lambda made: f"{type(made).__module__.split('.')[0]} {type(made).__name__} {getattr(made, 'dtype', '')}",
)
def test_columns_that_are_no_text(made):
    with pytest.raises(TypeError, match="documents"):
        cg.count(made, ["a"])
    with pytest.raises(TypeError, match="terms"):
        cg.count(["a"], made)


# Terms


@pytest.mark.parametrize("match", ["word", "token", "substring"])
@pytest.mark.parametrize("empty", ["", b""], ids=repr)
def test_an_empty_term(match, empty):
    with pytest.raises(ValueError, match=saying(r"terms\[1\]", "empty")):
        cg.count(["a"], ["a", empty], match=match)
    with pytest.raises(ValueError, match=saying(r"""terms\[['"]pos['"]\]\[2\]""", "empty")):
        cg.count(["a"], {"neg": ["x"], "pos": ["a", "b", empty]}, match=match)


@pytest.mark.parametrize("blank", [" ", "\t\r\n", "\u3000\u2028", b" ", "\x85"], ids=repr)
def test_a_blank_term(blank):
    for match in ("word", "token"):
        with pytest.raises(ValueError, match=saying(r"terms\[0\]", "whitespace")):
            cg.count(["a"], [blank], match=match)
    assert cg.count(["a \t\r\n\u3000\u2028\x85"], [blank], match="substring").tolist() == [[1]]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT], ids=repr)
def test_a_missing_term(missing):
    for wrap in (list, iter, object_array):
        with pytest.raises(ValueError, match=saying(r"terms\[3\]", "missing")):
            cg.count(["a"], wrap(["a", "b", "c", missing]))
        with pytest.raises(ValueError, match=saying(r"terms\['pos'\]\[1\]", "missing")):
            cg.count(["a"], {"neg": [], "pos": wrap(["a", missing])})


@pytest.mark.parametrize(
    "terms",
    [
        pa.array(["a", None]),
        pa.array(["a", None]).dictionary_encode(),
        pd.Series(["a", None]),
        pd.Series(["a", None], dtype="category"),
        pl.Series(["a", None]),
        np.array(["a", None], StringDType(na_object=None)),
        np.ma.masked_array(["a", "b"], mask=[False, True]),
        pl.DataFrame({"terms": ["a", None]}),
    ],
    ids=lambda terms: type(terms).__name__,
)
def test_a_missing_term_of_a_column(terms):
    with pytest.raises(ValueError, match=saying(r"terms\[1\]", "missing")):
        cg.count(["a"], terms)


def test_a_column_of_missing_terms():
    for terms in (pa.nulls(2), np.full(2, np.nan)):
        with pytest.raises(ValueError, match=saying(r"terms\[0\]", "missing")):
            cg.count(["a"], terms)


@pytest.mark.parametrize("name", [3, None, b"pos", ("pos",)], ids=repr)
def test_a_category_whose_name_is_no_str(name):
    with pytest.raises(TypeError, match=saying("categor", "str", type(name).__name__)):
        cg.TermCounter({"neg": ["a"], name: ["b"]})


# Dimensions


@pytest.mark.parametrize("kind", ["U", "S", object, StringDType()], ids=str)
@pytest.mark.parametrize(("shape", "dimensions"), [((2, 1), 2), ((), 0), ((1, 1, 2), 3)])
def test_arrays_of_other_dimensions(kind, shape, dimensions):
    array = np.full(shape, "a", dtype=kind)
    with pytest.raises(ValueError, match=saying("documents", f"{dimensions} dimension")):
        cg.count(array, ["a"])
    with pytest.raises(ValueError, match=saying("terms", f"{dimensions} dimension")):
        cg.count(["a"], array)


# Options


@pytest.mark.parametrize("wrong", ["words", "", "WORD", "substr"])
def test_an_unknown_match(wrong):
    for take in (lambda: cg.count(["a"], ["a"], match=wrong), lambda: cg.TermCounter(["a"], match=wrong)):
        with pytest.raises(
            ValueError, match=saying("match", f"'{wrong}'", "'word'", "'adaptive'", "'substring'", "'token'")
        ):
            take()


@pytest.mark.parametrize("wrong", ["skip", "", None])
def test_an_unknown_missing(wrong):
    for take in (plan().count, plan().totals):
        with pytest.raises((ValueError, TypeError), match=saying("missing")):
            take(["a"], missing=wrong)
    with pytest.raises(ValueError, match=saying("'skip'", "'zero'", "'raise'")):
        plan().count(["a"], missing="skip")


@pytest.mark.parametrize("workers", [0, -1, -(1 << 40)])
def test_workers_below_one(workers):
    for take in (plan().count, plan().totals, lambda documents, workers: cg.count(documents, ["a"], workers=workers)):
        with pytest.raises(ValueError, match=saying("workers", str(workers), "expected", r"\b1\b")):
            take(["a"], workers=workers)


@pytest.mark.parametrize("workers", [1.5, "2", [2]], ids=repr)
def test_workers_that_are_no_int(workers):
    with pytest.raises(TypeError):
        cg.count(["a"], ["a"], workers=workers)


@pytest.mark.parametrize("progress", ["yes", 3.5, ["bar"]], ids=repr)
def test_progress_that_is_neither_bool_nor_callable(progress):
    with pytest.raises(TypeError):
        cg.count(["a"], ["a"], progress=progress)


@pytest.mark.parametrize("flag", ["yes", 3.5, None, []], ids=repr)
@pytest.mark.parametrize(("option", "document"), [("ignore_case", "A"), ("strip_accents", "á")])
def test_flags_take_a_bool(option, document, flag):
    with pytest.raises((TypeError, ValueError), match=option):
        cg.count(["a"], ["a"], **{option: flag})
    assert cg.count([document], ["a"], **{option: np.True_}).tolist() == [[1]]


@pytest.mark.parametrize("keyword", ["stem", "Match", "n_jobs", "lowercase", "encoding"])
def test_unknown_keywords(keyword):
    with pytest.raises(TypeError, match=keyword):
        cg.count(["a"], ["a"], **{keyword: True})
    with pytest.raises(TypeError, match=keyword):
        cg.TermCounter(["a"], **{keyword: True})
    with pytest.raises(TypeError, match=keyword):
        plan().count(["a"], **{keyword: True})


def test_options_go_by_keyword():
    for take in (
        lambda: cg.count(["a"], ["a"], "word"),
        lambda: cg.TermCounter(["a"], "word"),
        lambda: plan().count(["a"], "int32"),
        lambda: plan().totals(["a"], 2),
    ):
        with pytest.raises(TypeError):
            take()


def test_matching_options_belong_to_the_plan_and_result_options_to_the_count():
    for option in ({"match": "word"}, {"ignore_case": True}):
        with pytest.raises(TypeError):
            plan().count(["a"], **option)
    for option in ({"dtype": "int8"}, {"sparse": True}, {"workers": 1}):
        with pytest.raises(TypeError):
            cg.TermCounter(["a"], **option)


def test_something_is_needed():
    for take in (cg.count, cg.TermCounter, cg.Documents, plan().count, plan().totals, lambda: cg.count(["a"])):
        with pytest.raises(TypeError):
            take()


def test_an_error_leaves_the_plan_usable():
    counter = plan()
    with pytest.raises(TypeError):
        counter.count(["a", 3])
    with pytest.raises(OverflowError):
        counter.count(["a " * 300], dtype="int8")
    assert counter.count(["a a"]).tolist() == [[2]]
