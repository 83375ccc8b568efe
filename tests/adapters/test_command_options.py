"""The options of the command `countgrid`, and its other subcommands. Each option has a case that it changes."""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable
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
    cells,
    read_csv,
    read_table,
    run,
    with_nulls,
    written,
)

MATCHING = [
    (["THE", "naive"], {"ignore_case": True}),
    (["naive"], {"strip_accents": True}),
    (["c", "the"], {"match": "substring"}),
    (["C++", "the"], {"match": "token"}),
    (["C+", "cat"], {"word_chars": "+"}),
    (["th*", "c?t"], {"syntax": "glob"}),
    (["[a-z]{3}"], {"syntax": "regex"}),
    (["c|[+]", "[a-z]+ "], {"syntax": "regex", "match": "adaptive", "overlap": "first"}),
    (["the", "the the"], {"overlap": "longest"}),
    (["the", "the the"], {"overlap": "first"}),
    (["+", "cat"], {"match": "adaptive"}),
    (["the the"], {"overlap": "all", "ignore_case": True}),
]


def flags(options: dict[str, str | bool]) -> list[str]:
    words = [[f"--{name.replace('_', '-')}", *([] if value is True else [value])] for name, value in options.items()]
    return [word for some in words for word in some]


@pytest.mark.parametrize(("terms", "options"), MATCHING)
def test_matching_options(tmp_path: Path, terms: list[str], options: dict) -> None:
    texts = [*TEXTS[4:], "the the the"]
    source = written(tmp_path, "in", {"text": texts}, ".parquet")
    expected = cg.count(texts, terms, **options)
    assert expected.tolist() != cg.count(texts, terms, syntax="literal").tolist()
    given = [word for term in terms for word in ("-t", term)]
    printed = read_csv(run("count", source, *given, *flags(options)))
    assert printed == [terms, *([str(count) for count in row] for row in expected)]


LEXICONS = {
    "lines.txt": ("the\ncat\n", []),
    "globs.txt": ("th*\nc?t\n", ["--syntax", "glob"]),
    "categories.csv": ("term,category\nthe,article\ncat,animal\ndog,animal\n", []),
    "liwc.dic": ("%\n1\tarticle\n2\tanimal\n%\nth*\t1\ncat\t2\n", ["--syntax", "glob"]),
    "quanteda.yml": ("article: [th*]\nanimal: [cat, 'd?g']\n", ["--syntax", "glob", "--ignore-case"]),
}


@pytest.mark.parametrize("name", LEXICONS)
def test_terms_from_a_file(tmp_path: Path, name: str) -> None:
    text, options = LEXICONS[name]
    (tmp_path / name).write_text(text)
    source = written(tmp_path, "in", {"text": TEXTS}, ".parquet")
    printed = read_csv(run("count", source, "--terms", tmp_path / name, "--missing", "zero", *options))
    assert printed[0] == (["article", "animal"] if ":" in text or "," in text or "%" in text else text.split())
    assert printed[1:] == [[str(count) for count in row] for row in cg.count(TEXTS, ["the", "cat"])]
    named = ["--terms-format", {"yml": "yaml", "txt": "text"}.get(name.split(".")[1], name.split(".")[1])]
    (tmp_path / "terms").write_bytes(re.sub(r"\bcat\b|c\?t", "naïve", text).encode("cp1252"))
    printed = read_csv(
        run(
            "count",
            source,
            "--terms",
            tmp_path / "terms",
            *named,
            "--terms-encoding",
            "cp1252",
            *options,
            "--missing",
            "zero",
        )
    )
    assert [row[1] for row in printed[1:]] == [str(count) for count in cg.count(TEXTS, ["naïve"])[:, 0]]


def test_prefix_and_names(tmp_path: Path) -> None:
    source = written(tmp_path, "in", {"text": ["the cat"]}, ".parquet")
    assert run("count", source, "-t", "the", "-t", "cat", "--prefix", "n ") == "n the,n cat\n1,1\n"
    assert run("count", source, "-t", "the", "-t", "cat", "--name", "x", "--name", "y") == "x,y\n1,1\n"
    assert (
        run("count", source, "-t", "the", "-t", "the", "--name", "x", "--name", "y", "--prefix", "n")
        == "nx,ny\n1,1\n"
    )
    assert (
        run("totals", source, "-t", "the", "--name", "x", "--prefix", "n", "-o", "-")
        == "column,count,documents\nnx,1,1\n"
    )


