"""The vectorizers take the documents that scikit-learn's take, and those that `cg.count` takes."""

import io
import re

import countgrid as cg
import countgrid.sklearn as ours
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sklearn.feature_extraction.text as theirs
from vectorizing import ARTICLE_1, described, outcome

TEXTS = ["The cat sat", "", "the dog", *ARTICLE_1]
NAMES = ["CountVectorizer", "TfidfVectorizer", "HashingVectorizer"]
CLASSES = [(getattr(ours, name), getattr(theirs, name)) for name in NAMES]
#: On the fast path, and in Python.
PATTERNS = [r"(?u)\b\w\w+\b", r"(?u)\b\w\w+?\b"]


@pytest.fixture(params=CLASSES, ids=NAMES)
def classes(request: pytest.FixtureRequest) -> tuple[type, type]:
    return request.param


@pytest.fixture(params=PATTERNS)
def token_pattern(request: pytest.FixtureRequest) -> str:
    return request.param


KINDS = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "dict": dict.fromkeys,
    "values": lambda texts: dict(enumerate(texts)).values(),
    "iterator": iter,
    "generator": lambda texts: (text for text in texts),
    "object": lambda texts: np.array(texts, dtype=object),
    "U": np.array,
    "Series": pd.Series,
    "object Series": lambda texts: pd.Series(texts, dtype=object, index=range(10, 10 + len(texts))),
    "categories": lambda texts: pd.Series(texts, dtype="category"),
    "np.str_": lambda texts: [np.str_(text) for text in texts],
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_scikit_learn_takes(kind: str, classes: tuple[type, type], token_pattern: str) -> None:
    make = KINDS[kind]
    made, expected = (cls(token_pattern=token_pattern) for cls in classes)
    assert described(made.fit_transform(make(TEXTS))) == described(expected.fit_transform(make(TEXTS)))
    assert described(made.transform(make(TEXTS))) == described(expected.transform(make(TEXTS)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1", "ascii", "cp1253", "no such encoding"])
@pytest.mark.parametrize("decode_error", ["strict", "ignore", "replace"])
def test_bytes(encoding: str, decode_error: str, classes: tuple[type, type], token_pattern: str) -> None:
    options = {"encoding": encoding, "decode_error": decode_error, "token_pattern": token_pattern}
    columns = [
        ["plain", "café".encode(), b"caf\xe9 \xff", "ΣΟΦΟΣ".encode("cp1253")],
        [b"only", b"bytes"],
        np.array([b"fixed", b"width \xe9"]),
        pd.Series([b"in a", b"Series"]),
        ["café".encode("utf-16")],
    ]
    for documents in columns:
        made, expected = (cls(**options) for cls in classes)
        assert outcome(made.fit_transform, documents) == outcome(expected.fit_transform, documents)
        assert outcome(made.transform, documents) == outcome(expected.transform, documents)


def test_bytes_of_other_columns(classes: tuple[type, type], token_pattern: str) -> None:
    texts = ["caf\xe9 au lait", "na\xefve", "caf\xe9"]
    encoded = [text.encode("latin-1") for text in texts]
    made, expected = (cls(encoding="latin-1", token_pattern=token_pattern) for cls in classes)
    result = described(expected.fit_transform(encoded))
    for column in (pa.array(encoded), pa.chunked_array([encoded[:1], encoded[1:]]), cg.Documents(encoded)):
        assert described(made.fit_transform(column)) == result
    buffer = cg.Documents.from_buffer(b"".join(encoded), np.cumsum([0, *map(len, encoded)]))
    assert described(made.fit_transform(buffer)) == result


def test_files(tmp_path, classes: tuple[type, type], token_pattern: str) -> None:
    paths = []
    for i, text in enumerate(TEXTS):
        path = tmp_path / f"{i}.txt"
        path.write_text(text, encoding="utf-16")
        paths.append(path)

    def files() -> list:
        return [io.BytesIO(path.read_bytes()) if i % 2 else io.StringIO(TEXTS[i]) for i, path in enumerate(paths)]

    for given, source in ("filename", lambda: paths), ("filename", lambda: iter(paths)), ("file", files):
        made, expected = (cls(input=given, encoding="utf-16", token_pattern=token_pattern) for cls in classes)
        assert outcome(made.fit_transform, source()) == outcome(expected.fit_transform, source())
        assert outcome(made.transform, source()) == outcome(expected.transform, source())
        for wrong in (["no such file"], [None], [b"\xff"], [3.5]):
            assert outcome(made.transform, wrong) == outcome(expected.transform, wrong)
    made = classes[0](input="filename", encoding="utf-16", missing="zero", token_pattern=token_pattern)
    expected = classes[1](input="filename", encoding="utf-16", token_pattern=token_pattern)
    result = made.fit_transform([paths[0], None, np.nan, *paths[1:]])
    assert described(result) == described(expected.fit_transform([paths[0], paths[1], paths[1], *paths[1:]]))


MISSING = [None, np.nan, float("nan"), pd.NA, pd.NaT]


@pytest.mark.parametrize("wrong", [*MISSING, 3, 3.5, ["a"], {"a": 1}, object, bytearray(b"a")], ids=repr)
@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("wrap", [list, tuple, iter, lambda items: pd.Series(items, dtype=object)])
def test_what_is_not_text(wrong, lowercase: bool, wrap, classes: tuple[type, type], token_pattern: str) -> None:
    made, expected = (cls(lowercase=lowercase, token_pattern=token_pattern) for cls in classes)
    documents = ["some text", wrong, "more", 5]
    assert outcome(made.fit_transform, wrap(documents)) == outcome(expected.fit_transform, wrap(documents))
    for one in (made, expected):
        one.fit(["some text"])
    assert outcome(made.transform, wrap(documents)) == outcome(expected.transform, wrap(documents))


@pytest.mark.parametrize("column", [pa.array(["a", None]), pd.Series(["a", None], dtype="str")], ids=type)
def test_where_a_document_is_missing(column, classes: tuple[type, type]) -> None:
    with pytest.raises((ValueError, AttributeError)) as caught:
        classes[0]().fit_transform(column)
    assert caught.value.__notes__ == ['documents[1] is missing; pass missing="zero" to count it as zeros']


@pytest.mark.parametrize("missing", MISSING, ids=repr)
def test_missing_documents_as_zeros(missing, classes: tuple[type, type], token_pattern: str) -> None:
    made = classes[0](missing="zero", token_pattern=token_pattern)
    expected = classes[1](token_pattern=token_pattern)
    for wrap in (list, lambda items: np.array(items, dtype=object), iter):
        result = made.fit_transform(wrap(["a text", missing, "another"]))
        assert described(result) == described(expected.fit_transform(["a text", "", "another"]))


@pytest.mark.parametrize("documents", ["a text", np.str_("a text"), 3, None], ids=repr)
def test_what_is_not_a_column(documents, classes: tuple[type, type]) -> None:
    for method in ("fit_transform", "transform"):
        made, expected = (
            getattr(cls(vocabulary=["text"]) if "vocabulary" in cls().get_params() else cls(), method)
            for cls in classes
        )
        assert outcome(made, documents) == outcome(expected, documents)


def test_frames() -> None:
    frame = pd.DataFrame({"text": TEXTS})
    assert described(ours.CountVectorizer().fit_transform(frame)) == described(
        theirs.CountVectorizer().fit_transform(TEXTS)
    )
    with pytest.raises(ValueError, match="2 columns"):
        ours.CountVectorizer().fit_transform(frame.assign(more=""))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"analyzer": "char"}, "does not take analyzer='char'; use sklearn.feature_extraction.text."),
        ({"analyzer": "char_wb"}, "does not take analyzer='char_wb'; use"),
        ({"analyzer": str.split}, "does not take a callable analyzer; use"),
        ({"preprocessor": str.upper}, "does not take a callable preprocessor; use"),
        ({"tokenizer": str.split}, "does not take a callable tokenizer; use"),
    ],
)
@pytest.mark.filterwarnings("ignore:The parameter 'token_pattern' will not be used")
def test_what_is_left_to_scikit_learn(parameters: dict, message: str, classes: tuple[type, type]) -> None:
    name = classes[0].__name__
    made = classes[0](**parameters)
    expected = re.escape(f"countgrid.sklearn.{name} {message}")
    methods = [made.fit, made.fit_transform]
    if name == "HashingVectorizer":
        methods.append(made.transform)
    else:
        methods.append(made.partial_fit)
    if name == "CountVectorizer":
        given = classes[0](**parameters, vocabulary=["text"])
        methods += [given.fit, given.transform]
    for method in methods:
        with pytest.raises(NotImplementedError, match=expected):
            method(["a text"])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"workers": 0}, "The 'workers' parameter of .* must be an int in the range"),
        ({"missing": "skip"}, "The 'missing' parameter of .* must be a str among"),
    ],
)
def test_invalid_parameters_of_ours(parameters: dict, message: str, classes: tuple[type, type]) -> None:
    with pytest.raises(ValueError, match=message):
        classes[0](**parameters).fit(["a text"])


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_workers_change_nothing(workers: int, classes: tuple[type, type]) -> None:
    made, expected = classes[0](workers=workers, ngram_range=(1, 2)), classes[1](ngram_range=(1, 2))
    texts = TEXTS * 50
    assert described(made.fit_transform(texts)) == described(expected.fit_transform(texts))
    assert described(made.transform(texts)) == described(expected.transform(texts))
