"""`count_dataset` and datasets of pyarrow in object stores: S3 as moto answers it, and Google's by an emulator."""

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Store:
    """An object store on this machine."""

    #: What a URI begins with, before the bucket.
    scheme: str
    #: The options at the end of a URI.
    query: str

    def uri(self, path: str) -> str:
        return self.scheme + path + self.query

    @property
    def filesystem(self) -> pa.fs.FileSystem:
        return pa.fs.FileSystem.from_uri(self.uri("lake"))[0]


@pytest.fixture(scope="module")
def s3() -> Iterator[Store]:
    """S3. The variables are those with which Arrow finds the server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "{}:{}".format(*server.get_host_and_port())
    variables = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{address}",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="lake")
        yield Store("s3://", f"?scheme=http&endpoint_override={address}&region=us-east-1")
    server.stop()


@pytest.fixture(scope="module")
def google() -> Iterator[Store]:
    """Google Cloud Storage, in a process of its own: pyarrow holds the GIL while it waits for an answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = str(Path(sys.executable).with_name("gcp-storage-emulator"))
    arguments = ["start", "--host", "127.0.0.1", "--port", str(port), "--in-memory", "--default-bucket", "lake"]
    with subprocess.Popen([command, *arguments], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as server:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                assert server.poll() is None, "the emulator has ended"
                time.sleep(0.05)
        yield Store("gs://anonymous@", f"?scheme=http&endpoint_override=127.0.0.1:{port}")
        server.kill()


@pytest.fixture(params=["s3", "google"])
def store(request) -> Iterator[Store]:
    """A store with the bucket `lake`, in which nine files are in partitions."""
    store = request.getfixturevalue(request.param)
    filesystem = store.filesystem
    for i in range(9):
        with filesystem.open_output_stream(f"lake/in/year={2024 + i // 3}/part{i}.parquet") as file:
            pq.write_table(pa.table({"text": TEXTS * (i + 1)}), file, row_group_size=3)
    yield store
    for path in content(filesystem, "lake/"):
        filesystem.delete_file(f"lake/{path}")


@pytest.fixture
def lake(store) -> pa.fs.FileSystem:
    """The file system of the store."""
    return store.filesystem


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
def test_count_and_resume(lake, inputs):
    counts = cg.count_dataset(inputs, TERMS, "lake/out", filesystem=lake, **OPTIONS)
    assert (counts.units, counts.skipped) == (9, 0)
    assert results(lake) == EXPECTED
    before = content(lake)
    counts = cg.count_dataset(inputs, TERMS, "lake/out", filesystem=lake, **OPTIONS)
    assert (counts.units, counts.skipped) == (0, 9)
    assert content(lake) == before
    with pytest.raises(ValueError, match="has results of other terms"):
        cg.count_dataset(inputs, ["the"], "lake/out", filesystem=lake, **OPTIONS)


def test_three_machines(lake):
    cg.count_dataset("lake/in", TERMS, "lake/out", filesystem=lake, **OPTIONS)
    for i in range(3):
        cg.count_dataset("lake/in", TERMS, "lake/shared", filesystem=lake, part=(i, 3), **OPTIONS)
    assert content(lake, "lake/shared") == content(lake)


def test_row_groups(lake, monkeypatch):
    from countgrid._dataset import units

    monkeypatch.setattr(units, "_MOST", 300)
    counts = cg.count_dataset("lake/in", TERMS, "lake/out", filesystem=lake, **OPTIONS)
    assert counts.units > 9
    assert results(lake) == EXPECTED


def test_a_changed_object(lake):
    cg.count_dataset("lake/in", TERMS, "lake/out", filesystem=lake, **OPTIONS)
    with lake.open_output_stream("lake/in/year=2024/part0.parquet") as file:
        pq.write_table(pa.table({"text": ["dog " * 7]}), file)
    counts = cg.count_dataset("lake/in", TERMS, "lake/out", filesystem=lake, **OPTIONS)
    assert (counts.units, counts.skipped) == (1, 8)
    assert ("2024", 0, "dog", 7) in results(lake)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl", "a.txt", "a.arrow"])
def test_other_formats(lake, name):
    text = "the cat,the dog\n"
    data = {"a.jsonl": b'{"text": "the cat"}\n', "a.csv": b"text\nthe cat\n", "a.txt": text.encode()}
    with lake.open_output_stream(f"lake/{name}", compression="detect") as file:
        if name == "a.arrow":
            with pa.ipc.new_file(file, pa.schema({"text": pa.string()})) as writer:
                writer.write_table(pa.table({"text": ["the cat"]}))
        else:
            file.write(data[name.removesuffix(".gz")])
    cg.count_dataset(f"lake/{name}", ["cat"], "lake/out", filesystem=lake, format="wide")
    assert pq.read_table("lake/out", filesystem=lake)["cat"].to_pylist() == [1]


def test_a_damaged_object_leaves_nothing(lake):
    with lake.open_output_stream("lake/in/zzz.csv") as file:
        file.write(b"text,other\n" + b"the cat,1\n" * 500_000 + b"1,2,3\n")
    with pytest.raises(ValueError, match=r"lake/in/zzz.csv: row 500001"):
        cg.count_dataset("lake/in", TERMS, "lake/out", filesystem=lake, column="text")
    names = [name for name in content(lake) if name.endswith(".parquet")]
    assert len(names) == 9
    assert not [name for name in names if "zzz" in name]


def test_a_missing_bucket(lake):
    with pytest.raises(OSError, match="no-such"):
        cg.count_dataset("no-such/in/a.csv", TERMS, "lake/out", filesystem=lake)


def test_uris(store, tmp_path):
    """By URIs, one of the two places can be local."""
    counts = cg.count_dataset(store.uri("lake/in/*/*.parquet"), TERMS, tmp_path / "out", **OPTIONS)
    assert counts.units == 9
    found = pq.read_table(tmp_path / "out")
    assert {name.split("/part")[0] for name in found["filename"].to_pylist()} == {
        f"{store.scheme.removesuffix('anonymous@')}lake/in/year={year}" for year in (2024, 2025, 2026)
    }
    pq.write_table(pa.table({"text": TEXTS}), tmp_path / "local.parquet")
    cg.count_dataset(tmp_path / "local.parquet", TERMS, store.uri("lake/out"), column="text")
    assert pq.read_table("lake/out", filesystem=store.filesystem).num_rows > 0


RUN = """
import sys, countgrid as cg
options = {"column": "text", "keep": ["year", "filename"]}
cg.count_dataset(sys.argv[1], ["the", "cat", "dog"], sys.argv[2], **options)
"""


@pytest.mark.skipif(os.name != "posix", reason="the system has no SIGKILL")
def test_killed_at_any_time(store, lake):
    run = [sys.executable, "-c", RUN, store.uri("lake/in")]
    subprocess.run([*run, store.uri("lake/whole")], check=True)
    dice = random.Random(5)
    for _ in range(5):
        process = subprocess.Popen([*run, store.uri("lake/out")])
        try:
            process.wait(dice.uniform(0.5, 1.5))
        except subprocess.TimeoutExpired:
            process.kill()
        process.wait()
    subprocess.run([*run, store.uri("lake/out")], check=True)
    assert content(lake) == content(lake, "lake/whole")


def test_the_command(store, tmp_path):
    command = str(Path(sys.executable).with_name("countgrid"))
    done = subprocess.run(
        [
            command,
            "count",
            store.uri("lake/in/year=2024/part0.parquet"),
            "-c",
            "text",
            "-t",
            "the",
            "--keep",
            "year",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert (done.stderr, done.stdout) == ("", "year,the\n2024,1\n2024,\n2024,2\n2024,0\n2024,1\n")


@pytest.mark.parametrize("sparse", [False, True])
def test_a_dataset_of_pyarrow(lake, sparse):
    table = pa.table({"id": range(len(OTHERS)), "text": OTHERS})
    for at in range(0, len(OTHERS), 8):
        pq.write_table(table.slice(at, 8), f"lake/texts/{at:02}.parquet", filesystem=lake, row_group_size=3)
    texts = ds.dataset("lake/texts", filesystem=lake)
    counter = cg.TermCounter(LEXICON)
    for stream in (texts.to_batches(columns=["text"]), texts.scanner(columns=["text"]).to_reader()):
        assert counter.totals(stream).to_dict() == counter.totals(OTHERS).to_dict()

    count = countgrid.arrow.counter(counter, sparse=sparse)
    schema = pa.schema([("id", pa.int64()), ("n", count.type)])
    counts = (
        pa.record_batch([batch["id"], count(batch["text"])], schema=schema)
        for batch in texts.to_batches(columns=["id", "text"])
    )
    ds.write_dataset(counts, "lake/counts", schema=schema, format="parquet", filesystem=lake)
    written = ds.dataset("lake/counts", filesystem=lake).to_table().sort_by("id")
    assert written.to_pydict() == {"id": list(range(len(OTHERS))), "n": ROWS[sparse]}


@pytest.mark.usefixtures("s3")
def test_documentation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_section(DOCS / "other-engines.md", "pyarrow datasets on S3")
