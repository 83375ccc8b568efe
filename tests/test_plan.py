"""The compiled plan is a value: it can be compared, hashed, pickled and shared."""

import contextlib
import copy
import operator
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import countgrid as cg
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

DOCUMENTS = ["the cat sat", "The the New York", None, "C++ \ud800 \xff é", "at"] * 50

PLANS = {
    "words": (["the", "cat", "New York"], {}),
    "folded": (["the", "cat", "New York"], {"ignore_case": True}),
    "tokens": (["the", "C++", "\ud800", "é"], {"match": "token"}),
    "substrings": (["the", "at", "t", b"\xc3"], {"match": "substring"}),
    "bytes": ([b"the", "cat", b"\xff"], {}),
    "repeated": (["the", "the"], {}),
    "categories": ({"article": ["the", "a"], "none": [], "é": [b"cat"]}, {"ignore_case": True}),
    "none": ([], {}),
    "many": ([f"t{i}" for i in range(5000)] + ["the"], {}),
}


@pytest.fixture(params=PLANS.values(), ids=PLANS)
def made(request):
    terms, options = request.param
    return cg.TermCounter(terms, **options)


def as_bytes(counter) -> bytes:
    return counter.count(DOCUMENTS).tobytes()


@pytest.mark.parametrize(
    "again",
    [
        *(
            lambda plan, protocol=protocol: pickle.loads(pickle.dumps(plan, protocol))
            for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
        ),
        copy.copy,
        copy.deepcopy,
    ],
    ids=[*(f"pickle {protocol}" for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)), "copy", "deepcopy"],
)
def test_a_copy_is_equal_and_counts_the_same(made, again):
    other = again(made)
    assert type(other) is type(made)
    assert other == made
    assert hash(other) == hash(made)
    assert other.columns == made.columns
    assert repr(other) == repr(made)
    assert as_bytes(other) == as_bytes(made)


def test_a_pickle_contains_only_terms_and_options():
    terms, options = PLANS["many"]
    assert len(pickle.dumps(cg.TermCounter(terms, **options))) < 3 * len(pickle.dumps(terms))


@pytest.mark.parametrize("damaged", [b"", b"\xff" * 8, bytes(7), bytes(8) + b"\xff" * 8, bytes(24)])
def test_a_damaged_pickle_is_an_error(damaged):
    counter = cg.TermCounter(["a", "b"])
    unpickle, arguments = counter.__reduce__()
    assert unpickle(*arguments) == counter
    with pytest.raises(ValueError, match="the terms of a pickled TermCounter are damaged"):
        unpickle(*arguments[:2], damaged)


IN_ANOTHER_PROCESS = """
import pickle, sys
plan, documents = pickle.load(sys.stdin.buffer)
sys.stdout.buffer.write(plan.count(documents).tobytes())
"""


def test_a_pickle_counts_the_same_in_another_process(made):
    ran = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS],
        input=pickle.dumps((made, DOCUMENTS)),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout == as_bytes(made)


# Equality

#: Sets of terms, and the equal lists: `str` first, each type in Python's order.
SETS = [
    ({"b", "a", "C"}, ["C", "a", "b"]),
    ({"it's", "abc", 'say "x"'}, ["abc", "it's", 'say "x"']),
    ({"é", "z", "😀", "\uffff", "\ud800", "Z"}, ["Z", "z", "é", "\ud800", "\uffff", "😀"]),
    ({b"b", "c", b"\xff", "a", b"a"}, ["a", "c", b"a", b"b", b"\xff"]),
    ({"a\nb", "a b", "a\\b"}, ["a\nb", "a b", "a\\b"]),
    (set(), []),
]


