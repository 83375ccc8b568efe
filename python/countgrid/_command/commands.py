"""The subcommands. They import the rest when they run, so that help appears immediately."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import click

from countgrid import TermCounter, __version__, search
from countgrid._command import typed
from countgrid._command.ending import Failure, as_failures, as_typed, naming
from countgrid._command.options import (
    ENCODING,
    IGNORE_CASE,
    PROGRESS,
    WORKERS,
    advise_if_absent,
    counter_of,
    name_options,
    part,
    reading_options,
    term_options,
)
from countgrid._command.standard import is_terminal, standard_output
from countgrid._command.words import files_of, finding_options, learning_of, tables
from countgrid._errors import spelled

if TYPE_CHECKING:
    from countgrid._options import Match
    from countgrid._reading.columns import Wanted
    from countgrid._reading.inputs import Input
    from countgrid._reading.reading import Batch

_OUTPUT_FORMATS = ("parquet", "csv", "tsv", "arrow", "arrows", "npz")
_DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]

#: Words that a terminal shows by default.
_SHOWN = 30

_OUTPUT = click.option(
    "--output", "-o", type=click.Path(), metavar="FILE", help="The file to write, instead of standard output."
)
_OUTPUTS = click.option(
    "--output",
    "-o",
    type=click.Path(),
    metavar="FILE|DIR/",
    help="The file to write, instead of standard output; or a directory, with a Parquet file for each input.",
)


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


@countgrid.command()
@reading_options
@term_options
@name_options
@_OUTPUTS
@click.option("--resume", is_flag=True, help="With -o DIR/: continue; skip inputs that are done and unchanged.")
@click.option(
    "--part",
    metavar="I/N",
    callback=part,
    help="With -o DIR/: count the share of machine I of N, from 0, so that N machines fill a directory together.",
)
@click.option(
    "--output-format", type=click.Choice(_OUTPUT_FORMATS), help="The output's format.  [default: by suffix, or csv]"
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

    With -o DIR/, each input gets a Parquet file in the directory. With --resume, the next run continues there.

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
        columns = _names(counter, prefix, names, options)
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
    sources = _inputs(inputs, options)
    _check_apart(target.path, "--output", sources, options)
    counter = counter_of(options)
    columns = _names(counter, prefix, names, options)
    kept = [key, *keep] if key is not None else list(keep)
    file_column = "file" if with_file else None
    _distinct([*(LONG if long else columns), *([file_column] if file_column else []), *keep], options)
    if key in keep:
        raise click.UsageError(f"--id and --keep both name {key!r}")
    batches = _reading(sources, options, kept, file_column)
    counting = Counting(counter, columns, np.dtype(dtype), missing, workers)
    with (
        watched(batches, sources, shown=is_shown(progress, printing=target.path is None)) as watching,
        target.sink(columns, counting.dtype) as sink,
    ):
        for part in counting.parts(
            watching, form="npz" if target.format == "npz" else "long" if long else "wide", key=key
        ):
            sink.write(part)


@countgrid.command()
@reading_options
@term_options
@name_options
@click.option("--top", type=click.IntRange(min=0), metavar="N", help="Show only the N most frequent.")
@click.option("--by", metavar="COLUMN", help="Show a row for each value of this column.")
@click.option(
    "--by-regex",
    metavar="REGEX",
    help="Show a row for each text that this regular expression finds first in a document, or its group 1.",
)
@click.option(
    "--per-words", type=click.FloatRange(min=0, min_open=True), metavar="N", help="Show counts per N words."
)
@_OUTPUT
@click.option(
    "--output-format",
    type=click.Choice(_OUTPUT_FORMATS[:-1]),
    help="The output's format.  [default: by suffix, or a table]",
)
@WORKERS
@PROGRESS
def totals(
    inputs: Sequence[str],
    prefix: str,
    names: Sequence[str],
    top: int | None,
    by: str | None,
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
    row for each group of documents and a column for each term.

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

    if by is not None and by_regex is not None:
        raise click.UsageError("--by and --by-regex are two ways to group; pass one of them")
    pattern = grouping.by_regex(by_regex)

    target = None
    if output is not None or output_format is not None:
        target = target_of(output, output_format, table="totals")
    sources = _inputs(inputs, options)
    if target is not None and target.path is not None:  # standard output is written when all has been read
        _check_apart(target.path, "--output", sources, options)
    counter = counter_of(options)
    columns = _names(counter, prefix, names, options)
    is_grouped = by is not None or pattern is not None
    batches = _reading(sources, options, [] if by is None else [by])
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
        _print(table(result))
        return
    with target.sink([], result.counts.dtype) as sink:
        if is_grouped:
            header = ["group", "documents", *result.columns]
            _distinct(header, options)
            counts = map(arrays.numbers, np.ascontiguousarray(result.counts.T))
            sink.write(arrays.table([arrays.labels(result.groups), arrays.numbers(result.sizes), *counts], header))
        else:
            found = [arrays.names(result.columns), arrays.numbers(result.counts), arrays.numbers(result.documents)]
            sink.write(arrays.table(found, ["column", "count", "documents"]))


@countgrid.command()
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
    sources = _inputs(inputs, options)
    _check_apart(None if html == "-" else html, "--html", sources, options)
    counter = counter_of(options)
    batches = _reading(sources, options)
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
                _print("".join(f"{line}\n" for line in lines), color=colours)


@countgrid.command()
@reading_options
@finding_options
@click.option("--top", type=click.IntRange(min=0), metavar="N", help="Write only the N most frequent.")
@_OUTPUT
@click.option(
    "--output-format",
    type=click.Choice(_OUTPUT_FORMATS[:-1]),
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
    sources = _inputs(inputs, options)
    if target is not None and target.path is not None:  # standard output is written when all has been read
        _check_apart(target.path, "--output", sources, options)
    learning = learning_of(options)
    with watched(_reading(sources, options), sources, shown=is_shown(progress, printing=False)) as watching:
        for batch in watching:
            learning.add(batch.documents, workers=workers, missing="zero", progress=None)
    ranking = learning.ranking(top=top, min_documents=min_documents)
    if target is None:
        shown = ranking if top is not None else ranking[:_SHOWN]
        _print(table(learning.totals(shown)))
        if len(shown) < len(ranking):
            _say(f"the {len(shown)} most frequent of {len(ranking):,} terms; pass --top N, or -o FILE for all")
        return
    with target.sink([], ranking.dtype) as sink:
        for part in tables(learning, ranking):
            sink.write(part)


@countgrid.command(name="search")
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
def search_(
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
                found = search(path, term, match=match, ignore_case=ignore_case, workers=workers, encoding=encoding)
        except ValueError as error:
            if (reason := getattr(error, "reason", None)) is None:
                raise
            raise click.UsageError(f"TERM {reason}") from error
    _print(f"{found}\n")


def _in_standard_input(counter: TermCounter, encoding: str | None, workers: int | None) -> int:
    """How often the only term occurs. Read in batches: a pipe may be larger than memory."""
    from countgrid._reading.columns import Wanted
    from countgrid._reading.inputs import Input
    from countgrid._reading.reading import batches

    texts = batches([Input(None, "text", None)], Wanted(None, encoding=encoding), [])
    return sum(int(counter.totals(batch.documents, workers=workers).counts[0]) for batch in texts)


def _names(counter: TermCounter, prefix: str, names: Sequence[str], options: dict[str, Any]) -> list[str]:
    from countgrid._columns import named

    # Terms and categories read from a file are its content, not the command line's.
    invalid = click.UsageError if options["file"] is None or names else Failure
    try:
        columns = named(counter, prefix, names or None)
    except ValueError as error:
        same = getattr(error, "columns", None)
        if same is None:
            what = f"--name gives {len(names)} names; expected one for each of {len(counter.columns)} columns"
            raise click.UsageError(what) from error
        name = prefix + (names or counter.columns)[same[0]]
        what = f"columns {same[0]} and {same[1]} would both be named {name!r}"
        raise invalid(
            f"{what}; {'pass another --name' if names else 'remove a term, or pass --name for each'}"
        ) from error
    for name in [prefix, *names]:
        if _has_surrogates(name):
            raise click.UsageError(f"the name {name!a} is not valid UTF-8; type it in UTF-8")
    for name in columns:
        if _has_surrogates(name):
            raise Failure(f"the name {name!a} cannot be written as UTF-8; pass --name")
    return columns


def _has_surrogates(name: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in name)


def _distinct(columns: Sequence[str], options: dict[str, Any]) -> None:
    """Raise if two columns of the output would have the same name."""
    invalid = click.UsageError if options["file"] is None else Failure
    for name in dict.fromkeys(columns):
        if columns.count(name) > 1:
            raise invalid(f"two columns would be named {name!r}; pass --prefix or --name, or keep another column")


def _inputs(inputs: Sequence[str], options: dict[str, Any]) -> list[Input]:
    from countgrid._reading.inputs import inputs_of

    option, files = _other_files(options)
    if files.count("-") > ("-" not in inputs):
        twice = f"INPUT and {option} are both" if "-" in inputs else f"{option} is twice"
        raise click.UsageError(f"{twice} standard input; it can be read only once")
    with as_failures():
        return inputs_of(inputs, options["chosen"], _say)


def _check_apart(output: str | None, option: str, sources: Sequence[Input], options: dict[str, Any]) -> None:
    from countgrid._command.replacing import check_apart

    read: list[tuple[str, str | None]] = [("input", source.path) for source in sources]
    other, files = _other_files(options)
    read += [(f"file of {other},", None if file == "-" else file) for file in files]
    check_apart(output, option, read)


def _other_files(options: dict[str, Any]) -> tuple[str, list[str]]:
    """The option that names files to read in addition to the inputs, and these files."""
    if "stop_words" in options:
        return "--stop-words", files_of(options["stop_words"])
    return "--terms", [] if options["file"] is None else [options["file"]]


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
    job = Job(counter, _wanted(options, keep), options["chosen"], form, (), columns, missing, dtype)
    with as_failures():
        run(
            job,
            inputs,
            output,
            filesystem=None,
            resume=resume,
            part=part or (0, 1),
            progress=is_shown(progress, printing=False),
            workers=workers,
            say=_say,
        )


def _wanted(options: dict[str, Any], kept: Sequence[str], file_column: str | None = None) -> Wanted:
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


def _reading(
    sources: Sequence[Input], options: dict[str, Any], kept: Sequence[str] = (), file_column: str | None = None
) -> Iterator[Batch]:
    """The batches of the inputs, read ahead."""
    from countgrid._reading.ahead import ahead
    from countgrid._reading.reading import batches

    wanted = _wanted(options, kept, file_column)
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
        _say(report)


def _say(message: str) -> None:
    click.echo(f"countgrid: {message}", err=True)


def _print(text: str, *, color: bool | None = None) -> None:
    with naming("standard output"):
        standard_output()
        click.echo(text, nl=False, color=color)
