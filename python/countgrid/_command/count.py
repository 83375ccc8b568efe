"""`countgrid count`: a row for each document. It imports the rest when it runs, so that help appears at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

import click

from countgrid import TermCounter
from countgrid._command import typed
from countgrid._command.columns import check_distinct, named_columns
from countgrid._command.ending import as_failures, resumable
from countgrid._command.options import (
    PROGRESS,
    TABLE_FORMATS,
    WORKERS,
    counter_of,
    name_options,
    reading_options,
    term_options,
)
from countgrid._command.sources import batches_of, check_apart, sources_of, wanted_of
from countgrid._command.standard import say

_DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]
_OUTPUTS = click.option(
    "--output",
    "-o",
    type=click.Path(),
    metavar="FILE|DIR/",
    help="The file to write, instead of standard output; or a directory, with a Parquet file for each input.",
)


def _part(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    match = re.fullmatch(r"([0-9]{1,18})/([0-9]{1,18})", value)
    if match is None or int(match[1]) >= int(match[2]):
        raise click.BadParameter(f"{value!r} is not I/N with I from 0 to N - 1, such as 0/3")
    return int(match[1]), int(match[2])


@click.command()
@reading_options
@term_options
@name_options
@_OUTPUTS
@click.option("--resume", is_flag=True, help="With -o DIR/: continue; skip inputs that are done and unchanged.")
@click.option(
    "--part",
    metavar="I/N",
    callback=_part,
    help="With -o DIR/: count the share of machine I of N, from 0, so that N machines fill a directory together.",
)
@click.option(
    "--output-format",
    type=click.Choice((*TABLE_FORMATS, "npz")),
    help="The output's format.  [default: by suffix, or csv]",
)
@click.option("--long", is_flag=True, help="Write a row for each nonzero count: document, term, count.")
@click.option(
    "--id",
    "key",
    type=typed.text,
    metavar="NAME",
    help="With --long: the column that identifies documents, instead of row numbers.",
)
@click.option(
    "--keep",
    type=typed.text,
    multiple=True,
    metavar="NAME",
    help="An input column to copy to the output. Can be repeated.",
)
@click.option("--with-file", is_flag=True, help="Add a column 'file' with the name of each document's file.")
@click.option(
    "--missing",
    type=click.Choice(["keep", "zero", "raise"]),
    default="keep",
    show_default=True,
    help="The counts of a missing document: missing, zero, or an error.",
)
@click.option("--dtype", type=click.Choice(_DTYPES), default="int32", show_default=True, help="The type of counts.")
@WORKERS
@PROGRESS
def count(
    inputs: Sequence[str],
    output: str | None,
    resume: bool,
    part: tuple[int, int] | None,
    output_format: str | None,
    long: bool,
    key: str | None,
    keep: Sequence[str],
    with_file: bool,
    prefix: str,
    names: Sequence[str],
    missing: str,
    dtype: str,
    workers: int | None,
    progress: bool | None,
    **options: Any,
) -> None:
    """Count each term in each document.

    Writes a row for each document, in the order of the inputs, and a column for each term or category. With --long,
    it writes a row for each nonzero count. A .npz file is a sparse matrix for scipy.sparse.load_npz; its array
    'columns' contains the names.

    With -o DIR/, each input gets a Parquet file in the directory. Standard error says how many
    were counted. With --resume, the next run continues there.

    \b
    Example:
      countgrid count 'lake/**/*.parquet' --column text --terms mood.dic --syntax glob -o counts.parquet
    """
    import numpy as np

    from countgrid._command.bar import is_shown, watched
    from countgrid._command.writing import is_directory, target_of
    from countgrid._dataset.counting import LONG, Counting

    if output is not None and is_directory(output):
        if with_file or key is not None or output_format not in (None, "parquet"):
            what = "--id, --with-file and --output-format are for an output file, not for a directory"
            raise click.UsageError(f"{what}; pass --keep {'filename' if with_file else 'NAME'}")
        counter = counter_of(options)
        columns = named_columns(counter, prefix, names, options)
        form: Literal["long", "wide"] = "long" if long else "wide"
        _count_files(
            inputs, output, counter, columns, form, keep, missing, dtype, resume, part, workers, progress, options
        )
        return
    if resume or part is not None:
        raise click.UsageError("--resume and --part are for a directory; pass -o DIR/, with a slash at the end")
    target = target_of(output, output_format, or_directory=True)
    if key is not None and not long:
        raise click.UsageError("--id is for --long; pass --keep to copy a column to the output")
    if target.format == "npz" and (long or keep or with_file):
        raise click.UsageError("npz contains only a matrix; --long, --keep and --with-file need a table")
    sources = sources_of(inputs, options)
    check_apart(target.path, "--output", sources, options)
    counter = counter_of(options)
    columns = named_columns(counter, prefix, names, options)
    kept = [key, *keep] if key is not None else list(keep)
    file_column = "file" if with_file else None
    check_distinct([*(LONG if long else columns), *([file_column] if file_column else []), *keep], options)
    if key in keep:
        raise click.UsageError(f"--id and --keep both name {key!r}")
    batches = batches_of(sources, options, kept, file_column)
    counting = Counting(counter, columns, np.dtype(dtype), missing, workers)
    with (
        watched(batches, sources, shown=is_shown(progress, printing=target.path is None)) as watching,
        target.sink(columns, counting.dtype) as sink,
    ):
        for part in counting.parts(
            watching, form="npz" if target.format == "npz" else "long" if long else "wide", key=key
        ):
            sink.write(part)


def _count_files(
    inputs: Sequence[str],
    output: str,
    counter: TermCounter,
    columns: Sequence[str],
    form: Literal["long", "wide"],
    keep: Sequence[str],
    missing: str,
    dtype: str,
    resume: bool,
    part: tuple[int, int] | None,
    workers: int | None,
    progress: bool | None,
    options: dict[str, Any],
) -> None:
    """Count into a directory."""
    from countgrid._command.bar import is_shown
    from countgrid._dataset.run import Job, run

    if "-" in inputs:
        raise click.UsageError("standard input cannot be read again; with -o DIR/, pass files")
    job = Job(counter, wanted_of(options, keep), options["chosen"], form, (), columns, missing, dtype)
    with as_failures(), resumable():
        done = run(
            job,
            inputs,
            output,
            filesystem=None,
            resume=resume,
            part=part or (0, 1),
            progress=is_shown(progress, printing=False),
            workers=workers,
            say=say,
        )
    say(str(done).removeprefix("DatasetCounts: "))
