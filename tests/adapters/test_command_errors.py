"""Errors of the command `countgrid`: one line, the right exit code, and no output file."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from process import run, written

#: The exit code and the arguments; on the next line, part of the message. The fixture `folder` writes the files.
ERRORS = r"""
2 find a.csv -c text -t a --html x.html --width 3
    --html shows whole texts; leave out --width and --color
1 count none.csv -t a
    none.csv: no such file
1 count *.none -t a
    *.none: no file matches
1 count sub.csv -t a
    sub.csv: no file in this directory has a known suffix; pass --format
2 count data.bin -t a
    data.bin: unknown suffix; pass --format parquet|csv|
2 count - - --format csv -t a
    standard input is given twice
1 count a.csv -c x -t a
    a.csv: no column 'x'; there are 'id', 'text'
1 count a.parquet -c x -t a
    a.parquet: no column 'x'; there are 'id', 'text'
1 count a.jsonl -c x -t a
    a.jsonl: no column 'x'; there are 'id', 'text'
1 count a.txt -c x -t a
    a.txt: no column 'x'; there are 'text'
1 count a.csv -c text --keep x -t a
    a.csv: no column 'x'; there are 'id', 'text'
1 count a.csv -t a
    a.csv: pass --column to say which column has the documents; there are 'id'
1 count twice.csv -c text -t a
    twice.csv: 2 columns are named 'text'; expected one
1 count a.parquet -c id -t a
    a.parquet: column 'id' is int64; expected text
1 count a.jsonl -c id -t a
    a.jsonl: row 1: column 'id' is 1; expected text
1 count a.jsonl mixed.jsonl -c text -t a --keep id
    mixed.jsonl: row 2: column 'id' is 1.5; expected int64, as in the rows before
1 count a.parquet a.csv -c text --keep id -t a
    a.csv: column 'id' is string; expected int64, as in a.parquet
1 count empty.csv -t a
    empty.csv: is empty; expected a row of column names
1 count fields.csv -c text -t a
    fields.csv: row 2 (line 3): the number of fields is 3; expected 2, as in the first row; or pass --on-error
1 count few.csv -c text -t a
    few.csv: row 2 (line 4): the number of fields is 1; expected 2, as in the first row
1 count after.csv -c text -t a
    after.csv: row 2 (line 4): text after a closing quote; double the quotes within a field, or pass --quote none
1 count after.csv -c id -t a
    after.csv: row 2 (line 4): text after a closing quote
1 count space.csv -c text -t a
    space.csv: row 1 (line 2): text after a closing quote
1 count merged.tsv -c text -t a --quote "
    merged.tsv: row 1 (line 2): text after a closing quote
1 count merged.csv -c text -t a
    merged.csv: row 1 (line 2): text after a closing quote
1 count quoted.tsv -c text -t a
    quoted.tsv: row 1 (line 2): the number of fields is 1; expected 2, as in the first row; pass --quote '"'
1 count semicolon.csv -c text -t a
    semicolon.csv: the first row has one name, 'id;text'; pass --delimiter ';', or --delimiter ','
1 count semicolon2.csv -c text -t a
    semicolon2.csv: the first row has one name, '"id";"text"'; pass --delimiter ';', or --delimiter ','
1 count semicolon2.csv --no-header -t a
    semicolon2.csv: the first row has one field, '"id";"text"'; pass --delimiter ';', or --delimiter ','
1 count semicolon.csv --no-header -c 1 -t a
    semicolon.csv: the first row has one field, 'id;text'; pass --delimiter ';', or --delimiter ','
1 count tabs.csv --no-header -t a
    tabs.csv: the first row has one field, 'id\ttext'; pass --delimiter '\t', or --delimiter ','
1 count bars.csv --no-header -t a
    bars.csv: the first row has one field, 'id|text'; pass --delimiter '|', or --delimiter ','
