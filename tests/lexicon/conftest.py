"""Fixtures for tests of lexicons: write a file, check its content or its error."""

import re
from pathlib import Path

import countgrid as cg
import pytest


@pytest.fixture
def write(tmp_path):
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def reads(write):
    """Check the lexicon read from a file, with and without a byte-order mark, and that a counter accepts it."""

    def reads(name: str, content: str, expected: list | dict):
        path = write(name, content)
        lexicon = cg.read_lexicon(path)
        assert lexicon == expected
        assert list(lexicon) == list(expected), "categories in order"
        assert cg.TermCounter(lexicon, syntax="literal").columns == list(expected)
        write(name, "\ufeff" + content)
        for encoding in (None, "utf-8", "UTF8", "utf-8-sig"):
            assert cg.read_lexicon(path, encoding=encoding) == expected
        write(name, ("\ufeff" + content).encode("utf-16-le"))
        for encoding in (None, "utf-16", "utf-16-le"):
            assert cg.read_lexicon(path, encoding=encoding) == expected

    return reads


@pytest.fixture
def refuses(write):
    """Check the error about a file's content, for every syntax: it names the line, if any, and contains all parts."""

    def refuses(name: str, content: str | bytes, line: int | None, parts: list[str], **options: object):
        path = write(name, content)
        place = f"{path}, line {line}: " if line else f"{path}: "
        for syntax in ("literal", "glob"):
            with pytest.raises(ValueError, match="^" + re.escape(place)) as caught:
                cg.read_lexicon(path, syntax=syntax, **options)
            said = str(caught.value)[len(str(path)) :]
            assert all(part in said for part in parts), said
            assert len(said) < 400, "short"

    return refuses
