"""`partial_fit` and `finalize`, streams, and what happens to the dict of the vocabulary."""

import copy
import os
import pickle
import re
import subprocess
import sys

import countgrid.sklearn
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sklearn.feature_extraction.text
from countgrid.sklearn import CountVectorizer, HashingVectorizer, TfidfVectorizer, _documents
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils import estimator_html_repr
from sklearn.utils.validation import check_is_fitted
from vectorizing import PYTHON_DOCS, TEXTS, all_outcomes, described, outcome

BATCHES = st.lists(st.lists(TEXTS, max_size=4), min_size=1, max_size=5)
LEARNING = st.fixed_dictionaries(
    {},
    optional={
        "min_df": st.sampled_from([1, 2, 0.3]),
        "max_df": st.sampled_from([1.0, 0.7, 3]),
        "max_features": st.sampled_from([None, 3, 10]),
        "ngram_range": st.sampled_from([(1, 1), (1, 2), (2, 3)]),
        "token_pattern": st.sampled_from([r"\w+", r"\w+?\b"]),
        "binary": st.booleans(),
    },
)


def state(vectorizer) -> dict:
    """What a fitted vectorizer knows."""
    return {
        "vocabulary": outcome(lambda: vectorizer.vocabulary_),
        "names": outcome(lambda: vectorizer.get_feature_names_out()),
        "counts": outcome(lambda: vectorizer.transform(["the cat", *PYTHON_DOCS[:50]])),
        "idf": outcome(lambda: vectorizer.idf_) if isinstance(vectorizer, TfidfVectorizer) else None,
    }


@pytest.mark.parametrize("cls", [CountVectorizer, TfidfVectorizer])
@given(LEARNING, BATCHES)
def test_batches_learn_what_one_fit_learns(cls: type, parameters: dict, batches: list[list[str]]) -> None:
    growing, at_once = cls(**parameters), cls(**parameters)
    for batch in batches:
        assert growing.partial_fit(batch) is growing
    finished = outcome(lambda: growing.finalize() and None)
    assert finished == outcome(lambda: at_once.fit([text for batch in batches for text in batch]) and None)
    if finished[0] is None:
        assert state(growing) == state(at_once)


@given(BATCHES)
def test_columns_stay_where_they_are(batches: list[list[str]]) -> None:
    growing = CountVectorizer(token_pattern=r"\w+")
    seen: list[str] = []
    names: list[str] = []
    for batch in batches:
        growing.partial_fit(batch)
        seen += batch
        known = sklearn.feature_extraction.text.CountVectorizer(token_pattern=r"\w+")
        expected, _ = outcome(lambda known=known, seen=seen: known.fit(seen) and None)
        if expected is not None:
            with pytest.raises(ValueError, match=r"^Vocabulary is empty$"):
                growing.transform(seen)
            continue
        now = growing.get_feature_names_out().tolist()
        assert now[: len(names)] == names
        assert sorted(now) == known.get_feature_names_out().tolist()
        assert growing.vocabulary_ == {name: column for column, name in enumerate(now)}
        names = now
        columns = [known.vocabulary_[name] for name in names]
        assert growing.transform(seen).toarray().tolist() == known.transform(seen).toarray()[:, columns].tolist()
        growing = pickle.loads(pickle.dumps(growing))


def test_growing_after_fit() -> None:
    """Terms that were dropped start again; the others keep their counts."""
    vectorizer = CountVectorizer(min_df=2).fit(["cat dog", "cat owl", "owl eel"])
    assert vectorizer.vocabulary_ == {"cat": 0, "owl": 1}
    vectorizer.partial_fit(["dog ant", "ant"])
    assert vectorizer.vocabulary_ == {"cat": 0, "owl": 1, "ant": 2, "dog": 3}
    vectorizer.finalize()
    assert vectorizer.vocabulary_ == {"ant": 0, "cat": 1, "owl": 2}
    vectorizer.fit(["dog"] * 2)
    assert vectorizer.vocabulary_ == {"dog": 0}