1 count commas.tsv --no-header -t a
    commas.tsv: the first row has one field, 'id,text'; pass --delimiter ',', or --delimiter '\t'
1 count commas.tsv -t a
    commas.tsv: the first row has one name, 'id,text'; pass --delimiter ',', or --delimiter '\t'
1 count semicolon.csv -t a
    semicolon.csv: the first row has one name, 'id;text'; pass --delimiter ';'
1 count tabs.csv -c text -t a
    tabs.csv: the first row has one name, 'id\ttext'; pass --delimiter '\t'
1 count names.csv -c text -t a
    names.csv: the first row has a quote that is never closed
1 count a.csv --no-header -c text -t a
    a.csv: no column 'text'; there are '1', '2'
1 count a.csv --no-header -t a
    a.csv: pass --column to say which column has the documents; there are '1', '2'
1 count empty.csv --no-header -t a
    empty.csv: is empty; expected a row
2 count a.jsonl --no-header -c text -t a
    --no-header is for CSV and TSV, not for a.jsonl
2 count a.parquet -c text -t a --on-error skip
    --on-error skip is for CSV, TSV and JSON, not for a.parquet
2 count a.csv a.arrow -c text -t a --on-error skip
    --on-error skip is for CSV, TSV and JSON, not for a.arrow
2 totals a.txt -t a --on-error skip
    --on-error skip is for CSV, TSV and JSON, not for a.txt
2 find - -t a --on-error skip
    --on-error skip is for CSV, TSV and JSON, not for standard input
2 totals a.csv -c text -t a -t b -t a
    columns 0 and 2 would both be named 'a'; remove a term, or pass --name for each; see countgrid totals --help
2 totals a.csv -c text -t a -t b --name x --name x
    columns 0 and 1 would both be named 'x'; pass another --name; see countgrid totals --help
1 totals a.csv -c text --terms twice.txt
    countgrid: columns 0 and 1 would both be named 'a'; remove a term, or pass --name for each
2 totals a.csv -c text --terms twice.txt --name x
    --name gives 1 names; expected one for each of 2 columns
1 count a.csv -c text --terms twice.txt --name id --name x --keep id
    two columns would be named 'id'
2 find a.csv -c text -t a --term= -t b
    --term '' is empty; a term needs
