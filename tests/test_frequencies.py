"""The words and n-grams that `frequencies` finds, compared with a naive implementation."""

import inspect
import pickle
import re
import warnings
from collections import Counter
from pathlib import Path

import countgrid as cg
import numpy as np
import pyarrow as pa
import pytest
import regex
from containers import CONTAINERS, as_bytes
from countgrid._stop_words import APOSTROPHES, english
from hypothesis import given
from hypothesis import strategies as st
from rules import Characters, as_text, transformed

REVIEWS = ["Good sound, good price", "The sound is not good", None, "", "naïve Straße, x_1 don't"]


def terms_of(
    document: str | bytes | None,
    *,
    ngrams: tuple[int, int] = (1, 1),
    stop_words: list[str] = (),
    ignore_case: bool = False,
    strip_accents: bool = False,
    word_chars: str = "",
    across_punctuation: bool = True,
) -> list[str]:
    """The terms of a document, repeated as often as they occur."""

    def change(text: str) -> str:
        return transformed(text, ignore_case, strip_accents)

    text, left_out = change(as_text(document or "")), set(map(change, stop_words))
    clauses, end = [[]], 0
    for word in regex.finditer(Characters("word", word_chars).one + "+", text):
        if not across_punctuation and regex.search(r"\P{White_Space}", text[end : word.start()]):
            clauses.append([])
        if word[0] not in left_out:
            clauses[-1].append(word[0])
        end = word.end()
    return [
        " ".join(clause[at : at + n])
        for n in range(ngrams[0], ngrams[1] + 1)
        for clause in clauses
        for at in range(len(clause) - n + 1)
    ]


def expected(documents, *, top: int | None = None, min_documents: int = 1, **options) -> list[tuple[str, int, int]]:
    counts, containing = Counter(), Counter()
    for document in documents:
        terms = terms_of(document, **options)
        counts.update(terms)
        containing.update(set(terms))
    found = [(term, counts[term], containing[term]) for term in counts if containing[term] >= min_documents]
    return sorted(found, key=lambda row: (-row[1], row[0]))[:top]


def found(documents, **options) -> list[tuple[str, int, int]]:
    totals = cg.frequencies(documents, **options)
    assert isinstance(totals, cg.Totals)
    assert totals.counts.dtype == totals.documents.dtype == np.int64
    assert totals.terms == totals.columns
    return [tuple(row) for row in totals]


#: Documents, options, and the terms with their counts, worked out by hand.
CASES = [
    (["the cat the", "cat"], {}, {"cat": 2, "the": 2}),
    (["b a", "a c b"], {}, {"a": 2, "b": 2, "c": 1}),
    (["Cat cat CAT"], {"ignore_case": True}, {"cat": 3}),
    (
        ["Straße STRASSE \u017ftrange \u212a"],
        {"ignore_case": True},
        {"k": 1, "strange": 1, "strasse": 1, "straße": 1},
    ),
    (["ΟΔΟΣ οδος"], {"ignore_case": True}, {"οδοσ": 2}),
    (["naïve naive Åström"], {"strip_accents": True}, {"naive": 2, "Astrom": 1}),
    (["don't stop"], {}, {"don": 1, "stop": 1, "t": 1}),
    (["don't stop"], {"word_chars": "'"}, {"don't": 1, "stop": 1}),
    (["x_1 १२ हिन्दी 日本語"], {}, {"x_1": 1, "हिन्दी": 1, "१२": 1, "日本語": 1}),
    (["new york, new", "york city"], {"ngrams": (2, 2)}, {"new york": 1, "york city": 1, "york new": 1}),
    (["new york, new"], {"ngrams": (2, 2), "across_punctuation": False}, {"new york": 1}),
    (["a\n\n b\u2003c.\nd"], {"ngrams": (2, 3), "across_punctuation": False}, {"a b": 1, "a b c": 1, "b c": 1}),
    (["a a a"], {"ngrams": (1, 2)}, {"a": 3, "a a": 2}),
    (["a b c", "d"], {"ngrams": (3, 5)}, {"a b c": 1}),
    (["state of the art"], {"ngrams": (2, 2), "stop_words": ["of", "the"]}, {"state art": 1}),
    (
        ["state of the art: of the state"],
        {"ngrams": (2, 2), "stop_words": {"of", "the"}, "across_punctuation": False},
        {"state art": 1},
    ),
    (["The the THE"], {"stop_words": ["the"]}, {"THE": 1, "The": 1}),
    (["The the THE"], {"stop_words": ["the"], "ignore_case": True}, {}),
    (["english the"], {"stop_words": ["English"], "ignore_case": True}, {"the": 1}),
    (["naïve the"], {"stop_words": ["naive"], "strip_accents": True}, {"the": 1}),
    (["naïve the"], {"stop_words": ["Naïve"], "strip_accents": True, "ignore_case": True}, {"the": 1}),
    (["The cat and THE dog were in it"], {"stop_words": "english"}, {"THE": 1, "cat": 1, "dog": 1}),
    (["a b", "a a", "b c"], {"min_documents": 2}, {"a": 3, "b": 2}),
    (["a b", "a a", "b c"], {"top": 1}, {"a": 3}),
    (["b a", "c"], {"top": 2}, {"a": 1, "b": 1}),
    (["a", "b"], {"top": 0}, {}),
    (["a"], {"top": 10**30}, {"a": 1}),
    (["a"], {"min_documents": 10**30}, {}),
    ([b"caf\xc3\xa9 \xff caf\xff"], {}, {"caf": 1, "café": 1}),
    ([], {}, {}),
    ([None, ""], {}, {}),
]


