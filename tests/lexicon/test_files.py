"""Files of lexicons: paths, suffixes and formats, encodings, and files that are not text."""

import bz2
import gzip
import os
import re
from pathlib import Path
from threading import Thread

import countgrid as cg
import pytest

# Accepted arguments


def test_kinds_of_paths(write):
    path = write("a.csv", "a,b\nc,b")
    for same in (path, str(path), os.fsencode(path)):
        assert cg.read_lexicon(same) == {"b": ["a", "c"]}
    for wrong in (0, None, ["a.csv"]):
        with pytest.raises(TypeError):
            cg.read_lexicon(wrong)


def test_the_format_wins_over_the_suffix(write):
    path = write("a.csv", "a,b\nc,b")
    assert cg.read_lexicon(path, format="text") == ["a,b", "c,b"]
    assert cg.read_lexicon(path, format="csv") == cg.read_lexicon(path, format=None) == {"b": ["a", "c"]}
    assert cg.read_lexicon(path, format="tsv") == ["a,b", "c,b"]
    assert cg.read_lexicon(write("a.txt", "[x, y]"), format="yaml") == ["x", "y"]
    assert cg.read_lexicon(write("a.csv.txt", "a,b")) == ["a,b"]


def test_a_format_reads_another_suffix(write):
    assert cg.read_lexicon(write("words.lst", "happy\nsad\n"), format="text") == ["happy", "sad"]
    assert cg.read_lexicon(write("a.cat", "a,b\nc,b\n"), format="csv") == {"b": ["a", "c"]}
    with pytest.raises(FileNotFoundError):
        cg.read_lexicon("none/of/these.txt")


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"syntax": "globs"}, ["syntax", "'globs'", "'literal'", "'glob'", "'regex'"]),
        ({"syntax": None}, ["syntax", "None", "'literal'", "'glob'"]),
        ({"format": "yml"}, ["format", "'yml'", "'text'", "'csv'", "'tsv'", "'json'", "'dic'", "'dicx'", "'yaml'"]),
        ({"on_unsupported": "warn"}, ["on_unsupported", "'warn'", "'raise'", "'skip'"]),
        ({"format": ""}, ["format", "''"]),
        ({"encoding": "latin-99"}, ["encoding", "'latin-99'"]),
        ({"encoding": "hex"}, ["encoding", "'hex'"]),
    ],
    ids=repr,
)
def test_unknown_options(write, options, parts):
    with pytest.raises(ValueError, match=f"^{parts[0]} is ") as caught:
        cg.read_lexicon(write("a.txt", "a"), **options)
    assert all(part in str(caught.value) for part in parts)


def test_options_go_by_keyword(write):
    with pytest.raises(TypeError):
        cg.read_lexicon(write("a.txt", "a"), "literal")


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.dic"):
        cg.read_lexicon(tmp_path / "none.dic")
    with pytest.raises(IsADirectoryError):
        cg.read_lexicon(tmp_path)


#: Suffixes without a known format: the file's name, its content, the line, and parts of the message.
REFUSED = {
    "JSON Lines": ("a.jsonl", '{"a": "b"}\n', None, [".jsonl", "JSON Lines", "format="]),
    "a spreadsheet": ("a.XLSX", b"PK\x03\x04", None, [".xlsx", "spreadsheet", "CSV", "format="]),
    "Lexicoder": ("a.lc3", "+A\nmore\n", None, [".lc3", "Lexicoder", "format="]),
    "WordStat": ("a.cat", "SOUTH\n\tBW (1)\n", None, [".cat", "WordStat", "format="]),
    "Yoshikoder": ("a.ykd", "<?xml?>", None, [".ykd", "Yoshikoder", "format="]),
    "MPQA": ("subjclues.tff", "type=weaksubj len=1 word1=a\n", None, [".tff", "MPQA", "format="]),
    "another compression": ("mood.csv.xz", "a\n", None, [".xz files are not read", "decompress it", "gzip"]),
    "an archive": ("mood.ZIP", b"PK\x03\x04", None, [".ZIP files are not read", "unpack it"]),
    "a compressed archive": ("mood.tar.gz", b"\x1f\x8b\x08", None, [".tar files are not read", "unpack it"]),
    "another suffix": ("words.lst", "happy\n", None, [".lst", "format=", "text"]),
}


