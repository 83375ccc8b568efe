"""`countgrid words`, compared with `cg.frequencies`."""

import csv
import gzip
import json
import subprocess
from pathlib import Path

import countgrid as cg
import pyarrow as pa
import pytest
from process import COMMAND, TEXTS, WRITERS, read_csv, read_table, run, written

HEADER = ["term", "count", "documents"]


def rows(documents: list, **options) -> list[list[str]]:
    return [list(map(str, row)) for row in cg.frequencies(documents, **options)]


@pytest.mark.parametrize("suffix", WRITERS)
def test_each_input(tmp_path: Path, suffix: str) -> None:
    plain = suffix.startswith(".txt")
    texts = [(text or "").replace("\n", " ") for text in TEXTS] if plain else TEXTS
    source = written(tmp_path, "in", {"text": TEXTS}, suffix)
    assert read_csv(run("words", source)) == [HEADER, *rows(texts)]


@pytest.mark.parametrize("output", [".csv", ".tsv", ".csv.gz", ".parquet", ".arrow", ".arrows"])
def test_each_output(tmp_path: Path, output: str) -> None:
    source = written(tmp_path, "in", {"text": TEXTS, "id": range(7)}, ".parquet")
    target = tmp_path / f"out{output}"
    assert run("words", source, "-c", "text", "--ngrams", "1-2", "-o", target) == ""
    table = read_table(target)
    assert table.column_names == HEADER
    assert table.column_names[1:] == [field.name for field in table.schema if field.type == pa.int64()]
    assert [tuple(row.values()) for row in table.to_pylist()] == list(cg.frequencies(TEXTS, ngrams=(1, 2)))
    printed = run("words", source, "-c", "text", "--ngrams", "1-2", "--output-format", "tsv")
    assert read_csv(printed, "\t") == [HEADER, *rows(TEXTS, ngrams=(1, 2))]


DOCUMENTS = ["The cat, the dog", "the Cat: naïve naive", "don't", "state of the art"]
OPTIONS = [
    (["--ngrams", "2"], {"ngrams": (2, 2)}),
    (["--ngrams", "1-3"], {"ngrams": (1, 3)}),
    (["--ngrams", "2", "--no-across-punctuation"], {"ngrams": (2, 2), "across_punctuation": False}),
    (["--ignore-case"], {"ignore_case": True}),
    (["--strip-accents"], {"strip_accents": True}),
    (["--word-chars", "'"], {"word_chars": "'"}),
    (["--min-documents", 2], {"min_documents": 2}),
    (["--top", 3], {"top": 3}),
    (["--top", 0], {"top": 0}),
    (["--stop-words", "english"], {"stop_words": "english"}),
    (["--stop-words", "english", "--word-chars", "'"], {"stop_words": "english", "word_chars": "'"}),
    (["--stop-words", "stop.txt"], {"stop_words": ["cat", "the"]}),
    (["--stop-words", "stop.json", "--ignore-case"], {"stop_words": ["cat", "the"], "ignore_case": True}),
    (["--stop-words", "stop.txt", "--stop-words", "more.csv"], {"stop_words": ["cat", "the", "dog"]}),
]


@pytest.mark.parametrize(("typed", "options"), OPTIONS)
def test_each_option_changes_the_result(tmp_path: Path, typed: list, options: dict) -> None:
    (tmp_path / "in.txt").write_text("\n".join(DOCUMENTS) + "\n")
    (tmp_path / "stop.txt").write_text("cat\nthe\n")
    (tmp_path / "stop.json").write_text(json.dumps({"a": ["cat"], "b": ["the"]}))
    (tmp_path / "more.csv").write_text("term\ndog\n")
    expected = rows(DOCUMENTS, **options)
    assert expected != rows(DOCUMENTS)
    assert read_csv(run("words", "in.txt", *typed, cwd=tmp_path)) == [HEADER, *expected]
    assert read_csv(run("words", "in.txt", *typed, "--workers", 1, cwd=tmp_path))[1:] == expected


def test_several_inputs_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "a.jsonl").write_text('{"text": "the cat"}\n{"text": null}\n')
    (tmp_path / "lake" / "b.txt.gz").write_bytes(gzip.compress(b"the the\ncat\xff\n"))
    assert run("words", "lake", cwd=tmp_path) == "term,count,documents\nthe,3,2\ncat,2,2\n"
    assert run("words", "-", stdin=b"the cat\nthe\n", cwd=tmp_path) == "term,count,documents\nthe,2,2\ncat,1,1\n"
    said = run("words", "in.csv", "-c", "text", "--on-error", "skip", cwd=tmp_path, code=1)
    assert "in.csv: no such file" in said


def test_no_words(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\n")
    assert run("words", "in.csv", cwd=tmp_path) == "term,count,documents\n"
    run("words", "in.csv", "-o", "out.parquet", cwd=tmp_path)
    table = read_table(tmp_path / "out.parquet")
    assert (table.num_rows, table.column_names) == (0, HEADER)


def test_many_batches(tmp_path: Path) -> None:
    """Batches of the reader have about 8 MB."""
    texts = [f"word{i % 5000} the cat, {i}" for i in range(1_200_000)]
    (tmp_path / "in.txt").write_text("\n".join(texts))
    printed = read_csv(run("words", tmp_path / "in.txt", "--min-documents", 2))
    assert printed == [HEADER, *rows(texts, min_documents=2)]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".csv.gz"])
