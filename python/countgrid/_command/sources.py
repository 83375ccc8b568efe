"""The inputs of a command, and their documents by its options."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from countgrid._command.ending import as_failures
from countgrid._command.learning import files_of
from countgrid._command.standard import say

if TYPE_CHECKING:
    from countgrid._reading.columns import Wanted
    from countgrid._reading.inputs import Input
    from countgrid._reading.reading import Batch


def sources_of(inputs: Sequence[str], options: dict[str, Any]) -> list[Input]:
    from countgrid._reading.inputs import inputs_of

    option, files = _other_files(options)
    if files.count("-") > ("-" not in inputs):
        twice = f"INPUT and {option} are both" if "-" in inputs else f"{option} is twice"
        raise click.UsageError(f"{twice} standard input; it can be read only once")
    with as_failures():
        return inputs_of(inputs, options["chosen"], say)


def check_apart(output: str | None, option: str, sources: Sequence[Input], options: dict[str, Any]) -> None:
    from countgrid._command import replacing

    read: list[tuple[str, str | None]] = [("input", source.path) for source in sources]
    other, files = _other_files(options)
    read += [(f"file of {other},", None if file == "-" else file) for file in files]
    replacing.check_apart(output, option, read)


def _other_files(options: dict[str, Any]) -> tuple[str, list[str]]:
    """The option that names files to read in addition to the inputs, and these files."""
    if "stop_words" in options:
        return "--stop-words", files_of(options["stop_words"])
    return "--terms", [] if options["file"] is None else [options["file"]]


def wanted_of(options: dict[str, Any], kept: Sequence[str], file_column: str | None = None) -> Wanted:
    from countgrid._reading.columns import Wanted

    return Wanted(
        options["column"],
        kept,
        file_column,
        encoding=options["encoding"],
        delimiter=options["delimiter"],
        quote=options["quote"],
        header=not options["no_header"],
        skip_faults=options["on_error"] == "skip",
    )


def batches_of(
    sources: Sequence[Input], options: dict[str, Any], kept: Sequence[str] = (), file_column: str | None = None
) -> Iterator[Batch]:
    """The batches of the inputs, read ahead."""
    from countgrid._reading.ahead import ahead
    from countgrid._reading.reading import batches

    wanted = wanted_of(options, kept, file_column)
    with as_failures():
        wanted.check(sources)
    reports: list[str] = []

    def all_batches() -> Iterator[Batch]:
        with as_failures():
            yield from ahead(batches(sources, wanted, reports))
        # After the progress bar has disappeared.
        click.get_current_context().call_on_close(lambda: _report(reports))

    return all_batches()


def _report(reports: Sequence[str]) -> None:
    for report in reports:
        say(report)
