"""`find` and `Matches`: positions in the documents' units, their order, and their context."""

import dataclasses
import pickle
import re

import countgrid as cg
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from containers import CONTAINERS
from test_errors import saying

DOCUMENTS = ["the cat sat on the mat", None, "", "Katze: the 😀 the", "no"]
TERMS = ["the", "cat", "on the", "😀", "dog"]
PLACES = [  # document, start, end, column
    (0, 0, 3, 0),
    (0, 4, 7, 1),
    (0, 12, 18, 2),
    (0, 15, 18, 0),
    (3, 7, 10, 0),
    (3, 11, 12, 3),
    (3, 13, 16, 0),
]


def places(found) -> list[tuple[int, int, int, int]]:
    arrays = (found.document, found.start, found.end, found.column)
    return list(zip(*(array.tolist() for array in arrays), strict=True))


def test_find():
    plan = cg.TermCounter(TERMS)
    found = plan.find(DOCUMENTS)
    assert type(found).__name__ == "Matches"
    assert places(found) == PLACES
    assert len(found) == 7
    assert found.columns == plan.columns == TERMS
    for array in (found.document, found.column, found.start, found.end):
        assert type(array) is np.ndarray
        assert array.dtype == np.int64
        assert array.shape == (7,)
        assert array.flags.c_contiguous
    assert [DOCUMENTS[row][start:end] for row, start, end, _ in places(found)] == [TERMS[j] for *_, j in PLACES]


def test_offsets_are_of_bytes_in_bytes_documents():
    documents = [document and document.encode() for document in DOCUMENTS]
    found = cg.TermCounter(TERMS).find(documents)
    slices = [documents[row][start:end] for row, start, end, _ in places(found)]
    assert slices == [TERMS[j].encode() for *_, j in PLACES]
    assert places(found)[-2:] == [(3, 11, 15, 3), (3, 16, 19, 0)]


@pytest.mark.parametrize("container", CONTAINERS, ids=repr)
def test_every_container(container):
    documents = [document for document in DOCUMENTS if container.missing or document is not None]
    if container.one_width:
        documents = ["the", None, "cat"]
    plan = cg.TermCounter(TERMS)
    expected = plan.find(documents if container.text else [d and d.encode() for d in documents])
    assert len(expected) > 1
    assert places(plan.find(container.of(documents))) == places(expected)
    assert places(plan.find(container.of(documents), workers=2)) == places(expected)


@pytest.mark.parametrize(
    "document", ["aé𝄞the", "é the", "日本 the", "\U00010000the-", "\ud800the", "a\0the the"], ids=ascii
)
def test_offsets_are_of_characters_in_text_of_every_width(document):
    """Python and NumPy store 1, 2 or 4 bytes per character, Arrow UTF-8."""
    at = [i for i in range(len(document)) if document.startswith("the", i)]
    expected = [(0, i, i + 3, 0) for i in at]
    plan = cg.TermCounter(["the"], match="substring")
    assert places(plan.find([document])) == expected
    assert places(plan.find(np.array([document]))) == expected
    if "\ud800" not in document:
        assert places(plan.find(pa.array([document]))) == expected
        assert places(plan.find(pa.array([document]).dictionary_encode())) == expected


def test_documents_that_are_equal_are_each_found():
    documents = ["the", "cat", "the", None, "the"]
    expected = [(0, 0, 3, 0), (1, 0, 3, 1), (2, 0, 3, 0), (4, 0, 3, 0)]
    for made in (documents, pd.Series(documents, dtype="category"), pa.array(documents).dictionary_encode()):
        assert places(cg.TermCounter(["the", "cat"]).find(made)) == expected


def test_equal_spans_come_in_order_of_columns():
    found = cg.TermCounter(["the", "cat", "The", "the cat"], ignore_case=True).find(["THE cat"])
    assert places(found) == [(0, 0, 3, 0), (0, 0, 3, 2), (0, 0, 7, 3), (0, 4, 7, 1)]


def test_a_category_finds_a_span_once():
    categories = {"x": ["the", "The", "the cat"], "none": [], "y": ["the"]}
    found = cg.TermCounter(categories, ignore_case=True).find(["The cat"])
    assert places(found) == [(0, 0, 3, 0), (0, 0, 3, 2), (0, 0, 7, 0)]
    assert found.columns == ["x", "none", "y"]


def test_a_phrase_is_found_with_its_white_space():
    found = cg.TermCounter([" New York "]).find(["in New \n\t York, New York"])
    assert places(found) == [(0, 3, 14, 0), (0, 16, 24, 0)]


