"""`count_dataset` and datasets of pyarrow in S3, as the server of moto answers it on this machine."""

import os
import random
import subprocess
import sys
from pathlib import Path

import boto3
import countgrid as cg
import countgrid.arrow
import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.fs
import pyarrow.parquet as pq
import pytest
from expected import LEXICON, ROWS
from expected import TEXTS as OTHERS
from moto.server import ThreadedMotoServer
from pages import DOCS, check_section

TEXTS = ["the cat sat", None, "the the", "", "a dog, the dog"]
TERMS = ["the", "cat", "dog"]
KEYS = {"access_key": "test", "secret_key": "test", "region": "us-east-1"}


@pytest.fixture(scope="module")
def server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def s3(server, request):
    """A file system with the bucket `lake`, in which nine files are in partitions."""
    options = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=f"http://{server}", **options)
    client.create_bucket(Bucket="lake")
    filesystem = pa.fs.S3FileSystem(**KEYS, endpoint_override=server, scheme="http")
    for i in range(9):
        with filesystem.open_output_stream(f"lake/in/year={2024 + i // 3}/part{i}.parquet") as file:
            pq.write_table(pa.table({"text": TEXTS * (i + 1)}), file, row_group_size=3)
    yield filesystem
    filesystem.delete_dir_contents("lake")
    client.delete_bucket(Bucket="lake")


def content(filesystem, folder="lake/out") -> dict[str, bytes]:
    infos = filesystem.get_file_info(pa.fs.FileSelector(folder, recursive=True, allow_not_found=True))
    found = {}
    for info in infos:
        if info.type == pa.fs.FileType.File:
            with filesystem.open_input_file(info.path) as file:
                found[info.path.removeprefix(folder)] = file.read()
    return found


def results(filesystem, folder="lake/out") -> list[tuple]:
    found = pq.read_table(folder, filesystem=filesystem).to_pylist()
    return sorted((row["year"], row["document"], row["term"], row["count"]) for row in found)


