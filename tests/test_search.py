"""One term in one file, line by line."""
# ruff: noqa: RUF001 (ambiguous letters are intended)

import os
import random
import re
import threading
from pathlib import Path

import countgrid as cg
import pytest
from rules import occurrences, rust_lines

MATCHES = ["word", "adaptive", "token", "substring"]


def by_lines(data: bytes, term: str, match: str) -> int:
    return sum(occurrences(line.decode(errors="replace"), term, match) for line in rust_lines(data))


@pytest.fixture
def write(tmp_path):
    def write(data: bytes | str) -> Path:
        path = tmp_path / "text"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return write


TEXTS = {
    "empty": "",
    "one line": "the cat the",
    "lines": "the cat\nsat on the\nthe\n\nthe.\n",
    "carriage returns": "the cat\r\nthe\r\n\r\nthe",
    "carriage return at the end": "the\nthe\r",
    "phrase": "New York\nNew\nYork\nNew  York New\tYork\r\nNew\r\nYork",
    "self-overlapping": "aaa\naa\na\naaaa",
    "Unicode": "Катя the\u2028the\u3000the New\u3000York é e\u0301",
    "zeros": "the\0the\0\nthe",
}
TERMS = ["the", "cat", "New York", "aa", "Катя", ".", "é", "New\nYork", "the."]


@pytest.mark.parametrize("workers", [None, 1, 2])
@pytest.mark.parametrize("match", MATCHES)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_counts_line_by_line(write, text, match, workers):
    path = write(text)
    for term in TERMS:
        found = cg.search(path, term, match=match, workers=workers)
        assert type(found) is int
        assert found == by_lines(text.encode(), term, match), term


def test_token_is_the_default(write):
    assert cg.search(write("the the. (the) The"), "the") == 1
    assert cg.search(write("the the. (the) The"), "the", match="word") == 3


def test_ignore_case(write):
    path = write("the The THE\nКАТЯ катя \u212aelvin")
    assert cg.search(path, "the") == 1
    assert cg.search(path, "the", ignore_case=True) == 3
    assert cg.search(path, "Катя", ignore_case=True) == 2
    assert cg.search(path, "kelvin", ignore_case=True, match="word") == 1


def test_a_phrase_never_crosses_a_line(write):
    for text in ("New\nYork", "New\r\nYork", "New \n York", "\nNew\n\nYork\n"):
        for match in MATCHES:
            assert cg.search(write(text), "New York", match=match) == 0
    assert cg.search(write("New York\nNew\nYork"), "New York") == 1


@pytest.mark.parametrize("term", ["\n", "\r\n", "a\nb", "a\n", "\nb", "a\r\nb", "a\r"], ids=repr)
def test_line_ends_belong_to_no_line(write, term):
    assert cg.search(write("a\nb\r\na\r\nb\n"), term, match="substring") == 0


def test_a_carriage_return_within_a_line_is_a_character(write):
    assert cg.search(write("a\rb\na\r"), "\r", match="substring") == 2
    assert cg.search(write("a\r\r\n"), "\r", match="substring") == 1


def test_bytes_that_are_no_text(write):
    path = write(b"\xffthe the\n\xe2\x82the\n")
    assert cg.search(path, "the", match="word") == 3
    assert cg.search(path, "the", match="token") == 1
    assert cg.search(path, b"\xff", match="substring") == 1


@pytest.mark.parametrize("spell", [str, Path, os.fsencode], ids=["str", "PathLike", "bytes"])
def test_kinds_of_path(write, spell):
    assert cg.search(spell(write("the\nthe")), "the") == 2


def test_a_name_that_is_not_utf8(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff.txt"
    try:
        with open(path, "wb") as file:
            file.write(b"the the")
    except OSError:
        pytest.skip("this file system refuses names that are not UTF-8, so no such file can be searched")
    assert cg.search(path, "the") == 2
    assert cg.search(Path(os.fsdecode(path)), "the") == 2


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="none"):
        cg.search(tmp_path / "none", "the")
    with pytest.raises(IsADirectoryError):
        cg.search(tmp_path, "the")


@pytest.mark.parametrize("path", [None, 3.5, ["text"]], ids=repr)
def test_objects_that_are_not_paths(path):
    with pytest.raises(TypeError):
        cg.search(path, "the")


def test_bad_terms(write):
    path = write("the")
    with pytest.raises(ValueError, match="empty"):
        cg.search(path, "")
    with pytest.raises(ValueError, match="whitespace"):
        cg.search(path, " \t")
    for term in (None, 3.5, ["the"]):
        with pytest.raises((TypeError, ValueError)):
            cg.search(path, term)


def test_bad_options(write):
    path = write("the")
    with pytest.raises(ValueError, match="match"):
        cg.search(path, "the", match="words")
    for workers in (0, -1):
        with pytest.raises(ValueError, match="workers"):
            cg.search(path, "the", workers=workers)
    for call in (lambda: cg.search(path, "the", "token"), lambda: cg.search(path, "the", dtype="int8"), cg.search):
        with pytest.raises(TypeError):
            call()


@pytest.mark.parametrize("match", MATCHES)
@pytest.mark.parametrize("seed", range(2))
def test_a_file_cut_for_workers(write, match, seed):
    """With so many line ends and spaces that any split at a wrong position shows."""
    choose = random.Random(seed)
    pool = "".join(choose.choices(["a", "b", " ", "\n", "\r", "\r\n", "aa", "é", "\u3000"], k=20_000))
    data = (pool * 200).encode()[: -seed or None]
    path = write(data)
    unit = pool.encode()
    for term in ("aa", "a b", "é", "a", "\r"):
        if not term.strip() and match != "substring":
            continue
        # All joints of the repeated part are equal.
        one, two, last = (
            by_lines(part, term, match) for part in (unit, unit * 2, unit * 2 if not seed else (unit * 2)[:-seed])
        )
        expected = one + 198 * (two - one) + (last - one)
        found = {workers: cg.search(path, term, match=match, workers=workers) for workers in (1, 2, 3, None)}
        assert found == dict.fromkeys(found, expected), term


def test_one_long_line(write):
    path = write("the cat sat on the mat " * 1_000_000)
    for workers in (1, 2, None):
        assert cg.search(path, "the", workers=workers) == 2_000_000
        assert cg.search(path, "the cat", workers=workers) == 1_000_000
        assert cg.search(path, "at", match="substring", workers=workers) == 3_000_000


def test_a_large_file_of_prose(write):
    text = Path(re.__file__).read_text(encoding="utf-8") * 300
    path = write(text)
    expected = sum(line.split().count("the") for line in text.splitlines())
    assert expected > 1000
    assert {cg.search(path, "the", workers=workers) for workers in (1, 2, 5, None)} == {expected}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in its file system")
def test_a_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"the cat\n" * 50_000,))
    writer.start()
    assert cg.search(path, "the") == 50_000
    writer.join()


@pytest.mark.skipif(
    not Path("/proc/version").exists(), reason="only Linux has text files without a size, under /proc"
)
def test_a_file_of_size_zero_that_has_content():
    assert (
        cg.search("/proc/version", "Linux")
        == Path("/proc/version").read_text(encoding="utf-8").split().count("Linux")
        > 0
    )
