"""The accepted types of documents and terms: every row of the table of inputs, and `Documents` itself."""

import gc
import sys
import warnings
from types import MappingProxyType

import countgrid as cg
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from containers import (
    BY_NAME,
    CONTAINERS,
    Container,
    chunked,
    dictionary,
    object_array,
    strided,
    string_array,
    swapped,
    unaligned,
)
from numpy.dtypes import StringDType
from rules import matrix

TERMS = ["the", "at", "cat", "Катя", "C++", "e\u0301", "日本"]
DOCUMENTS = {
    "plain": ["the cat sat", "the the", "", "at the end of the tether", "cat"],
    "missing": [None, "the cat sat", None, "at", "the the", None],
    "accents": ["Катя the", "e\u0301 é C++ at", "日本 the 日本語", "𝄞 at 𝄞", "cat\u00ad"],
    "zeros": ["the\0", "\0the\0at", "cat\0\0 at"],
    "one width": ["the cat", "at the ", "cat at "],
    "long and short": ["the " * 500, "at", "x" * 12, "x" * 13 + " cat", "the cat at x"],
    "many": [["the cat", "at", "", None, "the the the"][i % 5] for i in range(1000)],
    "surrogates": ["the \ud800 cat", "\udfffthe", "at"],
    "none": [],
    "all missing": [None, None],
}


def counted(documents, terms=TERMS, **options) -> list[list[int]]:
    return cg.count(documents, terms, **options).tolist()


def column(documents, **options) -> list[int]:
    """The counts of `the`."""
    return cg.count(documents, ["the"], **options)[:, 0].tolist()


def cases_of_containers():
    """Each container with each list that it can represent."""
    for container in CONTAINERS:
        for name, items in DOCUMENTS.items():
            if container.holds(items):
                yield pytest.param(container, items, id=f"{container.name}-{name}")


@pytest.mark.parametrize(("container", "items"), list(cases_of_containers()))
def test_every_container_counts_alike(container: Container, items):
    assert counted(container.of(items)) == matrix(items, TERMS)


@pytest.mark.parametrize(("container", "items"), list(cases_of_containers()))
def test_documents_has_attributes_and_a_repr(container: Container, items):
    documents = cg.Documents(container.of(items))
    assert len(documents) == len(items)
    expected = [
        item.encode("utf-8", "surrogatepass") if item is not None and not container.text else item for item in items
    ]
    assert [documents[i] for i in range(len(documents))] == expected
    assert documents.missing.dtype == bool
    assert documents.missing.tolist() == [item is None for item in items]
    assert documents.nbytes >= 0
    assert counted(documents) == counted(documents) == matrix(items, TERMS)


@pytest.mark.parametrize("container", [c for c in CONTAINERS if c.holds(TERMS)], ids=repr)
def test_terms_in_every_container(container: Container):
    items = DOCUMENTS["accents"]
    assert counted(items, container.of(TERMS)) == matrix(items, TERMS)
    assert cg.TermCounter(container.of(TERMS)).columns == TERMS


# Python sequences and iterables


class Sequence:
    """A sequence that has only the methods of one."""

    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


class ListOfItsOwn(list):
    pass


@pytest.mark.parametrize(
    "wrap",
    [
        Sequence,
        ListOfItsOwn,
        lambda items: dict.fromkeys(items).keys().__iter__(),
        lambda items: (x for x in items),
        map,
    ],
    ids=["sequence", "list subclass", "iterator", "generator", "map"],
)
def test_iterables(wrap):
    items = ["the cat", "at the"]
    wrapped = map(str, items) if wrap is map else wrap(items)
    assert column(wrapped) == [1, 1]


def test_text_and_bytes_in_one_list():
    assert column(["the", b"the", None, np.str_("the the"), np.bytes_(b"the")]) == [1, 1, 0, 2, 1]


def test_str_subclass_items():
    class Text(str):
        pass

    assert column([Text("the cat"), Text("Катя the the")]) == [1, 2]


