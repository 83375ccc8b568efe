"""The command `countgrid` with its subcommands."""

from __future__ import annotations

import click

from countgrid import __version__
from countgrid._command.count import count
from countgrid._command.ending import as_typed
from countgrid._command.find import find
from countgrid._command.search import search
from countgrid._command.totals import totals
from countgrid._command.words import words
from countgrid._errors import spelled


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
)
@click.version_option(__version__, prog_name="countgrid")
@click.pass_context
def countgrid(context: click.Context) -> None:
    """Count many terms in many documents at once.

    An INPUT is a file, a directory, a glob in quotes, or - for standard input. Formats: Parquet, CSV, TSV, JSON,
    Arrow IPC, or plain text with a document per line. Files can be compressed (gzip, zstd, bzip2, lz4).
    """
    context.with_resource(spelled(as_typed))
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(2)


for _command in (count, totals, find, words, search):
    countgrid.add_command(_command)
