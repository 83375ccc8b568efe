"""The attributes of exceptions. Messages agree with them."""

import contextvars
import pickle
import threading
from functools import partial

import countgrid as cg
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from containers import object_array
from countgrid._command.ending import as_typed
from countgrid._errors import option, spelled

ABOUT = (
    "row",
    "column",
    "count",
    "term",
    "category",
    "reason",
    "invalid",
    "options",
    "columns",
    "path",
    "line",
)


def attributes(call) -> dict:
    """The attributes of the exception that a call raises."""
    with pytest.raises((ValueError, TypeError, OverflowError)) as caught:
        call()
    found = {name: vars(caught.value)[name] for name in ABOUT if name in vars(caught.value)}
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (type(caught.value), str(caught.value))
    assert {name: vars(again)[name] for name in found} == found
    assert found.get("reason", "") in str(caught.value)
    return found


@pytest.mark.parametrize("wrap", [list, tuple, iter, object_array, lambda items: pd.Series(items, dtype=object)])
@pytest.mark.parametrize("item", [3.5, ["a"], bytearray(b"a")], ids=repr)
def test_items_that_are_not_text(wrap, item):
    items = ["a"] * 17 + [item]
    assert attributes(lambda: cg.count(wrap(items), ["a"])) == {"row": 17}
    assert attributes(lambda: cg.TermCounter(["a"]).totals(wrap(items))) == {"row": 17}
    assert attributes(lambda: cg.TermCounter(["a"]).find(wrap(items))) == {"row": 17}
    assert attributes(lambda: cg.Documents(wrap(items))) == {"row": 17}
    for category, terms in ((None, wrap), ("y", lambda items: {"x": ["b"], "y": wrap(items)})):
        found = attributes(lambda terms=terms: cg.TermCounter(terms(items)))
        # An iterator cannot be read again to list all such items.
        assert found.pop("invalid", []) == ([] if wrap is iter else [(category, 17, found.pop("reason"))])
        assert found == {"term": 17, "category": category}


def test_missing_documents_and_terms():
    columns = [["a", None], pd.Series(["a", None]), pl.Series(["a", None]), pa.array(["a", None])]
    columns += [pa.array(["a", None]).dictionary_encode(), np.array(["a", None], object)]
    for column in columns:
        assert attributes(lambda column=column: cg.count(column, ["a"], missing="raise")) == {"row": 1}
        assert attributes(lambda column=column: cg.TermCounter(["a"]).totals(column, missing="raise")) == {"row": 1}
        reason = "is missing; leave missing terms out, in pandas with .dropna()"
        for category, terms in ((None, column), ("y", {"y": column})):
            found = {"term": 1, "category": category, "reason": reason, "invalid": [(category, 1, reason)]}
            assert attributes(lambda terms=terms: cg.TermCounter(terms)) == found


def test_a_missing_document_of_a_stream():
    batches = [pa.record_batch({"x": ["a"] * 3}), pa.record_batch({"x": ["a", None]})]
    reader = pa.RecordBatchReader.from_batches(batches[0].schema, batches)
    assert attributes(lambda: cg.TermCounter(["a"]).totals(reader, missing="raise")) == {"row": 4}


@pytest.mark.parametrize(
    ("term", "options", "reason"),
    [
        ("", {}, "is empty; a term needs at least one character"),
        (" ", {}, "contains only whitespace"),
        ("\u0301", {"strip_accents": True}, "contains only accents"),
        ("a\\", {"syntax": "glob"}, "ends with a single backslash"),
        ("(", {"syntax": "regex"}, "is not a valid regular expression: unclosed group, at position 0"),
        ("a*", {"syntax": "regex"}, "can match the empty string"),
        ("(a{1000}){1000}", {"syntax": "regex"}, "compiles to more than 10 MB"),
        (b"\xff", {"syntax": "regex"}, "is invalid UTF-8"),
    ],
)
def test_invalid_terms(term, options, reason):
    for terms, category in ((["a", term], None), ({"x": ["b"], "y": ["a", term]}, "y")):
        found = attributes(lambda terms=terms: cg.TermCounter(terms, **options))
        assert found["reason"].startswith(reason)
        assert found.pop("invalid") == [(category, 1, found.pop("reason"))]
        assert found == {"term": 1, "category": category}