@pytest.mark.parametrize(
    "missing",
    [None, float("nan"), np.nan, np.float64("nan"), np.float32("nan"), pd.NA, pd.NaT],
    ids=["None", "nan", "np.nan", "float64", "float32", "NA", "NaT"],
)
@pytest.mark.parametrize("wrap", [list, tuple, iter, object_array], ids=["list", "tuple", "iterator", "object"])
def test_missing_values(wrap, missing):
    items = ["the", missing, b"the"]
    assert column(wrap(items)) == [1, 0, 1]
    assert cg.Documents(wrap(items)).missing.tolist() == [False, True, False]
    assert cg.Documents(wrap(items))[1] is None


def test_items_are_held_one_by_one():
    items = [f"the cat {i}" for i in range(100)]
    documents = cg.Documents(items)
    items[:] = ["at"] * 100
    del items
    gc.collect()
    assert column(documents) == [1] * 100
    assert documents[7] == "the cat 7"


def test_items_are_released():
    document = f"the cat {id(cg)}"
    before = sys.getrefcount(document)
    documents = cg.Documents([document] * 10)
    assert sys.getrefcount(document) > before
    del documents
    gc.collect()
    assert sys.getrefcount(document) == before


def test_an_error_of_the_iterator_arrives():
    def failing():
        yield "the"
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        cg.count(failing(), ["the"])


# NumPy


@pytest.mark.parametrize("spread", [np.asarray, strided, swapped, unaligned, np.ascontiguousarray])
@pytest.mark.parametrize("kind", ["U", "S"])
def test_numpy_layouts(spread, kind):
    items = ["the", "", "at the", "the the", "cat"] if kind == "U" else [b"the", b"", b"at the", b"the the", b"cat"]
    made = spread(np.array(items, kind))
    assert column(made) == [1, 0, 1, 2, 0]
    assert column(made[::2]) == [1, 1, 0]
    assert column(made[::-1]) == [0, 2, 1, 0, 1]
    assert column(made[1:1]) == []


@pytest.mark.parametrize("kind", ["U", "S"])
def test_numpy_one_item_seen_many_times(kind):
    repeated = np.broadcast_to(np.array("the cat", kind), 1000)
    assert repeated.strides == (0,)
    assert column(repeated) == [1] * 1000


@pytest.mark.parametrize("kind", ["U0", "S0"])
def test_numpy_items_of_no_width(kind):
    empty = np.zeros(3, dtype=[("text", kind), ("pad", "u1")])["text"]
    assert empty.dtype.itemsize == 0
    assert column(empty) == [0, 0, 0]


def chararray(array):
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # since NumPy 2.5
        return array.view(np.char.chararray)


@pytest.mark.parametrize("make", [np.asarray, np.ma.asarray, chararray, np.rec.array])
def test_numpy_subclasses(make):
    made = make(np.array(["the", "at"]))
    assert isinstance(made, np.ndarray)
    assert column(made) == [1, 0]


def test_numpy_memory_map(tmp_path):
    np.array([b"the cat", b"at", b"the the"], "S12").tofile(tmp_path / "documents")
    assert column(np.memmap(tmp_path / "documents", "S12", "r")) == [1, 0, 2]


def test_numpy_read_only():
    frozen = np.array(["the", "at"])
    frozen.flags.writeable = False
    assert column(frozen) == [1, 0]


