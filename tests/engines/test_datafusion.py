"""`countgrid.arrow.counter` as a function of DataFusion, and its DataFrames as streams."""

import countgrid as cg
import countgrid.arrow
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext, col, udf
from expected import LEXICON, ROWS, TEXTS, dense
from pages import DOCS, check_section

TYPES = [pa.string(), pa.large_string(), pa.string_view(), pa.binary()]


def context_of(kind=TYPES[0], declared=None, texts=TEXTS, **options):
    """A session with the texts as a table, and the function `count_terms`."""
    context = SessionContext()
    table = pa.table({"id": range(len(texts)), "text": pa.array(texts, pa.string()).cast(kind)})
    batches = table.to_batches(max_chunksize=4) or [pa.record_batch([[], []], schema=table.schema)]
    context.register_record_batches("texts", [batches[::2], batches[1::2]])
    count = countgrid.arrow.counter(LEXICON, **options)
    context.register_udf(udf(count, [declared or kind], count.type, "immutable", name="count_terms"))
    return context


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_counts(kind, sparse):
    counts = context_of(kind, sparse=sparse).sql("SELECT count_terms(text) AS n FROM texts ORDER BY id")
    assert counts.to_pydict() == {"n": ROWS[sparse]}


@pytest.mark.parametrize("kind", TYPES[:3], ids=str)
def test_other_types_are_converted(kind):
    counts = context_of(kind, declared=pa.string()).sql("SELECT count_terms(text) AS n FROM texts ORDER BY id")
    assert counts.to_pydict() == {"n": dense()}
    numbers = context_of().sql("SELECT count_terms(id) AS n FROM texts").to_pydict()["n"]
    assert numbers == [dict.fromkeys(LEXICON, 0)] * len(TEXTS)


def test_parquet(tmp_path):
    context = context_of()
    pq.write_table(pa.table({"text": TEXTS}), tmp_path / "texts.parquet", row_group_size=3)
    context.register_parquet("files", tmp_path)
    found = context.sql("SELECT count_terms(text) AS n FROM files").to_pydict()["n"]
    assert sorted(map(str, found)) == sorted(map(str, dense()))


def test_fields_of_nulls_are_null():
    counts = context_of().sql("SELECT id, count_terms(text) AS n FROM texts ORDER BY id")
    expected = {name: [row and row[name] for row in dense()] for name in LEXICON}
    fields = counts.select(*(col("n")[name].alias(name) for name in LEXICON))
    assert fields.to_pydict() == expected
    columns = counts.unnest_columns("n").sort(col("id")).to_pydict()
    assert columns == {"id": list(range(len(TEXTS))), **{f"n.{name}": expected[name] for name in LEXICON}}
    ids = (
        context_of().sql("SELECT id FROM texts WHERE count_terms(text)['pets'] IS NULL ORDER BY id").to_pydict()["id"]
    )
    assert ids == [at for at, text in enumerate(TEXTS) if text is None]


def test_unnested_and_cached_counts_are_counted_once():
    context = context_of()
    calls = []
    count = countgrid.arrow.counter(LEXICON)

    def counted(text):
        calls.append(len(text))
        return count(text)

    context.register_udf(udf(counted, [pa.string()], count.type, "immutable", name="counted"))
    counts = context.sql("SELECT counted(text) AS n FROM texts")
    fields = [col("n")["pets"], col("n")["the"]]
    for use, times in [
        (lambda: counts.select(*fields), 2),
        (lambda: counts.unnest_columns("n"), 1),
        (lambda: counts.cache().select(*fields), 1),
    ]:
        calls.clear()
        use().collect()
        assert sum(calls) == times * len(TEXTS)


def test_totals():
    context = context_of(sparse=True)
    expected = cg.TermCounter(LEXICON).totals(TEXTS).to_dict()
    assert cg.TermCounter(LEXICON).totals(context.sql("SELECT text FROM texts")).to_dict() == expected
    query = """SELECT found['column'] AS name, sum(found['count']) AS n
        FROM (SELECT unnest(count_terms(text)) AS found FROM texts) GROUP BY name"""
    rows = context.sql(query).to_pydict()
    assert dict(zip(rows["name"], rows["n"], strict=True)) == {name: n for name, n in expected.items() if n}


@pytest.mark.parametrize("texts", [[], [None, None]])
def test_no_texts(texts):
    counts = context_of(texts=texts).sql("SELECT count_terms(text) AS n FROM texts")
    assert [row for batch in counts.collect() for row in batch["n"].to_pylist()] == texts


def test_errors_are_raised():
    with pytest.raises(Exception, match="is missing"):
        context_of(missing="raise").sql("SELECT count_terms(text) FROM texts").collect()


def test_documentation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_section(DOCS / "other-engines.md", "DataFusion")