def test_the_result_is_a_file_of_terms(tmp_path: Path, suffix: str) -> None:
    """Also after rows were deleted."""
    source = written(tmp_path, "in", {"text": TEXTS}, ".parquet")
    run("words", source, "--ngrams", "1-2", "--top", 9, "-o", tmp_path / f"words{suffix}")
    terms = cg.frequencies(TEXTS, ngrams=(1, 2), top=9).terms
    assert cg.read_lexicon(tmp_path / f"words{suffix}") == terms
    printed = run("count", source, "--terms", tmp_path / f"words{suffix}", "--missing", "zero")
    assert read_csv(printed) == [terms, *([str(n) for n in row] for row in cg.count(TEXTS, terms).tolist())]


def test_other_tables_of_counts_are_still_ambiguous(tmp_path: Path) -> None:
    for content in ("term,count\na,1\n", "term,documents,count\na,1,2\n", "word,count,documents\na,1,2\n"):
        (tmp_path / "a.csv").write_text(content)
        with pytest.raises(ValueError, match="a column 'count' of numbers; name it weight"):
            cg.read_lexicon(tmp_path / "a.csv")
    (tmp_path / "a.csv").write_text("term,count,documents\na,x,\nb,,x\n")
    assert cg.read_lexicon(tmp_path / "a.csv") == {"count": ["a"], "documents": ["b"]}
    (tmp_path / "a.csv").write_text("term,count,documents\n")
    assert cg.TermCounter(cg.read_lexicon(tmp_path / "a.csv")).columns in ([], ["count", "documents"])


def test_english_in_a_file_is_a_word(tmp_path: Path) -> None:
    (tmp_path / "stop.txt").write_text("english\n")
    typed = ["words", "-", "--stop-words", "stop.txt", "--stop-words", "english"]
    assert run(*typed, stdin=b"the english cat", cwd=tmp_path) == "term,count,documents\ncat,1,1\n"


def test_stop_words_that_are_not_words(tmp_path: Path) -> None:
    (tmp_path / "stop.txt").write_text("don't\nthe\n")
    done = subprocess.run(
        [COMMAND, "words", "-", "--stop-words", "stop.txt"], input=b"the don't\n", capture_output=True, cwd=tmp_path
    )
    assert done.stdout == b"term,count,documents\ndon,1,1\nt,1,1\n"
    assert done.stderr.decode() == (
        'countgrid: the stop word "don\'t" is not one word, so it has no effect;'
        " split it, or pass --word-chars ''\"'\"''\n"
    )
    assert run("words", "-", "--stop-words", "stop.txt", "--word-chars", "'", stdin=b"the don't\n", cwd=tmp_path)


ERRORS = [
    (["in.txt", "--ngrams", "2-1"], 2, "'2-1' is not a number of words, such as 2, or a range, such as 1-2"),
    (["in.txt", "--ngrams", "0"], 2, "'0' is not a number of words"),
    (["in.txt", "--ngrams", "1,2"], 2, "'1,2' is not a number of words"),
    (["in.txt", "--ngrams", "\uff12"], 2, "'\uff12' is not a number of words"),
    (["in.txt", "--ngrams", "1-٢"], 2, "'1-٢' is not a number of words"),
    (["in.txt", "--min-documents", "0.5"], 2, "'0.5' is not a valid integer"),
    (["in.txt", "--min-documents", "0"], 2, "0 is not in the range"),
    (["in.txt", "--top", "-1"], 2, "-1 is not in the range"),
    (["in.txt", "--word-chars", "- "], 2, "--word-chars '- ' contains whitespace; expected characters"),
    (["in.txt", "--stop-words", "german"], 1, "german: No such file or directory"),
    (["in.txt", "--stop-words", "bad.json"], 1, "bad.json, line 1"),
    (["-", "--stop-words", "-"], 2, "INPUT and --stop-words are both standard input; it can be read only once"),
    (["in.txt", "--stop-words", "-", "--stop-words", "-"], 2, "--stop-words is twice standard input"),
    (["in.txt", "-o", "out.npz"], 2, "words are a table, which npz cannot contain; pass another format"),
    (["in.txt", "-o", "in.txt"], 2, "in.txt: unknown suffix '.txt'; pass --output-format"),
    (["in.csv", "-o", "in.csv"], 2, "--output in.csv would overwrite the input in.csv; write to another file"),
    (
        ["in.txt", "--stop-words", "in.csv", "-o", "in.csv"],
        2,
        "--output in.csv would overwrite the file of --stop-words, in.csv; write to another file",
    ),
    (["in.csv", "-c", "x"], 1, "in.csv: no column 'x'"),
    (["in.txt", "--term", "a"], 2, "No such option"),
    ([], 2, "Missing argument 'INPUT...'; see countgrid words --help"),
]


@pytest.mark.parametrize(("typed", "code", "said"), ERRORS)
def test_errors(tmp_path: Path, typed: list[str], code: int, said: str) -> None:
    (tmp_path / "in.txt").write_text("the cat\n")
    (tmp_path / "in.csv").write_text("text\nthe cat\n")
    (tmp_path / "bad.json").write_text("[")
    before = sorted(tmp_path.iterdir())
    assert said in run("words", *typed, cwd=tmp_path, code=code)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("command", [["words"], ["totals", "-t", "a"]])
@pytest.mark.parametrize("output", ["out.foo", "out", "out.foo.gz"])
def test_only_formats_of_tables_are_named(tmp_path: Path, command: list[str], output: str) -> None:
    (tmp_path / "in.txt").write_text("the cat\n")
    said = run(*command, "in.txt", "-o", output, cwd=tmp_path, code=2)
    assert "pass --output-format parquet|csv|tsv|arrow|arrows; see countgrid" in said


def test_quotes_and_commas_in_terms(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text('a,b "c"\n')
    printed = run("words", "in.txt", "--word-chars", ',"', cwd=tmp_path)
    assert list(csv.reader(printed.splitlines())) == [HEADER, ['"c"', "1", "1"], ["a,b", "1", "1"]]
