"""The command reads text, tables and lexicons in every encoding and compression."""

import json
import os
import re
import subprocess
import threading
from pathlib import Path

import countgrid as cg
import pytest
from click import ClickException
from countgrid._command.commands import countgrid
from countgrid._command.ending import as_typed
from countgrid._errors import spelled
from openings import COMPRESS, EMPTY, FILES, NOT_TEXT, TEXT, THE
from process import COMMAND, run

#: The lines of `TEXT` in each format, and the options to read them.
LINES = TEXT.replace("\r", "").split("\n")
FORMATS: dict[str, tuple[str, list[str]]] = {
    "text": (TEXT, []),
    "csv": ("id,text\r\n" + "".join(f'{i},"{line}"\r\n' for i, line in enumerate(LINES)), ["-c", "text"]),
    "tsv": ("id\ttext\n" + "".join(f"{i}\t{line}\n" for i, line in enumerate(LINES)), ["-c", "text"]),
    "jsonl": ("".join(json.dumps({"text": line}, ensure_ascii=False) + "\n" for line in LINES), []),
}
ENCODED = {
    "UTF-8": lambda text: (text.encode(), None),
    "UTF-8 with a mark": lambda text: (text.encode("utf-8-sig"), None),
    "UTF-16": lambda text: (text.encode("utf-16"), None),
    "UTF-16 of big endian": lambda text: (("\ufeff" + text).encode("utf-16-be"), None),
    "UTF-32": lambda text: (text.encode("utf-32"), None),
    "UTF-16 without a mark": lambda text: (text.encode("utf-16-le"), "utf-16-le"),
    "GB 18030": lambda text: (text.encode("gb18030"), "gb18030"),
    **{
        f"{suffix} of UTF-16": lambda text, compress=compress: (compress(text.encode("utf-16")), None)
        for suffix, compress in COMPRESS.items()
    },
}


@pytest.fixture
def typed(capfdbinary, monkeypatch):
    """Run the command in this process. Returns its output."""

    def typed(*arguments: object) -> str:
        with spelled(as_typed):
            countgrid.main(list(map(str, arguments)), "countgrid", standalone_mode=False)
        return capfdbinary.readouterr().out.decode()

    return typed


def with_encoding(encoding: str | None, option: str = "--encoding") -> list[str]:
    return [] if encoding is None else [option, encoding]


@pytest.mark.parametrize(("name", "data", "encoding"), FILES.values(), ids=FILES)
def test_the_same_text(tmp_path: Path, typed, name: str, data: bytes, encoding: str | None) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    options = ["-t", "the", *with_encoding(encoding)]
    counts = cg.count(LINES, ["the"])[:, 0]
    assert typed("count", path, *options) == "".join(f"{count}\n" for count in ["the", *counts])
    assert typed("totals", path, *options, "-o", "-") == f"column,count,documents\nthe,{THE},{(counts > 0).sum()}\n"
    assert typed("find", path, *options).count("\n") == THE
    assert typed("search", path, "the", *with_encoding(encoding)) == f"{THE}\n"


@pytest.mark.parametrize("encoded", ENCODED.values(), ids=ENCODED)
@pytest.mark.parametrize(("form", "content", "options"), [(form, *row) for form, row in FORMATS.items()], ids=FORMATS)
def test_the_same_table(tmp_path: Path, typed, form: str, content: str, options: list[str], encoded) -> None:
    path = tmp_path / "a"
    data, encoding = encoded(content)
    path.write_bytes(data)
    terms = tmp_path / "terms.txt"
    terms.write_bytes(encoded("the\n日本\nsät\n")[0])
    options = [*options, "--format", form, *with_encoding(encoding)]
    printed = typed("count", path, *options, "--terms", terms, *with_encoding(encoding, "--terms-encoding"))
    expected = cg.count(LINES, ["the", "日本", "sät"]).tolist()
    rows = [line.split(",") for line in printed.splitlines()]
    assert rows[0] == ["the", "日本", "sät"]
    # An empty field of TSV is missing, and has no counts.
    assert [[int(cell or 0) for cell in row] for row in rows[1:]] == expected


