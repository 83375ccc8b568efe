"""The peak memory of learning a vocabulary, countgrid's and scikit-learn's, each case in its own process.

"Kept" is what the call leaves: the matrix and the vectorizer with its words. The documents exist before. They are an
Arrow column for countgrid, and a list of `str` for scikit-learn.

    python benchmarks/learning_memory.py CASE FILE      the child's command; prints JSON

Read next: `memory.py` (how the peak is measured), `learning.py` (the time of the same calls).
"""

import gc
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
from memory import peak, resident, return_freed_memory
from pyarrow import feather

OURS, THEIRS = "countgrid.sklearn", "sklearn.feature_extraction.text"
#: By case: the module of the CountVectorizer, the n-grams, whether `vocabulary_` is read, only every n-th document.
CASES: dict[str, tuple[str, tuple[int, int], bool, int]] = {
    "words, countgrid": (OURS, (1, 1), False, 2),
    "words, countgrid, vocabulary_ read": (OURS, (1, 1), True, 2),
    "words, scikit-learn": (THEIRS, (1, 1), True, 2),
    "words and pairs, countgrid": (OURS, (1, 2), False, 3),
    "words and pairs, countgrid, vocabulary_ read": (OURS, (1, 2), True, 3),
    "words and pairs, scikit-learn": (THEIRS, (1, 2), True, 3),
}


def learning_memory(rounds: int, quick: bool) -> dict[str, Any]:
    import sources
    import texts

    file = sources.CACHE / "learning-memory.arrow"
    rows = []
    for case, (*_, step) in CASES.items():
        text = texts.medium(quick).thinned(step)
        feather.write_feather(pa.table({"text": text.column}), file, compression="uncompressed")
        command = [sys.executable, __file__, case, str(file)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        sizes = [text.nbytes, found["matrix"], found["kept"], found["peak"]]
        sizes += [found["peak"] - found["matrix"], found["peak"] - found["kept"]]
        rows.append([case, *(f"{size / 1e6:,.1f}" for size in sizes)])
        file.unlink()
    return {
        "name": "learning-memory",
        "title": "peak memory of fit_transform in MB, in addition to the documents; documents of 330 bytes",
        "columns": ["case", "text", "matrix", "kept", "peak", "above matrix", "above kept"],
        "rows": rows,
    }


def child(case: str, file: Path) -> None:
    """Learn once, and print how much the peak memory exceeds the memory before."""
    package, ngrams, reads, _ = CASES[case]
    vectorizer = importlib.import_module(package).CountVectorizer(ngram_range=ngrams)
    documents = feather.read_table(file, memory_map=False)["text"].combine_chunks()
    if package.startswith("sklearn"):
        documents = documents.to_pylist()
    vectorizer.fit_transform(["a warm start"])
    gc.collect()
    return_freed_memory()
    before, highest = resident(), peak()
    counts = vectorizer.fit_transform(documents)
    if reads:
        vectorizer.vocabulary_  # noqa: B018 (reading it makes the dict, which is measured)
    used = highest() - before
    return_freed_memory()
    kept = resident() - before
    matrix = sum(part.nbytes for part in (counts.data, counts.indices, counts.indptr))
    print(json.dumps({"matrix": matrix, "kept": kept, "peak": used}))


if __name__ == "__main__":
    child(sys.argv[1], Path(sys.argv[2]))
