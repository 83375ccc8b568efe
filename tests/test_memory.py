"""Measures that borrowed inputs are not copied, each in a new process.

A process creates documents of about 120 MB, resets its peak memory, counts, and prints by how many bytes the peak
grew.
"""

import subprocess
import sys
from pathlib import Path

import pytest

MB = 1 << 20
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(),
    reason="only Linux lets a process reset its peak of memory, under /proc/self",
)

PROLOGUE = """
import gc, sys
import numpy as np
import countgrid as cg

MB = 1 << 20
N = 120_000
WIDTH = 1000
TERMS = ["the", "cat", "sat on", "x1"]
text = ("the cat sat on the mat " * 50)[:WIDTH]
plan = cg.TermCounter(TERMS)
plan.totals([text] * 1000)  # threads and tables are there

def joined(text=text):
    return text.encode() * N

def offsets(dtype, width=WIDTH):
    return np.arange(N + 1, dtype=dtype) * width

def field(name):
    for line in open("/proc/self/status"):
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024

def arrow(values, dtype="int32"):
    import pyarrow as pa
    return pa.Array.from_buffers(values, N, [None, pa.py_buffer(offsets(dtype)), pa.py_buffer(joined())])
"""

EPILOGUE = """
gc.collect()
open("/proc/self/clear_refs", "w").write("5")  # the peak is what is held now
before = field("VmRSS")
use(documents)
print(field("VmHWM") - before, len(documents))
"""

DOCUMENTS = {
    "arrow string": "import pyarrow as pa; documents = arrow(pa.string())",
    "arrow large_string": "import pyarrow as pa; documents = arrow(pa.large_string(), 'int64')",
    "arrow string_view": "import pyarrow as pa; documents = arrow(pa.string()).cast(pa.string_view())",
    "arrow chunks": "import pyarrow as pa; a = arrow(pa.binary()); documents = pa.chunked_array([a[:7], a[7:]])",
    "polars": "import polars, pyarrow as pa; documents = polars.from_arrow(arrow(pa.string()))",
    "pandas": "import pandas as pd, pyarrow as pa; documents = pd.Series(arrow(pa.string()), dtype='str')",
    "buffer": "documents = cg.Documents.from_buffer(joined(), offsets('int64'))",
    "numpy S": "documents = np.frombuffer(joined(), dtype=f'S{WIDTH}')",
    "numpy S reversed": "documents = np.frombuffer(joined(), dtype=f'S{WIDTH}')[::-1]",
    "numpy U": "N //= 4; documents = np.full(N, text)",
    "numpy U swapped": "N //= 4; documents = np.full(N, text).astype(f'>U{WIDTH}')",
    "numpy S masked": """
documents = np.ma.masked_array(np.frombuffer(joined(), dtype=f"S{WIDTH}"), np.arange(N) % 3 == 0)
""",
    "numpy StringDType": "documents = np.full(N, text, np.dtypes.StringDType())",
    "numpy StringDType, nulls": """
documents = np.full(N, text, np.dtypes.StringDType(na_object=None))
documents[::7] = None
documents = documents[::-1]
""",
    "arrow dictionary": """
import pyarrow as pa
keys = pa.array(np.arange(N, dtype="int32")[::-1].copy())
documents = pa.DictionaryArray.from_arrays(keys, arrow(pa.string()))
""",
    "pandas category": """
import pandas as pd, pyarrow as pa
categories = pd.Index(pd.Series(["%06d" % i + text[6:] for i in range(N)], dtype="str"))
documents = pd.Categorical.from_codes(np.arange(N, dtype="int32"), categories)
""",
    "list of ASCII": "documents = [text + str(i) for i in range(N)]",
    "list of bytes": "documents = [text.encode() + b'%d' % i for i in range(N)]",
    "list of Cyrillic": "documents = ['\u0436' + text[:WIDTH // 2] + str(i) for i in range(N)]",
    "object array": "documents = np.array([text + str(i) for i in range(N)], dtype=object)",
}
USES = {
    "totals": "use = plan.totals",
    "Documents": "use = cg.Documents",
    "ignoring case": "use = cg.TermCounter(TERMS, ignore_case=True).totals",
    "a column of the matrix": "use = lambda documents: cg.count(documents, ['the'], dtype='int8')",
}


def run(*lines: str) -> list[int]:
    """The integers that a process prints."""
    ran = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return [int(word) for word in ran.stdout.split()]


