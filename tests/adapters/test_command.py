"""The command `countgrid`: every input and output format, compared with `cg.count`."""

import json
import subprocess
import sys
from pathlib import Path

import countgrid as cg
import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse
from process import (
    COMMAND,
    IDS,
    TERM_OPTIONS,
    TERMS,
    TEXTS,
    WRITERS,
    cells,
    read_csv,
    read_table,
    run,
    with_nulls,
    write_arrow,
    written,
)


@pytest.mark.parametrize("suffix", WRITERS)
def test_each_input_as_each_output(tmp_path: Path, suffix: str) -> None:
    """Several processes in one folder. Outputs are read again as inputs."""
    plain = suffix.startswith(".txt")
    texts = [(text or "").replace("\n", " ") for text in TEXTS] if plain else TEXTS
    source = written(tmp_path, "in", {"id": IDS, "text": TEXTS}, suffix)
    expected = cg.count(texts, TERMS)
    column = [] if plain else ["--column", "text"]
    for output in [".parquet", ".csv", ".arrow"]:
        target = tmp_path / f"out{output}"
        assert run("count", source, *column, *TERM_OPTIONS, "-o", target) == ""
        table = read_table(target)
        assert table.column_names == TERMS
        assert cells(table) == with_nulls(expected, texts), output
        if output != ".csv":
            assert set(table.schema.types) == {pa.int32()}
    target = tmp_path / "out.npz"
    run("count", source, *column, *TERM_OPTIONS, "--missing", "zero", "-o", target)
    matrix = scipy.sparse.load_npz(target)
    assert isinstance(matrix, scipy.sparse.csr_array)
    assert matrix.dtype == np.int32
    assert matrix.indices.dtype == matrix.indptr.dtype == np.int32
    assert matrix.has_sorted_indices
    assert matrix.toarray().tolist() == expected.tolist()
    assert np.load(target)["columns"].tolist() == TERMS
    assert sorted(tmp_path.iterdir()) == sorted(
        [source, *(tmp_path / f"out{s}" for s in (".parquet", ".csv", ".arrow", ".npz"))]
    )


@pytest.mark.parametrize("output", [".tsv", ".arrows", ".csv.gz", ".tsv.zst"])
def test_further_outputs(tmp_path: Path, output: str) -> None:
    source = written(tmp_path, "in", {"text": TEXTS}, ".parquet")
    run("count", source, *TERM_OPTIONS, "-o", tmp_path / f"out{output}")
    assert cells(read_table(tmp_path / f"out{output}")) == with_nulls(cg.count(TEXTS, TERMS), TEXTS)


@pytest.mark.parametrize(
    ("suffix", "output"),
    [
        (".parquet", "arrows"),
        (".csv", "npz"),
        (".jsonl", "arrow"),
        (".arrow", "csv"),
        (".arrows", "parquet"),
        (".txt", "tsv"),
    ],
)
def test_standard_input_and_output(tmp_path: Path, suffix: str, output: str) -> None:
    texts = [(text or "").replace("\n", " ") for text in TEXTS]
    data = written(tmp_path, "in", {"text": texts}, suffix).read_bytes()
    form = {".txt": "text", ".arrows": "arrow"}.get(suffix, suffix[1:])
    arguments = ["count", "-", "--format", form, *TERM_OPTIONS, "--output-format", output]
    target = tmp_path / f"out.{output}"
    done = subprocess.run([COMMAND, *arguments], input=data, capture_output=True, check=True)
    assert done.stderr == b""
    target.write_bytes(done.stdout)
    if output == "npz":
        assert scipy.sparse.load_npz(target).toarray().tolist() == cg.count(texts, TERMS).tolist()
    else:
        assert cells(read_table(target)) == cg.count(texts, TERMS).tolist()