def test_growing_with_a_given_vocabulary() -> None:
    vectorizer = CountVectorizer(vocabulary=["cat"])
    assert vectorizer.partial_fit(["cat dog"]).vocabulary_ == {"cat": 0}
    assert vectorizer.finalize().transform(["cat dog"]).toarray().tolist() == [[1]]
    with pytest.raises(ValueError, match="partial_fit cannot learn weights for a given vocabulary"):
        TfidfVectorizer(vocabulary=["cat"]).partial_fit(["cat"])
    changed = CountVectorizer().fit(["cat dog"])
    changed.vocabulary_["owl"] = 2
    for method in (lambda: changed.partial_fit(["eel"]), changed.finalize):
        with pytest.raises(ValueError, match=r"vocabulary_ was changed, and .* needs a learned one; call fit first"):
            method()


def test_a_failed_batch_adds_nothing() -> None:
    vectorizer = CountVectorizer().partial_fit(["cat"])
    with pytest.raises(AttributeError):
        vectorizer.partial_fit(iter(["dog", None]))
    assert vectorizer.partial_fit(["eel"]).vocabulary_ == {"cat": 0, "eel": 1}
    with pytest.raises(ValueError, match=r"^Iterable over raw text documents expected, string object received"):
        vectorizer.partial_fit("a text")
    with pytest.raises(ValueError, match="must be a str among"):
        CountVectorizer(missing="skip").partial_fit(["a text"])
    with pytest.raises(NotFittedError):
        CountVectorizer().finalize()


@pytest.mark.parametrize("token_pattern", [r"\w+", r"\w+?\b"])
@pytest.mark.parametrize("cls", [CountVectorizer, TfidfVectorizer, HashingVectorizer])
def test_streams_are_read_in_blocks(cls: type, token_pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_documents, "BLOCK_TEXTS", 7)
    texts = PYTHON_DOCS[:100]
    array = pa.array(texts)
    batches = [pa.record_batch({"text": array.slice(start, 30)}) for start in range(0, 100, 30)]
    streams = {
        "generator": lambda: (text for text in texts),
        "map": lambda: map(str, texts),
        "reader": lambda: pa.RecordBatchReader.from_batches(batches[0].schema, batches),
        "arrays": lambda: iter([batch.column(0) for batch in batches]),
        "tables": lambda: (pa.table(batch) for batch in batches),
    }
    vectorizer = cls(token_pattern=token_pattern)
    expected = described(vectorizer.fit_transform(texts))
    counted = described(vectorizer.transform(texts))
    names = None if cls is HashingVectorizer else vectorizer.get_feature_names_out().tolist()
    for stream in streams.values():
        again = cls(token_pattern=token_pattern)
        assert described(again.fit_transform(stream())) == expected
        assert described(again.transform(stream())) == counted
        assert described(again.fit(stream()).transform(stream())) == counted
        if names:
            assert again.get_feature_names_out().tolist() == names
            assert again.partial_fit(stream()).vocabulary_ == vectorizer.vocabulary_
    monkeypatch.setattr(_documents, "BLOCK_CHARS", 100)
    assert described(vectorizer.transform(iter(texts))) == counted


def test_one_block_of_a_stream_is_in_memory_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_documents, "BLOCK_TEXTS", 10)

    class Text(str):
        alive = 0

        def __init__(self, _: str) -> None:
            Text.alive += 1

        def __del__(self) -> None:
            Text.alive -= 1

    most = 0

    def texts():
        nonlocal most
        for i in range(200):
            yield Text(f"word{i} and more")
            most = max(most, Text.alive)

    vectorizer = CountVectorizer()
    for method in (vectorizer.fit, vectorizer.transform, vectorizer.partial_fit, HashingVectorizer().transform):
        most = 0
        method(texts())
        assert most < 40


