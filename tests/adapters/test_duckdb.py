"""The DuckDB function returns the counts of `cg.count`, in structs or lists, and NULL for NULL."""

import gc
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import countgrid as cg
import countgrid.duckdb
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from countgrid.duckdb import register

TEXTS = ["the cat sat", None, "the the", "", "Cat, the naïve cat", "日本 the, a text longer than twelve bytes"]
TERMS = ["the", "cat", "日本"]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create(connection, "docs", TEXTS)
        yield connection


def create(con: duckdb.DuckDBPyConnection, table: str, texts: list[str | None]) -> None:
    """A table of ids and texts."""
    column = pa.table({"id": range(len(texts)), "text": pa.array(texts, pa.string())})
    con.register("column_of_texts", column)
    con.execute(f"CREATE TABLE {table} AS FROM column_of_texts")
    con.unregister("column_of_texts")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def column(con: duckdb.DuckDBPyConnection, query: str) -> list:
    return [row[0] for row in con.execute(query).fetchall()]


def dense_rows(texts: list[str | None], columns: list[str], counts) -> list[dict[str, int] | None]:
    """The expected result, by `cg.count`."""
    return [
        None if text is None else dict(zip(columns, row, strict=True))
        for text, row in zip(texts, counts.tolist(), strict=True)
    ]


def sparse_rows(texts: list[str | None], columns: list[str], counts) -> list[list[dict] | None]:
    return [
        None if row is None else [{"column": name, "count": count} for name, count in row.items() if count]
        for row in dense_rows(texts, columns, counts)
    ]


MATCHING = [
    {},
    {"match": "substring"},
    {"match": "token"},
    {"ignore_case": True},
    {"strip_accents": True},
    {"word_chars": ","},
    {"syntax": "glob"},
    {"syntax": "regex"},
    {"overlap": "longest"},
]


@pytest.mark.parametrize("matching", MATCHING, ids=str)
def test_counts_are_those_of_count(con: duckdb.DuckDBPyConnection, matching: dict) -> None:
    terms = ["the", "cat", "naive", "cat,", "th.", "t*", "the cat", "a"]
    if matching.get("syntax") == "regex":
        terms[5] = "t+"
    expected = cg.count(TEXTS, terms, **matching)
    register(con, "dense", terms, **matching)
    register(con, "listed", terms, sparse=True, **matching)
    assert column(con, "SELECT dense(text) FROM docs ORDER BY id") == dense_rows(TEXTS, terms, expected)
    assert column(con, "SELECT listed(text) FROM docs ORDER BY id") == sparse_rows(TEXTS, terms, expected)


def test_types(con: duckdb.DuckDBPyConnection) -> None:
    register(con, "dense", TERMS)
    register(con, "listed", TERMS, sparse=True)
    types = con.execute("SELECT typeof(dense(text)), typeof(listed(text)) FROM docs LIMIT 1").fetchall()[0]
    assert types == (
        'STRUCT(the INTEGER, cat INTEGER, "日本" INTEGER)',
        'STRUCT("column" VARCHAR, count INTEGER)[]',
    )


def test_everywhere_in_a_query(con: duckdb.DuckDBPyConnection) -> None:
    register(con, "n", TERMS)
    for query, expected in {
        "SELECT id FROM docs WHERE n(text).the > 1": [(2,)],
        "SELECT id FROM docs WHERE n(text).cat = 0 ORDER BY id": [(2,), (3,), (5,)],
        "SELECT id FROM docs WHERE n(text) IS NULL": [(1,)],
        "SELECT n(text).the AS the, count(*) FROM docs GROUP BY ALL ORDER BY ALL": [
            (0, 1),
            (1, 3),
            (2, 1),
            (None, 1),
        ],
        "SELECT sum(n(text).the), max(struct_extract(n(text), '日本')) FROM docs": [(5, 1)],
        "SELECT id FROM docs ORDER BY n(text).cat DESC, n(text).the DESC, id LIMIT 2": [(0,), (4,)],
        "SELECT id FROM docs GROUP BY id HAVING sum(n(text).the) = 2": [(2,)],
        "SELECT n('the cat').cat + n(NULL || 'x').cat": [(None,)],
        "SELECT n('the the cat')": [({"the": 2, "cat": 1, "日本": 0},)],
        "SELECT n(NULL)": [(None,)],
        "SELECT count(*) FROM docs WHERE n('the').the = 1": [(6,)],
        "SELECT count(n(text)) FROM docs WHERE false": [(0,)],
        "SELECT n(text) FROM docs WHERE id > 100": [],
        "SELECT a.id, b.id FROM docs a JOIN docs b ON n(a.text).the = n(b.text).the AND a.id < b.id ORDER BY ALL": [
            (0, 4),
            (0, 5),
            (4, 5),
        ],
        "SELECT sum(the) FILTER (cat = 0) FROM (SELECT unnest(n(text)) FROM docs)": [(3,)],
    }.items():
        assert con.execute(query).fetchall() == expected, query