def test_wide_on_standard_output(tmp_path: Path) -> None:
    source = written(tmp_path, "in", {"id": IDS, "text": TEXTS, "n": range(7)}, ".parquet")
    printed = run("count", source, "-c", "text", *TERM_OPTIONS, "--keep", "n", "--keep", "text")
    assert printed.startswith('n,text,the,cat,日本,C++,"no"", the"\n0,the cat sat,1,1,0,0,0\n1,,,,,,\n')
    assert '\n3,"",0,0,0,0,0\n4,"Say ""no"", the\ncat",1,1,0,0,1\n' in printed
    assert run("count", source, "-c", "text", *TERM_OPTIONS, "--keep", "n", "--keep", "text", "-o", "-") == printed


@pytest.mark.parametrize("output", [".csv", ".parquet", ".arrow"])
def test_long(tmp_path: Path, output: str) -> None:
    counts = cg.count(TEXTS, TERMS)
    source = written(tmp_path, "in", {"id": IDS, "text": TEXTS}, ".csv")
    target = tmp_path / f"out{output}"
    run("count", source, source, "-c", "text", *TERM_OPTIONS, "--long", "-o", target)
    found = read_table(target)
    assert found.column_names == ["document", "term", "count"]
    twice = np.concatenate([counts, counts])
    expected = [[int(i), TERMS[j], int(twice[i, j])] for i, j in np.argwhere(twice)]
    assert cells(found) == expected
    run("count", source, "-c", "text", *TERM_OPTIONS, "--long", "--id", "id", "--keep", "text", "-o", target)
    found = read_table(target)
    assert found.column_names == ["document", "text", "term", "count"]
    assert cells(found) == [[IDS[i], TEXTS[i], TERMS[j], int(counts[i, j])] for i, j in np.argwhere(counts)]