#: Terms, options, and what the message says after "terms".
SEVERAL = [
    (
        ["(", "fine", "a*", "(?>a)", "", "[a-z", "(", b"\xff"],
        {"syntax": "regex"},
        [
            "[0] is not a valid regular expression: unclosed group, at position 0",
            "[2] can match the empty string; a match needs at least one character",
            "[3] is not a valid regular expression: unrecognized flag: atomic groups are not supported;"
            " write (?:...), at position 2",
            "[4] is empty; a term needs at least one character",
            "[5] is not a valid regular expression: unclosed character class: within [...], write \\[ for a"
            " bracket, at position 0",
            "[7] is invalid UTF-8; a regular expression must be valid UTF-8",
        ],
    ),
    (
        {"x": ["a", "é("], "y": [r"a\Z"]},
        {"syntax": "regex", "match": "substring"},
        [
            "['x'][1] is not a valid regular expression: unclosed group, at position 1",
            "['y'][0] is not a valid regular expression: unrecognized escape sequence: the end of a document is"
            " \\z, at position 1",
        ],
    ),
    (
        ["a", "", "a\\", " ", "b"],
        {"syntax": "glob"},
        [
            "[1] is empty; a term needs at least one character",
            "[2] ends with a single backslash; in a glob it escapes the next character, so write two for a backslash",
            "[3] contains only whitespace; in word and token mode whitespace around a term is dropped, so a term"
            " needs at least one other character",
        ],
    ),
    (["", "a", ""], {}, [f"[{i}] is empty; a term needs at least one character" for i in (0, 2)]),
]


@pytest.mark.parametrize("more", [0, 20], ids=["few", "many"])
@pytest.mark.parametrize(("terms", "options", "said"), SEVERAL)
def test_all_invalid_terms_are_listed(terms, options, said, more):
    """Of equal regular expressions, the first."""
    further = [f"fine{i}" for i in range(more)]
    terms = {**terms, "z": further} if isinstance(terms, dict) else terms + further
    with pytest.raises(ValueError, match="terms are invalid") as caught:
        cg.TermCounter(terms, **options)
    places = [
        (f"['{category}'][{term}] {reason}" if category else f"[{term}] {reason}")
        for category, term, reason in caught.value.invalid
    ]
    assert places == said
    lines = []
    for category, at, reason in caught.value.invalid:
        term = terms[category][at] if category else terms[at]
        text = term.decode(errors="replace") if isinstance(term, bytes) else term
        place = f"['{category}'][{at}]" if category else f"[{at}]"
        lines.append(f"terms{place} '{text}' {reason}" if text.strip() else f"terms{place} {reason}")
    assert str(caught.value).split("\n") == [f"{len(said)} terms are invalid:", *lines]
    found = caught.value.invalid[0]
    assert (caught.value.category, caught.value.term, caught.value.reason) == found


def test_long_lists_of_invalid_terms_are_cut():
    for many in (10, 11, 2000):
        with pytest.raises(ValueError, match="invalid") as caught:
            cg.TermCounter(["fine", *(f"({i}" for i in range(many))], syntax="regex")
        lines = str(caught.value).split("\n")
        assert lines[0] == f"{many} terms are invalid:"
        assert lines[1:11] == [
            f"terms[{i + 1}] '({i}' is not a valid regular expression: unclosed group, at position 0"
            for i in range(10)
        ]
        assert lines[11:] == ([f"and {many - 10} more"] if many > 10 else [])
        assert [term for _, term, _ in caught.value.invalid] == list(range(1, many + 1))


#: A term, and how the message shows it.
SHOWN = {
    "control characters": ("a\n\x1b[31m(", r"'a\n\u{1b}[31m('"),
    "60 characters": ("(" + "日" * 59, "'(" + "日" * 59 + "'"),
    "61 characters": ("(" + "日" * 60, "'(" + "日" * 59 + "...'"),
    "quotes": ("'\"(", "''\"('"),
    "bytes": (b"\xff(", "'\ufffd('"),
    "spaces": (" ( ", "' ( '"),
}