@pytest.mark.parametrize(
    ("documents", "terms"), [([], ["a"]), (["a"], []), ([], []), (["", None], ["a"]), (["b"], ["a"])], ids=repr
)
def test_nothing_is_found(documents, terms):
    found = cg.TermCounter(terms).find(documents)
    assert len(found) == 0
    assert {array.dtype for array in (found.document, found.column, found.start, found.end)} == {np.dtype(np.int64)}
    assert {array.shape for array in (found.document, found.column, found.start, found.end)} == {(0,)}
    assert found.context(documents) == []
    assert found.context(documents, as_frame=True).empty


# After strip_accents

STRIPPED = [
    # document, term, options, spans
    ("cafe\u0301 caf\u00e9 cafe", "cafe", {}, [(0, 5), (6, 10), (11, 15)]),
    ("e\u0301\u0302\u0303 e", "e", {}, [(0, 4), (5, 6)]),
    ("\u0301e", "e", {}, [(1, 2)]),
    ("a\u0301b\u0302c\u0303", "b", {"match": "substring"}, [(2, 4)]),
    ("a\u0301b\u0302c\u0303", "bc", {"match": "substring"}, [(2, 6)]),
    ("xﬁy", "f", {"match": "substring"}, [(1, 2)]),
    ("xﬁy", "i", {"match": "substring"}, [(1, 2)]),
    ("xﬁy", "xf", {"match": "substring"}, [(0, 2)]),
    ("xﬁy", "iy", {"match": "substring"}, [(1, 3)]),
    ("½", "2", {}, [(0, 1)]),
    ("a…", "..", {"match": "substring"}, [(1, 2)]),
    ("a…", ".", {"match": "substring"}, [(1, 2)] * 3),
    ("a…", "..", {"match": "substring", "overlap": "all"}, [(1, 2)] * 2),
    ("한국", "하", {"match": "substring"}, [(0, 1)]),
    ("a\u00b4b", "a b", {}, [(0, 3)]),
    ("a\u00b4b", "b", {}, [(2, 3)]),
    ("a\u00b4\u0301b", "a b", {}, [(0, 4)]),
    ("İ\u0307x", "ix", {"ignore_case": True}, [(0, 3)]),
    ("a \u0301 b", "a b", {}, [(0, 5)]),
    ("é-e\u0301", "e*-*", {"syntax": "glob"}, [(0, 4)]),
    ("e\u0301e\u0301e\u0301", "ee", {"match": "substring", "overlap": "all"}, [(0, 4), (2, 6)]),
    ("e\u0301 \u0301e", "e e", {"match": "token"}, [(0, 5)]),
]


@pytest.mark.parametrize(("document", "term", "options", "expected"), STRIPPED, ids=ascii)
def test_places_after_stripping(document, term, options, expected):
    """The smallest span that covers the match, with the dropped marks that follow it."""
    plan = cg.TermCounter([term], strip_accents=True, **options)
    assert [span[1:3] for span in places(plan.find([document]))] == expected
    assert [span[1:3] for span in places(plan.find(np.array([document])))] == expected
    in_bytes = [(len(document[:start].encode()), len(document[:end].encode())) for start, end in expected]
    assert [span[1:3] for span in places(plan.find([document.encode()]))] == in_bytes
    assert plan.count([document]).tolist() == [[len(expected)]]


def test_places_after_stripping_bytes_outside_utf8():
    plan = cg.TermCounter(["e", b"\xff"], match="substring", strip_accents=True)
    assert places(plan.find([b"\xffe\xcc\x81\xff \xcc\x81e\xcc"])) == [
        (0, 0, 1, 1),
        (0, 1, 4, 0),
        (0, 4, 5, 1),
        (0, 8, 9, 0),
    ]


# Context


def test_context():
    found = cg.TermCounter(TERMS).find(DOCUMENTS)
    rows = found.context(DOCUMENTS, width=4)
    assert type(rows) is list
    assert rows[0]._fields == ("document", "column", "before", "match", "after")
    assert rows == [
        (0, "the", "", "the", " cat"),
        (0, "cat", "the ", "cat", " sat"),
        (0, "on the", "sat ", "on the", " mat"),
        (0, "the", " on ", "the", " mat"),
        (3, "the", "ze: ", "the", " 😀 t"),
        (3, "😀", "the ", "😀", " the"),
        (3, "the", "e 😀 ", "the", ""),
    ]
    assert [type(value) for value in rows[0]] == [int, str, str, str, str]


def test_context_has_forty_characters_unless_said():
    document = "é" * 50 + " the " + "日" * 50
    (row,) = cg.TermCounter(["the"]).find([document]).context([document])
    assert (row.before, row.match, row.after) == ("é" * 39 + " ", "the", " " + "日" * 39)
    (row,) = cg.TermCounter(["the"]).find([document]).context([document], width=1000)
    assert row.before + row.match + row.after == document


