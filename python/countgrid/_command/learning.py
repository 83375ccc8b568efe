"""The options of `countgrid words`, its stop words, and its result as tables."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from countgrid._command.ending import naming
from countgrid._command.options import IGNORE_CASE, STRIP_ACCENTS, WORD_CHARS, applied, not_together
from countgrid._frequencies import Learning
from countgrid._lexicon import read_lexicon
from countgrid._stop_words import english

if TYPE_CHECKING:
    import numpy as np

#: Terms that are written at a time.
_TERMS = 1 << 20


def _ngrams(context: click.Context, parameter: click.Parameter, value: str) -> tuple[int, int]:
    match = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", value)
    low, high = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= low <= high:
        raise click.BadParameter(f"{value!r} is not a number of words, such as 2, or a range, such as 1-2")
    return low, high


_FINDING = (
    click.option(
        "--ngrams",
        metavar="N|M-N",
        default="1",
        show_default=True,
        callback=_ngrams,
        help="How many words a term has: a number, or the smallest and the largest.",
    ),
    click.option(
        "--min-documents",
        type=click.IntRange(min=1),
        default=1,
        metavar="N",
        help="Leave out terms that occur in fewer documents.",
    ),
    click.option(
        "--stop-words",
        multiple=True,
        metavar="english|FILE",
        help="Words to leave out: english, or a file of words (text, CSV, JSON ...), read as by"
        " countgrid.read_lexicon; - for standard input. Can be repeated.",
    ),
    IGNORE_CASE,
    STRIP_ACCENTS,
    WORD_CHARS,
    click.option(
        "--across-punctuation/--no-across-punctuation",
        default=True,
        show_default=True,
        help="Whether punctuation may be between the words of a term.",
    ),
)
finding_options = partial(applied, _FINDING)


def files_of(stop_words: Sequence[str]) -> list[str]:
    """The files of ``--stop-words``."""
    return [name for name in stop_words if name != "english"]


def learning_of(options: Mapping[str, Any]) -> Learning:
    """How to find terms, by the options of the command line. Warns about stop words that are not words."""
    finding = {
        name: options[name] for name in ("ngrams", "ignore_case", "strip_accents", "word_chars", "across_punctuation")
    }
    try:
        Learning(stop_words=(), **finding)
    except ValueError as error:
        if not hasattr(error, "options"):
            raise
        raise click.UsageError(not_together(error, finding)) from error
    words = list(chain.from_iterable(_listed(name, options["word_chars"]) for name in options["stop_words"]))
    with warnings.catch_warnings(record=True, action="always") as caught:
        learning = Learning(stop_words=words, are_words=True, **finding)
    for warning in caught:
        click.echo(f"countgrid: {warning.message}", err=True)
    return learning


def _listed(name: str, word_chars: str) -> list[str]:
    """The stop words of ``english`` or of a file, of all its categories."""
    if name == "english":
        return english(word_chars)
    with naming("standard input" if name == "-" else click.format_filename(name)):
        found = read_lexicon("/dev/stdin" if name == "-" else name, syntax="literal")
    return list(chain.from_iterable(found.values())) if isinstance(found, dict) else list(found)


def tables(learning: Learning, ranking: np.ndarray) -> Iterator[Any]:
    """Tables of the terms in this order."""
    from countgrid._reading.arrays import names, numbers, table

    for start in range(0, max(len(ranking), 1), _TERMS):
        found = learning.totals(ranking[start : start + _TERMS])
        columns = [names(found.terms), numbers(found.counts), numbers(found.documents)]
        yield table(columns, ["term", "count", "documents"])