def test_unnested(con: duckdb.DuckDBPyConnection) -> None:
    register(con, "dense", TERMS, prefix="n ")
    register(con, "listed", TERMS, sparse=True)
    unnested = con.sql("SELECT id, unnest(dense(text)) FROM docs ORDER BY id")
    assert unnested.columns == ["id", "n the", "n cat", "n 日本"]
    expected = cg.count(TEXTS, TERMS).tolist()
    assert unnested.fetchall() == [(i, *(expected[i] if i != 1 else [None] * 3)) for i in range(6)]
    long = con.sql("SELECT id, unnest(listed(text), recursive := true) FROM docs ORDER BY ALL")
    assert long.columns == ["id", "column", "count"]
    assert long.fetchall() == sorted(
        (i, name, count) for i, row in enumerate(expected) for name, count in zip(TERMS, row, strict=True) if count
    )
    total = 'SELECT "column", sum(count) FROM (SELECT unnest(listed(text), recursive := true) FROM docs) GROUP BY ALL'
    totals = cg.TermCounter(TERMS).totals(TEXTS)
    assert dict(con.execute(total).fetchall()) == dict(zip(totals.columns, totals.counts.tolist(), strict=True))


NAMES = [
    "New York",
    "it's",
    'the "bad"',
    "a,b;c",
    "a.b",
    "日本",
    "Ä",
    "ä",
    "İ",
    "i",
    "ß",
    "ẞ",
    "\N{KELVIN SIGN}",
    "k",
    "हिन्दी",
    "👩‍🚀",
    "SELECT",
    "count",
    "$1",
    "{x}",
    "\\n",
    "two\nlines",
    " ",
    "*",
    "a longer name than twelve bytes",
]


def test_every_name(con: duckdb.DuckDBPyConnection) -> None:
    """Names that differ in the case of non-ASCII letters are different, for DuckDB and for countgrid."""
    terms = {name: [f"w{i}"] for i, name in enumerate(NAMES)}
    register(con, "dense", terms)
    register(con, "listed", terms, sparse=True)
    for i, name in enumerate(NAMES):
        text = f"w{i} " * (i + 1)
        extracted = [
            f"dense(text).{quoted(name)}",
            f"dense(text)[{sql_string(name)}]",
            f"struct_extract(dense(text), {sql_string(name)})",
        ]
        query = f"SELECT {', '.join(extracted)}, listed(text) FROM (SELECT ? AS text)"
        got = con.execute(query, [text]).fetchall()[0]
        assert got == (i + 1, i + 1, i + 1, [{"column": name, "count": i + 1}]), name
    con.execute("CREATE TABLE wide AS SELECT unnest(dense(text)) FROM docs")
    assert con.sql("FROM wide").columns == NAMES