@pytest.mark.parametrize("encoded", ENCODED.values(), ids=ENCODED)
def test_standard_input(tmp_path: Path, encoded) -> None:
    for form in ("text", "csv"):
        content, options = FORMATS[form]
        data, encoding = encoded(content)
        done = subprocess.run(
            [COMMAND, "totals", "-", "--format", form, *options, "-t", "the", "-o", "-", *with_encoding(encoding)],
            input=data,
            capture_output=True,
            check=True,
        )
        assert done.stderr == b""
        assert done.stdout.decode().splitlines()[1] == f"the,{THE},4"


@pytest.mark.parametrize(("name", "data"), EMPTY.values(), ids=EMPTY)
def test_no_text(tmp_path: Path, typed, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert typed("count", path, "-t", "the") == "the\n"
    assert typed("search", path, "the") == "0\n"


@pytest.mark.parametrize(("name", "data", "encoding", "said"), NOT_TEXT.values(), ids=NOT_TEXT)
@pytest.mark.parametrize("form", ["text", "csv", "jsonl", "search"])
def test_files_that_are_not_text(
    tmp_path: Path, typed, form: str, name: str, data: bytes, encoding: str | None, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    arguments = ["search", path, "the"] if form == "search" else ["count", path, "--format", form, "-t", "the"]
    with pytest.raises(Exception, match=r"\S") as caught:
        typed(*arguments, *with_encoding(encoding))
    message = caught.value.format_message()
    assert message.count(str(path)) == 1
    assert message.startswith(str(path))
    if form == "jsonl" and "not valid" in said:
        said = "row 1"  # what comes before is not JSON
    assert re.sub("encoding='([^']*)'", r"--encoding \1", said) in message
    assert " encoding=" not in message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in its file system")
@pytest.mark.parametrize("name", ["plain", "utf-8 with a mark", "utf-16-le with a mark", "gz of UTF-16"])
def test_a_pipe_that_is_slow(tmp_path: Path, typed, name: str) -> None:
    """Byte by byte, so that the mark and the first characters arrive in parts."""
    suffixed, data, _ = FILES[name]
    path = tmp_path / suffixed
    os.mkfifo(path)

    def write() -> None:
        with open(path, "wb", buffering=0) as pipe:
            for i in range(len(data)):
                pipe.write(data[i : i + 1])

    writer = threading.Thread(target=write)
    writer.start()
    assert typed("totals", path, "-t", "the", "-o", "-").splitlines()[1] == f"the,{THE},4"
    writer.join()


def test_later_parts_of_a_text_are_text(tmp_path: Path, typed) -> None:
    """A format is detected at the beginning of a file, not at the beginning of later blocks."""
    path = tmp_path / "a.txt"
    n = (8192 + (8 << 20)) // 8  # a block follows the part that was looked at
    for later in (b"\x1f\x8b\x08", b"\xef\xbb\xbf", b"\0" * 100_000):
        path.write_bytes(b"the cat\n" * n + later + b" the\n")
        assert typed("totals", path, "-t", "the", "-o", "-").splitlines()[1] == f"the,{n + 1},{n + 1}"
        assert typed("search", path, "the") == f"{n + 1}\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [("a.csv.xz", ".xz files are not read; decompress it"), ("a.tar.gz", ".tar files are not read; unpack it")],
)
def test_other_compressions_and_archives(tmp_path: Path, typed, name: str, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"the\n")
    for arguments in (["totals", path, "-t", "the"], ["totals", "-", "--terms", path]):
        with pytest.raises(ClickException) as caught:
            typed(*arguments)
        assert caught.value.format_message().startswith(f"{path}: {said}")


def test_each_subcommand_takes_an_encoding() -> None:
    for name in countgrid.commands:
        assert "--encoding" in run(name, "--help"), name