def test_context_of_no_width():
    rows = cg.TermCounter(TERMS).find(DOCUMENTS).context(DOCUMENTS, width=0)
    assert {(row.before, row.after) for row in rows} == {("", "")}
    assert [row.match for row in rows] == [TERMS[column] for *_, column in PLACES]


def test_context_of_bytes():
    documents = [b"the caf\xc3\xa9 the", None, b"\xff the \xff"]
    rows = cg.TermCounter(["the", b"\xff"]).find(documents).context(documents, width=3)
    assert rows == [
        (0, "the", b"", b"the", b" ca"),
        (0, "the", b"\xc3\xa9 ", b"the", b""),
        (2, "\\xff", b"", b"\xff", b" th"),
        (2, "the", b"\xff ", b"the", b" \xff"),
        (2, "\\xff", b"he ", b"\xff", b""),
    ]


READ_AGAIN = [container for container in CONTAINERS if container.name not in ("generator", "arrow-stream")]


@pytest.mark.parametrize("container", READ_AGAIN, ids=repr)
def test_context_in_every_container_that_can_be_read_again(container):
    documents = [document for document in DOCUMENTS if container.missing or document is not None]
    if container.one_width:
        documents = ["the", None, "cat"]
    made = container.of(documents)
    plain = documents if container.text else [document and document.encode() for document in documents]
    plan = cg.TermCounter(TERMS)
    assert plan.find(made).context(made, width=5) == plan.find(plain).context(plain, width=5)


def test_context_after_stripping():
    documents = ["un cafe\u0301 noir"]
    rows = cg.TermCounter(["café"], strip_accents=True).find(documents).context(documents, width=2)
    assert rows == [(0, "café", "n ", "cafe\u0301", " n")]


def test_context_as_a_frame():
    found = cg.TermCounter(TERMS).find(DOCUMENTS)
    frame = found.context(DOCUMENTS, width=4, as_frame=True)
    assert isinstance(frame, pd.DataFrame)
    assert frame.columns.tolist() == ["document", "column", "before", "match", "after"]
    assert frame.index.tolist() == list(range(7))
    assert list(frame.itertuples(index=False, name=None)) == found.context(DOCUMENTS, width=4)
    assert frame["document"].dtype.kind == "i"
    empty = cg.TermCounter(["dog"]).find(DOCUMENTS).context(DOCUMENTS, as_frame=True)
    assert empty.columns.tolist() == ["document", "column", "before", "match", "after"]
    assert len(empty) == 0
    assert empty.dtypes.tolist() == frame.dtypes.tolist()


@pytest.mark.parametrize("document", [b"a \xff the b", "a \ud800 the b"])
def test_context_as_a_frame_of_bytes_and_surrogates(document):
    found = cg.TermCounter(["the"]).find([document])
    frame = found.context([document], as_frame=True)
    assert list(frame.itertuples(index=False, name=None)) == found.context([document])


def test_context_of_categories():
    documents = ["the cat"]
    found = cg.TermCounter({"x": ["the", "cat"], "y": ["cat"]}).find(documents)
    assert [row[:2] for row in found.context(documents)] == [(0, "x"), (0, "x"), (0, "y")]


@pytest.mark.parametrize("documents", [DOCUMENTS[:-1], [*DOCUMENTS, "the"], []], ids=len)
def test_context_needs_the_same_number_of_documents(documents):
    found = cg.TermCounter(TERMS).find(DOCUMENTS)
    with pytest.raises(ValueError, match=saying("documents", str(len(documents)), str(len(DOCUMENTS)))):
        found.context(documents)


#: Documents that are not `DOCUMENTS`, and the first that differs.
OTHERS = {
    "another order": (["no", *DOCUMENTS[:-1]], 0),
    "one is missing": ([None, *DOCUMENTS[1:]], 0),
    "one is shorter": (["the cat", *DOCUMENTS[1:]], 0),
    "one letter differs": (["the cat sat on the hat".replace("cat", "car"), *DOCUMENTS[1:]], 0),
    "as long, and with other words": (["she can sit in any hut", *DOCUMENTS[1:]], 0),
    "a word grew": (["the cats at on the mat", *DOCUMENTS[1:]], 0),
    "the last with a match": ([*DOCUMENTS[:3], "Katze: the 😀 he ", "no"], 3),
    "bytes": ([text and text.encode() for text in DOCUMENTS], 0),
    "places count bytes": ([*DOCUMENTS[:3], *(text and text.encode() for text in DOCUMENTS[3:])], 3),
}