EXPECTED = sorted(
    (str(2024 + i // 3), int(document), TERMS[term], int(matrix[document, term]))
    for i in range(9)
    for matrix in [cg.count(TEXTS * (i + 1), TERMS)]
    for document, term in np.argwhere(matrix)
)
OPTIONS = {"column": "text", "keep": ["year", "filename"]}


@pytest.mark.parametrize("inputs", ["lake/in", "lake/in/**/*.parquet", "lake/in/year=202?/part[0-9].*"])
def test_count_and_resume(s3, inputs):
    counts = cg.count_dataset(inputs, TERMS, "lake/out", filesystem=s3, **OPTIONS)
    assert (counts.units, counts.skipped) == (9, 0)
    assert results(s3) == EXPECTED
    before = content(s3)
    counts = cg.count_dataset(inputs, TERMS, "lake/out", filesystem=s3, **OPTIONS)
    assert (counts.units, counts.skipped) == (0, 9)
    assert content(s3) == before
    with pytest.raises(ValueError, match="has results of other terms"):
        cg.count_dataset(inputs, ["the"], "lake/out", filesystem=s3, **OPTIONS)


def test_three_machines(s3):
    cg.count_dataset("lake/in", TERMS, "lake/out", filesystem=s3, **OPTIONS)
    for i in range(3):
        cg.count_dataset("lake/in", TERMS, "lake/shared", filesystem=s3, part=(i, 3), **OPTIONS)
    assert content(s3, "lake/shared") == content(s3)


def test_row_groups(s3, monkeypatch):
    from countgrid._dataset import units

    monkeypatch.setattr(units, "_MOST", 300)
    counts = cg.count_dataset("lake/in", TERMS, "lake/out", filesystem=s3, **OPTIONS)
    assert counts.units > 9
    assert results(s3) == EXPECTED


def test_a_changed_object(s3):
    cg.count_dataset("lake/in", TERMS, "lake/out", filesystem=s3, **OPTIONS)
    with s3.open_output_stream("lake/in/year=2024/part0.parquet") as file:
        pq.write_table(pa.table({"text": ["dog " * 7]}), file)
    counts = cg.count_dataset("lake/in", TERMS, "lake/out", filesystem=s3, **OPTIONS)
    assert (counts.units, counts.skipped) == (1, 8)
    assert ("2024", 0, "dog", 7) in results(s3)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl", "a.txt", "a.arrow"])
def test_other_formats(s3, name):
    text = "the cat,the dog\n"
    data = {"a.jsonl": b'{"text": "the cat"}\n', "a.csv": b"text\nthe cat\n", "a.txt": text.encode()}
    with s3.open_output_stream(f"lake/{name}", compression="detect") as file:
        if name == "a.arrow":
            with pa.ipc.new_file(file, pa.schema({"text": pa.string()})) as writer:
                writer.write_table(pa.table({"text": ["the cat"]}))
        else:
            file.write(data[name.removesuffix(".gz")])
    cg.count_dataset(f"lake/{name}", ["cat"], "lake/out", filesystem=s3, format="wide")
    assert pq.read_table("lake/out", filesystem=s3)["cat"].to_pylist() == [1]


def test_a_damaged_object_leaves_nothing(s3):
    with s3.open_output_stream("lake/in/zzz.csv") as file:
        file.write(b"text,other\n" + b"the cat,1\n" * 500_000 + b"1,2,3\n")
    with pytest.raises(ValueError, match=r"lake/in/zzz.csv: row 500001"):
        cg.count_dataset("lake/in", TERMS, "lake/out", filesystem=s3, column="text")
    names = [name for name in content(s3) if name.endswith(".parquet")]
    assert len(names) == 9
    assert not [name for name in names if "zzz" in name]


def test_a_missing_bucket(s3):
    with pytest.raises(OSError, match="no-such"):
        cg.count_dataset("no-such/in/a.csv", TERMS, "lake/out", filesystem=s3)


@pytest.fixture
def environment(server, monkeypatch):
    """The environment variables with which Arrow finds the server by a URI."""
    there = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{server}",
    }
    for name, value in there.items():
        monkeypatch.setenv(name, value)
    return {**os.environ, **there}


def test_uris(s3, environment, server, tmp_path):
    """By URIs, one of the two places can be local."""
    query = f"?scheme=http&endpoint_override={server}&region=us-east-1"
    counts = cg.count_dataset(f"s3://lake/in/*/*.parquet{query}", TERMS, tmp_path / "out", **OPTIONS)
    assert counts.units == 9
    found = pq.read_table(tmp_path / "out")
    assert {name.split("/part")[0] for name in found["filename"].to_pylist()} == {
        f"s3://lake/in/year={year}" for year in (2024, 2025, 2026)
    }
    pq.write_table(pa.table({"text": TEXTS}), tmp_path / "local.parquet")
    cg.count_dataset(tmp_path / "local.parquet", TERMS, f"s3://lake/out{query}", column="text")
    assert pq.read_table("lake/out", filesystem=s3).num_rows > 0


RUN = """
import sys, countgrid as cg, pyarrow.fs
s3 = pyarrow.fs.S3FileSystem(
    access_key="test", secret_key="test", region="us-east-1", endpoint_override=sys.argv[1], scheme="http"
)
options = {"column": "text", "keep": ["year", "filename"]}
cg.count_dataset("lake/in", ["the", "cat", "dog"], sys.argv[2], filesystem=s3, **options)
"""


@pytest.mark.skipif(os.name != "posix", reason="the system has no SIGKILL")
def test_killed_at_any_time(s3, server):
    cg.count_dataset("lake/in", TERMS, "lake/whole", filesystem=s3, **OPTIONS)
    dice = random.Random(5)
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", RUN, server, "lake/out"])
        try:
            process.wait(dice.uniform(0.5, 1.5))
        except subprocess.TimeoutExpired:
            process.kill()
        process.wait()
    subprocess.run([sys.executable, "-c", RUN, server, "lake/out"], check=True)
    assert content(s3) == content(s3, "lake/whole")


def test_the_command(s3, environment, server, tmp_path):
    command = str(Path(sys.executable).with_name("countgrid"))
    query = f"?scheme=http&endpoint_override={server}&region=us-east-1"
    done = subprocess.run(
        [
            command,
            "count",
            f"s3://lake/in/year=2024/part0.parquet{query}",
            "-c",
            "text",
            "-t",
            "the",
            "--keep",
            "year",
        ],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
    )
    assert (done.stderr, done.stdout) == ("", "year,the\n2024,1\n2024,\n2024,2\n2024,0\n2024,1\n")


@pytest.mark.parametrize("sparse", [False, True])
def test_a_dataset_of_pyarrow(s3, sparse):
    table = pa.table({"id": range(len(OTHERS)), "text": OTHERS})
    for at in range(0, len(OTHERS), 8):
        pq.write_table(table.slice(at, 8), f"lake/texts/{at:02}.parquet", filesystem=s3, row_group_size=3)
    texts = ds.dataset("lake/texts", filesystem=s3)
    counter = cg.TermCounter(LEXICON)
    for stream in (texts.to_batches(columns=["text"]), texts.scanner(columns=["text"]).to_reader()):
        assert counter.totals(stream).to_dict() == counter.totals(OTHERS).to_dict()

    count = countgrid.arrow.counter(counter, sparse=sparse)
    schema = pa.schema([("id", pa.int64()), ("n", count.type)])
    counts = (
        pa.record_batch([batch["id"], count(batch["text"])], schema=schema)
        for batch in texts.to_batches(columns=["id", "text"])
    )
    ds.write_dataset(counts, "lake/counts", schema=schema, format="parquet", filesystem=s3)
    written = ds.dataset("lake/counts", filesystem=s3).to_table().sort_by("id")
    assert written.to_pydict() == {"id": list(range(len(OTHERS))), "n": ROWS[sparse]}


@pytest.mark.usefixtures("s3", "environment")
def test_documentation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_section(DOCS / "other-engines.md", "pyarrow datasets on S3")