@pytest.mark.parametrize("dtype", ["bool", "int8", "float32"])
def test_types_of_counts(tmp_path: Path, dtype: str) -> None:
    source = written(tmp_path, "in", {"text": TEXTS}, ".parquet")
    expected = cg.count(TEXTS, TERMS, dtype=dtype)
    run("count", source, *TERM_OPTIONS, "--dtype", dtype, "-o", tmp_path / "out.parquet")
    table = read_table(tmp_path / "out.parquet")
    assert set(table.schema.types) == {pa.from_numpy_dtype(dtype)}
    assert cells(table) == with_nulls(expected, TEXTS)
    run("count", source, *TERM_OPTIONS, "--dtype", dtype, "--missing", "zero", "-o", tmp_path / "out.npz")
    matrix = scipy.sparse.load_npz(tmp_path / "out.npz")
    assert matrix.dtype == np.dtype(dtype)
    assert matrix.toarray().tolist() == expected.tolist()


def test_missing(tmp_path: Path) -> None:
    source = written(tmp_path, "in", {"text": ["the", None], "id": [1, 2]}, ".parquet")
    count = ["count", source, "-c", "text", "-t", "the"]
    assert run(*count) == "the\n1\n\n"
    assert run(*count, "--missing", "zero") == "the\n1\n0\n"
    assert "in.parquet, row 2: the document is missing\n" in run(*count, "--missing", "raise", code=1)
    assert "in.parquet, row 2: the document is missing" in run(*count, "-o", tmp_path / "out.npz", code=1)
    assert run(*count, "--long", "--id", "id") == "document,term,count\n1,the,1\n"


def test_workers_change_no_count(tmp_path: Path) -> None:
    source = written(tmp_path, "in", {"text": TEXTS * 1000}, ".parquet")
    one, three = (run("count", source, *TERM_OPTIONS, "--workers", workers) for workers in (1, 3))
    assert one == three == run("count", source, *TERM_OPTIONS)


def test_links_keep_their_place(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\nthe\na\n")
    (tmp_path / "old.csv").write_text("old")
    (tmp_path / "old.csv").chmod(0o640)
    (tmp_path / "link.csv").symlink_to("old.csv")
    run("count", "in.csv", "-t", "the", "--keep", "text", "-o", "link.csv", cwd=tmp_path)
    assert (tmp_path / "old.csv").read_text() == "text,the\nthe,1\na,0\n"
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "old.csv").stat().st_mode & 0o777 == 0o640


def test_totals(tmp_path: Path) -> None:
    source = written(tmp_path, "in", {"text": TEXTS}, ".parquet")
    totals = cg.TermCounter(TERMS).totals(TEXTS + TEXTS)
    expected = sorted(
        zip(TERMS, totals.counts.tolist(), totals.documents.tolist(), strict=True), key=lambda row: -row[1]
    )
    printed = run("totals", source, source, *TERM_OPTIONS)
    assert printed.splitlines()[0].split() == ["column", "count", "documents"]
    assert [tuple(line.rsplit(maxsplit=2)) for line in printed.splitlines()[1:]] == [
        (name, str(count), str(documents)) for name, count, documents in expected
    ]
    for output in ["out.csv", "out.parquet", "out.arrow"]:
        run("totals", source, source, *TERM_OPTIONS, "--top", 2, "-o", tmp_path / output)
        assert [tuple(row) for row in cells(read_table(tmp_path / output))] == expected[:2]
    many = ["--terms", tmp_path / "many.txt"]
    (tmp_path / "many.txt").write_text("\n".join(f"t{i}" for i in range(100)))
    assert len(run("totals", source, *many).splitlines()) == 101
    assert run("totals", source, *many, "--top", 0) == "column  count  documents\n"


def test_find(tmp_path: Path) -> None:
    written(tmp_path, "in", {"text": TEXTS, "id": IDS}, ".csv")
    printed = run("find", "in.csv", "-c", "text", "-t", "cat", "-t", "日本", "--width", "6", cwd=tmp_path)
    assert printed == "1:   the cat sat\n5: , the cat\n6:       日本 the n\n"
    (tmp_path / "more.txt").write_bytes(b"\xff\x1b[31m the cat\n")
    (tmp_path / "mood.json").write_text('{"animal": ["cat"], "article": ["the"]}')
    find = ["find", "in.csv", "more.txt", "-c", "text", "--terms", "mood.json"]
    printed = run(*find, "--width", "4", cwd=tmp_path)
    assert printed.splitlines()[:2] == ["in.csv:1:     the cat [article]", "in.csv:1: the cat sat [animal]"]
    assert printed.splitlines()[-2:] == ["more.txt:1: 31m the cat [article]", "more.txt:1: the cat [animal]"]
    assert run(*find, "--width", "4", "--max", 3, cwd=tmp_path) == "".join(printed.splitlines(True)[:3])
    assert run(*find, "--max", 0, cwd=tmp_path) == ""
    assert len(printed.splitlines()) == cg.count([*TEXTS, "the cat"], ["the", "cat"]).sum()
    (tmp_path / "odd\x1b.txt").write_text("日本語日本 the\u202e cats\n")
    (tmp_path / "odd.json").write_text(json.dumps({"new\nline\u2067": ["the"]}))
    odd = ["find", "odd\x1b.txt", "more.txt", "--terms", "odd.json", "--width", "4"]
    line = run(*odd, cwd=tmp_path).splitlines()[0]
    assert line == "odd .txt:1: 語日本 the  ca [new line ]"
    coloured = run(*find, "--width", "4", "--max", 1, "--color", cwd=tmp_path)
    assert coloured == "in.csv:1:     \x1b[31m\x1b[1mthe\x1b[0m cat \x1b[36m[article]\x1b[0m\n"


