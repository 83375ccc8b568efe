"""Untrusted lexicons: content that would take too much time or memory."""

import gzip
import os
import re

import countgrid as cg
import pytest

# Content that would take quadratic time if each line, word or category were compared with all earlier ones
LARGE = {
    "dic with a number again and again": ("a.dic", "%\n1\ta\n%\nx" + " 1" * 300_000, {"a": ["x"]}),
    "dic with numbers within": (
        "a.dic",
        "%\n1\ta\n%\nx" + " 1" * 300_000 + " x 1",
        {"a": ["x" + " 1" * 300_000 + " x"]},
    ),
    "dic with blanks within": ("a.dic", "%\n1\ta\n%\nx" + " " * 300_000 + "x 1", {"a": ["x" + " " * 300_000 + "x"]}),
    "dic with digits within": (
        "a.dic",
        "%\n1\ta\n%\nx " + "1" * 300_000 + "x 1",
        {"a": ["x " + "1" * 300_000 + "x"]},
    ),
    "dic with open brackets": ("a.dic", "%\n1\ta\n%\n" + "(a <a" * 100_000 + " 1", {"a": ["(a <a" * 100_000]}),
    "dic with brackets of signs": (
        "a.dic",
        "%\n1\ta\n%\n" + "(:)  <:>" * 50_000 + " 1",
        {"a": ["(:)  <:>" * 50_000]},
    ),
    "dic with many categories": (
        "a.dic",
        "%\n" + "".join(f"{i}\tc{i}\n" for i in range(50_000)) + "%\n",
        {f"c{i}": [] for i in range(50_000)},
    ),
    "CSV with many categories": (
        "a.csv",
        "term,category\n" + "".join(f"t,c{i}\n" for i in range(50_000)),
        {f"c{i}": ["t"] for i in range(50_000)},
    ),
    "a long term": ("a.txt", "a " * 1_000_000, ["a " * 999_999 + "a"]),
    "JSON with a long term": ("a.json", '["' + '\\"' * 300_000 + '"]', ['"' * 300_000]),
}


@pytest.mark.parametrize(("name", "content", "expected"), LARGE.values(), ids=LARGE)
def test_large_content(write, name, content, expected):
    assert cg.read_lexicon(write(name, content)) == expected


@pytest.mark.parametrize("cell", ["1" * 100_000 + "_", "1," * 50_000, "-" * 100_000, "1 " * 50_000 + "x"])
def test_cells_that_are_almost_numbers(refuses, cell):
    refuses("a.csv", f'a,"{cell}"\nb,x\n', 1, ["columns="])


def test_a_number_with_a_long_exponent(refuses):
    refuses("a.csv", f"a,1e{'1' * 100_000}\nb,1\n", 1, ["too large"])


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no such device")
def test_a_device_without_an_end():
    with pytest.raises(ValueError, match=r"^/dev/zero: .*binary"):
        cg.read_lexicon("/dev/zero")


def test_a_small_file_of_much_text(tmp_path):
    path = tmp_path / "a.txt.gz"
    some = gzip.compress(b"happy\n" * (1 << 20))
    path.write_bytes(some * 64)
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))}: more than 256 MB"):
        cg.read_lexicon(path)
