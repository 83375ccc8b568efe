"""`countgrid words`: the words in all documents, or their n-grams."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from countgrid._command.learning import finding_options, learning_of, tables
from countgrid._command.options import OUTPUT, PROGRESS, TABLE_FORMATS, WORKERS, reading_options
from countgrid._command.sources import batches_of, check_apart, sources_of
from countgrid._command.standard import is_terminal, say, write

#: Words that a terminal shows by default.
_SHOWN = 30


@click.command()
@reading_options
@finding_options
@click.option("--top", type=click.IntRange(min=0), metavar="N", help="Write only the N most frequent.")
@OUTPUT
@click.option(
    "--output-format",
    type=click.Choice(TABLE_FORMATS),
    help="The output's format.  [default: by suffix, or csv; a table on a terminal]",
)
@WORKERS
@PROGRESS
def words(
    inputs: Sequence[str],
    top: int | None,
    min_documents: int,
    output: str | None,
    output_format: str | None,
    workers: int | None,
    progress: bool | None,
    **options: Any,
) -> None:
    """Find the words in all documents, or their n-grams.

    Writes a row for each: how often it occurs, and in how many documents, the most frequent first. On a terminal,
    shows the 30 most frequent, unless --top says how many. --terms of the other commands reads a CSV or TSV result.

    \b
    Example:
      countgrid words access.log --top 100 -o words.csv
    """
    from countgrid._command.bar import is_shown, watched
    from countgrid._command.showing import table
    from countgrid._command.writing import target_of

    target = None
    if output is not None or output_format is not None or not is_terminal(sys.stdout):
        target = target_of(output, output_format, table="words")
    sources = sources_of(inputs, options)
    if target is not None and target.path is not None:  # standard output is written when all has been read
        check_apart(target.path, "--output", sources, options)
    learning = learning_of(options)
    with watched(batches_of(sources, options), sources, shown=is_shown(progress, printing=False)) as watching:
        for batch in watching:
            learning.add(batch.documents, workers=workers, missing="zero", progress=None)
    ranking = learning.ranking(top=top, min_documents=min_documents)
    if target is None:
        shown = ranking if top is not None else ranking[:_SHOWN]
        write(table(learning.totals(shown)))
        if len(shown) < len(ranking):
            say(f"the {len(shown)} most frequent of {len(ranking):,} terms; pass --top N, or -o FILE for all")
        return
    with target.sink([], ranking.dtype) as sink:
        for part in tables(learning, ranking):
            sink.write(part)