@pytest.mark.parametrize(("documents", "options", "counts"), CASES)
def test_cases(documents, options, counts):
    totals = cg.frequencies(documents, **options)
    assert list(totals.to_dict().items()) == list(counts.items())
    if options.get("stop_words") == "english":
        options = {**options, "stop_words": english("")}
    assert found(documents, **options) == expected(documents, **options)


#: Letters with and without case and accents, marks, digits, join controls, several scripts, an astral letter,
#: punctuation, whitespace, a lone surrogate.
ALPHABET = "aAbBéÉe\u0301ß\u017fKΣ\u03c3ς\u0130\u0131Ддक्ष日本あ𐐀𐐨٣1_\u200d-'.,\u2019—😀 \n\t\u00a0\u2003\ud800"
#: Characters that are new in a version of Unicode are words only where all know that version.
KNOWN = st.characters(exclude_categories=["Cn", "Cs"])
TEXTS = st.lists(st.none() | st.text(ALPHABET, max_size=40) | st.text(KNOWN, max_size=20), max_size=8)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "ngrams": st.tuples(st.integers(1, 3), st.integers(0, 2)).map(lambda pair: (pair[0], sum(pair))),
        "ignore_case": st.booleans(),
        "strip_accents": st.booleans(),
        "word_chars": st.text("-'\u2019😀日.", max_size=2),
        "across_punctuation": st.booleans(),
        "stop_words": st.lists(st.sampled_from(["a", "A", "é", "Σ", "日本", "b"]), max_size=3),
        "min_documents": st.integers(1, 3),
        "top": st.none() | st.integers(0, 4),
    },
)


@given(TEXTS, OPTIONS)
def test_equal_to_the_definition(texts, options):
    assert found(texts, **options) == expected(texts, **options)


@given(TEXTS, OPTIONS, st.integers(1, 4))
def test_streams_are_equal_to_one_call(texts, options, size):
    texts = [text and text.encode("utf-8", "replace").decode() for text in texts]
    arrays = [pa.array(texts[at : at + size], pa.string()) for at in range(0, len(texts), size)]
    of_all = found(texts, **options)
    assert found(iter(arrays), **options) == of_all
    assert found(pa.chunked_array(arrays, pa.string()), **options) == of_all
    reader = pa.table({"text": pa.chunked_array(arrays, pa.string())}).to_reader()
    assert found(reader, **options) == of_all


@given(TEXTS, st.booleans(), st.booleans(), st.text("-'\u2019", max_size=2))
def test_a_counter_of_the_terms_finds_the_same_counts(texts, ignore_case, strip_accents, word_chars):
    options = {"ignore_case": ignore_case, "strip_accents": strip_accents, "word_chars": word_chars}
    totals = cg.frequencies(texts, ngrams=(1, 3), across_punctuation=False, **options)
    again = cg.TermCounter(totals.terms, overlap="all", **options).totals(texts)
    assert again.columns == totals.terms
    assert again.counts.tolist() == totals.counts.tolist()
    assert again.documents.tolist() == totals.documents.tolist()


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container.name)
def test_each_container(container):
    texts = [text for text in REVIEWS if text is not None or container.missing]
    if container.one_width:
        texts = ["the cat", "a 1 b c", "a-b-c-d"]
    documents = container.make(texts if container.text else as_bytes(texts))
    assert found(documents, ngrams=(1, 2)) == expected(texts, ngrams=(1, 2))