def test_search(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("the cat\nThe cat, then\n" * 10_000)
    for options in [{}, {"match": "word"}, {"match": "substring"}, {"ignore_case": True}, {"workers": "1"}]:
        searched = {**options, "workers": 1} if "workers" in options else options
        assert run("search", path, "the", *flags(options)) == f"{cg.search(path, 'the', **searched)}\n"
    assert cg.search(path, "the") == 10_000


@pytest.mark.parametrize("options", [{}, {"match": "word"}, {"match": "substring"}, {"ignore_case": True}], ids=str)
@pytest.mark.parametrize("encode", [str.encode, lambda text: gzip.compress(text.encode("utf-16"))])
def test_search_in_standard_input(tmp_path: Path, options: dict, encode: Callable[[str], bytes]) -> None:
    data = encode("the cat\nThe cat, then\nthe*\n" * 100)
    (tmp_path / "a").write_bytes(data)
    for term in ("the", "the*"):
        assert (
            run("search", "-", term, *flags(options), stdin=data) == f"{cg.search(tmp_path / 'a', term, **options)}\n"
        )


def test_errors_of_a_search_in_standard_input() -> None:
    assert "standard input: is a Parquet file, not text" in run("search", "-", "a", stdin=b"PAR1\0", code=1)
    assert run("search", "-", " ", code=2).startswith("countgrid: TERM contains only whitespace")


def test_without_a_command() -> None:
    done = subprocess.run([COMMAND], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == run("--help")
    assert done.stderr.startswith("Usage: countgrid [OPTIONS] COMMAND [ARGS]...\n\n  Count many terms")


def test_help_and_version() -> None:
    assert run("--version") == f"countgrid, version {cg.__version__}\n"
    for command in ["count", "totals", "words", "find", "search"]:
        assert f"  countgrid {command} " in run(command, "--help").split("Example:")[1]
        assert f"  {command} " in run("--help")
    module = subprocess.run([sys.executable, "-m", "countgrid", "--version"], capture_output=True, check=True)
    assert module.stdout == f"countgrid, version {cg.__version__}\n".encode()


def test_with_file(tmp_path: Path) -> None:
    """Every form except a matrix, and standard input. JSON still finds its only column."""
    (tmp_path / "a.jsonl").write_text('{"text": "the"}\n{"text": "a"}\n')
    (tmp_path / "b.jsonl").write_text('{"text": "the the"}\n')
    arguments = ["count", "-t", "the", "--with-file", "a.jsonl", "b.jsonl"]
    assert run(*arguments, cwd=tmp_path) == "file,the\na.jsonl,1\na.jsonl,0\nb.jsonl,2\n"
    assert run(*arguments, "--long", cwd=tmp_path) == "document,file,term,count\n0,a.jsonl,the,1\n2,b.jsonl,the,2\n"
    by_id = run(*arguments, "--long", "--id", "text", cwd=tmp_path)
    assert by_id == "document,file,term,count\nthe,a.jsonl,the,1\nthe the,b.jsonl,the,2\n"
    run(*arguments, "--keep", "text", "-o", "out.parquet", cwd=tmp_path)
    table = read_table(tmp_path / "out.parquet")
    assert table.column_names == ["file", "text", "the"]
    assert table["file"].to_pylist() == ["a.jsonl", "a.jsonl", "b.jsonl"]
    assert run("count", "-t", "the", "--with-file", "-", stdin=b"the\n") == "file,the\n-,1\n"
    assert "npz contains only a matrix" in run(*arguments, "-o", "x.npz", cwd=tmp_path, code=2)
    assert "two columns would be named 'file'" in run(*arguments, "-t", "file", cwd=tmp_path, code=2)


def test_with_file_of_no_rows(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    assert run("count", "-t", "the", "--with-file", "a.txt", cwd=tmp_path) == "file,the\n"