def test_an_empty_field_is_missing_and_two_quotes_are_not(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('id,text\n007,\n008,""\n,the\n')
    printed = run("count", "in.csv", "-c", "text", "-t", "the", "--keep", "id", cwd=tmp_path)
    assert printed == "id,the\n007,\n008,0\n,1\n"


TYPES = {
    ".parquet": [pa.large_string(), pa.dictionary(pa.int32(), pa.string())],
    ".arrow": [pa.string_view(), pa.binary(), pa.dictionary(pa.int8(), pa.large_string())],
    ".arrows": [pa.large_binary(), pa.null()],
}


@pytest.mark.parametrize(("suffix", "kind"), [(suffix, kind) for suffix in TYPES for kind in TYPES[suffix]])
def test_types_of_columns(tmp_path: Path, suffix: str, kind: pa.DataType) -> None:
    """Every text type is counted. Copied columns keep their type, except for categories."""
    if kind == pa.null():
        values = pa.nulls(len(TEXTS))
    elif kind == pa.string_view():
        values = pa.array(TEXTS, kind)
    else:
        values = pa.array(TEXTS, pa.string()).cast(kind)
    when = pa.array([None, *range(6)], pa.timestamp("us", "UTC"))
    kinds = pa.array(["a", "b", None] * 2 + ["a"]).dictionary_encode()
    source = written(tmp_path, "in", {"text": values, "when": when, "kind": kinds}, suffix)
    run(
        "count", source, "-c", "text", "-t", "the", "--keep", "when", "--keep", "kind", "-o", tmp_path / "out.parquet"
    )
    table = read_table(tmp_path / "out.parquet")
    assert table["when"].combine_chunks() == when
    assert table["kind"].to_pylist() == kinds.to_pylist()
    assert cells(table.select(["the"])) == with_nulls(cg.count(values, ["the"]), values.to_pylist())


@pytest.mark.parametrize(
    ("suffix", "name"),
    [(".parquet", "a"), (".csv", "the text"), (".jsonl", 'q"uoted, 列'), (".arrow", "a.b")],
)
def test_names_with_spaces_dots_and_other_scripts(tmp_path: Path, suffix: str, name: str) -> None:
    columns = {"a": ["x"], "a.b": ["y"], "the text": ["the cat"], 'q"uoted, 列': ["cat cat"]}
    source = written(tmp_path, "in", columns, suffix)
    printed = read_csv(run("count", source, "-c", name, "-t", "cat", "--keep", "a.b"))
    assert printed == [["a.b", "cat"], ["y", str(columns[name][0].count("cat"))]]


def test_several_inputs_and_globs(tmp_path: Path) -> None:
    for folder in [tmp_path / "lake" / "b", tmp_path / "lake" / "a" / "deep"]:
        folder.mkdir(parents=True)
        written(folder, "part", {"text": [f"the {folder.name}"]}, ".parquet")
    written(tmp_path / "lake", "last", {"text": ["the the"]}, ".csv")
    (tmp_path / "[x].txt").write_text("brackets\n")
    terms = ["-t", "the", "-t", "deep", "-t", "b", "-t", "brackets"]
    count = ["count", "lake/**/*.parquet", "lake/*.csv", "[x].txt", *terms]
    assert run(*count, cwd=tmp_path) == "the,deep,b,brackets\n1,1,0,0\n1,0,1,0\n2,0,0,0\n0,0,0,1\n"
    # Texts with 32-bit offsets, with 64-bit offsets, and categories.
    for i, kind in enumerate([pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]):
        column = pa.array(["the"], pa.string()).cast(kind)
        write_arrow(pa.table({"text": column, "by": column}), tmp_path / f"kind {i}.arrow")
    assert (
        run("count", "kind*.arrow", "-c", "text", "--keep", "by", "-t", "the", cwd=tmp_path)
        == "by,the\n" + "the,1\n" * 3
    )
    written(tmp_path, "other", {"text": ["x"]}, ".parquet").rename(tmp_path / "other")
    assert run("count", "other", "--format", "parquet", "-t", "x", cwd=tmp_path) == "x\n1\n"


def test_encodings_and_delimiters(tmp_path: Path) -> None:
    texts = ["naïve; the", "café"]
    terms = ["-t", "naïve", "-t", "café"]
    (tmp_path / "a.csv").write_bytes('id;text\n1;"naïve; the"\n2;café\n'.encode("cp1252"))
    (tmp_path / "a.jsonl").write_bytes('{"id":1,"text":"naïve; the"}\n{"text":"café"}\n'.encode("cp1252"))
    (tmp_path / "a.txt").write_bytes("naïve; the\r\ncafé".encode("utf-16"))
    expected = [["naïve", "café"], *([str(count) for count in row] for row in cg.count(texts, ["naïve", "café"]))]
    for arguments in [
        ["a.csv", "-c", "text", "--encoding", "cp1252", "--delimiter", ";"],
        ["a.jsonl", "-c", "text", "--encoding", "cp1252"],
        ["a.txt", "--encoding", "utf-16"],
    ]:
        assert read_csv(run("count", *arguments, *terms, cwd=tmp_path)) == expected
    marked = b"\xef\xbb\xbf"
    (tmp_path / "b.csv").write_bytes(marked + b"text\nthe")
    (tmp_path / "b.jsonl").write_bytes(marked + b'{"text": "the"}')
    (tmp_path / "b.txt").write_bytes(marked + b"the")
    (tmp_path / "c.csv").write_text("text\n\nthe\n")
    for name in ["b.csv", "b.jsonl", "b.txt", "c.csv"]:
        assert run("count", name, "-t", "the", "--match", "token", cwd=tmp_path) == "the\n1\n"


def test_text_that_is_not_utf8_is_searched_too(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xffthe cat\nthe\n\n")
    assert run("count", "a.txt", "-t", "the", cwd=tmp_path) == "the\n1\n1\n0\n"


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl", ".arrow", ".arrows", ".txt"])
def test_no_rows(tmp_path: Path, suffix: str) -> None:
    source = written(tmp_path, "in", {"text": pa.array([], pa.string())}, suffix)
    assert run("count", source, "-t", "the", "-t", "cat") == "the,cat\n"


def test_no_rows_as_each_output(tmp_path: Path) -> None:
    source = written(tmp_path, "in", {"text": pa.array([], pa.string())}, ".txt")
    for output in [".parquet", ".arrow"]:
        run("count", source, "-t", "the", "-t", "cat", "-o", tmp_path / f"out{output}")
        assert read_table(tmp_path / f"out{output}").schema.names == ["the", "cat"]
        assert read_table(tmp_path / f"out{output}").num_rows == 0
    run("count", source, "-t", "the", "-t", "cat", "-o", tmp_path / "out.npz")
    assert scipy.sparse.load_npz(tmp_path / "out.npz").shape == (0, 2)
    assert run("count", source, "-t", "the", "--long") == "document,term,count\n"
    assert run("totals", source, "-t", "the") == "column  count  documents\nthe         0          0\n"
    assert run("find", source, "-t", "the") == ""


def test_json_columns(tmp_path: Path) -> None:
    """Other columns can change their type. Copied columns can first occur late, or be nested."""
    rows = ['{"text": "2020-01-01", "x": 1}', '{"x": "one"}', '{"text": null}'] * 400
    rows += ['{"when": "2020-01-01", "n": {"a": [1]}, "f": 1.5, "text": "the"}', '{"f": 2}']
    (tmp_path / "in.jsonl").write_text("\n\n".join(rows))
    keep = ["--keep", "when", "--keep", "n", "--keep", "f"]
    run("count", tmp_path / "in.jsonl", "-c", "text", "-t", "2020", *keep, "-o", tmp_path / "out.parquet")
    table = read_table(tmp_path / "out.parquet")
    assert table["2020"].to_pylist() == [1, None, None] * 400 + [0, None]
    assert table.slice(1199).select(["when", "n", "f"]).to_pylist() == [
        {"when": None, "n": None, "f": None},
        {"when": "2020-01-01", "n": {"a": [1]}, "f": 1.5},
        {"when": None, "n": None, "f": 2.0},
    ]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, -(2**63), 2**63 - 1, None], pa.int64()),
        ([1.5, 2, 2**53, None], pa.float64()),
        ([True, None, False], pa.bool_()),
        (["1", "é", None, ""], pa.string()),
        ([[1], None, []], pa.list_(pa.int64())),
        ([2**63, 1, -(2**80)], pa.string()),
        ([2**53 + 1, 1.5, None], pa.string()),
        ([1, "one", True, [1, "é"], {"a": None}, None], pa.string()),
        ([{"a": 1}, {"a": "b"}], pa.string()),
        ([["2020-01-01"], ["soon"]], pa.list_(pa.string())),
        ([[["a"]], [], [None]], pa.list_(pa.list_(pa.string()))),
        ([{"a": 1.5}, {"a": 2, "b": ["2020-01-01"]}], pa.struct([("a", pa.float64()), ("b", pa.list_(pa.string()))])),
        ([[2**64], [1]], pa.string()),
        ([[1.5, 2**53 + 1]], pa.string()),
        ([[1, "a"]], pa.string()),
        ([{}], pa.string()),
        ([None] * 1500 + [1, "one", 2.5], pa.string()),
    ],
    ids=str,
)
def test_carried_json_columns_keep_their_values(tmp_path: Path, values: list, kind: pa.DataType) -> None:
    """Values are text if no type represents all of them exactly."""
    path = written(tmp_path, "in", {"text": ["a"] * len(values)}, ".jsonl")
    path.write_text("".join(json.dumps({"text": "a", "x": value}) + "\n" for value in values))
    run("count", path, "-c", "text", "-t", "a", "--keep", "x", "-o", tmp_path / "out.parquet")
    column = read_table(tmp_path / "out.parquet")["x"]
    assert column.type == kind
    if kind == pa.string():
        values = [v if v is None or isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values]
    if pa.types.is_struct(kind):
        values = [dict.fromkeys(field.name for field in kind) | value for value in values]
    assert column.to_pylist() == values