def test_the_row_in_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_documents, "BLOCK_TEXTS", 10)
    for token_pattern in (r"\w+", r"\w+?\b"):
        vectorizer = CountVectorizer(vocabulary=["a"], token_pattern=token_pattern)
        with pytest.raises(AttributeError) as caught:
            vectorizer.transform(iter(["a"] * 25 + [None]))
        assert caught.value.__notes__ == ['documents[25] is missing; pass missing="zero" to count it as zeros']


# The dict


def test_the_dict_is_made_when_it_is_read() -> None:
    vectorizer = CountVectorizer()
    vectorizer.fit_transform(["some text"])
    vectorizer.transform(["some text"])
    vectorizer.get_feature_names_out()
    check_is_fitted(vectorizer)
    repr(vectorizer)
    assert "vocabulary_" in dir(vectorizer)
    estimator_html_repr(vectorizer)
    copied = pickle.loads(pickle.dumps(copy.deepcopy(vectorizer)))
    assert vectorizer._vocabulary._columns is copied._vocabulary._columns is None
    assert copied.vocabulary_ is copied.vocabulary_
    assert copied.vocabulary_ == {"some": 0, "text": 1}


def shown(vectorizer: object) -> str:
    """What notebooks show, without the numbers that differ from one estimator to the next."""
    return re.sub(r"sk-(container|estimator)-id-[\w-]+", "", estimator_html_repr(vectorizer))


def fitted_attributes(vectorizer: object) -> list[str]:
    return sorted(name for name in dir(vectorizer) if name.endswith("_") and name[0] != "_")


@pytest.mark.parametrize("name", ["CountVectorizer", "TfidfVectorizer"])
@pytest.mark.parametrize("n_terms", [1, 4, 5, 30])
def test_notebooks_show_the_first_terms(name: str, n_terms: int) -> None:
    texts = [" ".join(f"w{i:02}" for i in range(n_terms))]
    made = getattr(countgrid.sklearn, name)().fit(texts)
    before = shown(made)
    assert len(made.vocabulary_) == n_terms
    assert shown(made) == before
    expected = getattr(sklearn.feature_extraction.text, name)().fit(texts)
    assert fitted_attributes(made) == fitted_attributes(expected)
    if hasattr(expected, "_get_fitted_attr_html"):  # scikit-learn 1.9
        html, expected_html = (one._get_fitted_attr_html()._repr_html_inner() for one in (made, expected))
        assert html == expected_html
        made.vocabulary_["more"] = n_terms
        assert "more" in shown(made)
    assert "vocabulary_" not in dir(type(made)())


CHANGES = {
    "set": lambda columns: columns.__setitem__("owl", len(columns)),
    "delete": lambda columns: columns.__delitem__("eel"),
    "update": lambda columns: columns.update(owl=len(columns)),
    "or": lambda columns: columns.__ior__({"owl": len(columns)}),
    "setdefault": lambda columns: columns.setdefault("owl", len(columns)),
    "pop": lambda columns: columns.pop("eel"),
    "popitem": lambda columns: columns.popitem(),
    "another column": lambda columns: columns.update(cat=1, dog=0),
    "two in one column": lambda columns: columns.update(cat=1),
}


@pytest.mark.parametrize("token_pattern", [r"\w+", r"\w+?\b"])
@pytest.mark.parametrize("change", CHANGES)
def test_changes_of_the_dict_take_effect(change: str, token_pattern: str) -> None:
    texts = ["cat dog cat", "owl eel owl", ""]
    made = CountVectorizer(token_pattern=token_pattern)
    expected = sklearn.feature_extraction.text.CountVectorizer(token_pattern=token_pattern)
    for one in (made, expected):
        one.fit(["cat dog", "eel"])
        one.transform(texts)
        CHANGES[change](one.vocabulary_)
    for _ in range(2):
        assert made.vocabulary_ == expected.vocabulary_
        assert described(made.transform(texts)) == described(expected.transform(texts))
        assert made.get_feature_names_out().tolist() == expected.get_feature_names_out().tolist()
        made = pickle.loads(pickle.dumps(made))
        for one in (made, expected):
            one.vocabulary_["cat"] = 0