@pytest.mark.parametrize("make", [list, cg.Documents, lambda items: pd.Series(items, dtype=object)])
@pytest.mark.parametrize(("others", "first"), OTHERS.values(), ids=OTHERS)
def test_context_of_other_documents(others, first, make):
    found = cg.TermCounter(TERMS).find(DOCUMENTS)
    with pytest.raises(ValueError, match=rf"documents\[{first}\] is .*; pass the documents that were searched"):
        found.context(make(others))
    with pytest.raises(ValueError, match=rf"documents\[{first}\]"):
        found.context(make(others), as_frame=True)


def test_context_checks_only_matches():
    found = cg.TermCounter(TERMS).find(DOCUMENTS)
    others = ["the cat ran on the rat", "dog", None, "Sonne: the 😀 the", "the"]
    assert [row.match for row in found.context(others)] == [row.match for row in found.context(DOCUMENTS)]


@pytest.mark.parametrize("container", READ_AGAIN, ids=repr)
def test_a_document_that_differs_in_any_container(container):
    plan, texts = cg.TermCounter(["cat"]), ["a cat", "no no", "cat a"] * 50
    found = plan.find(container.of(texts))
    assert len(found.context(container.of(texts))) == 100
    texts[-1] = "a car"
    with pytest.raises(ValueError, match=r"documents\[149\]"):
        found.context(container.of(texts))


def test_context_checks_matches_with_the_options():
    options = {"strip_accents": True, "ignore_case": True, "syntax": "glob", "overlap": "longest"}
    found = cg.TermCounter({"x": ["caf*", "CAFÉ noir"]}, **options).find(["Cafe\u0301 noir", "cafés"])
    assert [row.match for row in found.context(["CAFÉ\u0301 Noir", "Caffè"])] == ["CAFÉ\u0301 Noir", "Caffè"]
    with pytest.raises(ValueError, match=r"documents\[1\]"):
        found.context(["Cafe\u0301 noir", "coffe"])


@pytest.mark.parametrize(
    "wrap",
    [list, tuple, np.array, cg.Documents, pd.Series, lambda texts: pd.Series(texts, index=[5, 6, 7], dtype=object)],
)
def test_context_tells_bytes_from_str(wrap):
    """Even if all matches are at the same positions."""
    texts, data = ["a", None, "the cat"], [b"a", None, b"the cat"]
    texts, data = [[text for text in some if text or wrap is not np.array] for some in (texts, data)]
    for searched, other in ((texts, data), (data, texts)):
        found = cg.TermCounter(["cat", b"cat"]).find(wrap(searched))
        assert len(found.context(wrap(searched))) == len(found.context(searched)) == 2
        row = len(texts) - 1
        was = type(searched[0]).__name__
        with pytest.raises(ValueError, match=rf"documents\[{row}\] is {type(other[0]).__name__}, but was {was}"):
            found.context(wrap(other))
        with pytest.raises(ValueError, match=rf"documents\[{row}\]"):
            pickle.loads(pickle.dumps(found)).context(other)


@pytest.mark.parametrize("change", [[None, "a"], ["b", "a"], [b"a", "a"], ["a"], ["a", "a", "a"]], ids=str)
def test_context_of_documents_that_changed(change):
    found = cg.TermCounter(["a"]).find(["a", "a"])
    with pytest.raises(ValueError, match=r"documents\[0\] is|got \d+ documents"):
        found.context(change)


def test_context_of_documents_without_matches_that_changed():
    found = cg.TermCounter(["a"]).find(["a", "b", None])
    assert found.context(["a", None, "b"]) == found.context(["a", "b", None])
    assert cg.TermCounter(["z"]).find(["a"]).context([b"other"]) == []


def test_context_of_matches_in_another_order():
    found = cg.TermCounter(["a", "b"]).find(["a b", "b a", "a"])
    order = np.array([3, 0, 4, 2, 1])
    arrays = {name: getattr(found, name)[order] for name in ("document", "column", "start", "end")}
    rows = dataclasses.replace(found, **arrays).context(["a b", "b a", "a"])
    assert [row[:2] for row in rows] == [(1, "a"), (0, "a"), (2, "a"), (1, "b"), (0, "b")]


@pytest.mark.parametrize(
    "change", [{"document": [7]}, {"document": [-1]}, {"column": [1]}, {"end": [9]}, {"start": [1]}]
)
def test_context_of_matches_that_cannot_be(change):
    found = cg.TermCounter(["a"]).find(["a"])
    changed = dataclasses.replace(found, **{name: np.array(places) for name, places in change.items()})
    with pytest.raises(ValueError, match="is not the document that was searched"):
        changed.context(["a"])