@pytest.mark.parametrize(("name", "content", "line", "parts"), REFUSED.values(), ids=REFUSED)
def test_suffixes_that_tell_no_format(refuses, name, content, line, parts):
    refuses(name, content, line, parts)


# Encodings


def test_another_encoding(write):
    path = write("a.dic", "%\r\n1\tgefühl\r\n%\r\nfröhlich*\t1\r\n".encode("latin-1"))
    for encoding in ("latin-1", "cp1252"):
        assert cg.read_lexicon(path, syntax="glob", encoding=encoding) == {"gefühl": ["fröhlich*"]}


@pytest.mark.parametrize(
    ("content", "encoding", "line", "byte"),
    [
        (b"a\nb\ncaf\xe9\n", "utf-8", 3, "0xe9"),
        (b"\xef\xbb\xbfa\r\ncaf\xe9", "utf-8", 2, "0xe9"),
        (b"a\rb\r\xff", "utf-8", 3, "0xff"),
        (b"a\n\x81", "cp1252", 2, "0x81"),
        (b"a\n\xc3", "utf-8", 2, "0xc3"),
        ("a\n\u010ab\n".encode("utf-16-le") + b"\x00\xdc", "utf-16-le", 3, "0x00"),
    ],
)
def test_bytes_of_another_encoding(write, content, encoding, line, byte):
    path = write("a.txt", content)
    with pytest.raises(ValueError, match=re.escape(f"{path}, line {line}: ")) as caught:
        cg.read_lexicon(path, encoding=encoding)
    assert all(part in str(caught.value) for part in (byte, encoding, "encoding="))


def test_content_says_how_it_is_opened(write):
    content = "%\r\n1\tgefühl\r\n%\r\nfröhlich\t1\r\n"
    expected = {"gefühl": ["fröhlich"]}
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        data = content.encode(encoding)
        assert cg.read_lexicon(write("a.dic", data)) == expected
        assert cg.read_lexicon(write("a.dic", data), encoding="cp1252") == expected
    for suffix, compress in {"gz": gzip.compress, "bz2": bz2.compress}.items():
        assert cg.read_lexicon(write(f"a.dic.{suffix}", compress(data))) == expected
        assert cg.read_lexicon(write("a.dic", compress(data))) == expected
        with pytest.raises(ValueError, match=r"\.lst.*format="):
            cg.read_lexicon(write(f"a.lst.{suffix}", compress(data)))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\3\4 and more", "ZIP"),
        (b"PAR1\x15\0", "Parquet"),
        ("happy".encode("utf-16-le"), "encoding='utf-16-le'"),
        (bytes(range(256)), "binary"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.json", "a.dic", "a"])
def test_content_that_is_not_text(write, content, what, name):
    path = write(name, content)
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))}: .*{what}"):
        cg.read_lexicon(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_named_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = Thread(target=path.write_text, args=["happy\nsad\n"])
    writer.start()
    assert cg.read_lexicon(path) == ["happy", "sad"]
    writer.join()


def test_a_folder(tmp_path):
    with pytest.raises(OSError, match=re.escape(tmp_path.name)):
        cg.read_lexicon(tmp_path)


def test_an_error_has_the_path_as_given(write, monkeypatch):
    monkeypatch.chdir(write("a.json", "[3]").parent)
    for path in ("a.json", b"a.json", Path("a.json")):
        with pytest.raises(ValueError, match=r"^a\.json, line 1: "):
            cg.read_lexicon(path)
