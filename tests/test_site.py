"""The links in all files of the documentation work.

`test_docs` runs the code on its pages, `test_recipes` the recipes. `make docs` builds the site and checks its links.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [
    ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "DESIGN.md", "benchmarks/README.md")
]
FILES += sorted((ROOT / "docs").glob("**/*.md"))

PAGES = sorted((ROOT / "docs").glob("*.md"))

BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
SOURCE = re.compile(r"`([\w./-]+\.(?:rs|py))`(?:, `(\w+)`:)?")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_links(file):
    """Links between files in the repository: paths, and anchors of headings."""
    text = re.sub(r"`[^`\n]*`", "", prose(file))
    for path, anchor in LINK.findall(text):
        target = (file.parent / path).resolve() if path else file
        assert target.exists(), f"{file.name} links to {path}"
        assert not anchor or anchor in anchors(target), f"{file.name} links to {path}#{anchor}"


def test_files_that_the_design_names():
    """A file is named by its path, or by a unique suffix of it. A name after it is defined in the file."""
    folders = (".ci", "benches", "benchmarks", "fuzz", "python", "src", "tests")
    files = [file.relative_to(ROOT).as_posix() for folder in folders for file in (ROOT / folder).rglob("*.*")]
    for path, name in sorted(set(SOURCE.findall(prose(ROOT / "DESIGN.md")))):
        named = [file for file in files if f"/{file}".endswith(f"/{path}")]
        assert len(named) == 1, f"{path} is {named or 'no file'}"
        defined = re.search(rf"\b(fn|struct|trait|def|class) {name}\b", (ROOT / named[0]).read_text(encoding="utf-8"))
        assert not name or defined, f"{path} does not define {name}"


CODE_WIDTH = 80


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_fits_the_column(page):
    """The output of commands can be longer: the site wraps it."""
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        printed = (
            re.sub(r"^\$ (?:.*\\\n)*.*", "", block, flags=re.MULTILINE) if block.startswith("```console") else ""
        )
        code = set(block.splitlines()) - set(printed.splitlines())
        assert [line for line in code if len(line) > CODE_WIDTH] == []


def prose(file: Path) -> str:
    """The text without code blocks."""
    return BLOCK.sub("", file.read_text(encoding="utf-8"))


def anchors(file: Path) -> set[str]:
    """The anchors of headings: lower case, hyphens for spaces, no punctuation."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(prose(file))}