def test_rows_of_a_dictionary_count_each_time():
    keys = pa.array([0, 1, None, 0, 0], pa.int8())
    column = pa.DictionaryArray.from_arrays(keys, pa.array(["the cat", "a dog a", "unused"]))
    assert found(column) == [("cat", 3, 3), ("the", 3, 3), ("a", 2, 1), ("dog", 1, 1)]
    assert found([column, column]) == [("cat", 6, 6), ("the", 6, 6), ("a", 4, 2), ("dog", 2, 2)]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_workers_do_not_change_the_result(workers):
    rng = np.random.default_rng(0)
    words = [f"w{i}" for i in range(3000)] + ["日本語", "naïve", "x" * 300]
    texts = [" ".join(rng.choice(words, rng.integers(0, 60))) for _ in range(4000)]
    texts += [" ".join(rng.choice(words, 300_000)), None]
    for ngrams in ((1, 1), (1, 2)):
        assert found(texts, ngrams=ngrams, workers=workers) == expected(texts, ngrams=ngrams)


def test_only_few_batches_of_a_stream_are_in_memory():
    before = pa.total_allocated_bytes()
    most = 0

    def parts():
        nonlocal most
        for _ in range(50):
            part = pa.array(["the cat sat on the mat " * 40] * 1000)
            most = max(most, pa.total_allocated_bytes() - before)
            yield part

    assert found(parts(), top=2) == [("the", 4_000_000, 50_000), ("cat", 2_000_000, 50_000)]
    assert most < 5 * 40 * 23 * 1000


def test_the_result_is_totals():
    totals = cg.frequencies(REVIEWS[:2])
    assert repr(totals).splitlines()[:2] == ["term   count  documents", "good       2          2"]
    assert totals["good"] == ("good", 2, 2)
    assert totals["good"].term == "good"
    assert repr(totals["good"]) == "Term(term='good', count=2, documents=2)"
    assert totals["good"]._asdict() == {"term": "good", "count": 2, "documents": 2}
    assert "price" in totals
    assert "zebra" not in totals
    assert list(totals.to_frame()) == ["term", "count", "documents"]
    assert pa.table(totals).to_pylist()[0] == {"term": "good", "count": 2, "documents": 2}
    assert "<th>term</th>" in totals._repr_html_()
    for same in (pickle.loads(pickle.dumps(totals)), totals.select(np.arange(len(totals)))):
        assert same.terms == totals.terms
        assert list(same) == list(totals)
    assert [list(totals[part]) for part in (slice(2), slice(-1, None), slice(None, None, -2), slice(9, 0))] == [
        list(totals)[:2],
        list(totals)[-1:],
        list(totals)[::-2],
        [],
    ]
    assert (totals[:2].terms, totals[:2].to_dict()) == (totals.terms[:2], dict(list(totals.to_dict().items())[:2]))
    rates = cg.TermCounter(["good", "price"]).totals(REVIEWS[:2], per_words=10)
    assert list(rates[1:]) == list(rates)[1:]
    assert rates[:1].per_words == 10
    twice = totals + totals
    assert (twice.terms, twice["good"].count) == (totals.terms, 4)
    with pytest.raises(ValueError, match="expected the same columns"):
        totals + cg.frequencies(["other words"])


def test_results_that_are_passed_as_terms():
    totals = cg.frequencies(["the cat"])
    for use in (cg.TermCounter, lambda terms: cg.count(["the cat"], terms)):
        with pytest.raises(ValueError, match=r"^terms is Totals; pass its \.terms$"):
            use(totals)
        with pytest.raises(ValueError, match=r"^terms is Totals; pass its \.columns$"):
            use(cg.TermCounter(["the"]).totals(["the cat"]))
    assert cg.TermCounter(totals.terms).columns == ["cat", "the"]


def test_totals_of_a_counter_have_no_terms():
    totals = cg.TermCounter({"mood": ["good"]}).totals(REVIEWS)
    with pytest.raises(AttributeError, match="only the result of frequencies has terms"):
        _ = totals.terms
    assert not hasattr(totals, "terms")
    assert "term" not in pa.table(totals).column_names


def test_long_results_are_shortened_when_they_are_shown():
    text = " ".join(f"w{i}" for i in range(1000))
    assert repr(cg.frequencies([text])).splitlines()[-1] == "[1000 terms]"