@pytest.mark.parametrize(
    ("first", "later", "said"),
    [
        (
            "1.5",
            "9007199254740993",
            "is 9007199254740993; expected double, as in the rows before, which cannot represent",
        ),
        ("1.5", "-9007199254740993", "is -9007199254740993; expected double"),
        ("1.5", "123456789012345678901234567890", "is 123456789012345678901234567890; expected double"),
        ("1.5", "1e400", "is a number beyond 1.8e308; expected double"),
        ('"a"', "1e400", "is a number beyond 1.8e308; expected string"),
        ("1", "9223372036854775808", "is 9223372036854775808; expected int64"),
        ("1", "1.5", "is 1.5; expected int64"),
        ("[1.5]", "[9007199254740993]", "is [9007199254740993]; expected list<item: double>"),
        ('{"a": 1}', '{"a": 1, "b": 2}', 'is {"a": 1, "b": 2}; expected struct<a: int64>'),
        ('["a"]', "[1]", "is [1]; expected list<item: string>"),
    ],
)
@pytest.mark.parametrize("spread", [False, True])
def test_json_values_that_the_column_cannot_represent(
    tmp_path: Path, first: str, later: str, said: str, spread: bool
) -> None:
    """The first thousand rows determine the type. Later values are never rounded or dropped."""
    lines = [f'{{"text": "a", "x": {first}}}'] * 1200 + [f'{{"text": "a", "x": {later}}}']
    (tmp_path / "in.json").write_text("[" + ",\n".join(lines) + "]" if spread else "\n".join(lines))
    errors = run("count", "in.json", "-c", "text", "-t", "a", "--keep", "x", "-o", "x.parquet", code=1, cwd=tmp_path)
    assert errors.startswith(f"countgrid: in.json: row 1201: column 'x' {said}")
    assert not (tmp_path / "x.parquet").exists()


