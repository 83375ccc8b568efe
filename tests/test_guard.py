"""Every function that Python can call runs inside the guard that turns panics into exceptions."""

import re
from pathlib import Path

import pytest

BINDINGS = Path(__file__).parents[1] / "src/bindings"


def called_from_python():
    """The functions with PyO3 attributes, and the start of each body."""
    for path in sorted(BINDINGS.rglob("*.rs")):
        text = path.read_text(encoding="utf-8")
        parts = [match.start() for match in re.finditer(r"#\[(pymethods|pyfunction)\]", text)]
        for part in parts:
            # A block of methods, or a function, ends at the first line that begins with a brace.
            block = text[part : text.index("\n}\n", part)]
            for function in re.finditer(r"\n *(?:pub )?fn (\w+)[^{]*\{\s*(?=([^;{]*))", block):
                yield f"{path.name}: {function[1]}", function[2]


def test_the_functions_are_found():
    names = [name for name, _ in called_from_python()]
    assert {"plan.rs: count", "plan.rs: __hash__", "documents.rs: from_lines", "search.rs: search"} <= set(names)


@pytest.mark.parametrize(("name", "body"), list(called_from_python()))
def test_a_function_is_guarded(name, body):
    assert body.startswith("guarded("), f"{name} must do its work in `guarded`"