@pytest.mark.parametrize(
    ("data", "mask"),
    [
        (np.array(["the", "the", "at"]), [False, True, False]),
        (np.array([b"the", b"the", b"at"]), [False, True, False]),
        (object_array(["the", "the", "at"]), [False, True, False]),
        (object_array(["the", 3.5, "at"]), [False, True, False]),
        (np.array(["the", "the", "at"], StringDType()), [False, True, False]),
        (strided(np.array(["the", "the", "at"])), [False, True, False]),
    ],
    ids=["U", "S", "object", "object, no text under the mask", "string", "strided"],
)
def test_numpy_masked(data, mask):
    made = np.ma.masked_array(data, mask=mask)
    assert column(made) == [1, 0, 0]
    assert cg.Documents(made).missing.tolist() == mask
    assert column(np.ma.masked_array(data[[0, 2]])) == [1, 0], "without a mask"
    assert column(np.ma.masked_array(data, mask=True)) == [0, 0, 0]
    assert column(made[::-1]) == [0, 0, 1]


@pytest.mark.parametrize("na_object", [None, np.nan, float("nan"), pd.NA, "", "N/A", "the"], ids=repr)
def test_numpy_string_of_any_na_object(na_object):
    made = string_array(["at", None, "at the", "x" * 40 + " the"], na_object)
    assert column(made) == [0, 0, 1, 1]
    assert cg.Documents(made).missing.tolist() == [False, True, False, False]


def test_numpy_string_of_every_length():
    items = ["the" + "x" * n + " the" for n in range(300)]
    assert column(np.array(items, StringDType())) == [2] + [1] * 299
    assert list(cg.Documents(np.array(items, StringDType()))) == items


def test_numpy_string_array_may_be_used_while_held():
    made = np.array(["the"] * 100, StringDType())
    documents = cg.Documents(made)
    made[:50] = "at"
    assert made.tolist() == ["at"] * 50 + ["the"] * 50
    assert len(documents) == 100


# pandas


@pytest.mark.parametrize("dtype", ["str", "string[python]", "string[pyarrow]", object, "category"])
@pytest.mark.parametrize("kind", [pd.Series, pd.Index, pd.array])
def test_pandas_kinds(kind, dtype):
    made = kind(["the cat", None, "the the"], dtype=dtype)
    assert column(made) == [1, 0, 2]
    assert column(made[1:]) == [0, 2]
    assert column(made[::-1]) == [2, 0, 1]


def test_pandas_rows_are_positions_whatever_the_index():
    made = pd.Series(["the", "at", "the the"], index=[2, 0, 1])
    assert column(made) == [1, 0, 2]
    assert column(made.sort_index()) == [0, 2, 1]


def test_pandas_category_of_numbers_is_no_text():
    with pytest.raises(TypeError):
        cg.count(pd.Series([1, 2], dtype="category"), ["the"])


# Arrow


class ArrowArray:
    """An object with only the array half of the protocol."""

    def __init__(self, of: pa.Array):
        self.of = of

    def __arrow_c_array__(self, requested_schema=None):
        return self.of.__arrow_c_array__(requested_schema)


class ArrowStream:
    """An object with only the stream half of the protocol."""

    def __init__(self, of):
        self.of = of

    def __arrow_c_stream__(self, requested_schema=None):
        return self.of.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize(
    "wrapped",
    [
        ArrowArray(pa.array(["the", None, "at the"])),
        ArrowArray(pa.record_batch({"document": ["the", None, "at the"]})),
        ArrowStream(pa.chunked_array([["the", None], [], ["at the"]])),
        ArrowStream(pa.table({"document": ["the", None, "at the"]})),
        pa.record_batch({"document": ["the", None, "at the"]}),
        duckdb.sql("select unnest(['the', null, 'at the']) as document"),
        pl.LazyFrame({"document": ["the", None, "at the"]}).collect(),
    ],
    ids=["array", "array of a batch", "stream", "stream of batches", "batch", "duckdb", "polars"],
)
def test_arrow_protocol(wrapped):
    assert column(wrapped) == [1, 0, 1]


