"""Binary Arrow columns that are not text raise `TypeError` with the type, wherever they come from."""

import uuid

import countgrid as cg
import pyarrow as pa
import pytest
from containers import HAS_DUCKDB, HAS_POLARS, duckdb

if HAS_POLARS:
    import polars as pl

ID = uuid.UUID(int=5).bytes


class Named(pa.ExtensionType):
    """An extension type over any storage, with parameters that are not UTF-8."""

    def __init__(self, storage, name="test.named"):
        super().__init__(storage, name)

    def __arrow_ext_serialize__(self):
        return b"\xff\x00"

    @classmethod
    def __arrow_ext_deserialize__(cls, storage, _):
        return cls(storage)


class Capsule:
    """An array that exports only itself, without other hints at its type."""

    def __init__(self, array):
        self.array = array

    def __arrow_c_array__(self, requested_schema=None):
        return self.array.__arrow_c_array__(requested_schema)


def extension(type_, storage):
    return pa.ExtensionArray.from_storage(type_, storage)


#: Arrays that are not text, and the name of their type in the error.
REFUSED = {
    "uuid": (lambda: pa.array([ID, None], pa.uuid()), "arrow.uuid"),
    "opaque binary": (
        lambda: extension(pa.opaque(pa.binary(), "bit", "DuckDB"), pa.array([b"the"])),
        'arrow.opaque {"type_name":"bit"',
    ),
    "large binary": (
        lambda: extension(Named(pa.large_binary()), pa.array([b"the"], pa.large_binary())),
        "test.named",
    ),
    "binary view": (lambda: extension(Named(pa.binary_view()), pa.array([b"the"], pa.binary_view())), "test.named"),
    "dictionary values": (
        lambda: pa.DictionaryArray.from_arrays(pa.array([0, 0]), pa.array([ID], pa.uuid())),
        "arrow.uuid",
    ),
    "over a dictionary": (
        lambda: extension(
            Named(pa.dictionary(pa.int8(), pa.binary())),
            pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), pa.array([b"the"])),
        ),
        "test.named",
    ),
    "over a struct": (
        lambda: extension(Named(pa.struct([("text", pa.string())])), pa.array([{"text": "the"}])),
        "stored as Struct",
    ),
    "bool8": (lambda: extension(pa.bool8(), pa.array([1], pa.int8())), "arrow.bool8, stored as Int8"),
}

FORMS = {
    "array": lambda array: array,
    "chunked": lambda array: pa.chunked_array([array[:0], array]),
    "table": lambda array: pa.table({"x": array}),
    "batch": lambda array: pa.record_batch({"x": array}),
    "reader": lambda array: pa.table({"x": array}).to_reader(),
    "capsule": Capsule,
}

