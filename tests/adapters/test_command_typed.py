"""Terms and names on the command line: UTF-8 in any locale, and bytes if they are not UTF-8."""

import os
import subprocess
import sys
from pathlib import Path

import countgrid as cg
import pytest
from click import ClickException, UsageError
from countgrid._command.commands import countgrid
from process import COMMAND

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has text on its command line, not bytes")

LATIN = "Le café, CAFÉ: caféier\nun café\nle the\n".encode("latin-1")
UTF8 = "Le café, CAFÉ: caféier\nun café\nle the\n".encode()
ASCII = {**os.environ, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
MATCHING = [[], ["--ignore-case"], ["--match", "substring"], ["--match", "token"], ["--syntax", "glob"]]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary):
    """Run the command in this process on bytes arguments, decoded as Python does. Returns its output."""
    (tmp_path / "latin.txt").write_bytes(LATIN)
    (tmp_path / "utf8.txt").write_bytes(UTF8)
    monkeypatch.chdir(tmp_path)

    def typed(*arguments: str | bytes) -> bytes:
        countgrid.main(list(map(os.fsdecode, arguments)), "countgrid", standalone_mode=False)
        return capfdbinary.readouterr().out

    return typed


@pytest.mark.parametrize("options", MATCHING, ids=" ".join)
@pytest.mark.parametrize("term", ["café", "caf\xe9".encode("latin-1"), b"\xe9", b"caf\xe9*"])
@pytest.mark.parametrize("name", ["latin.txt", "utf8.txt"])
def test_terms_that_are_typed(typed, name: str, term: str | bytes, options: list[str]) -> None:
    lines = Path(name).read_bytes().splitlines()
    matching = {"syntax": "literal"}
    if options[1:]:
        matching[options[0][2:]] = options[1]
    ignore_case = options == ["--ignore-case"]
    counter = cg.TermCounter([term, "the"], ignore_case=ignore_case, **matching)
    counts, totals = counter.count(lines), counter.totals(lines)
    shown = term if isinstance(term, str) else term.decode(errors="backslashreplace")
    rows = [",".join(map(str, row)) for row in counts]
    given = [name, "-t", term, "-t", "the", *options]
    assert typed("count", *given).decode().splitlines() == [f"{shown},the", *rows]
    found = typed("totals", *given, "-o", "-").decode().splitlines()[1:]
    assert sorted(found) == sorted(
        f"{name},{count},{documents}"
        for name, count, documents in zip([shown, "the"], totals.counts, totals.documents, strict=True)
    )
    assert typed("find", *given).count(b"\n") == counts.sum()
    if matching["syntax"] == "literal":
        match = matching.get("match", "token")
        searched = cg.search(name, term, match=match, ignore_case=ignore_case)
        assert int(typed("search", name, term, "--match", match, *options * ignore_case)) == searched


def test_bytes_are_found(typed) -> None:
    """A control: the counts above could all be zero."""
    term = "caf\xe9".encode("latin-1")
    assert typed("count", "latin.txt", "-t", term) == b"caf\\xe9\n1\n1\n0\n"
    assert typed("search", "latin.txt", term) == b"1\n"
    assert typed("search", "latin.txt", term, "--match", "substring") == b"3\n"
    assert typed("search", "utf8.txt", term, "--match", "substring") == b"0\n"
    assert typed("count", "utf8.txt", "-t", "CAFÉ", "--ignore-case") == "CAFÉ\n2\n1\n0\n".encode()


def test_an_expression_of_bytes(typed) -> None:
    with pytest.raises(ClickException) as caught:
        typed("count", "latin.txt", "-t", b"caf\xe9" * 40, "--syntax", "regex")
    assert r"--term 'caf\\xe9caf" in caught.value.message or "not valid UTF-8" in caught.value.message


def test_a_column_whose_name_is_not_utf8(typed) -> None:
    Path("a.csv").write_bytes("té,x\na,b\n".encode("latin-1"))
    for options in (["-c", b"t\xe9"], ["-c", "x", "--keep", b"t\xe9"]):
        with pytest.raises(ClickException, match="is not valid UTF-8; pass its --encoding"):
            typed("count", "a.csv", *options, "-t", "a")
    assert typed("count", "a.csv", "-c", "té", "-t", "a", "--encoding", "latin-1") == b"a\n1\n"


@pytest.mark.parametrize("option", ["--name", "--prefix"])
def test_names_that_are_not_utf8(typed, option: str) -> None:
    with pytest.raises(UsageError, match="is not valid UTF-8; type it in UTF-8"):
        typed("count", "utf8.txt", "-t", "a", option, b"caf\xe9")


def in_ascii(*arguments: str | bytes, code: int = 0) -> bytes:
    done = subprocess.run([COMMAND, *arguments], capture_output=True, env=ASCII, check=False)
    assert done.returncode == code, done.stderr
    return done.stderr if code else done.stdout


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS decodes the command line as UTF-8")
def test_in_a_locale_of_ascii(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("utf8.txt").write_bytes(UTF8)
    Path("latin.txt").write_bytes(LATIN)
    Path("a.csv").write_text("idé,té,x\né,LE CAFÉ,1\n", encoding="utf-8")
    assert in_ascii("search", "utf8.txt", "CAFÉ", "--match", "word", "--ignore-case") == b"3\n"
    assert in_ascii("search", "latin.txt", b"caf\xe9", "--match", "word") == b"2\n"
    printed = in_ascii("count", "a.csv", "-c", "té", "-t", "café", "--ignore-case", "--keep", "idé", "--prefix", "é")
    assert printed.decode() == "idé,écafé\né,1\n"
    printed = in_ascii("count", "a.csv", "-c", "té", "-t", "CAF", "--long", "--id", "idé", "--name", "ñ")
    assert printed == b"document,term,count\n"
    assert in_ascii("count", "utf8.txt", "-t", "caf", "--word-chars", "é") == b"caf\n0\n0\n0\n"