@pytest.mark.parametrize("values", [pa.string(), pa.large_string(), pa.string_view(), pa.binary()], ids=str)
def test_arrow_chunks_and_slices(values):
    items = ["the", None, "at the", "", "x" * 30 + " the the", "cat"] * 20
    items = items if values != pa.binary() else [item and item.encode() for item in items]
    expected = [1, 0, 1, 0, 2, 0] * 20
    made = chunked(items, values)
    assert column(made) == expected
    for start in range(0, 20, 3):
        assert column(made.slice(start, 25)) == expected[start : start + 25]
        assert column(pa.array(items, values).slice(start, 25)) == expected[start : start + 25]
    assert column(pa.chunked_array([], values)) == []


def test_arrow_fixed_size_binary_keeps_its_zeros():
    made = pa.array([b"the\0\0", None, b"\0the\0", b"at\0at"], pa.binary(5))
    assert column(made) == [1, 0, 1, 0]
    assert cg.count(made, [b"\0"], match="substring")[:, 0].tolist() == [2, 0, 2, 1]
    assert column(made.slice(2)) == [1, 0]


@pytest.mark.parametrize("index", [pa.int8(), pa.uint8(), pa.int16(), pa.uint32(), pa.int64(), pa.uint64()], ids=str)
def test_arrow_dictionary_index_types(index):
    made = dictionary(["the", None, "at", "the", "the the"], pa.string(), index)
    assert column(made) == [1, 0, 0, 1, 2]
    assert column(made.slice(2)) == [0, 1, 2]


def test_arrow_dictionary_null_index_and_null_value_are_missing():
    made = pa.DictionaryArray.from_arrays(pa.array([0, None, 1, 0]), pa.array(["the", None]))
    assert column(made) == [1, 0, 0, 1]
    documents = cg.Documents(made)
    assert documents.missing.tolist() == [False, True, True, False]
    assert [documents[i] for i in range(4)] == ["the", None, None, "the"]
    with pytest.raises(ValueError, match=r"documents\[1\]"):
        cg.count(made, ["the"], missing="raise")


def test_arrow_dictionary_of_several_dictionaries():
    one = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0]), pa.array(["the", "at"]))
    two = pa.DictionaryArray.from_arrays(pa.array([1, 0, None]), pa.array(["the the", "cat"]))
    assert column(pa.chunked_array([one, two])) == [1, 0, 1, 0, 2, 0]


def bytes_to_scan(documents) -> int:
    seen = []
    cg.count(documents, ["the"], progress=lambda done, total: seen.append(total))
    return seen[-1]


def test_arrow_dictionary_scans_each_value_in_use_once():
    used, unused = "the " * 50_000, "at " * 1_000_000
    made = pa.DictionaryArray.from_arrays(pa.array([1] * 1000 + [None]), pa.array([unused, used, unused]))
    assert column(made) == [50_000] * 1000 + [0]
    assert bytes_to_scan(made) == len(used)
    assert bytes_to_scan([used] * 3) == 3 * len(used), "the control: a list is scanned item by item"


def test_arrow_text_that_is_not_utf8_is_searched_too():
    data = b"\xffthe at\xe2\x82the\xc3"
    offsets = pa.py_buffer(np.array([0, 7, 13], np.int32))
    made = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(data))
    assert column(made) == column([data[:7], data[7:13]]) == [1, 1]


def test_arrow_offsets_that_lead_astray():
    offsets = np.array([0, 3, 1 << 30, 6, 9], np.int32)
    made = pa.StringArray.from_buffers(4, pa.py_buffer(offsets), pa.py_buffer(b"the the the"))
    with pytest.raises(ValueError, match=r"offset 2\b.*1073741824"):
        column(made)


@pytest.mark.parametrize(
    "made",
    [
        pa.table({"a": ["the"], "b": ["at"]}),
        pa.record_batch({"a": ["the"], "b": ["at"]}),
        pa.table({"a": ["the"], "b": ["at"]}).to_reader(),
        pd.DataFrame({"a": ["the"], "b": ["at"]}),
        pl.DataFrame({"a": ["the"], "b": ["at"]}),
        duckdb.sql("select 'the' as a, 'at' as b"),
    ],
    ids=["table", "batch", "reader", "pandas", "polars", "duckdb"],
)
@pytest.mark.parametrize("as_terms", [False, True], ids=["documents", "terms"])
def test_several_columns_are_named(made, as_terms):
    with pytest.raises(ValueError, match=r"2 columns.*'a'.*'b'"):
        cg.count(["the"], made) if as_terms else cg.count(made, ["the"])


