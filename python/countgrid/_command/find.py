"""`countgrid find`: each match with the text around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from countgrid._command.options import PROGRESS, WORKERS, counter_of, reading_options, term_options
from countgrid._command.sources import batches_of, check_apart, sources_of
from countgrid._command.standard import write


@click.command()
@reading_options
@term_options
@click.option("--width", type=click.IntRange(0, 1_000_000), help="Characters on either side.  [default: 40]")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Write an HTML page of the texts that have matches, highlighted by column; - for standard output.",
)
@click.option("--max", "most", type=click.IntRange(min=0), metavar="N", help="Show only the first N matches.")
@click.option("--color/--no-color", "color", default=None, help="Colours.  [default: on a terminal without NO_COLOR]")
@WORKERS
@PROGRESS
def find(
    inputs: Sequence[str],
    width: int | None,
    html: str | None,
    most: int | None,
    color: bool | None,
    workers: int | None,
    progress: bool | None,
    **options: Any,
) -> None:
    """Show each match with the text around it.

    Each line starts with the row number, from 1. With several inputs, the file comes first. If terms have categories,
    the line ends with the category.

    \b
    Example:
      countgrid find reviews.csv --column text --term 'case broke' --ignore-case
    """
    from countgrid._command.bar import is_shown, watched
    from countgrid._command.showing import Concordance, coloured, write_page

    if html is not None and (width is not None or color is not None):
        raise click.UsageError("--html shows whole texts; leave out --width and --color")
    sources = sources_of(inputs, options)
    check_apart(None if html == "-" else html, "--html", sources, options)
    counter = counter_of(options)
    batches = batches_of(sources, options)
    several = len(sources) > 1
    if html is not None:
        with watched(batches, sources, shown=is_shown(progress, printing=html == "-")) as watching:
            title = ", ".join(source.name for source in sources)
            write_page(html, title, counter, watching, most=most, workers=workers, several=several)
        return
    concordance = Concordance(
        counter,
        width=40 if width is None else width,
        workers=workers,
        files=several,
        columns=counter._plan.has_categories,
    )
    colours = coloured(color)
    with watched(batches, sources, shown=is_shown(progress, printing=True)) as watching:
        for batch in watching:
            if most == 0:
                break
            for lines in concordance.lines(batch, most):
                most = most if most is None else most - len(lines)
                write("".join(f"{line}\n" for line in lines), color=colours)