def test_setting_the_dict() -> None:
    vectorizer = CountVectorizer().fit(["cat dog"])
    given = {"owl": 0, "cat": 1, 3: 2}
    vectorizer.vocabulary_ = given
    assert vectorizer.vocabulary_ == given
    assert vectorizer.transform(["cat dog cat", "owl"]).toarray().tolist() == [[0, 2, 0], [1, 0, 0]]
    other = CountVectorizer()
    other.vocabulary_ = vectorizer.vocabulary_
    other.vocabulary_["eel"] = 2
    assert other.transform(["eel"]).toarray().tolist() == [[0, 0, 1, 0]]
    del vectorizer.vocabulary_
    assert not hasattr(vectorizer, "vocabulary_")
    with pytest.raises(NotFittedError, match=r"^Vocabulary not fitted or provided$"):
        vectorizer.transform(["cat"])
    vectorizer.vocabulary_ = {"cat": 3}
    with pytest.raises(ValueError, match=r"vocabulary_\['cat'\] is 3; expected a column from 0 to 0"):
        vectorizer.transform(["cat"])


def test_copies_of_the_dict_are_plain() -> None:
    columns = CountVectorizer().fit(["cat dog"]).vocabulary_
    for copied in (columns.copy(), copy.copy(columns), copy.deepcopy(columns), pickle.loads(pickle.dumps(columns))):
        assert type(copied) is dict
        assert copied == columns
    assert repr(columns) == "{'cat': 0, 'dog': 1}"


# Copies and other processes


@pytest.mark.parametrize("token_pattern", [r"\w+", r"\w+?\b", r"\S+"])
@pytest.mark.parametrize("cls", [CountVectorizer, TfidfVectorizer])
@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
def test_pickles_and_copies(cls: type, fit: str, token_pattern: str) -> None:
    texts = ["The cat ΣΟΦΟΣ 😀", "\ud800 the dog", *PYTHON_DOCS[:300]]
    vectorizer = cls(token_pattern=token_pattern, ngram_range=(1, 2), min_df=1)
    getattr(vectorizer, fit)(texts[:200])
    getattr(vectorizer, fit)(texts[::-1])
    expected = state(vectorizer)
    copies = [copy.deepcopy(vectorizer), *(pickle.loads(pickle.dumps(vectorizer, n)) for n in range(2, 6))]
    copies.append(pickle.loads(pickle.dumps(copies[-1])))
    for copied in copies:
        check_is_fitted(copied)
        assert state(copied) == expected
        assert state(clone(copied).fit(texts)) == state(clone(vectorizer).fit(texts))
    assert state(vectorizer) == expected
    for change in (lambda one: one.partial_fit(["new words here"]), lambda one: one.finalize()):
        expected = state(change(vectorizer))
        assert all(state(change(copied)) == expected for copied in copies)
    with pytest.raises(NotFittedError):
        check_is_fitted(clone(vectorizer))


def test_another_process(tmp_path) -> None:
    texts = ["The cat sat", "naïve ΣΟΦΟΣ", *PYTHON_DOCS[:100]]
    fitted = [cls(ngram_range=(1, 2)).fit(texts) for cls in (CountVectorizer, TfidfVectorizer, HashingVectorizer)]
    (tmp_path / "fitted").write_bytes(pickle.dumps((fitted, texts)))
    script = """
import pickle, sys
with open(sys.argv[1], "rb") as file:
    fitted, texts = pickle.load(file)
with open(sys.argv[2], "wb") as file:
    pickle.dump([vectorizer.transform(texts) for vectorizer in fitted], file)
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "fitted"), str(tmp_path / "counted")], check=True)
    counted = pickle.loads((tmp_path / "counted").read_bytes())
    assert [described(one) for one in counted] == [described(one.transform(texts)) for one in fitted]


def test_threads_that_start_together() -> None:
    """Each needs the tables of characters, which are made once."""
    script = """