@pytest.mark.parametrize(("term", "shown"), SHOWN.values(), ids=SHOWN)
def test_the_text_of_invalid_terms(term, shown):
    for terms, place in ((["a", term], "[1]"), ({"x": ["a", term]}, "['x'][1]")):
        with pytest.raises(ValueError, match="is ") as caught:
            cg.TermCounter(terms, syntax="regex")
        assert str(caught.value).startswith(f"terms{place} {shown} is ")


MIXED = ["ok", "", None, "  ", 3, float("nan"), ["x"], "fine"]
REASONS = {1: "is empty", 2: "is missing", 3: "contains only whitespace", 4: "is int (3)", 5: "is missing"}
REASONS[6] = "is list (['x']); expected str or bytes; join the words"


@pytest.mark.parametrize("wrap", [list, tuple, object_array, lambda items: pd.Series(items, dtype=object)])
@pytest.mark.parametrize("category", [None, "y"])
def test_items_that_are_not_text_are_listed_with_invalid_terms(wrap, category):
    """TypeError if any is not text, ValueError if some are only missing, empty or invalid."""
    for items, error in ((MIXED, TypeError), (MIXED[:4], ValueError), ([*MIXED[:2], *MIXED[4:]], TypeError)):
        terms = {"x": ["b", "c"], "y": wrap(items)} if category else wrap(items)
        with pytest.raises(error) as caught:
            cg.TermCounter(terms)
        at = [i for i, item in enumerate(items) if item not in ("ok", "fine")]
        assert [(where, i) for where, i, _ in caught.value.invalid] == [(category, i) for i in at]
        for i, (_, _, reason), line in zip(at, caught.value.invalid, str(caught.value).split("\n")[1:], strict=True):
            assert reason.startswith(REASONS[MIXED.index(items[i])])
            assert line == (f"terms['y'][{i}] {reason}" if category else f"terms[{i}] {reason}")


def test_a_series_of_lists_as_terms():
    words = pd.DataFrame({"topic": ["a", "b", "a"], "word": ["x", "y", "z"]})
    lists = words.groupby("topic")["word"].apply(list)
    with pytest.raises(TypeError, match=r"for categories of terms, pass what its \.to_dict\(\) returns$"):
        cg.TermCounter(lists)
    assert cg.count(["x z y"], lists.to_dict()).tolist() == [[2, 1]]


def test_paths_as_documents_and_terms(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("the\ncat\n")
    with pytest.raises(TypeError, match=r"it is a path; pass Documents\.from_lines\(path\) .* count_dataset$"):
        cg.count(path, ["a"])
    with pytest.raises(TypeError, match=r"it is a path; pass what read_lexicon\(path\) returns$"):
        cg.TermCounter(path)
    assert cg.count(cg.Documents.from_lines(path), cg.read_lexicon(path)).tolist() == [[1, 0], [0, 1]]


def test_the_term_of_a_search(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    found = attributes(lambda: cg.search(tmp_path / "a.txt", ""))
    reason = "is empty; a term needs at least one character"
    assert found == {"term": 0, "category": None, "reason": reason, "invalid": [(None, 0, reason)]}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"syntax": "regex", "strip_accents": True}, ("strip_accents", "syntax")),
        ({"syntax": "regex", "overlap": "all"}, ("overlap", "syntax")),
        ({"syntax": "regex", "overlap": "longest"}, ("overlap", "syntax")),
        ({"word_chars": "-", "match": "token"}, ("word_chars", "match")),
        ({"word_chars": "-", "match": "substring"}, ("word_chars", "match")),
        ({"word_chars": "- "}, ("word_chars",)),
        ({"word_chars": "\ud800"}, ("word_chars",)),
    ],
)
def test_options_that_cannot_be_combined(options, names):
    found = attributes(lambda: cg.TermCounter(["a"], **options))
    assert found.pop("reason")
    assert found == {"options": names}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("sparse", [False, True])