# Columns without documents


@pytest.mark.parametrize(
    "made",
    [
        [],
        (),
        iter([]),
        np.array([]),
        np.array([], int),
        np.array([], bool),
        np.array([], "U"),
        np.array([], "S"),
        np.array([], object),
        np.array([], StringDType()),
        np.array([], "M8[s]"),
        pd.Series([], dtype=float),
        pd.Series([], dtype=int),
        pd.Series([], dtype="str"),
        pd.Series([], dtype="category"),
        pd.DataFrame({"a": []}),
        pd.Index([]),
        pa.array([], pa.int32()),
        pa.array([], pa.float64()),
        pa.array([], pa.null()),
        pa.array([], pa.list_(pa.string())),
        pa.array([], pa.dictionary(pa.int8(), pa.int64())),
        pa.chunked_array([], pa.timestamp("s")),
        pa.table({"a": pa.array([], pa.int64())}),
        pl.Series([]),
        pl.Series([], dtype=pl.Int64),
        pl.Series([], dtype=pl.Categorical),
        pl.DataFrame({"a": []}),
    ],
    ids=lambda made: f"{type(made).__module__.split('.')[0]} {type(made).__name__} {getattr(made, 'dtype', '')}",
)
def test_empty_columns_of_any_dtype(made):
    assert cg.count(made, ["the", "at"]).shape == (0, 2)


@pytest.mark.parametrize(
    "made",
    [
        [None, None],
        np.full(2, np.nan),
        np.full(2, np.nan, np.float32),
        np.array([None, np.nan], object),
        pd.Series([np.nan, np.nan]),
        pd.Series([None, None]),
        pd.Series([None, None], dtype="str"),
        pd.Series([None, None], dtype="category"),
        pd.Index([np.nan, np.nan]),
        pa.nulls(2),
        pa.chunked_array([pa.nulls(1), pa.nulls(1)]),
        pa.array([None, None], pa.string()),
        pa.array([float("nan"), None]),
        pa.array([None, None], pa.float64()),
        pa.table({"a": pa.nulls(2)}),
        pa.array([None, None], pa.dictionary(pa.int8(), pa.string())),
        pl.Series([None, None]),
        pl.Series([float("nan"), None]),
        pl.Series([None, None], dtype=pl.String),
    ],
    ids=lambda made: f"{type(made).__module__.split('.')[0]} {type(made).__name__} {getattr(made, 'dtype', '')}",
)
def test_columns_with_only_missing_values(made):
    assert column(made) == [0, 0]
    assert cg.Documents(made).missing.tolist() == [True, True]
    with pytest.raises(ValueError, match=r"documents\[0\] is missing"):
        cg.count(made, ["the"], missing="raise")


# Documents


def test_documents_of_documents():
    documents = cg.Documents(["the", None])
    assert column(cg.Documents(documents)) == [1, 0]


def test_documents_by_index():
    documents = cg.Documents(["a", b"b", None])
    assert (documents[0], documents[1], documents[2], documents[-1], documents[-3]) == ("a", b"b", None, None, "a")
    assert documents[np.int64(1)] == b"b"
    for beyond in (3, -4):
        with pytest.raises(IndexError):
            documents[beyond]
    with pytest.raises(TypeError):
        documents["a"]
    assert list(documents) == ["a", b"b", None]


@pytest.mark.parametrize("container", [c for c in CONTAINERS if c.name != "arrow-stream"], ids=repr)
def test_nbytes_grows_with_the_text(container: Container):
    short, long = ["the", "cat"], ["the" * 1000, "cat" * 1000]
    assert 0 < cg.Documents(container.of(short)).nbytes < cg.Documents(container.of(long)).nbytes