def test_matches_are_pickled_with_their_terms():
    found = pickle.loads(pickle.dumps(cg.TermCounter(TERMS).find(DOCUMENTS)))
    assert len(found.context(DOCUMENTS)) == len(PLACES)
    with pytest.raises(ValueError, match=r"documents\[0\]"):
        found.context(DOCUMENTS[::-1])


def test_context_of_more_text_than_is_searched_at_a_time():
    texts = ["the cat " * 1_000_000] * 5 + ["the cat"] * 70_000
    found = cg.TermCounter(["cat"]).find(texts)
    last = dataclasses.replace(
        found, **{name: getattr(found, name)[-70_010:] for name in ("document", "column", "start", "end")}
    )
    assert len(last.context(texts, width=3)) == 70_010
    texts[-1] = "the hat"
    with pytest.raises(ValueError, match=r"documents\[70004\]"):
        last.context(texts, width=3)


@pytest.mark.parametrize("width", [-1, -40])
def test_context_of_negative_width(width):
    found = cg.TermCounter(TERMS).find(DOCUMENTS)
    with pytest.raises(ValueError, match=saying("width", str(width))):
        found.context(DOCUMENTS, width=width)


@pytest.mark.parametrize("width", [None, 1.5, "3", [3]], ids=repr)
@pytest.mark.parametrize("as_frame", [False, True])
def test_context_of_a_width_that_is_not_an_int(width, as_frame):
    found = cg.TermCounter(TERMS).find(DOCUMENTS)
    said = re.escape(f"width is {type(width).__name__} ({width!r}); expected an int")
    with pytest.raises(TypeError, match=said):
        found.context(DOCUMENTS, width=width, as_frame=as_frame)


def test_context_of_widths_of_every_kind():
    found = cg.TermCounter(TERMS).find(DOCUMENTS)
    assert found.context(DOCUMENTS, width=np.int16(4)) == found.context(DOCUMENTS, width=4)
    assert found.context(DOCUMENTS, width=10**30) == found.context(DOCUMENTS, width=10**6)


def test_context_of_one_text():
    with pytest.raises(TypeError, match=saying("documents", "str", "list")):
        cg.TermCounter(["a"]).find(["a"]).context("a")


def test_context_options_go_by_keyword():
    with pytest.raises(TypeError):
        cg.TermCounter(["a"]).find(["a"]).context(["a"], 3)


# Options of find


def test_missing_documents():
    plan = cg.TermCounter(TERMS)
    assert places(plan.find(DOCUMENTS, missing="zero")) == PLACES
    with pytest.raises(ValueError, match=saying(r"documents\[1\]", "missing")):
        plan.find(DOCUMENTS, missing="raise")
    with pytest.raises(ValueError, match=saying("'skip'", "'zero'", "'raise'")):
        plan.find(DOCUMENTS, missing="skip")


@pytest.mark.parametrize("workers", [0, -1])
def test_workers_below_one(workers):
    with pytest.raises(ValueError, match=saying("workers", str(workers), "expected", r"\b1\b")):
        cg.TermCounter(TERMS).find(DOCUMENTS, workers=workers)


def test_options_that_find_does_not_take():
    plan = cg.TermCounter(TERMS)
    for options in ({"dtype": "int8"}, {"sparse": True}, {"out": None}, {"match": "word"}):
        with pytest.raises(TypeError):
            plan.find(DOCUMENTS, **options)
    with pytest.raises(TypeError):
        plan.find(DOCUMENTS, 2)
    for given in ("the", b"the", {"the": 1}, {"the"}):
        with pytest.raises(TypeError, match=saying("documents", type(given).__name__, "list")):
            plan.find(given)
    with pytest.raises(TypeError, match=saying(r"documents\[1\]", "float", r"3\.5")):
        plan.find(["a", 3.5])


def test_many_documents_among_workers():
    documents = ["the cat " * (i % 7) + "é" * (i % 3) for i in range(20_000)]
    plan = cg.TermCounter(["the", "cat the", "cat"])
    expected = []
    for i in range(20_000):
        for k in range(i % 7):
            expected.append((i, 8 * k, 8 * k + 3, 0))
            expected += [(i, 8 * k + 4, 8 * k + 7, 2)]
            expected += [(i, 8 * k + 4, 8 * k + 11, 1)] if k + 1 < i % 7 else []
    for workers in (1, 2, 3, None):
        assert places(plan.find(documents, workers=workers)) == expected
        assert places(plan.find(cg.Documents(documents), workers=workers)) == expected