def test_large_floats_of_json_are_kept(tmp_path: Path) -> None:
    values = [1.5] * 1200 + [1e300, 2**53, -1e16, None]
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps({"text": "a", "x": value}) + "\n" for value in values))
    run("count", path, "-c", "text", "-t", "a", "--keep", "x", "-o", tmp_path / "out.parquet")
    assert read_table(tmp_path / "out.parquet")["x"].to_pylist() == values


def test_later_json_files_may_lack_a_column_or_all_rows(tmp_path: Path) -> None:
    lines = ["", '{"text": "a", "x": 1}', "", '{"text": "a"}', '{"text": "a", "x": null}', '{"x": 2, "text": "b"}']
    for i, line in enumerate(lines):
        (tmp_path / f"{i}.jsonl").write_text(line + "\n")
    assert run("count", tmp_path / "*.jsonl", "-c", "text", "-t", "a", "--keep", "x") == "x,a\n1,1\n,1\n,1\n2,0\n"
    assert run("count", tmp_path / "0.jsonl", "-c", "text", "-t", "a", "--keep", "x") == "x,a\n"


def test_bytes_and_decimals_as_csv(tmp_path: Path) -> None:
    table = pa.table({"text": ["a", "a"], "bytes": [b'x,"y"', b""], "n": pa.array([1, None], pa.decimal128(5, 2))})
    pa.parquet.write_table(table, tmp_path / "in.parquet")
    said = run("count", tmp_path / "in.parquet", "-c", "text", "-t", "a", "--keep", "bytes", "--keep", "n")
    assert read_csv(said) == [["bytes", "n", "a"], ['x,"y"', "1.00", "1"], ["", "", "1"]]