def cases():
    for documents in DOCUMENTS:
        for use in USES:
            # One kind of call is enough for most inputs. The two that differ are tested with all.
            if use == "totals" or documents in ("arrow string", "list of ASCII", "numpy StringDType"):
                yield documents, use


@pytest.mark.parametrize(("documents", "use"), list(cases()))
def test_documents_are_borrowed(documents, use):
    growth, length = run(PROLOGUE, DOCUMENTS[documents], USES[use], EPILOGUE)
    by_document = 24 if documents.startswith(("list", "object")) else 0
    assert growth < 32 * MB + by_document * length


@pytest.mark.parametrize(
    "use",
    [
        "use = lambda documents: bytes(documents.buffers()[2])",
        "use = lambda documents: plan.totals(documents.to_pylist())",
    ],
    ids=["bytes", "str objects"],
)
def test_the_measure_sees_a_copy(use):
    growth, _ = run(PROLOGUE, DOCUMENTS["arrow string"], use, EPILOGUE)
    assert growth > 90 * MB


SPARSE = """
import pyarrow as pa
few = pa.array(["w%d and w%d" % (i, i + 1) for i in range(1000)])
many = pa.array([" ".join("w%d" % (i * j % 1000) for j in range(60)) for i in range(1000)])
documents = pa.concat_arrays([{"few": few, "many": many}[of]] * (200 if of == "many" else 1000))
if shared:
    keys = pa.array(np.arange(len(documents), dtype="int32"))
    documents = pa.DictionaryArray.from_arrays(keys, documents)
counter = cg.TermCounter(["w%d" % i for i in range(1000)])
counter.count(documents[:1000], sparse=True)
def use(documents):
    global result
    result = counter.count(documents, sparse=True, dtype=dtype)
"""
SPARSE_SIZE = """
print(sum(array.nbytes for array in (result.data, result.indices, result.indptr)))
"""


@pytest.mark.parametrize(
    ("of", "dtype", "shared"),
    [
        ("many", "int32", False),
        ("many", "float64", False),
        ("many", "uint32", True),
        ("few", "int32", False),
        ("few", "int64", False),
    ],
)
def test_a_sparse_matrix_is_built_in_little_more_than_its_size(of, dtype, shared):
    head = f"of, dtype, shared = {of!r}, {dtype!r}, {shared}"
    growth, length, size = run(PROLOGUE, head, SPARSE, EPILOGUE, SPARSE_SIZE)
    assert length >= 200_000
    # Rows that share texts take a number each, and the workers' buffers add to the matrix.
    assert growth < 1.75 * size + 4 * length * shared + 8 * MB


LONG = """
counter = cg.TermCounter(TERMS + ["x", "--", "x *", "b* b"], match=match, syntax=syntax)
documents = [b"x " + piece * (100 * MB // len(piece)) + b" x"]
counter.totals([documents[0][:1000]])
def use(documents):
    assert counter.totals(documents, workers=1).counts[len(TERMS)] == 2
"""


@pytest.mark.parametrize("options", [("word", "literal"), ("word", "glob"), ("token", "glob")], ids=" ".join)
@pytest.mark.parametrize(
    "piece",
    [b" ", b"a", b".", b"-", b"a ", "\u306e".encode(), "\u3000".encode(), "\U00020000".encode(), b"\xff", b"\xe3"],
    ids=repr,
)
def test_a_long_document_is_read_in_bounded_memory(piece, options):
    match, syntax = options
    growth, _ = run(PROLOGUE, f"piece, match, syntax = {piece!r}, {match!r}, {syntax!r}", LONG, EPILOGUE)
    assert growth < 64 * MB, "of a document of 100 MB"


HUGE = """
size = (1 << 32) + 1000
text = np.zeros(size, "uint8")  # pages that are only read take no memory
for at, word in ((0, b"x "), (size - 6, b" x y-z")):
    text[at : at + len(word)] = np.frombuffer(word, "uint8")
documents = cg.Documents.from_buffer(text, np.array([0, size]))
def use(documents):
    found = cg.TermCounter(terms, match=match, syntax=syntax).find(documents)
    print(*(start - size if start > 9 else start for start in found.start))
"""


