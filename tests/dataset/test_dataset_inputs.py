"""What `count_dataset` accepts as inputs: names, file systems, missing, empty and damaged files."""

import os
import random
import shutil

import countgrid as cg
import pyarrow as pa
import pyarrow.csv
import pyarrow.fs
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from lakes import TERMS, TEXTS, WRITERS, cells, content, damaged, expected, results, table, write_csv


def test_missing_and_empty_documents(tmp_path, out):
    pq.write_table(table([None, None, ""]), tmp_path / "a.parquet")
    cg.count_dataset(tmp_path / "a.parquet", ["the"], out, column="text", format="wide")
    assert results(out)[0]["the"].to_pylist() == [0, 0, 0]


@pytest.mark.parametrize("name", sorted({*WRITERS} - {"a.csv.gz"}))
@pytest.mark.parametrize("options", [{}, {"format": "wide"}, {"by": "filename"}])
def test_files_without_documents(tmp_path, out, name, options):
    WRITERS[name](table([]), tmp_path / name)
    counts = cg.count_dataset(tmp_path / name, ["the"], out, column="text", **options)
    assert (counts.units, counts.documents) == (1, 0)
    assert results(out)[0].num_rows == 0


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.arrow"])
def test_files_of_no_bytes(tmp_path, out, name):
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(ValueError, match=rf"{name}: is empty"):
        cg.count_dataset(tmp_path / name, ["the"], out, column="text")


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet", "a.csv.gz"])
def test_a_damaged_file(tmp_path, out, name):
    """The error names the file. Other results stay, and the run continues when the file is whole."""
    folder = tmp_path / "in"
    folder.mkdir()
    texts = [f"the cat {random.Random(i).random()}" for i in range(1000)]
    WRITERS["a.parquet"](table(texts), folder / "0.parquet")
    WRITERS[name](table(texts), folder / name)
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(damaged(name, whole))
    place = rf"{name}: row 501" if name in ("a.jsonl", "a.csv") else name
    with pytest.raises((ValueError, OSError), match=place) as caught:
        cg.count_dataset(folder, TERMS, out, column="text", keep="filename")
    assert str(folder / name) in str(caught.value)
    assert len(results(out)) == 1
    assert not [path for path in content(out) if path.endswith(".part")]
    (folder / name).write_bytes(whole)
    counts = cg.count_dataset(folder, TERMS, out, column="text", keep="filename")
    assert (counts.units, counts.skipped) == (1, 1)
    assert cells(out) == sorted(
        [row for one in ("0.parquet", name) for row in expected(texts, file=f"{folder}/{one}")]
    )


def test_faulty_rows_are_skipped(tmp_path, out):
    (tmp_path / "a.csv").write_text("id,text\n1,the\n2,b,c\n3,the the\n")
    with pytest.raises(ValueError, match=r"pass on_error='skip' to skip such rows"):
        cg.count_dataset(tmp_path / "a.csv", ["the"], out, column="text")
    with pytest.warns(UserWarning, match=r"a.csv: skipped 1 row; the first: row 2 \(line 3\)"):
        cg.count_dataset(tmp_path / "a.csv", ["the"], tmp_path / "other", column="text", on_error="skip")
    assert cells(tmp_path / "other", ["document", "count"]) == [(0, 1), (1, 2)]