def test_many_rows_many_terms_and_long_documents(tmp_path: Path) -> None:
    """Larger than a batch, a table of counts, and a block of input."""
    texts: list[str | None] = ["a word or two", None, "", "two"] * 60_000
    texts[100_000] = "two words " * 900_000
    terms = ["two", "word", *(f"t{i}" for i in range(50))]
    (tmp_path / "terms.txt").write_text("\n".join(terms))
    (tmp_path / "two.txt").write_text("two\nword\n")
    counts = cg.count(texts, terms[:2])
    for suffix in [".parquet", ".jsonl", ".txt"]:
        source = written(tmp_path, "in", {"text": texts}, suffix)
        for lexicon in ["terms.txt", "two.txt"]:
            run("count", source, "--terms", tmp_path / lexicon, "-o", tmp_path / "out.parquet")
            table = read_table(tmp_path / "out.parquet")
            assert table.num_rows == len(texts)
            missing = 0 if suffix == ".txt" else texts.count(None)
            for i, name in enumerate(table.column_names):
                assert table[name].null_count == missing
                expected = counts[:, i] if i < 2 else np.zeros(len(texts))
                assert (table[name].fill_null(0).to_numpy() == expected).all()
    run("count", source, "--terms", tmp_path / "terms.txt", "-o", tmp_path / "out.npz")
    assert (scipy.sparse.load_npz(tmp_path / "out.npz")[:, [0, 1]] != scipy.sparse.csr_array(counts)).nnz == 0
    printed = run("count", source, "--terms", tmp_path / "two.txt")
    assert read_csv(printed)[1:] == [[str(a), str(b)] for a, b in counts.tolist()]


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl", ".arrow", ".txt"])
def test_pandas_is_not_imported(tmp_path: Path, suffix: str) -> None:
    """Importing pandas takes longer than most counts, and pyarrow imports it in the middle of a count."""
    source = written(tmp_path, "in", {"text": TEXTS}, suffix)
    arguments = [
        source,
        "-t",
        "the",
        "--keep",
        "text",
        "-o",
        tmp_path / f"out{'.csv' if suffix == '.csv' else '.parquet'}",
    ]
    long = ["--long"] if suffix in (".csv", ".parquet") else []
    command = [sys.executable, "-X", "importtime", "-m", "countgrid", "count", *map(str, arguments), *long]
    done = subprocess.run(command, capture_output=True, check=True)
    assert b"pyarrow" in done.stderr
    assert b" pandas\n" not in done.stderr


def test_long_rows_of_csv(tmp_path: Path) -> None:
    """Longer than the first blocks. The rows around them keep their places."""
    lines = [3, 500_000, 1, 0, 5_000_000, 2]
    texts = ['the cat, said "she".\n' * n for n in lines]
    path = written(tmp_path, "in", {"id": list(range(6)), "text": texts}, ".csv")
    expected = [["id", "cat"], *([str(i), str(n)] for i, n in enumerate(lines))]
    options = ["-c", "text", "-t", "cat", "--keep", "id"]
    assert read_csv(run("count", path, *options)) == expected
    shorter = path.read_bytes().split(b'\n3,"')[0]
    assert read_csv(run("count", "-", "--format=csv", *options, stdin=shorter)) == expected[:4]


def test_find_writes_a_page(tmp_path: Path) -> None:
    first, second, page = (tmp_path / name for name in ["a.txt", "b.txt", "page.html"])
    first.write_text("a cat <b>\nno\n")
    second.write_text("cat and cat\n")
    terms = ["--term", "cat", "--html", str(page)]
    assert run("find", first, *terms) == ""
    shown = page.read_text()
    assert "<h2>row 1</h2>" in shown
    assert shown.count("<mark") == 1 + 1
    assert "&lt;b&gt;" in shown
    run("find", first, second, *terms)
    shown = page.read_text()
    assert [f"{first}, row 1" in shown, f"{second}, row 1" in shown] == [True, True]
    assert shown.count("<mark") == 3 + 1
    run("find", first, second, *terms, "--max", "2")
    assert page.read_text().count("<mark") == 2 + 1
    assert run("find", first, second, "--term", "cat", "--html", "-") == shown
