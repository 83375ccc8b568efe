"""Invalid Arrow data: raises an exception. Never a panic, an invalid read or a wrong count.

Pointers must be trusted, since the interface does not say how long a buffer is. Everything else is checked.
"""

import countgrid as cg
import numpy as np
import pyarrow as pa
import pytest
from arrow_lies import Array, Column, Schema, array, schema

TEXT = b"the cat sat"
OFFSETS = np.array([0, 3, 11], np.int32)
BITS = b"\x03"


def views(*texts):
    """Views of texts in one buffer, and the buffer."""
    data, made = b"".join(texts), []
    for at, text in zip(np.cumsum([0, *map(len, texts)]), texts, strict=False):
        head = len(text).to_bytes(4, "little")
        made.append(
            head + (text.ljust(12, b"\0") if len(text) <= 12 else text[:4] + bytes(4) + int(at).to_bytes(4, "little"))
        )
    return b"".join(made), data


def utf8(length=2, **lies):
    return array(length, BITS, OFFSETS, TEXT, **lies)


def test_valid_data_is_counted():
    assert cg.count(Column(schema(b"u"), utf8()), ["the", "cat"]).tolist() == [[1, 0], [0, 1]]
    large = array(2, None, OFFSETS.astype(np.int64), TEXT)
    assert cg.count(Column(schema(b"U"), large), ["the", "cat"]).tolist() == [[1, 0], [0, 1]]
    keys = array(3, None, b"\0\1\0", dictionary=utf8())
    assert cg.count(Column(schema(b"c", dictionary=schema(b"u")), keys), ["the"]).tolist() == [[1], [0], [1]]
    table = array(2, None, children=[utf8()])
    assert cg.count(Column(schema(b"+s", [schema(b"u")]), table), ["the"]).tolist() == [[1], [0]]
    made, data = views(b"the", b"a long text with the cat")
    viewed = array(2, None, made, data, np.array([len(data)]))
    assert cg.count(Column(schema(b"vu"), viewed), ["the"]).tolist() == [[1], [1]]