def sql_string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Count Terms", '"count terms"'),
        ('a"b', '"a""b"'),
        ("zähle", "ZäHLE"),
        ("日本", "日本"),
        ("read_csv", "read_csv"),
    ],
)
def test_every_function_name(con: duckdb.DuckDBPyConnection, name: str, written: str) -> None:
    register(con, name, ["a"])
    assert column(con, f"SELECT {written}('a a').a") == [2]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"terms": ["US", "us"]},
            ValueError,
            "columns 0 and 1 would both be named 'US' and 'us', which are the same name",
        ),
        ({"terms": ["a", "b", "a"], "prefix": "n_"}, ValueError, "columns 0 and 2 would both be named 'n_a'"),
        ({"terms": ["a", "a"], "sparse": True}, ValueError, "columns 0 and 1 would both be named 'a'"),
        ({"terms": ["a", "b"], "names": ["x"]}, ValueError, "names has 1 names; expected one for each of 2 columns"),
        ({"terms": ["a", "b"], "names": "xy"}, TypeError, "names is str"),
        ({"terms": ["a", "b"], "names": ["x", ""]}, ValueError, "the name of column 1 is '', which is empty"),
        ({"terms": {"": ["a"]}}, ValueError, "the name of column 0 is '', which is empty"),
        ({"terms": ["a", "b\0"]}, ValueError, r"the name of column 1 is 'b\x00', which contains NUL"),
        ({"terms": ["\ud800"]}, ValueError, r"the name of column 0 is '\ud800', which contains a lone surrogate"),
        ({"terms": ["\ud800"], "sparse": True}, ValueError, "which contains a lone surrogate"),
        ({"terms": []}, ValueError, "there are no columns, and a STRUCT needs at least one"),
        ({"terms": ["a", ""]}, ValueError, "term"),
        ({"terms": "a"}, TypeError, "terms"),
        ({"terms": ["a"], "match": "words"}, ValueError, "words"),
        ({"terms": ["a"], "workers": 0}, ValueError, "workers is 0"),
        ({"terms": ["a"], "workers": 0, "sparse": True}, ValueError, "workers is 0"),
        (
            {"terms": cg.TermCounter(["a"]), "ignore_case": True},
            TypeError,
            "pass terms.replace(ignore_case=...) instead",
        ),
        ({"terms": ["a"], "con": "a.duckdb"}, TypeError, "con is str ('a.duckdb'); expected a DuckDB connection"),
        ({"terms": ["a"], "name": ""}, ValueError, "name is '', which is empty; SQL cannot call such a function"),
        ({"terms": ["a"], "name": "f\0"}, ValueError, "which contains NUL; SQL cannot call such a function"),
        ({"terms": ["a"], "name": b"f"}, TypeError, "name is bytes (b'f'); expected str"),
        ({"terms": ["a"], "name": "LEN"}, ValueError, "there is already a function 'LEN'; pass another name"),
        ({"terms": ["a"], "name": "len", "replace": True}, ValueError, "there is already a function 'len'"),
        ({"terms": ["a"], "name": "count"}, ValueError, "there is already a function 'count'"),
    ],
    ids=str,
)
def test_invalid_options_raise_when_registered(
    con: duckdb.DuckDBPyConnection, options: dict, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        register(**{"con": con, "name": "refused", **options})
    assert con.execute("SELECT count(*) FROM duckdb_functions() WHERE function_name = 'refused'").fetchall()[0] == (
        0,
    )
    assert column(con, "SELECT len('abc')") == [3]


def test_names_are_values_in_lists(con: duckdb.DuckDBPyConnection) -> None:
    """So they can differ only in case, be empty or contain NUL, and there can be none."""
    register(con, "listed", {"US": ["US"], "us": ["us"], "": ["x"], "nul\0": ["y"]}, sparse=True)
    got = column(con, "SELECT listed('us US us x y')")
    assert [[(item["column"], item["count"]) for item in row] for row in got] == [
        [("US", 1), ("us", 2), ("", 1), ("nul\0", 1)]
    ]
    register(con, "nothing", [], sparse=True)
    assert column(con, "SELECT nothing(text) FROM docs ORDER BY id") == [[], None, [], [], [], []]


def test_counts_larger_than_memory_are_an_error(con: duckdb.DuckDBPyConnection, monkeypatch) -> None:
    monkeypatch.setattr(countgrid._memory, "limit", lambda: 3 * 2048 * 4)
    register(con, "fits", ["a", "b", "c"])
    with pytest.raises(MemoryError, match=r"2048 documents x 4 columns takes .* pass sparse=True"):
        register(con, "n", ["a", "b", "c", "d"])
    register(con, "n", ["a", "b", "c", "d"], sparse=True)
    assert column(con, "SELECT n('d')") == [[{"column": "d", "count": 1}]]


def test_prefix_names_and_counters(con: duckdb.DuckDBPyConnection) -> None:
    lexicon = {"good": ["good", "fine"], "bad": ["bad"]}
    counter = cg.TermCounter(lexicon, ignore_case=True)
    register(con, "by_terms", lexicon, ignore_case=True, prefix="n_")
    register(con, "by_counter", counter, prefix="n_")
    register(con, "named", counter, names=["+", "-"])
    text = "'Good, FINE and bad'"
    assert column(con, f"SELECT by_terms({text})") == [{"n_good": 2, "n_bad": 1}]
    assert column(con, f"SELECT by_counter({text})") == [{"n_good": 2, "n_bad": 1}]
    assert column(con, f"SELECT named({text})") == [{"+": 2, "-": 1}]


def test_bytes_terms(con: duckdb.DuckDBPyConnection) -> None:
    register(con, "n", ["naïve".encode(), b"\xff"], match="substring")
    assert column(con, "SELECT n('naïve')") == [{"naïve": 1, "\\xff": 0}]


def test_a_name_that_is_taken(con: duckdb.DuckDBPyConnection) -> None:
    register(con, "n", ["a"])
    for other in (con, con.cursor()):
        with pytest.raises(ValueError, match="there is already a function 'N'; pass another name, or replace=True"):
            register(other, "N", ["b"])
    with pytest.raises(ValueError, match="if it was registered through this connection"):
        register(con.cursor(), "n", ["b"], replace=True)
    relation = con.sql("SELECT n(text) FROM docs")
    assert column(con, "SELECT n('a')") == [{"a": 1}]
    for terms in (["b"], ["c"], ["c"]):
        register(con, "N", terms, replace=True)
        assert column(con, "SELECT n('a b c')") == [{terms[0]: 1}]
    assert relation.fetchall() == [(None if text is None else {"c": 0},) for text in TEXTS]
    con.remove_function("n")
    register(con, "n", ["d"])
    register(con, "new", ["d"], replace=True)
    assert column(con, "SELECT n('d').d + new('d').d") == [2]


@pytest.mark.parametrize("temporary", ["", "TEMP"])
def test_the_name_of_a_macro(con: duckdb.DuckDBPyConnection, temporary: str) -> None:
    con.execute(f"CREATE {temporary} MACRO m(x) AS x || '!'")
    for replace in (False, True):
        with pytest.raises(ValueError, match="there is already a macro 'm'; pass another name"):
            register(con, "m", ["a"], replace=replace)
    assert column(con, "SELECT m('a')") == ["a!"]


def test_replacing_while_a_result_waits(con: duckdb.DuckDBPyConnection) -> None:
    """DuckDB 2 raises its own error. Earlier versions remove the function later, and find two until then."""
    register(con, "n", ["a"])
    waiting = con.execute("SELECT range FROM range(100000)")
    assert waiting.fetchone() == (0,)
    with pytest.raises(
        (RuntimeError, duckdb.Error), match=r"a result that is not fetched to its end|unfinished result"
    ):
        register(con, "n", ["b"], replace=True)
    assert len(waiting.fetchall()) == 99_999
    register(con, "n", ["b"], replace=True)
    assert column(con, "SELECT n('a b b')") == [{"b": 2}]


def test_registering_from_many_threads() -> None:
    """Some versions of DuckDB hang if two threads do so at a time."""
    script = """
import countgrid.duckdb, duckdb
from concurrent.futures import ThreadPoolExecutor

con = duckdb.connect()
def register(i):
    with con.cursor() as cursor:
        for j in range(10):
            countgrid.duckdb.register(cursor, f"f{i}_{j}", [f"t{j}"])
with ThreadPoolExecutor(4) as threads:
    list(threads.map(register, range(4)))
print(con.execute("SELECT f0_0('t0').t0 + f3_9('t9').t9").fetchone())
con.close()  # DuckDB 1.2 aborts in one of ten processes that end with functions of Python in an open connection
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (run.stdout, run.stderr) == ("(2,)\n", "")


def test_the_module_is_its_default_connection() -> None:
    register(duckdb, "n_of_the_default_connection", ["a"])
    try:
        assert duckdb.sql("SELECT n_of_the_default_connection('a')").fetchall() == [({"a": 1},)]
    finally:
        duckdb.remove_function("n_of_the_default_connection")


def test_a_prepared_statement_outlives_a_replaced_function(con: duckdb.DuckDBPyConnection) -> None:
    """Some versions of DuckDB keep the old function, others use the new one. Neither may read freed memory."""
    register(con, "n", ["a"])
    con.execute("PREPARE counted AS SELECT n('a a b').a")
    register(con, "n", {"a": ["a", "b"]}, replace=True)
    gc.collect()
    assert column(con, "EXECUTE counted") in ([2], [3])
    assert column(con, "SELECT n('a a b').a") == [3]


def test_a_result_that_waits_is_not_disturbed(con: duckdb.DuckDBPyConnection) -> None:
    waiting = con.execute("SELECT * FROM range(10000)")
    assert waiting.fetchone() == (0,)
    with pytest.raises(ValueError, match="already"):
        register(con, "len", ["a"])
    assert waiting.fetchone() == (1,)


@pytest.mark.parametrize("sparse", [False, True])
def test_a_function_outlives_the_cursor_that_registered_it(tmp_path, sparse: bool) -> None:
    first = duckdb.connect(str(tmp_path / "a.duckdb"))
    cursor = first.cursor()
    register(cursor, "n", ["kept alive"], sparse=sparse)
    second = duckdb.connect(str(tmp_path / "a.duckdb"))
    cursor.close()
    first.close()
    del first, cursor
    gc.collect()
    others = [lambda x, i=i: i for i in range(10_000)]
    expected = [{"column": "kept alive", "count": 2}] if sparse else {"kept alive": 2}
    assert column(second, "SELECT n('kept alive, kept alive')") == [expected]
    assert len(others) == 10_000
    second.close()
    with (
        duckdb.connect(str(tmp_path / "a.duckdb")) as reopened,
        pytest.raises(duckdb.CatalogException, match="n does"),
    ):
        reopened.execute("SELECT n('a')")


def test_many_functions_on_one_connection(con: duckdb.DuckDBPyConnection) -> None:
    for i in range(50):
        register(con, f"n{i}", [f"w{i}"], sparse=i % 2 == 1)
    calls = ", ".join(f"n{i}(text)" for i in range(50))
    got = con.execute(f"SELECT {calls} FROM (SELECT 'w3 w4 w4' AS text)").fetchall()[0]
    assert got[3:5] == ([{"column": "w3", "count": 1}], {"w4": 2})
    assert got[:3] == ({"w0": 0}, [], {"w2": 0})


def test_cursors_in_threads(con: duckdb.DuckDBPyConnection) -> None:
    register(con, "n", ["a", "b"])
    barrier = threading.Barrier(8)

    def query(i: int) -> list[tuple]:
        with con.cursor() as cursor:
            barrier.wait(30)
            sums = (
                "SELECT sum(n(t).a), sum(n(t).b) FROM (SELECT repeat('a b ', r % 3) || ? AS t FROM range(20000) s(r))"
            )
            return cursor.execute(sums, ["a " * i]).fetchall()

    with ThreadPoolExecutor(8) as pool:
        expected = sum(r % 3 for r in range(20000))
        assert list(pool.map(query, range(8))) == [[(expected + 20000 * i, expected)] for i in range(8)]


@pytest.mark.parametrize(
    ("settings", "arrives"),
    [
        ({}, {pa.string()}),
        ({"arrow_large_buffer_size": "true"}, {pa.large_string()}),
        # Older versions have the setting, to no effect.
        ({"produce_arrow_string_view": "true", "arrow_output_version": "1.4"}, {pa.string(), pa.string_view()}),
        ({"arrow_output_list_view": "true", "arrow_lossless_conversion": "true"}, {pa.string()}),
    ],
    ids=str,
)
@pytest.mark.parametrize("sparse", [False, True])
def test_every_way_in_which_texts_arrive(
    con: duckdb.DuckDBPyConnection, settings: dict, arrives: set, sparse: bool
) -> None:
    known = column(con, "SELECT name FROM duckdb_settings()")
    for setting, value in settings.items():
        if setting != "arrow_output_version" or setting in known:
            con.execute(f"SET {setting} = '{value}'")
    assert con.sql("SELECT text FROM docs").arrow().schema.field("text").type in arrives
    register(con, "n", TERMS, sparse=sparse)
    rows = sparse_rows if sparse else dense_rows
    assert column(con, "SELECT n(text) FROM docs ORDER BY id") == rows(TEXTS, TERMS, cg.count(TEXTS, TERMS))


def test_parameters_that_are_text_and_that_are_not(con: duckdb.DuckDBPyConnection) -> None:
    register(con, "n", ["a", "1"])
    con.execute("CREATE TYPE letter AS ENUM ('a', 'a a', 'b')")
    enums = "SELECT n(x).a FROM (VALUES ('a a'::letter), (NULL), ('b'), ('a a')) AS t(x)"
    assert column(con, enums) == [2, None, 0, 2]
    assert column(con, """SELECT n('{"a": 1}'::JSON)""") == [{"a": 1, "1": 1}]
    assert column(con, "SELECT n(x::VARCHAR) FROM (SELECT 1 AS x)") == [{"a": 0, "1": 1}]
    assert column(con, "SELECT n(decode('a a'::BLOB)).a") == [2]
    for value in ("1", "'a'::BLOB", "['a']", "DATE '2020-01-01'"):
        with pytest.raises(duckdb.BinderException, match=r"n\(.*VARCHAR.*\) -> STRUCT"):
            con.execute(f"SELECT n(x) FROM (SELECT {value} AS x)")
    with pytest.raises(duckdb.BinderException, match="n"):
        con.execute("SELECT n('a', 'b')")
    assert column(con, "SELECT n('a').a") == [1]


def test_a_query_that_fails_leaves_the_connection_usable(con: duckdb.DuckDBPyConnection) -> None:
    register(con, "n", ["a"])
    texts = "SELECT CASE WHEN r = 90000 THEN error('stop here') ELSE 'a' END AS t FROM range(100000) s(r)"
    with pytest.raises(duckdb.Error, match="stop here"):
        con.execute(f"SELECT sum(n(t).a) FROM ({texts})").fetchall()
    assert column(con, "SELECT n('a').a") == [1]
    timer = threading.Timer(0.2, con.interrupt)
    timer.start()
    with pytest.raises(duckdb.InterruptException):
        con.execute("SELECT sum(n('a ' || r).a) FROM range(1000000000) s(r)").fetchall()
    timer.join()
    assert column(con, "SELECT n('a').a") == [1]


INTERRUPTED = """
import os, signal, threading
import countgrid.duckdb, duckdb

signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the parent made of it
con = duckdb.connect()
countgrid.duckdb.register(con, "n", ["a"])
con.execute("SELECT n('a ' || r) FROM range(10) s(r)").fetchall()  # imports what DuckDB needs for it
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    con.execute("SELECT sum(n('a ' || r).a) FROM range(5000000) s(r)").fetchall()
except Exception as error:
    print("the query ended:", error)
print("the next:", con.execute("SELECT n('a').a").fetchall())
con.close()
"""


def test_ctrl_c_ends_a_query_and_not_the_connection() -> None:
    run = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=60)
    assert re.search("the query ended: .*(KeyboardInterrupt|interrupted)", run.stdout), (run.stdout, run.stderr)
    assert run.stdout.endswith("the next: [(1,)]\n"), (run.stdout, run.stderr)


def test_a_large_column_mostly_missing_in_parquet(con: duckdb.DuckDBPyConnection, tmp_path) -> None:
    """Several row groups, batches and threads."""
    texts = pa.array([f"the cat {i} the" if i % 10 == 0 else None for i in range(1_000_000)])
    pq.write_table(pa.table({"id": range(len(texts)), "text": texts}), tmp_path / "t.parquet", row_group_size=150_000)
    expected = cg.count(texts, ["the", "cat", "500"])
    register(con, "n", ["the", "cat", "500"])
    register(con, "listed", ["the", "cat", "500"], sparse=True)
    source = f"read_parquet('{tmp_path / 't.parquet'}')"
    sums = f"SELECT sum(n(text).the), sum(n(text).cat), sum(n(text)['500']), count(n(text)) FROM {source}"
    assert con.execute(sums).fetchall()[0] == (*expected.sum(axis=0).tolist(), 100_000)
    assert con.execute(f"SELECT id FROM {source} WHERE n(text)['500'] > 0").fetchall() == [(500,)]
    lists = f"SELECT sum(len(listed(text))), count(listed(text)) FROM {source}"
    assert con.execute(lists).fetchall()[0] == ((expected > 0).sum(), 100_000)
    counted = con.execute(f"SELECT id, unnest(n(text)) FROM {source} WHERE text IS NOT NULL ORDER BY id").fetchnumpy()
    assert counted["id"].tolist() == list(range(0, 1_000_000, 10))
    assert counted["the"].tolist() == expected[::10, 0].tolist()


@pytest.mark.parametrize("workers", [None, 1])
@pytest.mark.parametrize("threads", [1, 4])
def test_many_terms_and_threads(con: duckdb.DuckDBPyConnection, workers: int | None, threads: int) -> None:
    con.execute(f"SET threads = {threads}")
    terms = [f"w{i}" + "x" * (i % 20) for i in range(3000)]
    texts = [" ".join(terms[(i * 7 + j * j) % 3000] for j in range(i % 16)) if i % 5 else None for i in range(40_000)]
    create(con, "many", texts)
    register(con, "listed", terms, sparse=True, workers=workers)
    counts = cg.count(texts, terms, sparse=True)
    got = con.execute(
        'SELECT id, "column", count FROM (SELECT id, unnest(listed(text), recursive := true) FROM many)'
    ).fetchnumpy()
    numbers = {name: i for i, name in enumerate(terms)}
    rows = sorted(zip(got["id"].tolist(), (numbers[n] for n in got["column"]), got["count"].tolist(), strict=True))
    coordinates = counts.tocoo()
    assert rows == list(
        zip(coordinates.coords[0].tolist(), coordinates.coords[1].tolist(), coordinates.data.tolist(), strict=True)
    )


def test_relations_are_counted_whole_without_the_function(con: duckdb.DuckDBPyConnection) -> None:
    """The other way round: without batches."""
    register(con, "n", TERMS)
    query = "SELECT text FROM docs ORDER BY id"
    whole = cg.count(con.sql(query), TERMS)
    assert column(con, "SELECT n(text) FROM docs ORDER BY id") == dense_rows(TEXTS, TERMS, whole)
    assert cg.TermCounter(TERMS).totals(con.sql(query)).counts.tolist() == whole.sum(axis=0).tolist()


def test_lexicons_know_their_syntax(tmp_path):
    (tmp_path / "a.txt").write_text("happ*\n")
    globs, default = (cg.read_lexicon(tmp_path / "a.txt", **options) for options in ({"syntax": "glob"}, {}))
    with duckdb.connect() as con:
        register(con, "globs", globs)
        with warnings.catch_warnings():
            # DuckDB 1.2 asks NumPy for modules by their old names.
            warnings.simplefilter("ignore", DeprecationWarning)
            with pytest.warns(UserWarning, match="looks like a glob") as said:
                register(con, "literal", default)
        assert [warning.filename for warning in said if warning.category is UserWarning] == [__file__]
        register(con, "chosen", default, syntax="literal")
        with pytest.raises(ValueError, match="syntax is 'literal', but"):
            register(con, "neither", globs, syntax="literal")
        counted = "SELECT struct_extract({0}(text), 'happ*') FROM (VALUES ('happy happ*')) AS docs(text)"
        assert [con.sql(counted.format(name)).fetchall() for name in ("globs", "literal", "chosen")] == [
            [(2,)],
            [(1,)],
            [(1,)],
        ]
