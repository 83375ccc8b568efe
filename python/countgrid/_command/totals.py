"""`countgrid totals`: how often each term occurs in all documents, or in groups of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from countgrid._command import typed
from countgrid._command.columns import check_distinct, named_columns
from countgrid._command.options import (
    OUTPUT,
    PROGRESS,
    TABLE_FORMATS,
    WORKERS,
    advise_if_absent,
    counter_of,
    name_options,
    reading_options,
    term_options,
)
from countgrid._command.sources import batches_of, check_apart, sources_of
from countgrid._command.standard import write


@click.command()
@reading_options
@term_options
@name_options
@click.option("--top", type=click.IntRange(min=0), metavar="N", help="Show only the N most frequent.")
@click.option(
    "--by",
    type=typed.text,
    multiple=True,
    metavar="COLUMN",
    help="Show a row for each value of this column. Can be repeated, for a row for each combination.",
)
@click.option(
    "--by-regex",
    metavar="REGEX",
    help="Show a row for each text that this regular expression finds first in a document, or its group 1.",
)
@click.option(
    "--per-words", type=click.FloatRange(min=0, min_open=True), metavar="N", help="Show counts per N words."
)
@OUTPUT
@click.option(
    "--output-format",
    type=click.Choice(TABLE_FORMATS),
    help="The output's format.  [default: by suffix, or a table]",
)
@WORKERS
@PROGRESS
def totals(
    inputs: Sequence[str],
    prefix: str,
    names: Sequence[str],
    top: int | None,
    by: Sequence[str],
    by_regex: str | None,
    per_words: float | None,
    output: str | None,
    output_format: str | None,
    workers: int | None,
    progress: bool | None,
    **options: Any,
) -> None:
    """Count each term in all documents.

    Shows how often each occurs, and in how many documents, the most frequent first. With --by or --by-regex, shows a
    row for each group of documents and a column for each term. With several --by, each combination of values is a
    group.

    \b
    Example:
      countgrid totals access.log.gz --term ERROR --term WARNING
    """
    import numpy as np

    from countgrid._command import grouping
    from countgrid._command.bar import is_shown, watched
    from countgrid._command.showing import table
    from countgrid._command.writing import target_of
    from countgrid._dataset.counting import check_alike
    from countgrid._reading import arrays

    if by and by_regex is not None:
        raise click.UsageError("--by and --by-regex are two ways to group; pass one of them")
    for name in by:
        if by.count(name) > 1:
            raise click.UsageError(f"--by names {name!r} twice")
    pattern = grouping.by_regex(by_regex)

    target = None
    if output is not None or output_format is not None:
        target = target_of(output, output_format, table="totals")
    sources = sources_of(inputs, options)
    if target is not None and target.path is not None:  # standard output is written when all has been read
        check_apart(target.path, "--output", sources, options)
    counter = counter_of(options)
    columns = named_columns(counter, prefix, names, options)
    is_grouped = bool(by) or pattern is not None
    levels = by if len(by) > 1 else None
    batches = batches_of(sources, options, by)
    # No documents, for inputs without any.
    total: Any = counter.totals([], by=[] if is_grouped else None, per_words=per_words)
    first = None
    with watched(batches, sources, shown=is_shown(progress, printing=False)) as watching:
        for batch in watching:
            first = first or batch
            check_alike(batch, first)
            labels = grouping.labels_of(batch, by, pattern) if is_grouped else None
            total = total + counter.totals(batch.documents, by=labels, per_words=per_words, workers=workers)
    if first is not None:
        advise_if_absent(counter, options, total.documents.reshape(-1, len(columns)))
    total = total.named(columns)
    order = np.argsort(-total.counts.reshape(-1, len(columns)).sum(0), kind="stable")[:top]
    # The columns of groups stay in order.
    result = total.select(np.sort(order) if is_grouped else order)
    if target is None:
        write(table(result, levels))
        return
    with target.sink([], result.counts.dtype) as sink:
        if is_grouped:
            header = [*(levels or ["group"]), "documents", *result.columns]
            check_distinct(header, options)
            counts = map(arrays.numbers, np.ascontiguousarray(result.counts.T))
            groups = [result.groups] if levels is None else [[g[k] for g in result.groups] for k in range(len(by))]
            sink.write(arrays.table([*map(arrays.labels, groups), arrays.numbers(result.sizes), *counts], header))
        else:
            found = [arrays.names(result.columns), arrays.numbers(result.counts), arrays.numbers(result.documents)]
            sink.write(arrays.table(found, ["column", "count", "documents"]))