def test_options_of_csv(tmp_path, out):
    (tmp_path / "a.data").write_bytes("1;'the;café'\n2;cafe\n".encode("latin-1"))
    options = {"input_format": "csv", "encoding": "latin-1", "delimiter": ";", "quote": "'", "header": False}
    cg.count_dataset(tmp_path / "a.data", ["café", "the"], out, column="2", keep="1", format="wide", **options)
    assert results(out)[0].to_pylist() == [{"1": "1", "café": 1, "the": 1}, {"1": "2", "café": 0, "the": 0}]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"column": "texts"}, ValueError, "no column 'texts'; there are 'id', 'kind', 'text'"),
        ({"column": "text.inner"}, ValueError, "no column 'text.inner'"),
        ({"column": None}, ValueError, "pass column= to say which column has the documents"),
        ({"column": "id"}, ValueError, "part0.parquet: column 'id' is int64; expected text"),
        ({"column": "texts"}, ValueError, r"'text'$"),
        (
            {"keep": "yaer"},
            ValueError,
            "no column 'yaer'; there are 'id', 'kind', 'text', and 'filename', 'year', 'month' from the path",
        ),
        ({"by": "yaer"}, ValueError, "and 'filename', 'year', 'month' from the path"),
        ({"keep": "count"}, ValueError, "two columns of the results would be named 'count'"),
        ({"keep": ["id", "id"]}, ValueError, "two columns of the results would be named 'id'"),
        ({"keep": [1]}, TypeError, "keep contains int"),
        ({"by": "term"}, ValueError, "two columns of the results would be named 'term'"),
        ({"by": []}, ValueError, "by names no column"),
        ({"by": "kind", "keep": "id"}, ValueError, "by gives totals by group, in which keep has no meaning"),
        ({"by": "kind", "format": "wide"}, ValueError, "in which format='wide' has no meaning"),
        ({"format": "npz"}, ValueError, "format is 'npz'; expected 'long' or 'wide'"),
        ({"terms": ["the", "the"]}, ValueError, "terms 0 and 1 are both 'the'; leave one out"),
        ({"terms": ["kind"], "keep": "kind", "format": "wide"}, ValueError, "would be named 'kind'"),
        ({"terms": cg.TermCounter(["a"]), "ignore_case": True}, TypeError, "a TermCounter has its own options"),
        ({"ignorecase": True}, TypeError, "unknown option 'ignorecase'"),
        ({"part": (3, 3)}, ValueError, r"part is \(3, 3\); expected \(i, n\) with 0 <= i < n"),
        ({"part": 3}, TypeError, "part is 3; expected"),
        ({"delimiter": ";;"}, ValueError, "delimiter is ';;'; expected one ASCII character"),
        ({"delimiter": ";"}, ValueError, "delimiter= is for CSV and TSV, not for"),
        ({"encoding": "klingon"}, ValueError, "encoding is 'klingon'"),
        ({"encoding": "latin-1"}, ValueError, "encoding= is for CSV, TSV, JSON and text, not for"),
        ({"on_error": "ignore"}, ValueError, "on_error is 'ignore'"),
        ({"input_format": "xml"}, ValueError, "input_format is 'xml'"),
        ({"workers": 0}, ValueError, "workers"),
        ({"filesystem": "s3"}, TypeError, "filesystem is str; expected a pyarrow.fs.FileSystem"),
        ({"inputs": []}, ValueError, "inputs is empty; expected at least one path"),
        ({"inputs": "none.csv"}, FileNotFoundError, "no such file: 'none.csv'"),
        ({"inputs": "none*.csv"}, FileNotFoundError, "no file matches"),
        ({"inputs": "nowhere://x"}, ValueError, "nowhere://x: cannot be used as a URI"),
    ],
)
def test_errors(lake, out, options, error, message):
    given = {"inputs": lake / "year=2024" / "month=0", "terms": TERMS, "column": "text"} | options
    with pytest.raises(error, match=message):
        cg.count_dataset(out=out, **given)
    assert not results(out)


def test_results_and_inputs_are_apart(lake):
    with pytest.raises(ValueError, match="the directory of results is in the input"):
        cg.count_dataset(lake, TERMS, lake / "counts", column="text")
    with pytest.raises(ValueError, match="is in the directory of results"):
        cg.count_dataset(lake, TERMS, lake.parent, column="text")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_cannot_be_read_again(tmp_path, out):
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(ValueError, match=r"a.txt is not a regular file"):
        cg.count_dataset(tmp_path / "a.txt", TERMS, out)


def test_an_input_that_is_named_twice(lake, out):
    counts = cg.count_dataset([lake, str(lake / "**" / "*.csv")], TERMS, out, column="text", keep="filename")
    assert counts.units == 9
    cg.count_dataset(lake, TERMS, lake.parent / "once", column="text", keep="filename")
    assert content(out) == content(lake.parent / "once")


