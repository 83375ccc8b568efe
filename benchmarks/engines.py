r"""Times totals in Spark: `countgrid.spark` and Spark's own ways, on the same Parquet files, in turns.

    python benchmarks/engines.py [--rounds N] [--quick]

Needs PySpark in the environment of `make bench` (`pip install "pyspark[sql]"`) and Java 17 or later. Every way must
first return the same totals. Spark's own ways count the pieces between characters that are not word characters. For
single words, that is the same. Prints the table of docs/spark.md. "read" only reads the text.

Read next: `timing.py` (turns), `texts.py` (the column).
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import countgrid.spark
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import record
import texts
import timing
from pairs import start
from pyspark.ml.feature import CountVectorizerModel
from pyspark.ml.stat import Summarizer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - Spark's documentation calls it so

FILES = 8
TASKS = 2
#: Word characters of Unicode, as in countgrid.
BETWEEN = r"(?U)\W+"

Totals = dict[str, int]


def session(folder: Path) -> SparkSession:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(f"local[{TASKS}]").config("spark.sql.shuffle.partitions", TASKS)
    builder = builder.config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
    spark = builder.config("spark.sql.warehouse.dir", str(folder)).config("spark.driver.memory", "4g").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def reviews(spark: SparkSession, text: texts.Text, folder: Path) -> DataFrame:
    """The text in several files of several row groups."""
    for file in range(FILES):
        pq.write_table(pa.table({"text": text.column[file::FILES]}), folder / f"{file}.parquet", compression="zstd")
    return spark.read.parquet(str(folder))


def by_countgrid(df: DataFrame, words: list[str]) -> Totals:
    return {row["column"]: row["count"] for row in countgrid.spark.totals(df, "text", words).collect()}


def by_join(df: DataFrame, words: list[str]) -> Totals:
    terms = df.sparkSession.createDataFrame([(word,) for word in words], "word string")
    found = df.select(F.explode(F.split("text", BETWEEN)).alias("word"))
    counts = found.join(F.broadcast(terms), "word").groupBy("word").count()
    return {row["word"]: row["count"] for row in counts.collect()}


def by_vectorizer(df: DataFrame, words: list[str]) -> Totals:
    model = CountVectorizerModel.from_vocabulary(words, inputCol="words", outputCol="counts")
    counts = model.transform(df.select(F.split("text", BETWEEN).alias("words")))
    (sums,) = counts.select(Summarizer.sum(F.col("counts"))).first()
    # Sums are means, multiplied.
    return {word: int(n) for word, n in zip(words, np.rint(sums.toArray()), strict=True) if n}


def read(df: DataFrame, _: list[str]) -> Totals:
    df.select(F.sum(F.length("text"))).collect()
    return {}


WAYS: dict[str, Callable[[DataFrame, list[str]], Totals]] = {
    "`countgrid.spark.totals`": by_countgrid,
    "`split`, `explode`, `join`": by_join,
    "`CountVectorizerModel`": by_vectorizer,
    "read": read,
}


def table(df: DataFrame, words: list[str], rounds: int) -> Iterator[str]:
    answers = {name: way(df, words) for name, way in WAYS.items() if way is not read}
    right = answers["`countgrid.spark.totals`"]
    for name, answer in answers.items():
        if answer != right:
            wrong = {word for word in words if answer.get(word) != right.get(word)}
            raise SystemExit(f"{name} finds other totals for {len(wrong)} of {len(words)} words: {sorted(wrong)[:5]}")
    seconds = timing.turns({name: lambda way=way: way(df, words) for name, way in WAYS.items()}, rounds)
    ours = seconds["`countgrid.spark.totals`"]
    for name, times in seconds.items():
        ratio = record.faster(timing.ratio(times, ours)) if times is not ours else ""
        yield f"| {len(words):,} words | {name} | {statistics.median(times):.2f} | {ratio} |"


def main() -> None:
    text, rounds = start("Time totals in Spark.", rounds=5)
    # Python's word characters include ², which is not one in countgrid and Java.
    ranked = [word for word, _ in text.words.most_common(40_000) if word.isascii()][:30_000]
    with tempfile.TemporaryDirectory() as folder:
        spark = session(Path(folder) / "warehouse")
        df = reviews(spark, text, Path(folder))
        print("| terms | way | s | countgrid |")
        print("| --- | --- | ---: | ---: |")
        for words in (ranked[:100], ranked):
            for line in table(df, words, rounds):
                print(line, flush=True)
        spark.stop()


if __name__ == "__main__":
    main()
