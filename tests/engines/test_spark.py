"""`countgrid.spark` in worker processes of Spark, equal to `countgrid.count`."""

import datetime
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from functools import partial

import countgrid as cg
import countgrid.spark
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from java import java_home
from pages import DOCS, check_docstrings, check_page
from pyspark import cloudpickle
from pyspark.errors import PythonException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as T  # noqa: N812

# Functions of this file are sent to the workers, which cannot import it.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

# PySpark 4.3 warns of pandas 3, which it uses only for functions of pandas Series.
pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

TEXTS = ["the cat", None, "", "cat, cat and dog", "a dog", "Émile's cat", "the the"] * 2
LEXICON = {"pets": ["cat", "dog"], "the": ["the"], "none": ["zebra"]}


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """Two tasks at a time. A failed task is tried again, up to 4 times in all."""
    folder = tmp_path_factory.mktemp("spark")
    os.environ["JAVA_HOME"] = str(java_home(folder / "java"))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2,4]").appName("countgrid")
    for name, value in {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.sql.session.timeZone": "Europe/Zurich",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def frame(spark, texts=TEXTS, partitions=4):
    schema = T.StructType(
        [
            T.StructField("id", T.IntegerType()),
            T.StructField("text", T.BinaryType() if bytes in map(type, texts) else T.StringType()),
        ]
    )
    return spark.createDataFrame(list(enumerate(texts)), schema).repartition(partitions, "id")


def rows(df, *columns):
    """The rows of a frame in the order of its ids, as tuples or None."""
    return [found and tuple(found) for (found,) in df.orderBy("id").select(*columns).collect()]


def expected(texts, terms, missing="keep", **options):
    counts = cg.count(texts, terms, **options).tolist()
    return [
        None if text is None and missing == "keep" else tuple(row) for text, row in zip(texts, counts, strict=True)
    ]


@pytest.fixture(params=["arrow_udf", "pandas_udf"])
def function(request, monkeypatch):
    """Functions of Arrow arrays, and those of pandas Series for Spark before 4.1."""
    if request.param == "pandas_udf":
        monkeypatch.delattr(F, "arrow_udf", raising=False)
    return request.param


@pytest.fixture(params=[1, 100, 10_000])
def per_batch(request, spark):
    """The most rows of a batch."""
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", request.param)
    yield request.param
    spark.conf.unset("spark.sql.execution.arrow.maxRecordsPerBatch")


def test_counts_of_batches(spark, function, per_batch):
    texts = TEXTS * 20
    counts = frame(spark, texts, 2).select("id", countgrid.spark.count("text", LEXICON).alias("n"))
    assert counts.schema["n"].dataType == T.StructType([T.StructField(name, T.IntegerType()) for name in LEXICON])
    assert rows(counts, "n") == expected(texts, LEXICON)


@pytest.mark.parametrize("partitions", [1, 20])
def test_counts_of_binary_values(spark, function, partitions):
    """Some of 20 partitions are empty."""
    texts = [None if text is None else text.encode() for text in TEXTS]
    counts = frame(spark, [*texts, b"\xffcat"], partitions)
    counts = counts.select("id", countgrid.spark.count("text", LEXICON).alias("n"))
    assert rows(counts, "n") == expected([*texts, b"\xffcat"], LEXICON)


@pytest.mark.parametrize(
    "options",
    [
        {"missing": "zero"},
        {"missing": "zero", "per_words": 100},
        {"per_words": 100},
        {"ignore_case": True, "strip_accents": True, "match": "substring"},
    ],
)
def test_options(spark, function, options):
    counts = frame(spark).select("id", countgrid.spark.count(F.col("text"), LEXICON, **options).alias("n"))
    assert rows(counts, "n") == expected(TEXTS, LEXICON, **options)
    cell = T.DoubleType() if "per_words" in options else T.IntegerType()
    assert {field.dataType for field in counts.schema["n"].dataType} == {cell}


@pytest.mark.parametrize("options", [{}, {"per_words": 100}, {"missing": "zero"}, {"prefix": "n_"}])
def test_sparse(spark, function, options):
    found = countgrid.spark.count("text", LEXICON, sparse=True, **options).alias("found")
    found = frame(spark).select("id", found).orderBy("id").collect()
    prefix = options.pop("prefix", "")
    dense = expected(TEXTS, LEXICON, **options)
    for (_, items), row in zip(found, dense, strict=True):
        if row is None:
            assert items is None
        else:
            assert [tuple(item) for item in items] == [
                (prefix + name, n) for name, n in zip(LEXICON, row, strict=True) if n
            ]


@pytest.mark.parametrize(
    "names",
    [
        ["a.b", "c d", "`"],
        ["`quoted`", "back`tick", "*"],
        ["a, b INT", "c;{}()=", "\n\t"],
        ["", " ", "count"],
        ["Ä", "日本", "😀"],
        ["ss", "ß", "é"],
    ],
)
def test_names(spark, function, tmp_path, names):
    counts = frame(spark).select("id", countgrid.spark.count("text", LEXICON, names=names).alias("n"))
    assert counts.select("n.*").columns == names
    assert rows(counts.select("id", counts["n"][names[0]].alias("first")), F.struct("first")) == [
        (row[0] if row else None,) for row in expected(TEXTS, LEXICON)
    ]
    path = str(tmp_path / "counts")
    counts.select("id", "n.*").write.parquet(path)
    written = pq.read_table(path).to_pandas().sort_values("id")[names]
    pd.testing.assert_frame_equal(
        written.astype("Int32").reset_index(drop=True),
        pd.DataFrame([row or (None,) * 3 for row in expected(TEXTS, LEXICON)], columns=names, dtype="Int32"),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [("US", "us"), ("Ä", "ä"), ("ß", "ẞ"), ("k", "\u212a"), ("s", "\u017f"), ("\u03c3", "ς"), ("i", "İ"), ("ᾳ", "ᾼ")],
)
def test_names_that_spark_does_not_distinguish(one, other):
    with pytest.raises(ValueError, match=f"both be named '{one}' and '{other}', which are the same name here"):
        countgrid.spark.count("text", [one, other])
    assert countgrid.spark.count("text", [one, other], sparse=True) is not None


def test_invalid_arguments_raise_at_once(spark):
    df = frame(spark)
    with pytest.raises(
        ValueError, match="501 columns; Spark is slow with structs of more than 500 fields; pass sparse=True"
    ):
        countgrid.spark.count("text", [f"term{i}" for i in range(501)])
    with pytest.raises(ValueError, match="lone surrogates"):
        countgrid.spark.count("text", ["\ud800"])
    with pytest.raises(ValueError, match="missing is 'drop'"):
        countgrid.spark.count("text", LEXICON, missing="drop")
    with pytest.raises(ValueError, match="per_words is 0"):
        countgrid.spark.count("text", LEXICON, per_words=0)
    with pytest.raises(ValueError, match="per_words is -1"):
        countgrid.spark.totals(df, "text", LEXICON, per_words=-1)
    with pytest.raises(TypeError, match="unknown option 'ignorecase'"):
        countgrid.spark.totals(df, "text", LEXICON, ignorecase=True)
    with pytest.raises(TypeError, match="df is DataFrame; expected a Spark DataFrame"):
        countgrid.spark.totals(pd.DataFrame(), "text", LEXICON)
    with pytest.raises(TypeError, match="got Series"):
        countgrid.spark.count(pd.Series(["cat"]), LEXICON)
    with pytest.raises(ValueError, match="both be named 'cat'"):
        countgrid.spark.totals(df, "text", ["cat", "cat"])
    with pytest.raises(ValueError, match="by has a column 'Count', but the totals have a column 'count'; rename it"):
        countgrid.spark.totals(df, "text", LEXICON, by=df["id"].alias("Count"))
    with pytest.raises(ValueError, match="by has a column 'ID', but also a column 'id'; rename it"):
        countgrid.spark.totals(df, "text", LEXICON, by=["id", df["id"].alias("ID")])
    for column, kind in {
        "array(id)": "array<int>",
        "named_struct('id', id)": "struct<id:int>",
        "null": "void",
        "parse_json(text)": "variant",
        "interval '1' month": "interval month",
    }.items():
        with pytest.raises(TypeError, match=f"the column 'of' of by is {kind}; expected strings, numbers"):
            countgrid.spark.totals(df, "text", LEXICON, by=F.expr(column).alias("of"))


def test_errors_of_tasks(spark):
    df = frame(spark, partitions=1)
    with pytest.raises(PythonException, match="is missing"):
        df.select(countgrid.spark.count("text", LEXICON, missing="raise")).collect()
    with pytest.raises(PythonException, match="documents is an Arrow column of type Int32"):
        countgrid.spark.totals(df, "id", LEXICON).collect()


def totals_of(texts, groups, terms):
    """Totals from the counts of each text: ``{(*group, column): (count, documents)}``."""
    counts, documents = Counter(), Counter()
    columns = cg.TermCounter(terms).columns
    for group, row in zip(groups, cg.count(texts, terms).tolist(), strict=True):
        for column, n in zip(columns, row, strict=True):
            if n:
                counts[*group, column] += n
                documents[*group, column] += 1
    return {key: (n, documents[key]) for key, n in counts.items()}


def by_key(totals):
    found = {tuple(row)[:-2]: tuple(row)[-2:] for row in totals.collect()}
    assert len(found) == totals.count()
    return found


def test_totals_of_batches(spark, per_batch):
    texts = TEXTS * 20
    totals = countgrid.spark.totals(frame(spark, texts, 2), "text", LEXICON)
    assert totals.dtypes == [("column", "string"), ("count", "bigint"), ("documents", "bigint")]
    assert by_key(totals) == totals_of(texts, [()] * len(texts), LEXICON)
    assert totals.count() == 2, "a term that does not occur has no row"
    groups = [(at,) for at in range(len(texts))]
    assert by_key(countgrid.spark.totals(frame(spark, texts, 2), "text", LEXICON, by="id")) == (
        totals_of(texts, groups, LEXICON)
    )


@pytest.mark.parametrize("partitions", [1, 20])
def test_totals_of_partitions(spark, partitions):
    totals = countgrid.spark.totals(frame(spark, partitions=partitions), "text", LEXICON)
    assert by_key(totals) == totals_of(TEXTS, [()] * len(TEXTS), LEXICON)


DAYS = [datetime.date(2026, 1, 1), None, datetime.date(2026, 2, 1)]
LABELS = {
    "word": (T.StringType(), ["may", "June", None]),
    "number": (T.LongType(), [7, None, -7]),
    "a.b `c": (T.DateType(), DAYS),
    "time": (T.TimestampType(), [None, *(datetime.datetime(2026, 7, 1, h) for h in (0, 12))]),
    "price": (T.DecimalType(5, 2), [None]),
    "share": (T.DoubleType(), [0.5, float("inf"), None, -0.5]),
    "flag": (T.BooleanType(), [True, None, False]),
    "nothing": (T.StringType(), [None]),
}


@pytest.mark.parametrize(
    "by",
    [
        ["word"],
        ["number"],
        ["a.b `c"],
        ["time"],
        ["share"],
        ["flag", "price"],
        ["word", "number"],
        ["a.b `c", "word", "nothing"],
    ],
)
def test_totals_by(spark, by):
    texts = TEXTS * 6
    groups = [tuple(LABELS[name][1][at % len(LABELS[name][1])] for name in by) for at in range(len(texts))]
    schema = [T.StructField("text", T.StringType()), *(T.StructField(name, LABELS[name][0]) for name in by)]
    df = spark.createDataFrame(
        [(text, *group) for text, group in zip(texts, groups, strict=True)], T.StructType(schema)
    ).repartition(3)
    quoted = ["`" + name.replace("`", "``") + "`" for name in by]
    totals = countgrid.spark.totals(df, "text", LEXICON, by=quoted)
    assert totals.columns == [*by, "column", "count", "documents"]
    assert [field.dataType for field in totals.schema][: len(by)] == [LABELS[name][0] for name in by]
    assert by_key(totals) == totals_of(texts, groups, LEXICON)


@pytest.mark.parametrize("by", [[], ["word"], ["word", "number"]])
@pytest.mark.parametrize("options", [{"per_words": 100}, {"per_words": 7.5, "ignore_case": True, "word_chars": "'"}])
def test_rates(spark, per_batch, by, options):
    texts = [*TEXTS, "!", "C++ the C++", "++"] * 3
    terms = {**LEXICON, "plus": ["++"]}
    groups = [tuple(LABELS[name][1][at % 3] for name in by) for at in range(len(texts))]
    if by == ["word"]:
        groups[-1] = ("++",)
    schema = [T.StructField("text", T.StringType()), *(T.StructField(name, LABELS[name][0]) for name in by)]
    df = spark.createDataFrame(
        [(text, *group) for text, group in zip(texts, groups, strict=True)], T.StructType(schema)
    ).repartition(3)
    totals = countgrid.spark.totals(df, "text", terms, by=by, **options)
    assert totals.columns == [*by, "column", "count", "documents"]
    assert totals.schema["count"].dataType == T.DoubleType()
    correct = {}
    matching = {name: value for name, value in options.items() if name != "per_words"}
    counter = cg.TermCounter(terms, **matching)
    for group in set(groups):
        own = [text for text, other in zip(texts, groups, strict=True) if other == group]
        for column, rate, documents in counter.totals(own, per_words=options["per_words"]):
            if documents:
                correct[*group, column] = rate, documents
    assert by_key(totals) == correct
    if by == ["word"]:
        assert correct["++", "plus"][0] == 0, "a text without words"


def test_totals_of_no_rows(spark):
    df = frame(spark).where("id < 0")
    assert countgrid.spark.totals(df, "text", LEXICON).count() == 0
    assert countgrid.spark.totals(df, "text", LEXICON, by="id").count() == 0
    assert countgrid.spark.totals(df, "text", LEXICON, per_words=100).count() == 0
    assert countgrid.spark.totals(df, "text", LEXICON, by="id", per_words=100).count() == 0
    assert df.select(countgrid.spark.count("text", LEXICON)).count() == 0


def test_a_task_adds_up_a_bounded_number_of_totals(monkeypatch):
    monkeypatch.setattr(countgrid.spark, "_MOST_SUMS", 10)
    function = countgrid.arrow.counter(LEXICON, sparse=True)
    groups = pa.array([at % 3 for at in range(len(TEXTS))])
    batch = pa.record_batch([pa.array(TEXTS), groups], ["text", "by0"])
    tables = list(countgrid.spark._grouped(iter([batch] * 9), function, ["by0"], False))
    assert len(tables) == 9
    sums = (
        pa.Table.from_batches(tables).group_by(["by0", "column"]).aggregate([("count", "sum"), ("documents", "sum")])
    )
    assert {(row["by0"], row["column"]): (row["count_sum"], row["documents_sum"]) for row in sums.to_pylist()} == (
        totals_of(TEXTS * 9, [(group,) for group in groups.to_pylist() * 9], LEXICON)
    )


def plan_of(batches, counter):
    """The process and the plan of an unpickled counter. Plans stay in memory, so their ids are different."""
    assert sum(map(len, batches)) >= 0, "a process that has not read everything is not used again"
    columns = [pa.array([os.getpid()]), pa.array([id(counter._plan)])]
    yield pa.record_batch(columns, ["process", "plan"])


def test_each_process_compiles_once(spark):
    counter = cg.TermCounter([f"term{i}" for i in range(1000)])
    df = frame(spark, partitions=10)
    countgrid.spark.totals(df, "text", counter).collect()
    df.select(countgrid.spark.count("text", counter, sparse=True)).collect()
    tasks = df.mapInArrow(partial(plan_of, counter=counter), "process long, plan long").collect()
    assert len(tasks) == 10
    assert len({task["process"] for task in tasks}) == len(set(tasks)) < 10


def killed_once(batches, path):
    """The batches. The first time, the process is killed."""
    for batch in batches:
        if not os.path.exists(path):
            open(path, "w", encoding="utf-8").close()
            os.kill(os.getpid(), signal.SIGKILL)
        yield batch


@pytest.mark.skipif(os.name != "posix", reason="the system has no SIGKILL")
@pytest.mark.parametrize("by", [[], ["id"]])
def test_a_worker_is_killed(spark, tmp_path, by):
    df = frame(spark, partitions=3)
    killed = df.mapInArrow(partial(killed_once, path=str(tmp_path / "killed")), df.schema)
    groups = [(at,) if by else () for at in range(len(TEXTS))]
    assert by_key(countgrid.spark.totals(killed, "text", LEXICON, by=by)) == totals_of(TEXTS, groups, LEXICON)
    assert (tmp_path / "killed").exists()


CONNECTED = """
import json, sys
import countgrid.spark
from pyspark.sql import SparkSession
spark = SparkSession.builder.remote("local[2]").getOrCreate()
spark.conf.set("spark.sql.shuffle.partitions", 2)
texts, lexicon = json.load(sys.stdin)
df = spark.createDataFrame(list(enumerate(texts)), "id int, text string")
assert "connect" in type(df).__module__
dense, sparse = (countgrid.spark.count("text", lexicon, sparse=sparse) for sparse in (False, True))
counts = df.select("id", dense.alias("dense"), sparse.alias("sparse")).orderBy("id").collect()
rates = countgrid.spark.totals(df, "text", lexicon, per_words=100).collect()
print(json.dumps([[row.asDict(recursive=True) for row in rows] for rows in (counts, rates)]))
"""


def test_connect(spark, tmp_path):
    """Spark Connect, in a process of its own with its own server. Takes the Java that the session found."""
    done = subprocess.run(
        [sys.executable, "-c", CONNECTED],
        input=json.dumps([TEXTS, LEXICON]),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
    )
    counts, rates = json.loads(done.stdout)
    rows = expected(TEXTS, LEXICON)
    assert [row["dense"] and tuple(row["dense"].values()) for row in counts] == rows
    assert [row["sparse"] and [tuple(item.values()) for item in row["sparse"]] for row in counts] == [
        row and [(name, n) for name, n in zip(LEXICON, row, strict=True) if n] for row in rows
    ]
    correct = [tuple(total) for total in cg.TermCounter(LEXICON).totals(TEXTS, per_words=100) if total.documents]
    assert sorted(tuple(row.values()) for row in rates) == sorted(correct)


def test_documentation(spark, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_page((DOCS / "spark.md").read_text(encoding="utf-8"), "spark.md")
    check_docstrings(countgrid.spark)