LIES = {
    "a negative length": lambda: (schema(b"u"), utf8(-1)),
    "a negative offset": lambda: (schema(b"u"), utf8(offset=-1)),
    "a length that overflows": lambda: (schema(b"u"), utf8(2**63 - 1)),
    "a length and an offset that overflow": lambda: (schema(b"u"), utf8(2**62, offset=2**62)),
    "a string of integers": lambda: (schema(b"u"), array(2, None, OFFSETS)),
    "a large string of integers": lambda: (schema(b"U"), array(2, None, OFFSETS)),
    "integers of a string": lambda: (schema(b"i"), utf8()),
    "no buffers": lambda: (schema(b"u"), array(2)),
    "a negative number of buffers": lambda: (schema(b"u"), utf8(n_buffers=-3)),
    "null buffers": lambda: (schema(b"u"), utf8(buffers=None)),
    "no offsets": lambda: (schema(b"u"), array(2, None, None, TEXT)),
    "no text": lambda: (schema(b"u"), array(2, None, OFFSETS, None)),
    "an end before the text": lambda: (schema(b"u"), array(2, None, np.array([0, 3, -1], np.int32), TEXT)),
    "offsets that fall": lambda: (schema(b"u"), array(2, None, np.array([0, 7, 3], np.int32), TEXT)),
    "an offset past the text": lambda: (schema(b"u"), array(2, None, np.array([0, 70, 3], np.int32), TEXT)),
    "a dictionary without one": lambda: (schema(b"c", dictionary=schema(b"u")), array(2, None, b"\0\0")),
    "a dictionary where none belongs": lambda: (schema(b"u"), utf8(dictionary=utf8())),
    "an index past the dictionary": lambda: (
        schema(b"c", dictionary=schema(b"u")),
        array(2, None, b"\0\2", dictionary=utf8()),
    ),
    "a negative index": lambda: (schema(b"c", dictionary=schema(b"u")), array(1, None, b"\xff", dictionary=utf8())),
    "a dictionary of a wrong kind": lambda: (
        schema(b"c", dictionary=schema(b"u")),
        array(2, None, b"\0\1", dictionary=array(2, None, OFFSETS)),
    ),
    "a table without its column": lambda: (schema(b"+s", [schema(b"u")]), array(2, None)),
    "a table of null columns": lambda: (schema(b"+s", [schema(b"u")]), array(2, None, n_children=1)),
    "a negative number of columns": lambda: (schema(b"+s", [schema(b"u")]), array(2, None, n_children=-1)),
    "a column shorter than its table": lambda: (schema(b"+s", [schema(b"u")]), array(3, None, children=[utf8()])),
    "a schema without its column": lambda: (schema(b"+s", n_children=1), array(2, None, children=[utf8()])),
    "a list without its items": lambda: (schema(b"+l"), array(2, None, OFFSETS)),
    "a format that is not text": lambda: (schema(b"\xff\xfe"), utf8()),
    "a format that is null": lambda: (schema(None), utf8()),
    "a format that does not exist": lambda: (schema(b"?!"), utf8()),
    "an endless width": lambda: (schema(b"w:999999999999"), array(2, None, TEXT)),
    "a negative width": lambda: (schema(b"w:-4"), array(2, None, TEXT)),
    "more than an address space": lambda: (schema(b"w:2000000000"), array(2**54, None, TEXT)),
    "views without lengths": lambda: (schema(b"vu"), array(1, None, views(b"x" * 20)[0])),
    "null lengths of views": lambda: (schema(b"vu"), array(1, None, *views(b"x" * 20), None)),
    "a negative length of views": lambda: (schema(b"vu"), array(1, None, *views(b"x" * 20), np.array([-1]))),
    "a null buffer of views": lambda: (schema(b"vu"), array(1, None, views(b"x" * 20)[0], None, np.array([20]))),
    "a released schema": lambda: (Schema(), utf8()),
    "a released array": lambda: (schema(b"u"), Array()),
    "floats that are too short to be": lambda: (schema(b"g"), array(2, None)),
}


@pytest.mark.parametrize("lie", LIES)
def test_lies_are_exceptions(lie, capfd):
    for call in (cg.Documents, lambda column: cg.count(column, ["the"]), lambda column: cg.TermCounter(column)):
        with pytest.raises((ValueError, TypeError)) as raised:
            call(Column(*LIES[lie]()))
        assert "internal error" not in str(raised.value)
    assert capfd.readouterr() == ("", "")


def test_a_view_outside_its_buffer_is_an_empty_document():
    made, data = views(b"x" * 20)
    for lie in (made[:8] + b"\x09" + made[9:], made[:12] + b"\xff\xff\xff\xff", b"\xff\xff\xff\xff" + made[4:]):
        column = Column(schema(b"vu"), array(1, None, lie, data, np.array([len(data)])))
        assert cg.Documents(column)[0] == ""


@pytest.mark.parametrize(
    "names", [(b"arrow_array", b"arrow_schema"), (b"arrow_schema", b"x"), (b"x", b"arrow_array")]
)
def test_capsules_of_another_name(names):
    with pytest.raises(ValueError, match="name"):
        cg.Documents(Column(schema(b"u"), utf8(), names))


@pytest.mark.parametrize("given", [None, 3, (), (1, 2), "ab", [1, 2], object()], ids=repr)
def test_objects_that_are_not_capsules(given):
    class Odd:
        def __arrow_c_array__(self, requested_schema=None):
            return given

    class OddStream:
        def __arrow_c_stream__(self, requested_schema=None):
            return given

    for odd in (Odd(), OddStream()):
        with pytest.raises((TypeError, ValueError)):
            cg.Documents(odd)


# Streams that can be read only once