@pytest.mark.parametrize(("terms", "listed"), SETS, ids=[str(i) for i in range(len(SETS))])
def test_a_set_of_terms_is_the_sorted_list(terms, listed):
    made, expected = cg.TermCounter({"x": terms, "y": ["b", "a"]}), cg.TermCounter({"x": listed, "y": ["b", "a"]})
    for other in (made, cg.TermCounter({"x": frozenset(terms), "y": ["b", "a"]}), pickle.loads(pickle.dumps(made))):
        assert other == expected
        assert hash(other) == hash(expected)
        assert repr(other) == repr(expected)
    assert len(terms) < 2 or made != cg.TermCounter({"x": listed[::-1], "y": ["b", "a"]})
    assert made != cg.TermCounter({"x": listed, "y": ["a", "b"]}), "a list has an order"


HASHED = """
import countgrid as cg
counter = cg.TermCounter({"x": {"b", "a", b"c", "it's"}})
print(counter == cg.TermCounter({"x": ["a", "b", "it's", b"c"]}), hash(counter), counter)
"""


def test_a_set_of_terms_is_the_same_in_every_process():
    runs = [
        subprocess.run(
            [sys.executable, "-c", HASHED],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in range(4)
    ]
    assert runs == [runs[0]] * 4
    assert runs[0].startswith(b"True")


@pytest.mark.parametrize("other", [3, None, 2.5, ("a",)], ids=repr)
def test_a_set_with_an_invalid_item_names_it(other):
    with pytest.raises((TypeError, ValueError), match=r"terms\['x'\]\[2\] is (\w+ \(|missing)"):
        cg.TermCounter({"x": {"b", other, "a"}})


def test_plans_are_equal_by_value():
    distinct = [cg.TermCounter(terms, **options) for terms, options in PLANS.values()]
    for i, plan in enumerate(distinct):
        terms, options = list(PLANS.values())[i]
        again = cg.TermCounter(terms, **options)
        assert plan == again
        assert (plan != again) is False
        assert hash(plan) == hash(again)
        assert all(plan != other for j, other in enumerate(distinct) if j != i)
    assert len(set(distinct)) == len(distinct)
    assert {plan: i for i, plan in enumerate(distinct)}[cg.TermCounter([])] == list(PLANS).index("none")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((["a", "b"], {}), (["b", "a"], {})),
        ((["a"], {}), (["a", "a"], {})),
        ((["a"], {}), (["A"], {})),
        ((["a"], {"ignore_case": True}), (["A"], {"ignore_case": True})),
        ((["a"], {"match": "word"}), (["a"], {"match": "token"})),
        ((["a"], {}), (["a"], {"ignore_case": True})),
        (({"x": ["a"], "y": ["b"]}, {}), ({"y": ["b"], "x": ["a"]}, {})),
        (({"x": ["a", "b"]}, {}), ({"x": ["b", "a"]}, {})),
        (({"x": ["a", "b"], "y": []}, {}), ({"x": ["a"], "y": ["b"]}, {})),
        (({"x": ["a"]}, {}), ({"y": ["a"]}, {})),
        ((["ab", "c"], {}), (["a", "bc"], {})),
    ],
    ids=lambda made: repr(made)[:30],
)
def test_plans_differ(one, other):
    assert cg.TermCounter(one[0], **one[1]) != cg.TermCounter(other[0], **other[1])


def test_the_container_of_the_terms_is_no_part_of_the_plan():
    of = [
        list,
        tuple,
        iter,
        np.array,
        pa.array,
        pd.Series,
        lambda terms: pd.Series(terms, dtype="category"),
        cg.Documents,
    ]
    assert len({cg.TermCounter(make(["the", "cat", "a"])) for make in of}) == 1


def test_default_options_may_be_said():
    assert cg.TermCounter(["a"]) == cg.TermCounter(["a"], match="word", ignore_case=False)


@pytest.mark.parametrize("other", [None, 3, "a", ["a"], ("a",), object()], ids=repr)
def test_a_plan_equals_only_plans(other):
    assert cg.TermCounter(["a"]) != other
    assert (cg.TermCounter(["a"]) == other) is False
    with pytest.raises(TypeError):
        operator.lt(cg.TermCounter(["a"]), cg.TermCounter(["b"]))


# Repr and explain


