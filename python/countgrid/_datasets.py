"""The public function `count_dataset`: its docstring, and checks of its options."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Unpack

from countgrid._columns import counter_of_batches, named
from countgrid._counter import TermCounter
from countgrid._errors import about
from countgrid._kinds import known_encoding
from countgrid._optional import require
from countgrid._options import Matching, Progress, Terms
from countgrid._warnings import warn

if TYPE_CHECKING:
    from countgrid._dataset.result import DatasetCounts

#: A path or URI.
Path: TypeAlias = str | os.PathLike[str]
InputFormat: TypeAlias = Literal["parquet", "csv", "tsv", "jsonl", "arrow", "text"]

_INPUT_FORMATS = (None, "parquet", "csv", "tsv", "jsonl", "arrow", "text")


def count_dataset(
    inputs: Path | Iterable[Path],
    terms: Terms | TermCounter,
    out: Path,
    *,
    column: str | None = None,
    keep: str | Sequence[str] = (),
    format: Literal["long", "wide"] = "long",  # noqa: A002 (a keyword argument, as in `read_lexicon`)
    by: str | Sequence[str] | None = None,
    filesystem: Any = None,
    resume: bool = True,
    part: tuple[int, int] = (0, 1),
    progress: Progress = False,
    workers: int | None = None,
    input_format: InputFormat | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    quote: str | None = None,
    header: bool = True,
    on_error: Literal["stop", "skip"] = "stop",
    **matching: Unpack[Matching],
) -> DatasetCounts:
    """Count the documents of many files into a directory of Parquet files.

    Files are counted one by one. A large Parquet file is divided into parts of several row groups. Each of these
    units gets a file of results, which appears when it is complete. If a run is interrupted, the next one continues
    with the units that are left. Several machines can share the work. Memory does not grow with the number or size of
    the files. Two runs over the same files write equal bytes.

    Parameters
    ----------
    inputs : str or path, or iterable of str and paths
        Files, directories, globs, and URIs such as ``"s3://bucket/lake/"``. Formats are Parquet, Arrow IPC, CSV, TSV,
        JSON Lines, and text with a document per line, also compressed. A file that is named twice is counted once.
    terms : sequence of str or bytes, mapping of str to such sequences, or TermCounter
        See `TermCounter`.
    out : str or path
        The directory of results, which must be neither among the inputs nor contain them. It can be a URI.
    column : str, optional
        The column of documents. Default: the only one. ``"meta.text"`` is the field ``text`` of the column ``meta``.
    keep : str or sequence of str
        Columns to copy to the results. If the file has no such column, ``"filename"`` is the path of the file, and a
        name such as ``"year"`` is the value of a partition in the path (``year=2026/``), as text.
    format : {"long", "wide"}, default "long"
        - ``"long"``: a row for each nonzero count. The columns are those of ``keep``, then ``document`` (the number
          of the document in its file, from 0), ``term`` and ``count``. Needs SciPy.
        - ``"wide"``: a row for each document. The columns are those of ``keep``, then one for each term or category.
    by : str or sequence of str, optional
        Columns that group the documents, named as in ``keep``. The results are totals of each unit: these columns,
        then ``term``, ``count`` and ``documents`` (how many documents of the group contain the term). A group has no
        row for a term that it does not contain. Add up the rows of all files. Needs SciPy.
    filesystem : pyarrow.fs.FileSystem, optional
        Where ``inputs`` and ``out`` are, unless they are URIs. Default: local.
    resume : bool, default True
        Skip units that are done. If a file's size or modification time has changed, it is counted again. Results of
        files that are not among the inputs stay. False raises if any of the units is done.
    part : tuple of int, default (0, 1)
        ``(i, n)``: count only the units of machine ``i`` of ``n``, which a hash of path and row groups determines.
        All machines must be given the same inputs, by the same paths.
    progress : bool or callable, default False
        True shows a tqdm bar. A callable gets ``(bytes_done, bytes_total)``.
    workers : int, optional
        Threads that count; see `TermCounter.count`. One more thread reads ahead.
    input_format : {"parquet", "csv", "tsv", "jsonl", "arrow", "text"}, optional
        The format of all inputs. Default: by suffix.
    encoding : str, optional
        The encoding of CSV, TSV, JSON and text without a byte-order mark. Default: UTF-8.
    delimiter, quote : str, optional
        The character between CSV fields, and the one that encloses them; ``quote="none"`` for none.
    header : bool, default True
        False: the first row of CSV has no names. Columns are called ``"1"``, ``"2"``, ...
    on_error : {"stop", "skip"}, default "stop"
        Raise at a row of CSV or JSON that cannot be read, or skip such rows and warn at the end.
    match, ignore_case, strip_accents, fold_punctuation, word_chars, syntax, overlap
        How terms are matched: see `TermCounter`. Not allowed with a `TermCounter`.

    Returns
    -------
    DatasetCounts
        How many units, documents and bytes were counted.

    Raises
    ------
    ValueError
        A file that cannot be read, with its name and, if there is one, the row; a missing column; ``out`` has
        results of other terms or options; columns of equal names. The results of other units stay.
    OSError
        A file does not exist or cannot be opened, with its name.
    FileExistsError
        ``out`` has results, and ``resume`` is False.
    ImportError
        pyarrow, or SciPy for ``format="long"`` and ``by``, is not installed.

    Warns
    -----
    UserWarning
        A directory has files of unknown suffix, which are left out; rows were skipped.

    Examples
    --------
    >>> import countgrid as cg, tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.txt").write_text("the cat sat\\nthe the\\n")
    >>> _ = (folder / "b.txt").write_text("a dog\\n")
    >>> cg.count_dataset([folder / "a.txt", folder / "b.txt"], ["the", "cat"], folder / "counts")
    DatasetCounts: 2 counted (3 documents, 0.0 MB), 0 skipped
    >>> import pyarrow.parquet
    >>> pyarrow.parquet.read_table(folder / "counts").to_pandas()
       document term  count
    0         0  the      1
    1         0  cat      1
    2         1  the      2
    """
    require("pyarrow", "count_dataset", "pyarrow")
    from countgrid._dataset.run import Job, run
    from countgrid._reading.columns import Wanted

    grouped = _listed("by", () if by is None else by)
    kept = _listed("keep", keep)
    if format not in ("long", "wide"):
        raise ValueError(f"format is {format!r}; expected 'long' or 'wide'")
    if by is not None and not grouped:
        raise ValueError("by names no column; expected at least one")
    if grouped and (kept or format == "wide"):
        other = "keep" if kept else "format='wide'"
        raise ValueError(f"by gives totals by group, in which {other} has no meaning; leave it out")
    if on_error not in ("stop", "skip"):
        raise ValueError(f"on_error is {on_error!r}; expected 'stop' or 'skip'")
    if input_format not in _INPUT_FORMATS:
        expected = ", ".join(map(repr, _INPUT_FORMATS[1:]))
        raise ValueError(f"input_format is {input_format!r}; expected one of {expected}")
    if encoding is not None:
        known_encoding(encoding)
    counter = counter_of_batches(terms, matching)
    wanted = Wanted(
        column,
        grouped or kept,
        encoding=encoding,
        delimiter=_character("delimiter", delimiter),
        quote="" if quote == "none" else _character("quote", quote),
        header=bool(header),
        skip_faults=on_error == "skip",
    )
    if grouped or format == "long":
        require("scipy.sparse", "by" if grouped else "format='long'", "scipy")
    return run(
        Job(counter, wanted, input_format, format, grouped, _names(counter)),
        [os.fspath(one) for one in ([inputs] if isinstance(inputs, (str, os.PathLike)) else inputs)],
        os.fspath(out),
        filesystem=filesystem,
        resume=bool(resume),
        part=_part(part),
        progress=progress,
        workers=workers,
        say=warn,
    )


def _listed(name: str, value: str | Sequence[str]) -> list[str]:
    listed = [value] if isinstance(value, str) else list(value)
    for one in listed:
        if not isinstance(one, str):
            raise TypeError(f"{name} contains {type(one).__name__} ({one!r}); expected names of columns")
    return listed


def _character(name: str, value: str | None) -> str | None:
    if value is not None and (len(value) != 1 or not value.isascii() or value in "\r\n"):
        raise ValueError(f"{name} is {value!r}; expected one ASCII character other than a line end")
    return value


def _part(part: Any) -> tuple[int, int]:
    try:
        machine, machines = map(int, part)
    except (TypeError, ValueError):
        raise TypeError(f"part is {part!r}; expected (i, n): machine i of n") from None
    if not 0 <= machine < machines:
        raise ValueError(f"part is {part!r}; expected (i, n) with 0 <= i < n")
    return machine, machines


def _names(counter: TermCounter) -> list[str]:
    """The names of the columns, or terms. Raises if two are equal, or if Parquet cannot contain one."""
    try:
        names = named(counter)
    except ValueError as error:
        first, second = error.columns  # type: ignore[attr-defined]  # `named` adds it
        name = counter.columns[first]
        what = f"terms {first} and {second} are both {name!r}; leave one out"
        raise about(ValueError(what), columns=(first, second)) from None
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise ValueError(f"the term {name!a} has a lone surrogate, which Parquet cannot contain") from None
    return names