@pytest.mark.skipif(sys.maxsize < 2**32, reason="no document has more than 4 GiB")
@pytest.mark.parametrize(
    ("match", "terms", "expected"),
    [
        ("word", ["x", "x y", "y - z"], [0, -5, -5]),
        ("word", ["x", "x y-*"], [0, -5, -5]),
        # Between both there is one token, of 4 GiB.
        ("token", ["x", "x y-z", "* x"], [0, 2, -5, -5]),
    ],
)
def test_places_beyond_4_gib_are_right(match, terms, expected):
    syntax = "glob" if any("*" in term for term in terms) else "literal"
    *found, growth, _ = run(PROLOGUE, f"match, terms, syntax = {match!r}, {terms!r}, {syntax!r}", HUGE, EPILOGUE)
    assert found == expected
    assert growth < 64 * MB


FROM_LINES = """
import tempfile
file = tempfile.NamedTemporaryFile()
for _ in range(200):
    file.write((text + "\\n").encode() * 1000)
file.flush()
gc.collect()
before = field("RssAnon")
seen = []
documents = cg.Documents.from_lines(file.name) if borrow else open(file.name, "rb").read().splitlines()
plan.totals(documents, progress=lambda done, total: seen.append(field("RssAnon")))
print(max(seen) - before)
"""


def test_lines_of_a_file_are_borrowed():
    assert run(PROLOGUE, "borrow = True", FROM_LINES)[0] < 32 * MB
    assert run(PROLOGUE, "borrow = False", FROM_LINES)[0] > 150 * MB, "the control"


STREAM = """
import pyarrow as pa
schema = pa.schema([("document", pa.string())])
batch = lambda i: pa.record_batch([pa.array([text + str(i)] * 5000)], schema=schema)
documents = pa.RecordBatchReader.from_batches(schema, (batch(i) for i in range(60)))
plan.totals(batch(0))
open("/proc/self/clear_refs", "w").write("5")
before = field("VmRSS")
found = use(documents)
print(field("VmHWM") - before, int(found[0]))
"""


def test_a_stream_is_counted_in_bounded_memory():
    growth, found = run(PROLOGUE, "use = lambda documents: plan.totals(documents).counts", STREAM)
    each = ("the cat sat on the mat " * 50)[:1000].split().count("the")
    assert found == each * 300_000
    assert growth < 64 * MB, "of a stream of 300 MB"
    growth, _ = run(PROLOGUE, "use = lambda documents: plan.count(documents, dtype='int8').sum(axis=0)", STREAM)
    assert growth > 200 * MB, "the control: a matrix needs the whole stream"


SIZES = """
makers = ["\\u0436" * 50, "\\u00e9" * 50, "a\\U0001d11e" * 50]
documents = [maker + str(i) for i in range(10_000) for maker in makers]
terms = ["\\u0436", "\\u00e9" * 50 + "7"]
before = [sys.getsizeof(document) for document in documents + terms]
for ask in (list, tuple, lambda items: np.array(items, dtype=object)):
    for match in ("word", "token", "substring"):
        for ignore_case in (False, True):
            cg.count(ask(documents), terms, match=match, ignore_case=ignore_case)
            cg.Documents(ask(documents))
after = [sys.getsizeof(document) for document in documents + terms]
if control:
    import ctypes
    utf8 = ctypes.pythonapi.PyUnicode_AsUTF8
    utf8.argtypes, utf8.restype = [ctypes.py_object], ctypes.c_char_p
    utf8(documents[0])
    after[0] = sys.getsizeof(documents[0])
print(sum(after) - sum(before))
"""


def test_str_objects_of_the_caller_do_not_grow():
    assert run(PROLOGUE, "control = False", SIZES) == [0]
    assert run(PROLOGUE, "control = True", SIZES)[0] > 0, "the control: str objects cache UTF-8 on request"


BLOCKS = """
import tracemalloc
plan.totals(documents[:100])  # what is imported is there
hold(documents[:100])
gc.collect()
blocks = sys.getallocatedblocks()
tracemalloc.start()
seen = []
held = hold(documents)
blocks = sys.getallocatedblocks() - blocks
plan.totals(held if held is not None else documents)
print(blocks, tracemalloc.get_traced_memory()[1])
"""
MOST_BYTES = 4 * MB
WITHOUT_OBJECTS = {
    "U": "np.full(N, 'the cat')",
    "U swapped": "np.full(N, 'the cat').astype('>U7')",
    "S": "np.full(N, b'the cat')",
    "StringDType": "np.full(N, 'the cat', np.dtypes.StringDType())",
    "masked": "np.ma.masked_array(np.full(N, 'the cat'), mask=np.arange(N) % 3 == 0)",
    "arrow": "__import__('pyarrow').repeat('the cat', N)",
    "polars": "__import__('polars').repeat('the cat', N, eager=True)",
    "pandas": "__import__('pandas').Series(['the cat'] * N, dtype='str')",
    "category": "__import__('pandas').Series(['the cat', 'the mat'] * (N // 2), dtype='category')",
}