import threading
from countgrid.sklearn import CountVectorizer, HashingVectorizer
options = [{}, {"strip_accents": "ascii"}, {"strip_accents": "unicode"}, {"token_pattern": r"\\b[a-z]+\\b"}] * 3
barrier, found = threading.Barrier(len(options)), {}
shared = HashingVectorizer()

def fit(i):
    barrier.wait()
    vectorizer = CountVectorizer(**options[i]).fit(["the CAFÉ ΣΑΣ"])
    found[i] = *vectorizer.vocabulary_, int(vectorizer.transform(["the"]).sum()), shared.transform(["the cat"]).nnz

threads = [threading.Thread(target=fit, args=[i]) for i in range(len(options))]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print([found[i] == found[i % 4] for i in range(len(options))].count(True), found[0], found[1], found[2], found[3])
"""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert ran.stdout == (
        "12 ('café', 'the', 'σας', 1, 2) ('cafe', 'the', 1, 2) ('cafe', 'the', 'σας', 1, 2) ('the', 1, 2)\n"
    )


def test_parameters_that_are_set_after_fit() -> None:
    """As in scikit-learn, `transform` reads them anew, but the vocabulary stays."""
    texts = ["The cat, the Cat", "a cat's dog", "CAFÉ café"]
    changes = [
        {"lowercase": False},
        {"stop_words": ["cat"]},
        {"token_pattern": r"\S+"},
        {"ngram_range": (2, 2)},
        {"strip_accents": "ascii"},
        {"binary": True},
        {"dtype": np.float32},
        {"encoding": "latin-1"},
    ]
    for change in changes:
        made = CountVectorizer(ngram_range=(1, 2)).fit(texts)
        expected = sklearn.feature_extraction.text.CountVectorizer(ngram_range=(1, 2)).fit(texts)
        made.transform(texts)
        assert described(made.set_params(**change).transform(texts)) == described(
            expected.set_params(**change).transform(texts)
        )


def test_stop_words_that_are_changed_in_place() -> None:
    stop_words = ["cat"]
    vectorizer = CountVectorizer(stop_words=stop_words, vocabulary=["cat", "dog"])
    assert vectorizer.transform(["cat dog"]).toarray().tolist() == [[0, 1]]
    stop_words[:] = ["dog"]
    assert vectorizer.transform(["cat dog"]).toarray().tolist() == [[1, 0]]


@pytest.mark.parametrize(
    "step", ["build_preprocessor", "build_tokenizer", "build_analyzer", "decode", "_word_ngrams"]
)
@pytest.mark.parametrize("name", ["CountVectorizer", "TfidfVectorizer", "HashingVectorizer"])
def test_subclasses_that_override_a_step(step: str, name: str) -> None:
    class Changes:
        def build_preprocessor(self):
            return lambda text: text.upper()

        def build_tokenizer(self):
            return str.split

        def build_analyzer(self):
            return lambda text: [text[:2], "always"]

        def decode(self, text):
            return f"{text} and more"

        def _word_ngrams(self, tokens, stop_words=None):
            return [token[::-1] for token in tokens]

    made, expected = (
        type("Ours", (getattr(module, name),), {step: vars(Changes)[step]})()
        for module in (countgrid.sklearn, sklearn.feature_extraction.text)
    )
    texts = ["The cat's mat", "x", "the dog"]
    assert all_outcomes(made, texts, texts[1:]) == all_outcomes(expected, texts, texts[1:])
    instance = getattr(countgrid.sklearn, name)()
    instance.decode = lambda text: f"{text} words"
    expected = getattr(sklearn.feature_extraction.text, name)()
    expected.decode = instance.decode
    assert all_outcomes(instance, texts, texts[1:]) == all_outcomes(expected, texts, texts[1:])


def test_a_frame_of_documents_is_one_column() -> None:
    frame = pd.DataFrame({"text": ["cat dog", "cat"]})
    assert CountVectorizer().fit_transform(frame).toarray().tolist() == [[1, 1], [1, 0]]