def test_repr_is_honest():
    assert repr(cg.TermCounter(["the", "cat"])).startswith("TermCounter(['the', 'cat']")
    text = repr(cg.TermCounter({"a": ["the", b"\xff"]}, match="token", ignore_case=True))
    for part in ("TermCounter(", "'a'", "'the'", "match='token'", "ignore_case=True"):
        assert part in text


@pytest.mark.parametrize(
    "terms", [["the", "cat"], [b"the", "\ud800", "a'b\"\n"], {"a": ["the"], "b": [b"\xff"], "c": []}, []], ids=repr
)
@pytest.mark.parametrize("options", [{}, {"match": "substring"}, {"ignore_case": True}], ids=repr)
def test_repr_of_a_small_plan_makes_it_again(terms, options):
    plan = cg.TermCounter(terms, **options)
    assert eval(repr(plan), {"TermCounter": cg.TermCounter}) == plan


def test_repr_of_a_large_plan_is_short():
    plans = [
        cg.TermCounter([f"t{i}" for i in range(100_000)]),
        cg.TermCounter({f"c{i}": ["a"] for i in range(100_000)}),
        cg.TermCounter({"c": [f"t{i}" for i in range(100_000)]}),
    ]
    assert all(len(repr(plan)) < 2000 for plan in plans)
    assert "100000" in repr(plans[0]).replace(",", "").replace("_", "")


@pytest.mark.parametrize(
    ("terms", "columns"),
    [
        (["the", "the", " New  York "], ["the", "the", " New  York "]),
        ([b"the", "é".encode(), b"\xff\xe9a"], ["the", "é", "\\xff\\xe9a"]),
        (["\ud800", "a\0b"], ["\ud800", "a\0b"]),
        ({"b": ["x", "y"], "a": []}, ["b", "a"]),
        (pa.array(["x", "y"]), ["x", "y"]),
        ([], []),
    ],
    ids=repr,
)
def test_columns(terms, columns):
    plan = cg.TermCounter(terms)
    assert type(plan.columns) is list
    assert plan.columns == columns
    assert all(type(name) is str for name in plan.columns)
    plan.columns.append("more")
    assert plan.columns == columns


def test_explain_tells_of_engines_and_terms():
    texts = {name: cg.TermCounter(terms, **options).explain() for name, (terms, options) in PLANS.items()}
    assert all(type(text) is str and "term" in text for text in texts.values())
    assert all("engine" in text for name, text in texts.items() if name != "none")
    assert "5001" in texts["many"].replace(",", "").replace("_", "")
    few, many = (cg.TermCounter([f"t{i}" for i in range(n)], match="substring").explain() for n in (1, 1000))
    assert len({few.replace("1", ""), many.replace("1000", ""), texts["many"]}) == 3, "another choice, another reason"
    assert "fold" in texts["folded"]
    assert "fold" not in texts["words"]


RULES = [rf"error {i}" for i in range(20)] + [r"\d+ms", "(?i)WARNING", "never seen"]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("wrap", [list, iter, np.array, cg.Documents], ids=lambda wrap: wrap.__name__)
def test_explain_measures_expressions(wrap, workers):
    """Times vary. In which part of the documents expressions are searched for and found does not."""
    documents = ["error 7", "error 12 after 5ms", "a warning", "", "none of them"] * 20
    counter = cg.TermCounter(RULES, syntax="regex", match="substring")
    text = counter.explain(wrap(documents), workers=workers)
    assert text.startswith(counter.explain())
    header, *rows, last = text.removeprefix(counter.explain()).strip().split("\n")[1:]
    assert header.split() == ["time", "searched", "matched", "expression"]
    found = {}
    for row in rows:
        time, searched, matched, place, expression = row.split(maxsplit=4)
        assert float(time.removesuffix("%")) <= 100
        assert RULES.index(expression) == int(place.removeprefix("terms[").removesuffix("]"))
        found[expression] = searched, matched
    twenty = ("20.00%", "20.00%")
    assert found == {
        "error 7": twenty,
        "error 12": twenty,
        "error 1": twenty,
        r"\d+ms": twenty,
        "(?i)WARNING": twenty,
    }
    assert last == f"expressions not searched for in any of these documents: {len(RULES) - 5}"


