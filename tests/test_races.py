"""Texts and offsets that are written to while they are counted: counts may be wrong, but no exception, no crash.

`COUNTGRID_RACE_SECONDS` sets how long each kind is tried.
"""

import os
import threading
import time
from contextlib import contextmanager

import countgrid as cg
import numpy as np
import pyarrow as pa
import pytest

SECONDS = float(os.environ.get("COUNTGRID_RACE_SECONDS", "0.1"))
SIZE = 300_000

rng = np.random.default_rng(7)
WORDS = [
    "the",
    "cat",
    "sat",
    "on",
    "New",
    "York",
    "naïve",
    "Σίσυφος",
    "İstanbul",
    "ﷺ",
    "C++",
    "a-b",
    "東京",
    "x" * 40,
]
FILLED = " ".join(rng.choice(WORDS, SIZE // 4).tolist()).encode()[:SIZE]
#: The contents that a buffer alternates between.
CONTENTS = [
    np.frombuffer(FILLED.ljust(SIZE), np.uint8),
    np.frombuffer(b"the cat " * (SIZE // 8) + b" " * (SIZE % 8), np.uint8),
    np.full(SIZE, ord(" "), np.uint8),
    np.full(SIZE, ord("a"), np.uint8),
    np.full(SIZE, 0x80, np.uint8),
    rng.integers(0, 256, SIZE, np.uint8),
    np.frombuffer("é東".encode() * (SIZE // 5 + 1), np.uint8)[:SIZE],
]

COUNTERS = {
    "one word": cg.TermCounter(["the"]),
    "one letter": cg.TermCounter(["a"], match="substring"),
    "words": cg.TermCounter([*WORDS, "New York", "the cat sat"]),
    "words without case": cg.TermCounter([*WORDS, "new york"], ignore_case=True),
    "words without accents": cg.TermCounter([*WORDS, "naive"], strip_accents=True, ignore_case=True),
    "tokens": cg.TermCounter([*WORDS, "the cat"], match="token"),
    "word characters": cg.TermCounter(WORDS, word_chars="-+"),
    "globs": cg.TermCounter(["c*t", "*a*", "?he", "n* y*", "* sat"], syntax="glob"),
    "substrings": cg.TermCounter(["t", "at", "he c", "naï", "東", "aa"], match="substring"),
    "many substrings": cg.TermCounter(sorted({f"{a}{b}" for a in "thecasnv " for b in WORDS}), match="substring"),
    "substring globs": cg.TermCounter(["t*e", "?a", "a*a", "é*"], match="substring", syntax="glob"),
    "longest": cg.TermCounter([*WORDS, "the cat", "cat sat"], overlap="longest"),
    "all": cg.TermCounter(["aa", "a", "the", "aaa"], match="substring", overlap="all"),
    "regexes": cg.TermCounter([r"\w+at", r"t.e", r"[a-z]+", r"(?m)^\w+$"], syntax="regex"),
    "regex tokens": cg.TermCounter([r".*e", r"é+", r"\S+"], syntax="regex", match="token"),
    "regex substrings": cg.TermCounter(
        [r"a.?t", r"東|é", r"x+", r".*[^A-Z]|[A-Z]"], syntax="regex", match="substring"
    ),
    "categories": cg.TermCounter({"one": ["t*", "the"], "two": ["*e", "c?t"]}, syntax="glob"),
}


@contextmanager
def written_to(*writes):
    """Call each function repeatedly in its own thread."""
    ends = threading.Event()

    def write_on(write):
        turn = 0
        while not ends.is_set():
            write(turn)
            turn += 1

    threads = [threading.Thread(target=write_on, args=(write,)) for write in writes]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ends.set()
        for thread in threads:
            thread.join()


def writes_text(memory):
    def write(turn):
        content = CONTENTS[turn % len(CONTENTS)][: len(memory)]
        # Sometimes only a part, so that readers see a mix of two contents.
        part = slice(None) if turn % 3 else slice(int(rng.integers(len(memory))), None)
        memory[part] = content[part]

    return write


def writes_offsets(offsets):
    good = offsets.copy()
    bad = [good[::-1], np.zeros_like(good), np.full_like(good, -1), np.full_like(good, np.iinfo(good.dtype).max)]
    bad += [np.random.default_rng(1).integers(0, good[-1] + 9, len(good)).astype(good.dtype), np.roll(good, 1)]

    def write(turn):
        at = int(rng.integers(len(good)))
        offsets[at:] = bad[turn // 2 % len(bad)][at:] if turn % 2 else good[at:]

    return write


def in_one_buffer(cuts):
    memory = CONTENTS[0].copy()
    offsets = np.linspace(0, SIZE, cuts + 1).astype(np.int64)
    return cg.Documents.from_buffer(memory, offsets), [writes_text(memory), writes_offsets(offsets)]


def in_lines():
    memory = CONTENTS[0].copy()
    memory[::97] = ord("\n")
    return cg.Documents.from_lines(memory), [writes_text(memory)]


def in_arrow():
    memory = CONTENTS[0].copy()
    offsets = np.linspace(0, SIZE, 3001).astype(np.int32)
    nulls = np.full(400, 255, np.uint8)
    buffers = [pa.py_buffer(nulls), pa.py_buffer(offsets), pa.py_buffer(memory)]
    column = pa.Array.from_buffers(pa.string(), 3000, buffers)

    def write_nulls(turn):
        nulls[:] = [255, 0, 85, turn % 256][turn % 4]

    return cg.Documents(column), [writes_text(memory), writes_offsets(offsets), write_nulls]


def in_views():
    memory = CONTENTS[0].copy()
    views = np.zeros((3000, 4), np.uint32)
    views[:, 0], views[:, 3] = 100, np.arange(3000) * 100
    good = views.copy()
    buffers = [None, pa.py_buffer(views), pa.py_buffer(memory)]
    column = pa.Array.from_buffers(pa.binary_view(), 3000, buffers)

    def write_views(turn):
        views[:] = good if turn % 2 else np.roll(good, int(rng.integers(1, 9)))

    return cg.Documents(column), [writes_text(memory), write_views]


def in_cells(dtype):
    memory = np.zeros(20 * 3000, "u1")
    cells = memory.view(dtype)

    def write(turn):
        memory[:] = [CONTENTS[0][: len(memory)], 0, CONTENTS[5][: len(memory)], np.tile([97, 0, 0, 0], 15000)][
            turn % 4
        ]

    return cg.Documents(cells), [write]


LAYOUTS = {
    "one document": lambda: in_one_buffer(1),
    "a few documents": lambda: in_one_buffer(7),
    "documents": lambda: in_one_buffer(3000),
    "lines": in_lines,
    "arrow": in_arrow,
    "views": in_views,
    "S": lambda: in_cells("S20"),
    "U": lambda: in_cells("U5"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("counter", COUNTERS)
def test_texts_that_are_written_to(counter, layout):
    counter = COUNTERS[counter]
    documents, writes = LAYOUTS[layout]()
    shape = (len(documents), len(counter.columns))
    ends = time.monotonic() + SECONDS
    calls = [
        lambda: counter.count(documents).shape,
        lambda: counter.count(documents, sparse=True, workers=2).shape,
        lambda: (len(documents), len(counter.totals(documents).counts)),
        lambda: (counter.find(documents).n_documents, len(counter.columns)),
        lambda: (len(documents.missing), shape[1]),
    ]
    with written_to(*writes):
        turn = 0
        while turn < len(calls) or time.monotonic() < ends:
            assert calls[turn % len(calls)]() == shape
            turn += 1
        for i in range(0, len(documents), 100):
            assert isinstance(documents[i], (str, bytes, type(None))) or counter
        assert documents.nbytes >= 0
