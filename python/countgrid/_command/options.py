"""The options that several commands share: terms, matching, reading."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from countgrid._command import typed
from countgrid._command.ending import Failure, as_typed, naming
from countgrid._counter import TermCounter
from countgrid._errors import spelled
from countgrid._globs import advice_about_globs
from countgrid._kinds import ENCODINGS, known_encoding
from countgrid._lexicon import FORMATS as TERMS_FORMATS
from countgrid._lexicon import check_columns, read_lexicon
from countgrid._lexicon.file import shown
from countgrid._lexicon.lexicon import Lexicon
from countgrid._options import Matching
from countgrid._reading.inputs import FORMATS
from countgrid._regexes import like_regexes

if TYPE_CHECKING:
    import numpy as np

Command = TypeVar("Command", bound=Callable[..., Any])


def _known_encoding(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    try:
        known_encoding(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not {ENCODINGS}") from None
    return value


def _one_character(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    value = "\t" if value == "\\t" else value
    if value == "none" and parameter.name == "quote":
        return ""
    if value is not None and (
        len(value) != 1 or not value.isascii() or value in "\r\n" or (value == '"' and parameter.name != "quote")
    ):
        raise click.BadParameter(f"{value!r} is not one ASCII character other than a line end or a quote")
    return value


def _columns(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    if value is None:
        return None
    names: Any = [name.strip() or None for name in value.split(",")]
    try:
        return check_columns(names)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


_MATCH = click.option(
    "--match",
    type=click.Choice(["word", "adaptive", "substring", "token"]),
    default="word",
    show_default=True,
    help="Whole words; words, and punctuation anywhere (adaptive); anywhere; or between whitespace.",
)
#: The formats of an output file that holds a table.
TABLE_FORMATS = ("parquet", "csv", "tsv", "arrow", "arrows")
OUTPUT = click.option(
    "--output", "-o", type=click.Path(), metavar="FILE", help="The file to write, instead of standard output."
)
IGNORE_CASE = click.option("--ignore-case", is_flag=True, help="Compare under Unicode simple case folding.")
ENCODING = click.option(
    "--encoding",
    metavar="ENCODING",
    callback=_known_encoding,
    help="The encoding of text, CSV, TSV or JSON without a byte-order mark.  [default: utf-8]",
)
WORKERS = click.option("--workers", type=click.IntRange(1, 4096), help="Threads.  [default: all cores]")
PROGRESS = click.option(
    "--progress/--no-progress", default=None, help="A progress bar on standard error.  [default: on a terminal]"
)

_TERMS = (
    click.option(
        "--term", "-t", "given", type=typed.term, multiple=True, metavar="TERM", help="A term. Can be repeated."
    ),
    click.option(
        "--terms",
        "file",
        type=click.Path(),
        metavar="FILE",
        help="A file of terms or categories, read as by countgrid.read_lexicon; - for standard input.",
    ),
    click.option(
        "--terms-format", type=click.Choice(TERMS_FORMATS), help="The format of --terms.  [default: by suffix]"
    ),
    click.option(
        "--terms-encoding",
        metavar="ENCODING",
        callback=_known_encoding,
        help="The encoding of --terms.  [default: utf-8]",
    ),
    click.option(
        "--terms-columns",
        metavar="NAMES",
        callback=_columns,
        help="The columns of --terms, if it is CSV or TSV without a header: term, category, weight, or nothing to"
        " skip a column. Example: term,weight,,",
    ),
    click.option(
        "--skip-conditions",
        is_flag=True,
        help="Skip conditional entries of LIWC dictionaries, with a warning.",
    ),
)
STRIP_ACCENTS = click.option("--strip-accents", is_flag=True, help="Compare without accents.")
WORD_CHARS = click.option(
    "--word-chars", type=typed.text, default="", metavar="CHARS", help="More characters to treat as word characters."
)
_MATCHING = (
    _MATCH,
    IGNORE_CASE,
    STRIP_ACCENTS,
    click.option("--fold-punctuation", is_flag=True, help="Compare typographic quotes and hyphens as ASCII."),
    WORD_CHARS,
    click.option(
        "--syntax",
        type=click.Choice(["literal", "glob", "regex"]),
        help="The syntax of the terms.  [default: literal, with a warning about terms that look like globs]",
    ),
    click.option(
        "--overlap",
        type=click.Choice(["per-term", "all", "longest", "first"]),
        default="per-term",
        show_default=True,
        help="Which overlapping matches count.",
    ),
)
_READING = (
    click.option(
        "--column", "-c", type=typed.text, metavar="NAME", help="The column of documents.  [default: the only one]"
    ),
    click.option(
        "--format",
        "chosen",
        type=click.Choice(FORMATS),
        help="The inputs' format.  [default: by suffix; of standard input by content]",
    ),
    ENCODING,
    click.option("--delimiter", metavar="CHAR", callback=_one_character, help="The character between fields of CSV."),
    click.option(
        "--quote",
        metavar="CHAR|none",
        callback=_one_character,
        help='The quote character of CSV; with none, quotes are text.  [default: "; for TSV none]',
    ),
    click.option(
        "--no-header", is_flag=True, help="The first row of CSV has no names. The columns are named 1, 2, ..."
    ),
    click.option(
        "--on-error",
        type=click.Choice(["stop", "skip"]),
        default="stop",
        show_default=True,
        help="Stop at a CSV or JSON row that cannot be read, or skip such rows and report their number.",
    ),
)
_NAMES = (
    click.option(
        "--prefix", type=typed.text, default="", metavar="TEXT", help="Text before each term's or category's name."
    ),
    click.option(
        "--name",
        "names",
        type=typed.text,
        multiple=True,
        metavar="NAME",
        help="A column name, repeated for each term or category in order.",
    ),
)


def applied(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


term_options = partial(applied, (*_TERMS, *_MATCHING))
reading_options = partial(applied, (click.argument("inputs", nargs=-1, required=True, metavar="INPUT..."), *_READING))
name_options = partial(applied, _NAMES)


#: Options of `read_lexicon` with different names here.
_OF_LEXICONS = {
    "columns": "--terms-columns",
    "encoding": "--terms-encoding",
    "format": "--terms-format",
    "on_unsupported": "--skip-conditions",
}


def not_together(error: Any, matching: Mapping[str, Any]) -> str:
    """The message for matching options that are invalid, or not allowed together."""
    first, *others = (as_typed(name, matching[name]) for name in error.options)
    return f"{first} is not allowed with {others[0]}: {error.reason}" if others else f"{first} {error.reason}"


def _of_given(terms: Sequence[str | bytes], matching: Any) -> TermCounter:
    try:
        return TermCounter(list(terms), **matching)
    except ValueError as error:
        about: Any = error
        if not hasattr(error, "invalid"):  # not about terms
            raise
        lines = []
        for _, at, reason in about.invalid:
            term = terms[at]
            text = term.decode(errors="backslashreplace") if isinstance(term, bytes) else term
            lines.append(f"--term {shown(text)} {reason}")
        raise click.UsageError("; ".join(lines)) from error


def counter_of(options: Mapping[str, Any]) -> TermCounter:
    """Compile the terms of the command line or of a file."""
    given, file = options["given"], options["file"]
    matching = {name: options[name] for name in Matching.__annotations__}
    # Set, so that Python does not warn about globs. The warning below names the file as typed.
    matching["syntax"] = options["syntax"] or "literal"
    if bool(given) == (file is not None):
        raise click.UsageError("pass terms with either --terms FILE or --term TERM, repeated for each term")
    if file is None and (options["terms_format"] or options["terms_encoding"] or options["terms_columns"]):
        raise click.UsageError("--terms-format, --terms-encoding and --terms-columns are for --terms FILE")
    if options["terms_columns"] and options["terms_format"] not in (None, "csv", "tsv"):
        raise click.UsageError(
            f"--terms-columns is for CSV and TSV, not for --terms-format {options['terms_format']}"
        )
    if file is None and options["skip_conditions"]:
        raise click.UsageError("--skip-conditions is for --terms FILE")
    try:
        TermCounter([], **matching)
    except ValueError as error:  # options that are not allowed together
        raise click.UsageError(not_together(error, matching)) from error
    if file is None:
        counter = _of_given(given, matching)
    else:
        path = "/dev/stdin" if file == "-" else file
        with naming(click.format_filename(path)):
            counter = TermCounter(_lexicon(path, options, matching["syntax"]), **matching)
    if options["syntax"] is None:
        with spelled(as_typed):
            _advise(options, advice_about_globs(counter._plan))
    return counter


def advise_if_absent(counter: TermCounter, options: Mapping[str, Any], counts: np.ndarray) -> None:
    """Say on standard error which terms without a count in this matrix look like regular expressions."""
    if options["syntax"] is None:
        with spelled(as_typed):
            in_doubt = like_regexes(counter._plan)
        if in_doubt:
            _advise(options, in_doubt.advice(in_doubt.counted_in(counts)))


def _advise(options: Mapping[str, Any], advice: str | None) -> None:
    if advice:
        file = options["file"]
        place = "" if file is None else f"{click.format_filename('/dev/stdin' if file == '-' else file)}: "
        click.echo(f"countgrid: {place}{advice}", err=True)


def _lexicon(path: str, options: Mapping[str, Any], syntax: Any) -> Lexicon:
    """The terms in a file. Raises if there are none."""
    with (
        spelled(partial(as_typed, others=_OF_LEXICONS)),
        warnings.catch_warnings(record=True, action="always") as caught,
    ):
        lexicon = read_lexicon(
            path,
            syntax=syntax,
            format=options["terms_format"],
            encoding=options["terms_encoding"],
            columns=options["terms_columns"],
            on_unsupported="skip" if options["skip_conditions"] else "raise",
        )
    for warning in caught:
        click.echo(f"countgrid: {warning.message}", err=True)
    if not any(lexicon.values() if isinstance(lexicon, dict) else lexicon):
        raise Failure(f"{click.format_filename(path)}: contains no terms; expected at least one")
    return lexicon