# Stop words


def test_the_english_stop_words():
    """They are those in the documentation."""
    plain, joined = english(""), english("'")
    page = (Path(__file__).parents[1] / "docs" / "what-is-counted.md").read_text(encoding="utf-8")
    listed = [
        block.split() for block in re.findall(r"```text\n(.*?)```", page.partition('"english"`**')[2], re.DOTALL)
    ]
    assert sorted(plain[::2]) == listed[0]
    assert sorted({*joined[::2]} - {*plain}) == listed[1]
    assert len(plain) == len(set(plain)) == 2 * 175
    assert len(joined) == len(set(joined)) == 2 * (175 + 51)
    assert {"the", "The", "t", "don"} < set(plain)
    assert {"don't", "Don't"} < set(joined)
    assert len(english(APOSTROPHES)) == 2 * (175 + 2 * 51)
    assert {"us", "Us"} < set(plain)
    assert not {"US", "don't", "won", "like", "first"} & set(plain)
    assert set(plain) == cg.ENGLISH_STOP_WORDS
    text = "The cat Sat on it, not US or us"
    assert found([text], stop_words=cg.ENGLISH_STOP_WORDS) == found([text], stop_words="english")
    # Each is one word, so it has an effect.
    for marks in ("", *APOSTROPHES, APOSTROPHES):
        assert found(english(marks), stop_words="english", word_chars=marks) == []


def test_contractions():
    text = ["I don't, he can\u2019t"]
    assert found(text, stop_words="english") == []
    assert [row[0] for row in found(text, stop_words="english", word_chars="'")] == []
    assert [row[0] for row in found(["won't won"], stop_words="english")] == ["won"]
    assert [row[0] for row in found(["won't won"], stop_words="english", word_chars="'")] == ["won"]


WARNINGS = [
    (["don't"], {}, 'the stop word "don\'t" is not one word, so it has no effect; split it, or pass word_chars='),
    (["a", "New York"], {}, "the stop word 'New York' is not one word, so it has no effect; split it"),
    ([""], {}, "the stop word '' is not one word"),
    (["a,", "b"], {"word_chars": "-"}, "the stop word 'a,' is not one word"),
    (
        ["can\u2019t", "don't", "-"],
        {"word_chars": "+"},
        "3 stop words are not one word each, such as 'can\u2019t', so they have no effect; split them, or pass",
    ),
]


@pytest.mark.parametrize(("stop_words", "options", "message"), WARNINGS)
def test_stop_words_that_are_not_words_warn(stop_words, options, message):
    with warnings.catch_warnings(record=True, action="always") as caught:
        line = inspect.currentframe().f_lineno + 1
        cg.frequencies(["a b"], stop_words=stop_words, **options)
    assert [(warning.category, warning.filename, warning.lineno) for warning in caught] == [
        (UserWarning, __file__, line)
    ]
    assert str(caught[0].message).startswith(message)