def test_explain_measures_few_expressions_and_no_literals():
    counter = cg.TermCounter({"a": ["a+", "b\n*c"], "b": ["b"]}, syntax="regex", match="substring")
    rows = counter.explain(["aa", "bc", None, "b\n"]).split("\n")[-3:]
    assert {tuple(row.split()[1:]) for row in rows} == {
        ("100.00%", "25.00%", "terms['a'][0]", "a+"),
        ("100.00%", "25.00%", "terms['a'][1]", "b\\n*c"),
        ("100.00%", "50.00%", "terms['b'][0]", "b"),
    }
    for documents in ([], ["a"]):
        assert "no term has a cost of its own" in cg.TermCounter(["a", "b"]).explain(documents)
    assert "measured in 0 documents" in counter.explain([])
    assert "measured in 1 document:" in counter.explain(["x"])
    with pytest.raises(ValueError, match="workers"):
        counter.explain(workers=0)
    assert r"\u{1b}1m\t" in cg.TermCounter(["\x1b1m\t"] * 2, syntax="regex").explain(["x"])
    with pytest.raises(ValueError, match=r"terms\['a\\u\{1b\}'\]\[0\]"):
        cg.TermCounter({"a\x1b": [""]})
    with pytest.raises(TypeError, match="documents is str"):
        counter.explain("a")
    with pytest.raises(ValueError, match="workers is 0"):
        counter.explain(["a"], workers=0)


# Immutability


@pytest.mark.parametrize("name", ["columns", "terms", "match", "ignore_case", "count", "new"])
def test_a_plan_cannot_be_changed(name):
    plan = cg.TermCounter(["the"])
    with pytest.raises(AttributeError):
        setattr(plan, name, ["cat"])
    with pytest.raises(AttributeError):
        delattr(plan, name)
    assert plan == cg.TermCounter(["the"])


def test_a_plan_cannot_be_made_again():
    plan = cg.TermCounter(["the"])
    with contextlib.suppress(AttributeError, TypeError):
        plan.__init__(["cat"])
    assert plan == cg.TermCounter(["the"])
    assert plan.count(["the cat the"]).tolist() == [[2]]


def test_a_plan_does_not_change_with_its_inputs():
    terms = ["the", "cat"]
    categories = {"a": terms}
    plans = cg.TermCounter(terms), cg.TermCounter(categories)
    terms.append("at")
    categories["b"] = ["x"]
    assert [plan.count(["the at x"]).tolist() for plan in plans] == [[[1, 0]], [[1]]]


def test_classes_say_where_they_live():
    assert cg.Documents.__module__ == "countgrid"
    for thing in (cg.Documents, cg.TermCounter, cg.Totals, cg.count):
        assert getattr(sys.modules[thing.__module__], thing.__name__) is thing


def test_documents_cannot_be_changed():
    documents = cg.Documents(["a"])
    for name in ("missing", "nbytes", "new"):
        with pytest.raises(AttributeError):
            setattr(documents, name, 0)


# Sharing


def test_many_threads_share_one_plan():
    plan = cg.TermCounter(["the", "cat", "New York"], ignore_case=True)
    lists = [[f"The cat {i}", "New\nYork the"] * (100 * (i % 5)) for i in range(40)]
    expected = [[[1, 1, 0], [1, 0, 1]] * (100 * (i % 5)) for i in range(40)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda documents: plan.count(documents).tolist(), lists))
    assert found == expected


def test_many_threads_share_documents():
    documents = cg.Documents(["the cat", None, "Катя the"] * 1000)
    terms = [["the"], ["cat", "the"], ["Катя"], ["x"]] * 10
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda some: int(cg.count(documents, some).sum()), terms))
    assert found == [2000, 3000, 1000, 0] * 10
