"""Passes cases of the table through every container and result, for memory checkers.

    python .ci/exercise.py [STEP]

uses every STEP-th row, since memory checkers are slow. Imports only NumPy and, if installed, pyarrow.
"""

import importlib.util
import pickle
import re
import sys
import tempfile
import threading
import tomllib
from pathlib import Path

import countgrid as cg
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = ("match", "ignore_case", "syntax", "overlap", "strip_accents", "word_chars")


def as_bytes(texts: list) -> list[bytes]:
    r"""Texts of the table as UTF-8. `\xNN` stands for a byte."""
    return [re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), t.encode()) for t in texts]


def documents_of(texts: list[bytes], folder: str):
    """The documents in each container that can store them."""
    yield "list", texts
    yield "tuple", tuple(texts)
    yield "iterator", iter(texts)
    objects = np.empty(len(texts), dtype=object)
    objects[:] = texts
    yield "objects", objects
    yield "objects, strided", objects[::-1][::-1]
    yield "Documents", cg.Documents(texts)
    yield "buffer", cg.Documents.from_buffer(b"".join(texts), np.cumsum([0] + [len(text) for text in texts]))
    if not any(text.endswith(b"\0") for text in texts):
        yield "S", np.array(texts, dtype="S")
    # Files with control characters are rejected as binary, and a file's byte-order mark is dropped.
    is_text = min(b"".join(texts), default=0) >= ord(b"\t") and not texts[0].startswith("\ufeff".encode())
    if is_text and not any(b"\n" in text or text.endswith(b"\r") for text in texts):
        path = Path(folder, "lines")
        path.write_bytes(b"".join(text + b"\n" for text in texts))
        yield "lines", cg.Documents.from_lines(path)
    if importlib.util.find_spec("pyarrow"):
        import pyarrow as pa

        for dtype in (pa.binary(), pa.large_binary(), pa.binary_view()):
            yield str(dtype), pa.array(texts, dtype)
        yield "dictionary", pa.array(texts, pa.binary()).dictionary_encode()
        yield (
            "chunks",
            pa.chunked_array([pa.array(part, pa.binary()) for part in (texts[:1], texts[1:])], pa.binary()),
        )
    try:
        strings = [text.decode() for text in texts]
    except UnicodeDecodeError:
        return
    yield "str", strings
    if not any(text.endswith("\0") for text in strings):
        yield "U", np.array(strings, dtype="U")
        yield "U, swapped", np.array(strings, dtype="U").astype(f">U{max(map(len, strings), default=1) or 1}")
    yield "StringDType", np.array(strings, dtype=np.dtypes.StringDType())


def check(table: dict, folder: str) -> int:
    """Check one row. Returns the number of results compared."""
    texts = as_bytes(table["documents"] if "documents" in table else table["documents_bytes"])
    if "documents" in table:
        texts = [text.encode() for text in table["documents"]]
    if "categories" in table:
        terms = {category["name"]: category["terms"] for category in table["categories"]}
    else:
        terms = table["terms"] if "terms" in table else as_bytes(table["terms_bytes"])
    counter = cg.TermCounter(terms, **{option: table[option] for option in OPTIONS if option in table})
    counter = pickle.loads(pickle.dumps(counter))
    counts = np.array(table["counts"], np.int32).reshape(len(texts), len(terms))
    compared = 0
    for name, documents in documents_of(texts, folder):
        found = counter.count(documents, workers=2)
        assert found.tolist() == counts.tolist(), (table["name"], name)
        compared += 1
    # Repeated, so that there are several batches and workers.
    many = texts * (200_000 // (sum(map(len, texts)) + 100) + 1)
    for documents in (many, cg.Documents(many)):
        totals = counter.totals(documents, workers=2)
        assert totals.counts.tolist() == (counts.sum(axis=0) * (len(many) // max(len(texts), 1))).tolist()
    matches = counter.find(texts)
    assert len(matches) == counts.sum()
    matches.context(texts, width=5)
    return compared + 3


def count_changing_list() -> None:
    """Threads count a list while another thread empties and fills it."""
    texts = [f"the cat {i}" for i in range(2000)]
    shared, counter = list(texts), cg.TermCounter(["the", "cat"])
    threads = [threading.Thread(target=lambda: [counter.count(shared) for _ in range(20)]) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        shared.clear()
        shared.extend(texts)
    for thread in threads:
        thread.join()


def main(step: str = "1") -> None:
    rows = tomllib.loads((ROOT / "tests" / "cases.toml").read_text(encoding="utf-8"))["case"][:: int(step)]
    with tempfile.TemporaryDirectory() as folder:
        compared = sum(check(row, folder) for row in rows)
    count_changing_list()
    print(f"{len(rows)} rows, {compared} results compared")


main(*sys.argv[1:])