@pytest.mark.parametrize(
    ("stop_words", "options"),
    [(["don't", "it's"], {"word_chars": "'"}), (["naïve", "日本", "x_1", "e\u0301"], {}), (np.array(["a", "b"]), {})],
)
def test_stop_words_that_are_words_do_not_warn(stop_words, options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found([*stop_words, "else"], stop_words=iter(stop_words), **options) == [("else", 1, 1)]


# Progress and errors


def test_progress():
    told = []
    cg.frequencies(["a b"] * 3, progress=lambda done, total: told.append((done, total)))
    assert (told[0], told[-1]) == ((0, 9), (9, 9))

    def stop(done, total):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        cg.frequencies(["a b"] * 3, progress=stop)


@pytest.mark.parametrize("ngrams", [(1, 1), (1, 3)])
def test_progress_never_falls(ngrams):
    told = []
    text = " ".join(f"w{i * 7919 % 1_000_003}" for i in range(300_000))
    cg.frequencies([text, text], ngrams=ngrams, top=1, progress=lambda done, _: told.append(done))
    assert told == sorted(told)
    assert told[-1] == 2 * len(text)


def test_progress_of_a_stream():
    told = []
    parts = (pa.array(["the cat"] * 10_000) for _ in range(3))
    cg.frequencies(parts, progress=lambda done, total: told.append((done, total)))
    assert (told[0], told[-1]) == ((0, None), (3 * 70_000, None))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_missing_documents():
    with pytest.raises(ValueError, match=r"documents\[1\] is missing") as caught:
        cg.frequencies(["a", None], missing="raise")
    assert caught.value.row == 1
    with pytest.raises(ValueError, match=r"documents\[3\] is missing") as caught:
        cg.frequencies(iter([pa.array(["a", "b"]), pa.array(["c", None])]), missing="raise")
    assert caught.value.row == 3


@pytest.mark.parametrize("most", [2, 2**63, 2**64, 10**30, np.uint64(2**64 - 1)])
def test_numbers_of_any_size(most):
    found = cg.frequencies(["b a"], ngrams=(1, most))
    assert found.terms == ["a", "b", "b a"]
    assert cg.frequencies(["b a"], ngrams=(most, most)).terms == (["b a"] if most == 2 else [])
    assert cg.frequencies(["b a"], top=most).terms == ["a", "b"]
    assert cg.frequencies(["b a"], min_documents=most).terms == []


ERRORS = [
    ({"ngrams": 2}, TypeError, r"ngrams is int \(2\); expected the smallest and the largest number of words"),
    ({"ngrams": (1, 2, 3)}, TypeError, r"ngrams is tuple \(\(1, 2, 3\)\); expected"),
    ({"ngrams": (1, 1.5)}, TypeError, "ngrams is tuple"),
    ({"ngrams": (True, 2)}, TypeError, "ngrams is tuple"),
    ({"ngrams": "12"}, TypeError, r"ngrams is str \('12'\)"),
    ({"ngrams": (2, 1)}, ValueError, r"ngrams is \(2, 1\); expected the smallest and the largest"),
    ({"ngrams": (0, 1)}, ValueError, r"ngrams is \(0, 1\); expected"),
    ({"top": -1}, ValueError, "top is -1; expected at least 0, or None for all terms"),
    ({"top": 0.5}, TypeError, r"top is float \(0.5\); expected an int, or None for all terms"),
    ({"top": True}, TypeError, r"top is bool \(True\)"),
    ({"min_documents": 0}, ValueError, "min_documents is 0; expected at least 1"),
    ({"min_documents": 0.1}, TypeError, r"min_documents is float \(0.1\); expected a number of documents, as an int"),
    ({"stop_words": "german"}, ValueError, "stop_words is 'german'; expected 'english' or an iterable of str"),
    ({"stop_words": None}, TypeError, r"stop_words is NoneType \(None\); expected 'english' or an iterable of str"),
    ({"stop_words": ["english", "dog"]}, ValueError, "stop_words contains 'english', .*; pass stop_words='english'"),
    ({"stop_words": iter(["dog", "english"])}, ValueError, "stop_words contains 'english'"),
    ({"stop_words": b"english"}, TypeError, "stop_words is bytes"),
    ({"stop_words": {"a": ["b"]}}, TypeError, "stop_words is dict"),
    ({"stop_words": ["a", 1]}, TypeError, r"stop_words contains int \(1\); expected str"),
    ({"word_chars": "- "}, ValueError, "word_chars is '- ', which contains whitespace; expected characters that"),
    ({"word_chars": 1}, TypeError, "word_chars is int"),
    ({"ignore_case": 1}, ValueError, "ignore_case is 1; expected True or False"),
    ({"strip_accents": "yes"}, ValueError, "strip_accents is 'yes'; expected True or False"),
    ({"across_punctuation": None}, ValueError, "across_punctuation is None; expected True or False"),
    ({"workers": 0}, ValueError, "workers is 0"),
    ({"missing": "keep"}, ValueError, "missing is 'keep'"),
    ({"progress": 3}, TypeError, "progress is int"),
]


@pytest.mark.parametrize(("options", "kind", "message"), ERRORS, ids=lambda value: str(value)[:40])
def test_errors_of_options(options, kind, message):
    with pytest.raises(kind, match=message):
        cg.frequencies(["a b"], **options)


@pytest.mark.parametrize("documents", ["a b", b"a b", {"a": "b"}, {"a"}, [1], np.array([1.5]), None])
def test_documents_that_are_not_a_column(documents):
    with pytest.raises(TypeError):
        cg.frequencies(documents)


def test_options_are_checked_before_documents_are_read():
    def documents():
        raise AssertionError("documents were read")
        yield ""

    with pytest.raises(TypeError, match="top is str"):
        cg.frequencies(documents(), top="3")
    with pytest.raises(ValueError, match="stop_words is"):
        cg.frequencies(documents(), stop_words="german")
