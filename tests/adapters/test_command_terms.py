"""The command's `--terms FILE`: read as by `read_lexicon`, but errors name the command's options."""

import os
import subprocess
from pathlib import Path

import countgrid as cg
import pytest
from process import COMMAND, TEXTS, read_csv, run, written

#: Files that the command and `read_lexicon` read alike: the content and the syntax.
SAME = {
    "globs.txt": ("th*\nc?t\nwhy\\?\n", "glob"),
    "globs.csv": ("word\nth*\nc?t\n", "glob"),
    "globs.tsv": ("th*\tarticle\na?\tarticle\nc?t\tanimal\nd?g\tanimal\n", "glob"),
    "globs.json": ('{"article": "th*", "animal": ["c?t"]}', "glob"),
    "globs.yaml": ("article: th*\nanimal: ['c?t']\n", "glob"),
    "liwc.dic": ("%\n1\tarticle\n%\nth*\t1\nc?t\t1\n", "glob"),
    "liwc.dicx": ("DicTerm,article,animal\nth*,X,\nc?t,,X\ncat,,X\n", "glob"),
    "literal.txt": ("the\nc?t\n", "literal"),
    "afinn.tsv": ("the\t1\ncat\t-2\n", "literal"),
    "regex.csv": ("term,label\nth.*?,x\n(cat|dog)s?,y\n", "regex"),
    "regex.yaml": ("x: ['th.*?', '(cat|dog)s?']\n", "regex"),
}


@pytest.mark.parametrize("name", SAME)
def test_terms_as_python_reads_them(tmp_path: Path, name: str) -> None:
    content, syntax = SAME[name]
    (tmp_path / name).write_text(content)
    texts = ["the cat c?t why?", "then a dog", "cot cat cut th*"]
    source = written(tmp_path, "in", {"text": texts}, ".parquet")
    counter = cg.TermCounter(cg.read_lexicon(tmp_path / name, syntax=syntax))
    printed = read_csv(run("count", source, "--terms", tmp_path / name, "--syntax", syntax))
    expected = counter.count(texts)
    assert expected.any()
    assert printed == [counter.columns, *([str(count) for count in row] for row in expected)]


NO_TERMS = {
    "a.json": "{}",
    "b.json": "[]",
    "c.json": '{"a": [], "b": {}}',
    "d.txt": "# a comment\n\n",
    "e.csv": "term\n",
}


@pytest.mark.parametrize("name", NO_TERMS)
@pytest.mark.parametrize("command", ["count", "totals", "find"])
def test_a_file_without_terms(tmp_path: Path, name: str, command: str) -> None:
    (tmp_path / name).write_text(NO_TERMS[name])
    source = written(tmp_path, "in", {"text": TEXTS}, ".parquet")
    said = run(command, source, "--terms", tmp_path / name, code=1)
    assert said == f"countgrid: {tmp_path / name}: contains no terms; expected at least one\n"


def test_errors_in_a_file_of_terms_name_the_options(tmp_path: Path) -> None:
    source = written(tmp_path, "in", {"text": TEXTS}, ".parquet")
    for name, content, parts in [
        ("AFINN.txt", "abandon\t-2\nfun\n", ["line 1", "--terms-format tsv"]),
        ("a.lst", "abandon\n", ["--terms-format"]),
        ("a.dic", "%\n1\ta\n%\nx*\t1\n", ["line 4", "--syntax glob"]),
        ("b.dic", "%\n1\ta\n%\nx\t(02)1/2\n", ["line 4", "pass --skip-conditions"]),
        ("a.csv", "caf\xe9\n", ["line 1", "--terms-encoding"]),
        ("b.csv", "joy,anger\nhappy,mad\n", ["line 1", "'anger'", "or pass --terms-columns\n"]),
    ]:
        (tmp_path / name).write_bytes(content.encode("latin-1"))
        said = run("count", source, "--terms", tmp_path / name, code=1)
        assert said.startswith(f"countgrid: {tmp_path / name}")
        assert all(part in said for part in parts), said