def test_unknown_suffixes_warn(lake, out):
    (lake / "notes.xyz").write_text("x")
    with pytest.warns(UserWarning, match="skipped files with an unknown suffix: 1, such as") as caught:
        cg.count_dataset(lake, TERMS, out, column="text")
    assert caught[0].filename == __file__


def test_names_that_readers_ignore(tmp_path, out):
    for name in ("_a.csv", "..b.csv", "é ü.csv"):
        write_csv(table(), tmp_path / name)
    cg.count_dataset([tmp_path / name for name in ("_a.csv", "..b.csv", "é ü.csv")], TERMS, out, column="text")
    assert pq.read_table(out).num_rows == 3 * len(expected(TEXTS))


@pytest.mark.parametrize("uri", [False, True])
def test_local_files_by_uri_or_file_system(lake, out, uri):
    cg.count_dataset(lake, TERMS, lake.parent / "plain", column="text")
    if uri:
        cg.count_dataset(lake.as_uri(), TERMS, out.as_uri(), column="text")
    else:
        cg.count_dataset(lake, TERMS, out, column="text", filesystem=pa.fs.LocalFileSystem())
    assert content(out) == content(lake.parent / "plain")


def test_another_file_system(lake, tmp_path):
    """Files of a file system that is not local, and results in it, equal those of local ones."""
    elsewhere = pa.fs.SubTreeFileSystem(str(tmp_path), pa.fs.LocalFileSystem())
    options = {"column": "text", "filesystem": elsewhere, "keep": ["filename", "year"]}
    for inputs in (
        "lake",
        "lake/**/part*.*",
        "lake/year=20*/month=[0-2]/*",
        ["lake/year=2024", "lake/year=202[!4]/**"],
    ):
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        counts = cg.count_dataset(inputs, TERMS, "out", **options)
        assert counts.units == 9, inputs
        assert cells(tmp_path / "out", ["year", "document", "term", "count"]) == sorted(
            (str(2024 + i // 3), *cell[1:]) for i in range(9) for cell in expected(TEXTS[i % 4 :] * (i + 1))
        )
    before = content(tmp_path / "out")
    assert cg.count_dataset("lake", TERMS, "out", **options).skipped == 9
    assert content(tmp_path / "out") == before
    with pytest.raises(FileNotFoundError, match="no such file"):
        cg.count_dataset("none.csv", TERMS, "out", **options)
    with pytest.raises(FileNotFoundError, match="no file matches"):
        cg.count_dataset("lake/*.csv", TERMS, "out", **options)


PATTERNS = [
    "*",
    "*.csv",
    "a/*",
    "a/*.csv",
    "*/*.csv",
    "**/*.csv",
    "**",
    "a/**",
    "**/b/*",
    "*/b/?.csv",
    "a/[bc]/*",
    "a/[!b]/*",
    "[a-b]/**",
    "**/[.]x.csv",
    "a/.h/*",
    ".h/*",
    "a/b/[x].csv",
    "a/b/[]x].csv",
    "a/b/x[^y]csv",
    "**/**/x.csv",
    "a/**/x.csv",
    "**/.h/*",
    "a/b/x?csv",
    "a/b/x+.csv",
    "a/b/[",
    "a/b/(x).csv",
    "?/?/?.csv",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_globs_match_as_in_python(tmp_path, pattern):
    import glob

    from countgrid._reading.remote import Place, remote_files

    names = ["x.csv", "y.csv", ".x.csv", "x+.csv", "(x).csv", "x", "[", "]x].csv"]
    for folder in (".", "a", "a/b", "a/c", "a/.h", ".h", "a/b/c/d", "e"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for name in names:
            (tmp_path / folder / name).write_text("x")
    expected = [path for path in glob.glob(pattern, root_dir=tmp_path, recursive=True) if (tmp_path / path).is_file()]
    elsewhere = pa.fs.SubTreeFileSystem(str(tmp_path), pa.fs.LocalFileSystem())
    try:
        found = [info.path for info in remote_files(Place(elsewhere, pattern), lambda name, paths: paths)]
    except FileNotFoundError:
        found = []
    assert found == sorted(set(expected))