@pytest.mark.parametrize(
    "name", ["list", "list-bytes", "buffer", "arrow-string", "arrow-string_view", "polars-string"]
)
def test_nbytes_of_ascii(name):
    assert cg.Documents(BY_NAME[name].of(["the", "cat sat"])).nbytes == 10


# Terms


def test_terms_as_documents_and_as_a_table():
    assert counted(["the at"], cg.Documents(["the", b"at"])) == [[1, 1]]
    assert counted(["the at"], pa.table({"terms": ["the", "at"]})) == [[1, 1]]


@pytest.mark.parametrize("wrap", [dict, MappingProxyType], ids=["dict", "proxy"])
def test_terms_by_category(wrap):
    terms = wrap({"article": ["the", "a", b"an"], "nothing": [], "animal": np.array(["cat", "dog"])})
    documents = ["the cat and a dog", "an apple", None]
    assert counted(documents, terms) == [[2, 0, 2], [1, 0, 0], [0, 0, 0]]
    assert cg.TermCounter(terms).columns == ["article", "nothing", "animal"]


@pytest.mark.parametrize("values", [c for c in CONTAINERS if c.holds(["the", "cat"])], ids=repr)
def test_terms_of_a_category_in_every_container(values: Container):
    assert counted(["the cat"], {"a": values.of(["the", "cat"]), "b": ["the"]}) == [[2, 1]]


@pytest.mark.parametrize(
    ("terms", "options", "expected"),
    [
        (["the", "the"], {}, 1),
        (["the", b"the"], {}, 1),
        (["New York", "New  York", " New\tYork "], {}, 1),
        (["the", "The", "THE"], {"ignore_case": True}, 2),
        (["the", "The", "THE"], {}, 2),
        (["the", "th"], {"match": "substring"}, 2),
        (["the", "the cat"], {}, 2),
    ],
    ids=["twice", "text and bytes", "whitespace", "case ignored", "case", "one within the other", "overlapping"],
)
def test_a_category_counts_each_span_once(terms, options, expected):
    document = {"New York": "New York"}.get(terms[0], "the cat" if "THE" not in terms else "the The")
    assert counted([document], {"category": terms}, **options) == [[expected]]


def test_repeated_terms_are_equal_columns():
    assert counted(["the cat the"], ["the", "cat", "the"]) == [[2, 1, 2]]


def test_bytes_terms_match_whole_characters_in_word_and_token_mode():
    euro = "€".encode()
    documents = ["€", "x € y", euro[:2] + b" "]
    assert counted(documents, [euro[:2], euro], match="substring") == [[1, 1], [1, 1], [1, 0]]
    for match in ("word", "token"):
        assert counted(documents, [euro[:2], euro], match=match)[:2] == [[0, 1], [0, 1]]


def test_bytes_outside_utf8_are_neither_word_characters_nor_white_space():
    assert counted([b"\xffthe"], ["the"]) == [[1]]
    assert counted([b"\xffthe"], ["the"], match="token") == [[0]]
    assert counted([b"\xffthe"], [b"\xffthe"], match="token") == [[1]]


@pytest.mark.parametrize("match", ["word", "adaptive", "substring", "token"])
def test_lone_surrogates_equal_themselves(match):
    documents = ["\ud800", "a \ud800 b", "\udfff", "\ud83d\ude00"]
    assert counted(documents, ["\ud800", "\udfff"], match=match) == [[1, 0], [1, 0], [0, 1], [0, 0]]


def test_no_documents_and_no_terms():
    assert cg.count([], ["the", "at"]).shape == (0, 2)
    assert cg.count(["the", "at"], []).shape == (2, 0)
    assert cg.count([], {}).shape == (0, 0)
    assert cg.count(["the"], {"nothing": []}).tolist() == [[0]]
