"""`countgrid search`: one term in one text file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from countgrid import TermCounter
from countgrid import search as search_file
from countgrid._command import typed
from countgrid._command.ending import naming
from countgrid._command.options import ENCODING, IGNORE_CASE, WORKERS
from countgrid._command.standard import write

if TYPE_CHECKING:
    from countgrid._options import Match


@click.command()
@click.argument("path", type=click.Path())
@click.argument("term", type=typed.term)
@click.option(
    "--match",
    type=click.Choice(["word", "adaptive", "substring", "token"]),
    default="token",
    show_default=True,
    help="Whole words, anywhere, or between whitespace.",
)
@IGNORE_CASE
@ENCODING
@WORKERS
def search(
    path: str, term: str | bytes, match: Match, ignore_case: bool, encoding: str | None, workers: int | None
) -> None:
    """Count one term in one text file, on all cores.

    The default is --match token, while the other commands count whole words: "ERROR" does not count in "ERROR:".
    The file can be compressed (.gz, .zst, .bz2, .lz4); it is then decompressed into memory. A PATH of - is standard
    input, which is read in batches.

    \b
    Example:
      countgrid search access.log ERROR --match word
    """
    with naming("standard input" if path == "-" else click.format_filename(path)):
        try:
            if path == "-":
                counter = TermCounter([term], match=match, ignore_case=ignore_case, syntax="literal")
                found = _in_standard_input(counter, encoding, workers)
            else:
                found = search_file(
                    path, term, match=match, ignore_case=ignore_case, workers=workers, encoding=encoding
                )
        except ValueError as error:
            if (reason := getattr(error, "reason", None)) is None:
                raise
            raise click.UsageError(f"TERM {reason}") from error
    write(f"{found}\n")


def _in_standard_input(counter: TermCounter, encoding: str | None, workers: int | None) -> int:
    """How often the only term occurs. Read in batches: a pipe may be larger than memory."""
    from countgrid._reading.columns import Wanted
    from countgrid._reading.inputs import Input
    from countgrid._reading.reading import batches

    texts = batches([Input(None, "text", None)], Wanted(None, encoding=encoding), [])
    return sum(int(counter.totals(batch.documents, workers=workers).counts[0]) for batch in texts)
