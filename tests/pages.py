"""Run the examples of a page or of a docstring.

`python` code blocks run one after another, in one namespace and an empty directory. A block with `>>>` is a doctest.
In others, comment lines after a statement show its value or output:

    cg.count(["the cat"], ["the"])
    # array([[1]], dtype=int32)

`console` blocks contain shell commands, each after a `$` and followed by its output. They run in the same directory
and must succeed. A line that ends with a backslash continues on the next.
"""

import ast
import contextlib
import doctest
import inspect
import io
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
#: Pages whose code needs an engine of `tests/engines`, which runs it.
OF_ENGINES = [DOCS / "daft.md", DOCS / "dask.md", DOCS / "other-engines.md", DOCS / "spark.md"]
PAGES = [page for page in [ROOT / "README.md", *sorted(DOCS.glob("**/*.md"))] if page not in OF_ENGINES]
BLOCK = re.compile(r"^```(python|console)[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def check_doctest(text: str, names: dict, where: str, line: int) -> int:
    """Run the examples of a text, and return their number."""
    test = doctest.DocTestParser().get_doctest(text, names, where, where, line)
    report = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    runner.run(test, out=report.append, clear_globs=False)
    assert not report, "".join(report)
    names.update(test.globs)
    return len(test.examples)


def shown_after(lines: list[str], line: int) -> str | None:
    """The comment lines after a line."""
    said = []
    while line < len(lines) and lines[line].startswith("#"):
        said.append(lines[line].removeprefix("#").removeprefix(" "))
        line += 1
    return "\n".join(said) if said else None


def check_script(text: str, names: dict, where: str, line: int):
    lines = text.splitlines()
    for statement in ast.parse(text, where).body:
        ast.increment_lineno(statement, line)
        shown = shown_after(lines, statement.end_lineno - line)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            if isinstance(statement, ast.Expr):
                value = eval(compile(ast.Expression(statement.value), where, "eval"), names)
            else:
                value = exec(compile(ast.Module([statement], []), where, "exec"), names)
        if shown is not None:
            got = printed.getvalue().rstrip() or (value if type(value) is str else repr(value))
            assert doctest.OutputChecker().check_output(shown + "\n", got + "\n", OPTIONS), (
                f"{where}, line {statement.lineno} shows\n{shown}\nand gives\n{got}"
            )


def check_console(text: str, where: str, line: int):
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    commands = list(COMMAND.finditer(text))
    assert "".join(command[0] for command in commands) == text, f"{where}, line {line}: expected commands after $"
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command[1]], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        got = done.stdout.decode()
        here = f"{where}, line {line + text[: command.start()].count(chr(10)) + 1}"
        assert doctest.OutputChecker().check_output(command[2], got, doctest.ELLIPSIS), (
            f"{here} shows\n{command[2]}\nand gives\n{got}"
        )
        assert done.returncode == 0, f"{here} ends with {done.returncode}"


def check_page(text: str, where: str):
    """Run the code of a page in the current directory."""
    names = {"__name__": "__main__"}
    for block in BLOCK.finditer(text):
        line = text[: block.start(2)].count("\n")
        if block[1] == "console":
            check_console(block[2], where, line)
        else:
            check = check_doctest if ">>>" in block[2] else check_script
            check(block[2], names, where, line)


def check_section(page: Path, heading: str):
    """Run the code after a heading of the second level, in the current directory."""
    text = page.read_text(encoding="utf-8")
    before, found, after = text.partition(f"\n## {heading}\n")
    assert found, f"{page.name} has no heading {heading!r}"
    # Empty lines instead of the text before, for the line numbers in messages.
    check_page("\n" * (before + found).count("\n") + after.partition("\n## ")[0], page.name)


def public_objects(module):
    """The module, every public name of it, and every public member of every public class."""
    yield module.__name__, module
    for name in module.__all__:
        thing = getattr(module, name)
        if callable(thing):
            yield f"{module.__name__}.{name}", thing
        if inspect.isclass(thing):
            members = [member for member in vars(thing) if member[0] != "_"]
            yield from ((f"{module.__name__}.{name}.{member}", vars(thing)[member]) for member in members)


def check_docstrings(module):
    """Run the examples of all public docstrings of a module."""
    for name, thing in public_objects(module):
        assert check_doctest(inspect.getdoc(thing), {}, name, 0) > 0, f"{name} has an example"