@pytest.mark.parametrize("documents", WITHOUT_OBJECTS.values(), ids=WITHOUT_OBJECTS)
def test_no_python_object_for_each_item(documents):
    blocks, peak = run(PROLOGUE, f"documents = {documents}; hold = cg.Documents", BLOCKS)
    assert blocks < 1000
    assert peak < MOST_BYTES


def test_the_measure_sees_python_objects():
    # Twice as many: newer Pythons have smaller strings, and the control should be far above the bound.
    blocks, peak = run(PROLOGUE, "documents = np.full(2 * N, 'the cat'); hold = np.ndarray.tolist", BLOCKS)
    assert blocks > 200_000
    assert peak > 2 * MOST_BYTES


def test_a_matrix_larger_than_memory_is_an_error_before_allocation():
    lines = """
documents = np.broadcast_to(np.array(b"a"), 10_000_000)
plan = cg.TermCounter([f"a{i}" for i in range(100_000)])
def use(documents):
    try:
        plan.count(documents)
    except MemoryError as error:
        assert "sparse=True" in str(error)
    else:
        raise AssertionError("a matrix of 4 TB")
"""
    growth, _ = run(PROLOGUE, lines, EPILOGUE)
    assert growth < 32 * MB


HOSTILE = """
MATCH, SYNTAX, OVERLAP = "substring", "literal", "longest"
NESTED = ["a" * length for length in range(1, 101)]
"""
HOSTILE_CASES = {
    "nested terms": 'terms = NESTED; text = b"a" * 3_000_000',
    "nested terms, one in vain": 'terms = ["a", "a" * 1000 + "b"]; text = b"a" * 3_000_000',
    "dashes": 'MATCH = "word"; terms = ["-" * length for length in range(1, 6)]; text = b"-" * 5_000_000',
    "globs in categories": """
SYNTAX = "glob"; OVERLAP = "per-term"; terms = {"x": ["a?", "?a", "a*a", "b*"], "y": ["*"]}; text = b"a" * 3_000_000
""",
    "globs that compete": 'SYNTAX = "glob"; terms = ["*b", "*c", "a", "a?"]; text = b"a" * 3_000_000 + b"b"',
    "globs in categories, overlapping": """
SYNTAX = "glob"; OVERLAP = "all"; terms = {"x": ["a?", "?a", "??"], "y": ["*b", "a"]}; text = b"a" * 3_000_000
""",
    "regular expressions in categories": """
SYNTAX = "regex"; OVERLAP = "per-term"; terms = {"x": ["a", "[ab]", "(?i)A"]}; text = b"a" * 3_000_000
""",
    "regular expressions that compete": """
SYNTAX = "regex"; OVERLAP = "first"; terms = ["b", "a", "a+", "(?s)a.*", "a*b|a"]; text = b"a" * 3_000_000
""",
}


@pytest.mark.parametrize("case", HOSTILE_CASES.values(), ids=HOSTILE_CASES)
def test_terms_compete_in_bounded_memory(case):
    use = """
documents = [text]
plan = cg.TermCounter(terms, match=MATCH, syntax=SYNTAX, overlap=OVERLAP)
plan.totals([text[-1000:]])
use = plan.totals
"""
    growth, _ = run(PROLOGUE, HOSTILE, case, use, EPILOGUE)
    assert growth < 64 * MB


def test_find_needs_about_twice_its_result():
    use = """
documents = [b"a" * 6_000_000, "b\u00e9a" * 1_000_000]
plan = cg.TermCounter(["a", "\u00e9"], match="substring")
plan.find([b"a"])
def use(documents):
    global found
    found = plan.find(documents)
"""
    size = "print(len(found.start))"
    growth, _, matches = run(PROLOGUE, use, EPILOGUE, size)
    assert matches == 8_000_000
    assert growth < 2 * 4 * 8 * matches + 64 * MB