def test_a_capsule_is_read_once():
    class Once:
        def __init__(self, column):
            self.capsules = column.__arrow_c_array__()

        def __arrow_c_array__(self, requested_schema=None):
            return self.capsules

    class OnceStream:
        def __init__(self, column):
            self.capsule = column.__arrow_c_stream__()

        def __arrow_c_stream__(self, requested_schema=None):
            return self.capsule

    counter = cg.TermCounter(["the"])
    for once in (Once(pa.array(["the"])), OnceStream(pa.chunked_array([["the"]]))):
        assert counter.count(once).tolist() == [[1]]
        for call in (counter.count, counter.totals, counter.find, cg.Documents, cg.TermCounter):
            with pytest.raises(ValueError, match="read before"):
                call(once)


def test_a_stream_is_read_once():
    counter = cg.TermCounter(["the"])
    batches = [pa.record_batch({"text": ["the", "a"]})]
    for first in (counter.count, counter.totals, counter.find, cg.Documents):
        for second in (counter.count, counter.totals, counter.find, cg.Documents):
            reader = pa.RecordBatchReader.from_batches(batches[0].schema, batches)
            first(reader)
            with pytest.raises(ValueError, match="read to its end before"):
                second(reader)
    empty = pa.RecordBatchReader.from_batches(batches[0].schema, [])
    assert counter.count(empty).shape == (0, 1) == counter.count(empty).shape
    table = pa.table({"text": ["the"]})
    assert counter.count(table).tolist() == counter.count(table).tolist() == [[1]]


class Lines:
    """An iterator of an unknown class."""

    def __init__(self):
        self.lines = iter(["the", "a"])

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.lines)


def test_an_iterator_is_read_once():
    counter = cg.TermCounter(["the"])
    for make in (lambda: (text for text in ["the", "a"]), Lines):
        for call in (counter.count, counter.totals, counter.find, cg.Documents, cg.TermCounter):
            texts = make()
            assert counter.count(texts).tolist() == [[1], [0]]
            with pytest.raises(ValueError, match="read to its end before"):
                call(texts)
    assert counter.count(text for text in []).shape == (0, 1)
    assert counter.count(iter([])).shape == (0, 1)
    texts = ["the"]
    assert counter.count(texts).tolist() == counter.count(texts).tolist()


# Invalid UTF-8 in a column of strings


def strings(data: bytes) -> pa.Array:
    offsets = pa.py_buffer(np.array([0, len(data)], np.int32))
    return pa.StringArray.from_buffers(1, offsets, pa.py_buffer(data))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xffthe cat", "\udcffthe cat"),
        (b"the\xe2\x82 cat", "the\udce2\udc82 cat"),
        (b"\xed\xa0\x80 cat \x80", "\ud800 cat \udc80"),
        ("é\x00".encode() + b"\xc3 cat \xf0\x9f\x98\x80", "é\x00\udcc3 cat \U0001f600"),
    ],
    ids=repr,
)
def test_invalid_bytes_are_characters_everywhere(data, text):
    column = strings(data)
    documents = cg.Documents(column)
    assert documents[0] == text
    assert list(documents) == [text]
    matches = cg.TermCounter(["cat"]).find(column)
    assert len(matches) == 1 == cg.count(column, ["cat"])[0, 0] == cg.TermCounter(["cat"]).totals(column).counts[0]
    start, end = int(matches.start[0]), int(matches.end[0])
    assert text[start:end] == "cat"
    (context,) = matches.context(column, width=100)
    assert context.before + context.match + context.after == text
    assert len(matches.context(column, as_frame=True)) == 1


def test_invalid_terms_are_bytes():
    counter = cg.TermCounter(strings(b"\xff"), match="substring")
    assert counter.columns == [r"\xff"]
    assert repr(counter) == r"TermCounter([b'\xff'], match='substring')"
    assert counter == cg.TermCounter([b"\xff"], match="substring")
    assert counter.count([b"a\xff", "\udcff"]).tolist() == [[1], [0]]