def test_conditions_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "liwc.dic"
    path.write_text("%\n1\tarticle\n2\tanimal\n%\nthe\t1\ncat\t2\t(02 134)125/464\ndog\t<of>1/2\n")
    source = written(tmp_path, "in", {"text": ["the cat", "the dog"]}, ".parquet")
    command = [COMMAND, "count", source, "--terms", path, "--skip-conditions"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert read_csv(done.stdout) == [["article", "animal"], ["1", "1"], ["1", "0"]]
    assert done.stderr == f"countgrid: {path}: skipped 2 conditional entries, the first in line 6\n"


def test_columns_of_a_file_of_terms(tmp_path: Path) -> None:
    path = tmp_path / "animals.csv"
    path.write_text("1,animal,cat,x\n2,animal,dog,y\n")
    source = written(tmp_path, "in", {"text": ["the cat", "the dog and the cat"]}, ".parquet")
    printed = run("count", source, "--terms", path, "--terms-columns", ",category, term,")
    assert read_csv(printed) == [["animal"], ["1"], ["2"]]
    said = run("count", source, "--terms", path, "--terms-columns", "term,category", code=1)
    assert said == f"countgrid: {path}, line 1: a row of length 4; expected 2, as --terms-columns says\n"
    said = run("count", source, "--terms", path, "--terms-columns", "word", code=2)
    assert "'--terms-columns'" in said
    assert "'word'; expected one 'term'" in said
    said = run("count", source, "--terms", path, "--terms-format", "text", "--terms-columns", "term", code=2)
    assert said.startswith("countgrid: --terms-columns is for CSV and TSV, not for --terms-format text")
    path.rename(tmp_path / "a.json")
    said = run("count", source, "--terms", tmp_path / "a.json", "--terms-columns", "term", code=1)
    assert "--terms-columns is for CSV and TSV, not for json" in said


def test_options_of_a_file_of_terms_need_one(tmp_path: Path) -> None:
    source = written(tmp_path, "in", {"text": TEXTS}, ".parquet")
    for option in (
        ["--skip-conditions"],
        ["--terms-format", "dicx"],
        ["--terms-encoding", "cp1252"],
        ["--terms-columns", "term"],
    ):
        assert option[0] in run("count", source, "-t", "the", *option, code=2)


def test_terms_that_look_like_globs(tmp_path: Path) -> None:
    """One line on standard error, unless --syntax is given."""
    source = written(tmp_path, "in", {"text": ["happy happ*"]}, ".parquet")
    path = tmp_path / "mood.json"
    path.write_text('{"mood": ["happ*", "*ness"]}')
    advice = "pass --syntax glob if * is a wildcard, or --syntax literal if it is not"
    one = f"'happ*' looks like a glob, but literal terms have no wildcards; {advice}"
    two = f"2 terms look like globs, such as 'happ*', but literal terms have no wildcards; {advice}"
    for terms, column, said in [
        (["-t", "happ*"], "happ*", f"countgrid: {one}\n"),
        (["--terms", path], "mood", f"countgrid: {path}: {two}\n"),
    ]:
        for syntax, count in [([], 1), (["--syntax", "literal"], 1), (["--syntax", "glob"], 2)]:
            command = [COMMAND, "count", source, *terms, *syntax]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            assert read_csv(done.stdout) == [[column], [str(count)]]
            assert done.stderr == ("" if syntax else said)


def test_terms_that_look_like_regular_expressions(tmp_path: Path) -> None:
    """One line on standard error if `totals` finds none, unless --syntax is given."""
    source = written(tmp_path, "in", {"text": ["error 5", r"\w+"]}, ".parquet")
    path = tmp_path / "errors.json"
    path.write_text(r'{"errors": ["(?i)error\\w*"]}')
    choice = "pass --syntax regex for regular expressions, or --syntax literal for literal text"
    for terms, first in [(["-t", r"error \d"], ""), (["--terms", path], f"{path}: ")]:
        for syntax, said in [([], True), (["--syntax", "literal"], False), (["--syntax", "regex"], False)]:
            command = [COMMAND, "totals", source, *terms, *syntax, "--output", "-"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            assert read_csv(done.stdout)[1][1] == str(int("regex" in syntax))
            assert done.stderr.startswith(f"countgrid: {first}") == said
            assert done.stderr.endswith(f"; {choice}\n") == said
            assert done.stderr.count("\n") == said
    found = [COMMAND, "totals", source, "-t", r"\w+", "-t", r"\d+"]
    assert subprocess.run(found, capture_output=True, text=True, check=True).stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no /dev/stdin")
def test_terms_from_standard_input(tmp_path: Path) -> None:
    source = written(tmp_path, "in", {"text": ["the cat", "the the"]}, ".parquet")
    assert run("count", source, "--terms", "-", stdin=b"the\ncat\n") == "the,cat\n1,1\n2,0\n"
    typed = ["totals", source, "--terms", "-", "--terms-format", "json", "-o", "-"]
    assert run(*typed, stdin=b'{"animal": ["cat"]}') == "column,count,documents\nanimal,1,1\n"
    assert (
        run("count", source, "--terms", "-", code=1)
        == "countgrid: /dev/stdin: contains no terms; expected at least one\n"
    )
    with open(source, "rb") as file:
        assert "not text" in run("count", source, "--terms", "-", stdin=file.read(), code=1)


@pytest.mark.parametrize("command", ["count", "totals", "find"])
def test_terms_and_texts_from_standard_input(command: str) -> None:
    said = run(command, "-", "--terms", "-", stdin=b"the\n", code=2)
    assert said.startswith("countgrid: INPUT and --terms are both standard input; it can be read only once")


def test_invalid_terms_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("a\n")
    (tmp_path / "terms.txt").write_text("a\n(b\nc*\n")
    options = ("--terms", "terms.txt", "--syntax", "regex")
    assert run("totals", "in.txt", *options, code=1, cwd=tmp_path) == (
        "countgrid: terms.txt: 2 terms are invalid: terms[1] '(b' is not a valid regular expression: unclosed group,"
        " at position 0; terms[2] 'c*' can match the empty string; a match needs at least one character\n"
    )