USES = {
    "count": lambda column: cg.count(column, ["the"]),
    "totals": lambda column: cg.TermCounter(["the"]).totals(column),
    "find": lambda column: cg.TermCounter(["the"]).find(column),
    "Documents": cg.Documents,
    "terms": lambda column: cg.count(["the"], column),
    "a category": lambda column: cg.TermCounter({"a": column}),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(("make", "type_"), REFUSED.values(), ids=REFUSED)
def test_binary_columns_with_another_meaning_raise(make, type_, form, use):
    with pytest.raises(TypeError, match="is an Arrow column of type") as raised:
        use(form(make()))
    assert type_ in str(raised.value)
    assert "expected text" in str(raised.value)


TEXTS = ["the cat", None, "the the"]

#: Arrays that are text, whatever their type's name.
TEXT = {
    "json": lambda: extension(pa.json_(), pa.array(TEXTS)),
    "large json": lambda: extension(pa.json_(pa.large_string()), pa.array(TEXTS, pa.large_string())),
    "opaque string": lambda: extension(pa.opaque(pa.string(), "xml", "a database"), pa.array(TEXTS)),
    "binary parameters": lambda: extension(Named(pa.string()), pa.array(TEXTS)),
    "string view": lambda: extension(Named(pa.string_view()), pa.array(TEXTS, pa.string_view())),
    "dictionary values": lambda: pa.DictionaryArray.from_arrays(
        pa.array([0, None, 1]), extension(Named(pa.string()), pa.array(["the cat", "the the"]))
    ),
    "over a dictionary": lambda: extension(
        Named(pa.dictionary(pa.int32(), pa.string())), pa.array(TEXTS).dictionary_encode()
    ),
    "plain binary": lambda: pa.array([b"the cat", None, b"the the"]),
    "fixed size binary": lambda: pa.array([b"the cat", None, b"the the"], pa.binary(7)),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("make", TEXT.values(), ids=TEXT)
def test_extension_types_over_strings_are_text(make, form):
    assert cg.count(form(make()), ["the"]).tolist() == [[1], [0], [2]]
    assert cg.TermCounter(["the"]).totals(form(make())).counts.tolist() == [3]


def test_only_missing_values_are_text_of_any_type():
    nulls = pa.array([None, None], pa.uuid())
    assert cg.count(nulls, ["the"]).tolist() == [[0], [0]]
    assert cg.count(nulls[:0], ["the"]).shape == (0, 1)


@pytest.mark.skipif(not HAS_POLARS, reason="needs polars")
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_objects_of_polars_raise(use):
    series = pl.Series("x", ["the", "the the"], dtype=pl.Object)
    for column in (series, series.to_frame(), series.slice(1)):
        with pytest.raises(TypeError, match=r"type Object, stored as FixedSizeBinary.*; pass .* series\.to_list\(\)"):
            use(column)
    assert cg.count(series.to_list(), ["the"]).tolist() == [[1], [2]], "as the message says"
    assert cg.count(pl.Series("x", [None], dtype=pl.Object), ["the"]).tolist() == [[0]]
    assert cg.count(pl.Series("x", [b"the"]).to_frame(), ["the"]).tolist() == [[1]]


@pytest.mark.skipif(not HAS_POLARS, reason="needs polars")
def test_wrapped_objects_of_polars_raise():
    narwhals = pytest.importorskip("narwhals")
    series = pl.Series("x", ["the"], dtype=pl.Object)
    for column in (narwhals.from_native(series, series_only=True), narwhals.from_native(series.to_frame())):
        with pytest.raises(TypeError, match="type Object"):
            cg.count(column, ["the"])


@pytest.mark.skipif(not HAS_POLARS or not hasattr(pl, "BaseExtension"), reason="needs a polars with extension types")
def test_extension_types_of_polars():
    class Text(pl.BaseExtension):
        def __init__(self):
            super().__init__("test.text", pl.String)

    class Key(pl.BaseExtension):
        def __init__(self):
            super().__init__("test.key", pl.Binary)

    text = pl.Series("x", ["the cat", None]).ext.to(Text())
    key = pl.Series("x", [b"the cat", None]).ext.to(Key())
    assert cg.count(text, ["the"]).tolist() == [[1], [0]]
    with pytest.raises(TypeError, match=r"test\.key"):
        cg.count(key, ["the"])
    assert cg.polars  # gives polars the namespace
    counts = pl.col("x").countgrid.count(["the"], missing="zero")
    assert text.to_frame().select(counts).unnest("x").to_series().to_list() == [1, 0]
    with pytest.raises((TypeError, pl.exceptions.ComputeError), match="expected String"):
        key.to_frame().select(counts)
    with pytest.raises(TypeError, match="expected String"):
        key.countgrid.count(["the"])


#: SQL, and the count of "the" in its result, or the type in the error.
OF_DUCKDB = {
    "'the'::BLOB": 1,
    "'the'::VARCHAR": 1,
    "'\"the\"'::JSON": 1,
    "'the'::ENUM('the', 'a')": 1,
    "'00000000-0000-0000-0000-000000000005'::UUID": 0,
    "'101'::BIT": "type BIT, stored as Binary",
    "1::HUGEINT": "type Decimal",
    "true": "type Boolean",
}


@pytest.mark.skipif(not HAS_DUCKDB, reason="needs DuckDB")
@pytest.mark.parametrize("use", [USES["count"], USES["totals"]], ids=["count", "totals"])
@pytest.mark.parametrize(("sql", "expected"), OF_DUCKDB.items(), ids=OF_DUCKDB)
def test_types_of_duckdb(sql, expected, use):
    relation = duckdb.connect().sql(f"SELECT {sql} AS x")
    if isinstance(expected, str):
        with pytest.raises(TypeError, match=expected):
            use(relation)
    else:
        result = use(relation)
        assert getattr(result, "counts", result).sum() == expected


@pytest.mark.skipif(not HAS_DUCKDB, reason="needs DuckDB")
@pytest.mark.parametrize("sql", ["'101'::BIT", "uuid()", "1::HUGEINT"])
def test_types_that_duckdb_declares_by_extensions(sql):
    with duckdb.connect() as con:
        con.execute("SET arrow_lossless_conversion = true")
        table = con.sql(f"SELECT {sql} AS x").to_arrow_table()
    with pytest.raises(TypeError, match=r"type arrow\."):
        cg.count(table, ["the"])