2 find a.csv -c text -t [ --syntax regex
    --term '[' is not a valid regular expression
2 count a.txt --quote none -t a
    --quote is for CSV and TSV, not for a.txt
2 count a.csv -c text --quote , -t a
    a.csv: quote and delimiter are both ','; pass another --quote or --delimiter
2 count a.csv -c text --quote ab -t a
    'ab' is not one ASCII character
1 count bytes.csv -c text -t a
    bytes.csv: row 2 (line 3): column 'text' is not valid UTF-8; pass its --encoding, such as cp1252
1 count open.csv -c text -t a
    open.csv: row 2 (line 3) has a quote that is never closed
1 count open.csv -c id -t a
    open.csv: row 2 (line 3) has a quote that is never closed
1 count open2.csv -c id -t a
    open2.csv: row 1 (line 2) has a quote that is never closed
1 count bytes.jsonl -t a
    bytes.jsonl: row 1: not valid UTF-8: invalid start byte; pass its --encoding
1 count bytes.txt -t a --keep text
    bytes.txt: row 2: not valid UTF-8, so it cannot be copied; pass its --encoding
1 count broken.jsonl -c text -t a
    broken.jsonl: row 2: not JSON: Expecting
1 count late.jsonl -c text -t a
    late.jsonl: row 1102: not JSON: Expecting value
1 count numbers.json -t a
    numbers.json: row 1: 1; expected an object
1 count more.json -t a
    more.json: text after the array; expected one array
1 count cut.json -t a
    cut.json: the array ends too early, after row 1
1 count cut2.json -t a
    cut2.json: row 2: not JSON: Expecting
1 count comma.json -t a
    comma.json: row 1: expected ',' or ']' after it in its array
1 count pretty.json -t a
    pretty.json: row 2: not JSON: Expecting ',' delimiter; expected one object per line, or an array of objects
1 count bytes.json -t a
    bytes.json: row 1 or later: 'utf-8' codec can't decode byte 0xff in position 11: invalid start byte; pass
1 count list.jsonl -t a
    list.jsonl: row 2: column 'text' is ["x"]; expected text; or pass --on-error skip
1 count a.csv -c text --terms none.json
    none.json: contains no terms; expected at least one
1 count a.csv --format parquet -c text -t a
    countgrid: a.csv: is text, not Parquet; pass --format csv, tsv, jsonl or text
1 count a.csv --format arrow -c text -t a
    countgrid: a.csv: is text, not Arrow IPC; pass --format csv, tsv, jsonl or text
1 count wide2.txt --format arrow -c text -t a
    countgrid: wide2.txt: is text, not Arrow IPC; pass --format csv, tsv, jsonl or text
1 count a.arrow --format parquet -c text -t a
    countgrid: a.arrow: is Arrow IPC, not Parquet; pass --format arrow
1 count json.csv -t a
    countgrid: json.csv: is JSON, not CSV: the first line is an object; pass --format jsonl
1 count json.csv --no-header -t a
    countgrid: json.csv: is JSON, not CSV: the first line is an object; pass --format jsonl
1 count a.jsonl --format tsv -c text -t a
    countgrid: a.jsonl: is JSON, not TSV: the first line is an object; pass --format jsonl
1 count a.parquet --format arrow -c text -t a
    countgrid: a.parquet: is Parquet, not Arrow IPC; pass --format parquet
1 count zip.parquet -c text -t a
    countgrid: zip.parquet: is a ZIP archive (or .xlsx, .docx), not Parquet; unpack it, and pass the files in it
1 count old.feather -c text -t a
    countgrid: old.feather: is a Feather file, not Arrow IPC; read it as a table
1 count csv.parquet.gz -c text -t a
    countgrid: csv.parquet.gz: is text, not Parquet; pass --format csv
1 count zeros.parquet -c text -t a
    countgrid: zeros.parquet: is not Parquet; copy it again, or pass its --format
1 count empty.csv --format parquet -t a
    countgrid: empty.csv: is empty; expected Parquet
1 count empty.csv --format arrow -t a
    countgrid: empty.csv: is empty; expected Arrow IPC
1 count cut.parquet -c text -t a
    cut.parquet: Parquet magic bytes not found in footer
1 count cut.arrow -c text -t a
    cut.arrow:
1 count no.csv.gz -c text -t a
    no.csv.gz:
2 count a.csv -c text
    pass terms with either --terms FILE or --term TERM
2 count a.csv -c text -t a --terms a.txt
    pass terms with either --terms FILE or --term TERM
2 count a.csv -c text -t a --terms-format csv
    --terms-format, --terms-encoding and --terms-columns are for --terms FILE
1 count a.csv -c text --terms none.txt
    none.txt: No such file or directory
2 count a.csv -c text -t a --term=
    --term '' is empty; a term needs at least one character
2 count a.csv -c text -t ( --syntax regex
    --term '(' is not a valid regular expression: unclosed group
2 count a.csv -c text -t ( -t a -t a* --syntax regex
    unclosed group, at position 0; --term 'a*' can match the empty string
1 count a.csv -c text --terms bad.json
    bad.json, line 3: Expecting value
1 count a.csv -c text --terms bytes.txt
    bytes.txt, line 2: the byte 0xff at offset 2 is not valid utf-8
2 count a.csv -c text -t a --match token --word-chars -
    --word-chars - is not allowed with --match token: a token is between whitespace
2 count a.csv -c text -t a --strip-accents --syntax regex
    --strip-accents is not allowed with --syntax regex: it would have to change what the expressions mean
2 count a.csv -c text -t a --overlap longest --syntax regex
    --overlap longest is not allowed with --syntax regex: which match is found depends on how the expression is
2 count a.csv -c text -t a --match wort
    Invalid value for '--match': 'wort' is not one of 'word', 'adaptive', 'substring', 'token'; see
2 count
    Missing argument 'INPUT...'; see countgrid count --help
2 cuont
    No such command 'cuont'
2 count a.csv -c text -t a --name x --name y
    --name gives 2 names; expected one for each of 1 columns
1 count a.csv -c text --terms surrogate.json
    the name '\ud800' cannot be written as UTF-8; pass --name
2 count a.csv -c text -t a -t a
    columns 0 and 1 would both be named 'a'; remove a term, or pass --name for each
2 count cut.parquet -t id --keep id
    two columns would be named 'id'; pass --prefix or --name
2 count a.csv -c text -t a --keep id --keep id
    two columns would be named 'id'
2 count a.csv -c text -t a --long --keep count
    two columns would be named 'count'
2 count a.csv -c text -t a --id id
    --id is for --long
2 count a.csv -c text -t a --long --id id --keep id
    --id and --keep both name 'id'
2 count a.csv -c text -t a --long -o x.npz
    npz contains only a matrix
2 totals a.csv -c text -t a -o x.npz
    totals are a table
2 count a.csv -c text -t a -o x.bin
    x.bin: unknown suffix '.bin'; pass --output-format parquet|csv|tsv|arrow|arrows|npz, or -o x.bin/ for a directory
2 count a.csv -c text -t a -o counts
    counts: no suffix; pass --output-format parquet|csv|tsv|arrow|arrows|npz, or -o counts/ for a directory
2 count a.csv -c text -t a -o counts/ --part 0/٢
    '0/٢' is not I/N with I from 0 to N - 1
2 count a.csv -c text -t a -o counts/ --part 0/9999999999999999999
    '0/9999999999999999999' is not I/N with I from 0 to N - 1
2 count a.csv -c text -t a -o counts --part 0/2
    --resume and --part are for a directory; pass -o DIR/, with a slash at the end
2 totals a.csv -c text -t a -o counts
    counts: no suffix; pass --output-format parquet|csv|tsv|arrow|arrows; see
2 count a.csv -c text -t a -o x.parquet.gz
    only csv and tsv can be compressed; remove .gz
1 count a.csv -c text -t a -o none/x.csv
    none/x.csv: No such file or directory
2 count a.csv -c text -t a -o sub.csv
    sub.csv is a directory; pass -o FILE, or -o sub.csv/ for a directory
2 totals a.csv -c text -t a -o sub.csv
    sub.csv is a directory; pass -o FILE
1 count a.csv -c text -t a -o /dev/full --output-format csv
    /dev/full: No space left on device
1 count a.csv -c text -t a -o /dev/full --output-format parquet
    /dev/full: No space left on device
1 count a.txt -t a -o /dev/full --output-format npz
    /dev/full: No space left on device
1 count list.parquet -c text -t a --keep list
    column 'list' is list<element: int64>, which cannot be written as CSV
1 count list.parquet -c text -t a --keep bytes
    column 'bytes' is binary, which cannot be written as CSV
1 count many.txt -t a --dtype int8
    many.txt, row 2: int8 cannot represent the count 200 of 'a'; pass a wider --dtype
2 count a.csv -c text -t a --workers 0
    0 is not in the range
2 count a.csv -c text -t a --encoding x
    'x' is not one of Python's text encodings
2 count a.csv -c text -t a --encoding rot13
    'rot13' is not one of Python's text encodings
2 count a.csv -c text -t a --encoding idna
    'idna' is not one of Python's text encodings, such as 'cp1252' or 'utf-16'
2 count a.csv -c text --terms a.txt --terms-encoding hex
    'hex' is not one of Python's text encodings
2 find a.csv -c text -t a --width 99999999999999999999
    99999999999999999999 is not in the range
2 count a.parquet -c text -t a --encoding utf-8
    --encoding is for CSV, TSV, JSON and text
2 count a.csv -c text -t a --delimiter ab
    'ab' is not one ASCII character
2 count a.txt -t a --delimiter ;
    --delimiter is for CSV and TSV, not for a.txt
1 search none.txt a
    none.txt: No such file or directory
1 count wide.txt -t a
    countgrid: wide.txt: looks like UTF-16-LE without a byte-order mark; pass --encoding utf-16-le
1 count a.parquet --format text -t a
    countgrid: a.parquet: is a Parquet file, not text; read it as a table
1 search a.parquet a
    countgrid: a.parquet: is a Parquet file, not text; read it as a table
1 search no.csv.gz a
    countgrid: no.csv.gz: has the suffix .gz, but is not gzip
1 search wide.txt a
    countgrid: wide.txt: looks like UTF-16-LE without a byte-order mark; pass --encoding utf-16-le
1 search bytes.txt a --encoding ascii
    countgrid: bytes.txt, line 2: the byte 0xff at offset 2 is not valid ascii
2 search a.txt a --encoding rot13
    'rot13' is not one of Python's text encodings
1 count bytes2.jsonl -t a
    bytes2.jsonl: row 1101: not valid UTF-8: invalid start byte; pass its --encoding
"""


def cases() -> list[tuple[int, str, str]]:
    """Exit code, arguments, and part of the message."""
    lines = ERRORS.strip().splitlines()
    return [(int(typed[0]), typed[2:], said.strip()) for typed, said in zip(lines[::2], lines[1::2], strict=True)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("errors")
    for suffix in [".csv", ".parquet", ".jsonl", ".txt", ".arrow"]:
        written(folder, "a", {"id": [1, 2], "text": ["a", "b"]}, suffix)
    for name in ["cut.parquet", "cut.arrow"]:
        data = (folder / f"a.{name[4:]}").read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])
    files = {
        "data.bin": b"a",
        "empty.csv": b"",
        "twice.csv": b"text,text\na,b\n",
        "fields.csv": b"id,text\n1,a\n2,b,c\n",
        "bytes.csv": b"id,text\n1,a\n2,\xff\n",
        "bytes.jsonl": b'{"text": "\xff"}\n',
        "bytes.txt": b"a\n\xff\n",
        "wide.txt": "a\n".encode("utf-16-le"),
        "bytes2.jsonl": b'{"text": "a"}\n' * 1100 + b'{"text": "\xff"}\n',
        "open.csv": b'id,text\n1,a\n2,"b\n3,c\n',
        "open2.csv": b'text,id\n"a\n3,c\n',
        "mixed.jsonl": b'{"id": 1, "text": "a"}\n{"id": 1.5, "text": "a"}\n',
        "few.csv": b"id,text\n1,a\n\n2\n",
        "after.csv": b'id,text\n1,"a\nb"\n"2"3,c\n',
        "space.csv": b'id,text\n"1" ,a\n',
        "merged.csv": b'id,text\n1,"Hello the world\n2,the cat" said\n',
        "merged.tsv": b'id\ttext\n1\t"Hello the world\n2\tthe cat" said\n',
        "quoted.tsv": b'id\ttext\n"1\n2"\ta\n',
        "semicolon.csv": b"id;text\n1;a\n",
        "semicolon2.csv": b'"id";"text"\n1;a\n',
        "tabs.csv": b"id\ttext\n1\ta\n",
        "twice.txt": b"a\na\n",
        "wide2.txt": "text\n".encode("utf-16"),
        "zip.parquet": b"PK\x03\x04" + bytes(100),
        "old.feather": b"FEA1" + bytes(100),
        "csv.parquet.gz": gzip.compress(b"id,text\n1,a\n"),
        "zeros.parquet": bytes(100),
        "json.csv": b'{"text": "a"}\n{"text": "b"}\n',
        "bars.csv": b"id|text\n1|a\n",
        "commas.tsv": b"id,text\n1,a\n",
        "names.csv": b'id,"text\n1,a\n',
        "numbers.json": b"[1, 2]",
        "more.json": b'[{"text": "a"}] [{"text": "a"}]',
        "cut.json": b'[{"text": "a"}, ',
        "cut2.json": b'[{"text": "a"}, {"text"',
        "comma.json": b'[{"text": "a"} {"text": "a"}]',
        "pretty.json": b'{\n"text": "a"}\n{"text": "a"\n"b": 1}\n' + b'{"text": "a"}\n' * 9,
        "bytes.json": b'[{"text": "\xff"}]',
        "list.jsonl": b'{"text": "a"}\n{"text": ["x"]}\n',
        "none.json": b"{}",
        "broken.jsonl": b'{"text": "a"}\n{"text": "b"\n',
        "late.jsonl": b'{"text": "a"}\n' * 1101 + b"x\n",
        "no.csv.gz": b"id,text\n1,a\n",
        "surrogate.json": b'["\\ud800"]',
        "bad.json": b'["a",\n\n',
        "many.txt": b"a\n" + b"a " * 200,
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "sub.csv").mkdir()
    pa.parquet.write_table(pa.table({"text": ["a"], "list": [[1]], "bytes": [b"\xff"]}), folder / "list.parquet")
    return folder


@pytest.mark.parametrize(("code", "typed", "said"), cases())
def test_error(folder: Path, code: int, typed: str, said: str) -> None:
    before = sorted(folder.iterdir())
    assert said in run(*typed.split(), cwd=folder, code=code)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("term", "said"), [("", "TERM is empty; a term needs"), (" ", "TERM contains only whitespace")]
)
def test_a_search_for_nothing(folder: Path, term: str, said: str) -> None:
    """The message is about the term, not the file."""
    errors = run("search", "a.txt", term, cwd=folder, code=2)
    assert errors.startswith(f"countgrid: {said}")
    assert errors.endswith("; see countgrid search --help\n")


def test_an_invalid_term_on_the_command_line(folder: Path) -> None:
    said = run("count", "a.txt", "-t", "a", "-t", "(" * 500, "--syntax", "regex", cwd=folder, code=2)
    assert said.startswith(f"countgrid: --term '{'(' * 40}")
    assert "...' is not a valid regular expression: unclosed group" in said
    said = run("count", "a.txt", "-t", "a", "--word-chars", "- ", cwd=folder, code=2)
    assert said.startswith("countgrid: --word-chars '- ' contains whitespace; expected characters")


def test_the_old_output_stays(tmp_path: Path) -> None:
    """The last row is faulty, which is noticed after most of the output has been written."""
    (tmp_path / "in.csv").write_text("id,text\n" + "1,the cat sat on the mat\n" * 400_000 + "1,a,b\n")
    for output in ["out.csv", "out.parquet", "out.arrow"]:
        (tmp_path / output).write_text("old")
        said = run("count", "in.csv", "-c", "text", "-t", "the", "-o", output, cwd=tmp_path, code=1)
        assert "in.csv: row 400001 (line 400002): the number of fields is 3; expected 2, as in the first row" in said
        assert (tmp_path / output).read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.arrow", "out.csv", "out.parquet"]


def test_a_quote_that_is_never_closed_in_a_pipe() -> None:
    content = b'text\n"' + b"the cat\n" * 3_000_000
    said = run("count", "-", "--format=csv", "-t=the", stdin=content, code=1)
    assert "standard input: row 1 (line 2) has a quote that is never closed; pass --quote none" in said


@pytest.mark.parametrize("module", ["click", "pyarrow"])
def test_without_the_extra(tmp_path: Path, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulates that the package is not installed."""
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.modules[{module!r}] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    said = run("count", "a.csv", code=1)
    assert said == f"countgrid: the command needs {module}; pip install {module}\n"
