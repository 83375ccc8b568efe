"""If memory runs out at any moment, there is a `MemoryError`, and the process survives.

Each kind of call runs repeatedly in a separate process, with a little more memory each time.
"""

import os
import subprocess
import sys
import textwrap

import pytest

resource = pytest.importorskip("resource")
if not os.path.exists("/proc/self/statm"):
    pytest.skip("only Linux tells how much address space is in use", allow_module_level=True)

#: MB beyond what is in use before the call.
ROOMS = [0, 2, 5, 12, 24, 36, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048]

CHILD = """
import ctypes, gc, io, pickle, resource, sys, threading
import countgrid as cg, numpy as np, pyarrow as pa, scipy.sparse, pandas
_, hard = resource.getrlimit(resource.RLIMIT_AS)

def in_use():
    return int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()

def words(n, length=8):
    letters = np.random.default_rng(n).integers(97, 123, (n, length), np.uint8)
    return [word.decode() for word in letters.view(f"S{length}").ravel().tolist()]

counter = cg.TermCounter(["a"])
PREPARE
def call():
    CALL

outcomes = ""
for room in ROOMS:
    gc.collect()
    # What the allocator keeps for later calls would be memory beyond the room.
    ctypes.CDLL(None).malloc_trim(0)
    resource.setrlimit(resource.RLIMIT_AS, (in_use() + (room << 20), hard))
    try:
        call()
        outcome = "."
    except MemoryError:
        outcome = "M"
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    outcomes += outcome
    assert counter.count(["a b a"]).tolist() == [[2]]
    assert counter.totals(["a b a " * 50_000], workers=2).counts[0] == 100_000
    if outcomes.endswith("..."):
        break
call()
print(outcomes)
"""

CASES = {
    "find": ("text = ['a ' * 4_000_000]", "counter.find(text)"),
    "find in many": ("texts = pa.array(['a a'] * 1_500_000)", "counter.find(texts, workers=2)"),
    "find in shared rows": (
        "texts = pa.array(['a ' * 1000] * 2000).dictionary_encode()",
        "counter.find(texts)",
    ),
    "find longest": (
        "longest = cg.TermCounter(['a', 'a a', 'b'], overlap='longest'); text = ['a b ' * 1_000_000]",
        "longest.find(text)",
    ),
    "find regex": (
        "regex = cg.TermCounter(['[ab]+'], syntax='regex'); text = ['a b ' * 2_000_000]",
        "regex.find(text)",
    ),
    "sparse": ("texts = pa.array(['a a'] * 6_000_000)", "counter.count(texts, sparse=True)"),
    "sparse of a list": ("texts = ['a a'] * 2_000_000", "counter.count(texts, sparse=True)"),
    "sparse of shared rows": (
        "texts = pa.array(['a', 'b'] * 3_000_000).dictionary_encode()",
        "counter.count(texts, sparse=True)",
    ),
    "dense": ("texts = pa.array(['a a'] * 3_000_000); few = cg.TermCounter(list('abcdefghij'))", "few.count(texts)"),
    "dense of shared rows": (
        "texts = pa.array(['a', 'b'] * 3_000_000).dictionary_encode()",
        "counter.count(texts)",
    ),
    "dense of a long document": ("text = ['é' * 50_000_000]", "cg.count(text, ['a'], ignore_case=True)"),
    "many threads": ("text = ['a ' * 2_000_000]", "counter.count(text, workers=100)"),
    "totals of many columns": (
        "many = cg.TermCounter(words(1_000_000)); texts = [' '.join(words(40_000))]",
        "many.totals(texts, workers=2)",
    ),
    "counts of many columns": (
        "many = cg.TermCounter(words(1_000_000)); texts = [' '.join(words(1_000_000)[:40_000])] * 200",
        "many.count(texts, sparse=True)",
    ),
    "columns": ("many = cg.TermCounter(words(1_000_000))", "many.columns, many._plan.terms(), pickle.dumps(many)"),
    "words": ("terms = words(400_000)", "cg.TermCounter(terms)"),
    "phrases": ("terms = [' '.join(pair) for pair in zip(words(200_000), words(200_000))]", "cg.TermCounter(terms)"),
    "globs": ("terms = [word + '*' for word in words(60_000)]", "cg.TermCounter(terms, syntax='glob')"),
    "suffixes": ("terms = ['*' + word for word in words(100_000)]", "cg.TermCounter(terms, syntax='glob')"),
    "substrings": ("terms = words(200_000)", "cg.TermCounter(terms, match='substring')"),
    "substring globs": (
        "terms = [word[:4] + '*' + word[4:] for word in words(100_000)]",
        "cg.TermCounter(terms, match='substring', syntax='glob')",
    ),
    "regexes": (
        "terms = [word + '[ab]{1,20000}' for word in words(8)]",
        "cg.TermCounter(terms, syntax='regex').count([word[:8] + 'ab' for word in terms])",
    ),
    "categories": (
        "terms = {word: words(20) for word in words(20_000)}",
        "cg.TermCounter(terms, ignore_case=True, strip_accents=True)",
    ),
    "unpickling": ("pickled = pickle.dumps(cg.TermCounter(words(400_000)))", "pickle.loads(pickled)"),
    "documents": ("texts = ['a'] * 6_000_000", "cg.Documents(texts)"),
    "documents of an iterator": ("", "cg.Documents('a' for _ in range(3_000_000))"),
    "missing": ("texts = cg.Documents(pa.array(['a', None] * 30_000_000))", "texts.missing"),
    "lines": ("data = b'\\n' * 12_000_000", "cg.Documents.from_lines(data)"),
    "an item": ("texts = cg.Documents(['é' * 60_000_000])", "texts[0]"),
    "an invalid item": (
        "texts = cg.Documents(pa.StringArray.from_buffers(1, pa.py_buffer(np.array([0, 10_000_000], np.int32)), "
        "pa.py_buffer(b'\\xff' * 10_000_000)))",
        "texts[0]",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_memory_runs_out(case):
    prepare, call = CASES[case]
    code = textwrap.dedent(CHILD).replace("PREPARE", prepare).replace("CALL", call).replace("ROOMS", str(ROOMS))
    environment = os.environ | {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=600, env=environment, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    outcomes = ran.stdout.strip()
    assert set(outcomes) <= set(".M")
    assert "M" in outcomes, "the test gave too much memory"
    assert outcomes.endswith("."), "the test gave too little memory"