def test_counts_that_do_not_fit(workers, sparse):
    documents = ["a"] * 1000
    documents[700] = "a " * 300 + "b " * 300
    found = attributes(lambda: cg.count(documents, ["c", "b", "a"], dtype="uint8", workers=workers, sparse=sparse))
    assert found == {"row": 700, "column": 1, "count": 300}


def test_matches_of_other_documents():
    matches = cg.TermCounter(["a"]).find(["b", "a", "a"])
    assert attributes(lambda: matches.context(["b", "a", "b"])) == {"row": 2}


def test_columns_with_the_same_name():
    import countgrid.pandas
    import countgrid.polars  # noqa: F401

    for series in (pd.Series(["a"]), pl.Series(["a"])):
        call = lambda series=series: series.countgrid.count(["a", "b", "a"])  # noqa: E731
        assert attributes(call) == {"columns": (0, 2)}


def test_the_adapters_keep_the_attributes_of_exceptions():
    import countgrid.pandas  # noqa: F401

    series = pd.Series(["a", 3.5], index=["x", "y"], name="text", dtype=object)
    assert attributes(lambda: series.countgrid.count(["a"])) == {"row": 1}


@pytest.mark.parametrize(
    ("name", "content", "options", "line"),
    [
        ("a.json", b'["a",\n\n', {}, 3),
        ("a.csv", b"word,score\na,1\nb,high\n", {}, 3),
        ("a.dic", b"%\n1\ta\n%\nx*\t1\n", {}, 4),
        ("a.txt", b"a\tb\n", {}, 1),
        ("a.txt", b"a\n\xff\n", {}, 2),
        ("a.txt", b"PAR1\0\0\0", {}, None),
        ("a.txt.gz", b"a", {}, None),
        ("a.xyz", b"a", {}, None),
        ("a.dic", b"", {"syntax": "regex"}, None),
    ],
)
def test_the_content_of_a_lexicon(tmp_path, name, content, options, line):
    path = tmp_path / name
    path.write_bytes(content)
    found = attributes(lambda: cg.read_lexicon(path, **options))
    assert found == {"path": str(path)} | ({"line": line} if line else {})


@pytest.mark.parametrize(
    ("content", "encoding", "line"),
    [
        (b"the\n\xff\n", "ascii", 2),
        (b"the\n\n\xd8\x00", "utf-16-be", 1),
        (b"PAR1\0\0\0", None, None),
        (b"a\0b\0c\0d\0", None, None),
        (b"\x1f\x8b\x08abc", None, None),
    ],
)
def test_the_content_of_a_file(tmp_path, content, encoding, line):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    expected = {"path": str(path)} | ({"line": line} if line else {})
    assert attributes(lambda: cg.search(path, "the", encoding=encoding)) == expected
    assert attributes(lambda: cg.Documents.from_lines(path, encoding=encoding)) == expected
    expected.pop("path")
    assert attributes(lambda: cg.Documents.from_lines(content, encoding=encoding)) == expected, "there is no file"


def test_a_file_that_cannot_be_read(tmp_path):
    for call in (lambda: cg.search(tmp_path / "none", "a"), lambda: cg.Documents.from_lines(tmp_path / "none")):
        with pytest.raises(FileNotFoundError) as caught:
            call()
        assert caught.value.filename == str(tmp_path / "none")


def test_options_are_spelled_as_their_users_pass_them():
    def read_in_thread() -> str:
        said = []
        thread = threading.Thread(target=contextvars.copy_context().run, args=[lambda: said.append(option("top", 3))])
        thread.start()
        thread.join()
        return said[0]

    assert (option("encoding"), option("syntax", "glob"), read_in_thread()) == ("encoding=", "syntax='glob'", "top=3")
    with spelled(as_typed):
        assert (option("encoding"), option("syntax", "glob")) == ("--encoding", "--syntax glob")
        assert (option("strip_accents", True), option("word_chars", "- ")) == ("--strip-accents", "--word-chars '- '")
        assert read_in_thread() == "--top 3"
        with spelled(partial(as_typed, others={"encoding": "--terms-encoding"})):
            assert option("encoding", "cp1252") == "--terms-encoding cp1252"
        assert option("encoding", "cp1252") == "--encoding cp1252"
    assert option("encoding") == "encoding="
