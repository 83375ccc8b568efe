"""Long calls of every kind, and a process in which one of them is interrupted repeatedly.

The parent is `Interrupted`. The child runs as ``python interrupted.py NAME``. Each "go" on its input starts the call.
It answers "begun", then "ended", or "caught" with the time at which `KeyboardInterrupt` arrived. At the end of the
input it prints the result of a count.
"""

import contextlib
import itertools
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import countgrid as cg
import numpy as np

TEXT = "the cat sat on the mat, and the dog did not. " * 1000
AFTERWARDS = [[2, 1, 0], [3000, 1000, 1000]]


def words(count: int) -> list[str]:
    """Distinct words."""
    return [f"{i * 2_654_435_761 % 2**32:08x}" for i in range(count)]


def counter(n_columns: int = 103, **options: object) -> cg.TermCounter:
    return cg.TermCounter((["the", "cat", "dog"] + [f"t{i}" for i in range(n_columns)])[:n_columns], **options)


CALLS = {}
FOLDER = Path()


def call(prepare):
    """Register a call under its name. The decorated function prepares its data."""
    CALLS[prepare.__name__] = prepare
    return prepare


# Counting: the kinds of documents, engines and results.


@call
def list_of_long_documents():
    plan = counter()
    return lambda: plan.count([TEXT] * 1_000_000, dtype="int16")


@call
def list_of_short_documents():
    plan = counter()
    documents = ["the cat sat on the mat"] * 10_000_000
    return lambda: [plan.totals(documents) for _ in range(10)]


@call
def one_worker():
    plan = counter()
    return lambda: plan.totals([TEXT] * 1_000_000, workers=1)


@call
def one_document():
    plan = cg.TermCounter(["t" + c for c in "abcdefghijklmnopqrstuvwxyz "] + ["a"], match="substring")
    document = TEXT * 5_000
    return lambda: [plan.totals([document]) for _ in range(100)]


@call
def array_of_short_documents():
    plan = counter()
    return lambda: plan.totals(np.broadcast_to(np.array(b"the cat"), 200_000_000))


@call
def empty_documents():
    plan = counter(3)
    documents = [""] * 10_000_000
    return lambda: [plan.count(documents, dtype="int8") for _ in range(10)]


@call
def empty_documents_of_many_columns():
    plan = counter(5_000)
    documents = [""] * 200_000
    out = np.zeros((200_000, 5_000), "int8")
    return lambda: [plan.count(documents, out=out) for _ in range(100)]


@call
def columns_stored_one_after_another():
    plan = counter(5_000)
    documents = [""] * 50_000
    out = np.zeros((50_000, 5_000), "int8", order="F")
    return lambda: [plan.count(documents, out=out) for _ in range(100)]


@call
def cells_of_another_byte_order():
    plan = counter(5_000)
    documents = [""] * 10_000
    out = np.zeros((10_000, 5_000), ">i4")
    return lambda: [plan.count(documents, out=out) for _ in range(100)]


@call
def sparse():
    plan = counter()
    documents = [TEXT[:450]] * 300_000
    plan.count(documents[:1], sparse=True)  # imports scipy
    return lambda: [plan.count(documents, sparse=True) for _ in range(20)]


@call
def few_terms():
    plan = cg.TermCounter(["the"])
    return lambda: plan.totals([TEXT] * 1_000_000)


@call
def find():
    plan = cg.TermCounter(["zebra"])
    return lambda: plan.find([TEXT] * 1_000_000)


@call
def find_many():
    plan = cg.TermCounter(["a"])
    return lambda: plan.find(["a " * 1000] * 20_000)


@call
def find_without_accents():
    plan = cg.TermCounter(["a"], strip_accents=True)
    document = "a\u0301\u0302 " * 3_000_000
    return lambda: [plan.find([document]) for _ in range(20)]


@call
def longest():
    plan = cg.TermCounter(["the cat", "cat sat", "dog"], overlap="longest")
    return lambda: plan.totals([TEXT] * 1_000_000)


@call
def overlapping():
    plan = cg.TermCounter(["a" * n for n in range(1, 501)], match="substring", overlap="all")
    return lambda: [plan.totals(["a" * 1_000_000]) for _ in range(100)]


@call
def globs():
    plan = cg.TermCounter(["th*", "*at"], syntax="glob")
    return lambda: plan.totals([TEXT] * 1_000_000)


@call
def glob_of_many_wildcards():
    plan = cg.TermCounter(["a*" * 20 + "b"], syntax="glob")
    return lambda: plan.totals(["a" * 1_000_000 + " "] * 100)


@call
def long_phrase():
    plan = cg.TermCounter(["a " * 50_000 + "b"])
    document = "a " * 10_000_000
    return lambda: [plan.totals([document]) for _ in range(100)]


@call
def regex_in_one_document():
    plan = cg.TermCounter([r"(?s)the.*zebra"], syntax="regex")
    document = TEXT * 5_000
    return lambda: [plan.totals([document]) for _ in range(100)]


@call
def regexes_that_compete():
    terms = ["a[ab]{60}c|b", "a", "a+", "(?s)b.*!?"] + [rf"a{i}|\W" for i in range(100)]
    plan = cg.TermCounter(terms, match="adaptive", syntax="regex", overlap="first")
    text = "ab ! aab " * 1_000_000
    return lambda: plan.totals([text])


@call
def regex_in_a_short_document():
    plan = cg.TermCounter([rf"a[ab]{{60}}c|{i}x" for i in range(100)], syntax="regex")
    return lambda: [plan.totals(["ab" * 60_000]) for _ in range(100)]


@call
def stream():
    import pyarrow as pa

    plan = cg.TermCounter(["zebra"])
    table = pa.table({"document": pa.chunked_array([pa.array([TEXT] * 100)] * 100_000)})
    return lambda: plan.totals(table.to_reader())


@call
def stream_from_python():
    import pyarrow as pa

    plan = cg.TermCounter(["zebra"])
    batch = pa.record_batch({"document": [TEXT] * 100})
    return lambda: plan.totals(pa.RecordBatchReader.from_batches(batch.schema, (batch for _ in range(1_000_000))))


# Terms that are found.


@call
def frequencies():
    return lambda: cg.frequencies([TEXT] * 1_000_000, ngrams=(1, 2))


@call
def frequencies_of_distinct_words():
    texts = [" ".join(words(1_000_000))] * 20
    return lambda: [cg.frequencies(texts, top=10) for _ in range(20)]


@call
def frequencies_of_a_stream():
    import pyarrow as pa

    batch = pa.record_batch({"document": [TEXT] * 100})
    return lambda: cg.frequencies(batch for _ in range(1_000_000))


@call
def frequencies_of_long_ngrams():
    text = " ".join(words(2_000))
    return lambda: [cg.frequencies([text], ngrams=(1, 2_000), top=10) for _ in range(50)]


@call
def frequencies_of_batches_with_other_words():
    import pyarrow as pa

    all_words = words(1_600_000)
    batches = [pa.record_batch({"document": [" ".join(all_words[i::4])]}) for i in range(4)]
    return lambda: [cg.frequencies(iter(batches), ngrams=(1, 2), top=10) for _ in range(20)]


# scikit-learn's vectorizers.


def vectorizer(**options):
    from countgrid.sklearn import CountVectorizer

    return CountVectorizer(**options)


@call
def vectorizer_of_long_ngrams():
    text, made = " ".join(words(2_000)), vectorizer(ngram_range=(1, 2_000))
    return lambda: [made.fit_transform([text]) for _ in range(50)]


@call
def vectorizer_of_distinct_words():
    text, made = " ".join(words(2_000_000)), vectorizer()
    return lambda: [made.fit_transform([text, "the cat"]) for _ in range(20)]


@call
def vectorizer_of_distinct_pairs():
    texts, made = [" ".join(words(1_000_000))] * 2, vectorizer(ngram_range=(1, 2), min_df=2)
    return lambda: [made.fit_transform(texts) for _ in range(20)]


@call
def vectorizer_of_given_words():
    texts, made = [" ".join(words(500_000))], vectorizer(token_pattern=r"\w+?\b")
    return lambda: [made.fit_transform(texts) for _ in range(20)]


@call
def long_ngrams_transformed():
    text = " ".join(words(1_000))
    made = vectorizer(ngram_range=(1, 1_000)).fit([text])
    long = [" ".join([text] * 50)]
    return lambda: [made.transform(long) for _ in range(20)]


@call
def hashing_of_long_ngrams():
    from countgrid.sklearn import HashingVectorizer

    text, made = " ".join(words(2_000)), HashingVectorizer(ngram_range=(1, 2_000), norm=None)
    return lambda: [made.transform([text]) for _ in range(20)]


@call
def hashing_of_a_long_document():
    from countgrid.sklearn import HashingVectorizer

    texts, made = [" ".join(words(1_000_000)) * 3], HashingVectorizer(ngram_range=(1, 2), norm=None)
    return lambda: [made.transform(texts) for _ in range(20)]


@call
def vocabulary_prepared_for_a_first_transform():
    pickled = pickle.dumps(vectorizer().fit([" ".join(words(1_000_000))]))
    return lambda: [pickle.loads(pickled).transform(["the cat"]) for _ in range(20)]


@call
def vocabulary_made():
    pickled = pickle.dumps(vectorizer().fit([" ".join(words(1_000_000))]))
    return lambda: [len(pickle.loads(pickled).vocabulary_) for _ in range(20)]


@call
def vocabulary_of_long_terms():
    pickled = pickle.dumps(vectorizer(ngram_range=(1, 500)).fit([" ".join(words(500))]))
    return lambda: [len(pickle.loads(pickled).vocabulary_) for _ in range(100)]


@call
def names_of_features():
    made = vectorizer().fit([" ".join(words(1_000_000))])
    return lambda: [made.get_feature_names_out() for _ in range(50)]


@call
def batches_learned_and_finalized():
    all_words = words(1_000_000)
    batches = [[" ".join(all_words[i::2])] for i in range(2)]
    vectorizer()  # imports scikit-learn
    return lambda: [vectorizer().partial_fit(batches[0]).partial_fit(batches[1]).finalize() for _ in range(20)]


@call
def finalized_again():
    made = vectorizer(ngram_range=(1, 2)).fit([" ".join(words(500_000))])
    return lambda: [made.partial_fit(["cat"]).finalize() for _ in range(20)]


# Terms: compiled, unpickled, taken from every kind of container.


@call
def words_compiled():
    terms = words(1_000_000)
    return lambda: [cg.TermCounter(terms) for _ in range(5)]


@call
def globs_compiled():
    terms = [word + "*" for word in words(300_000)]
    return lambda: cg.TermCounter(terms, syntax="glob")


@call
def globs_in_words_compiled():
    terms = [word[:4] + "*" + word[4:] for word in words(300_000)]
    return lambda: cg.TermCounter(terms, syntax="glob", match="substring")


@call
def substrings_prepared_for_a_first_count():
    terms = words(1_000_000)
    text = " ".join(terms[:100_000])
    return lambda: cg.TermCounter(terms, match="substring").totals([text] * 20)


@call
def regexes_compiled():
    terms = [rf"\w{{{i % 90 + 10}}}x{i}" for i in range(5_000)]
    return lambda: cg.TermCounter(terms, syntax="regex")


@call
def regexes_compiled_when_needed():
    plan = cg.TermCounter([rf"quick{i}\w*" for i in range(5_000)], syntax="regex")
    document = " ".join(f"quick{i} é" for i in range(5_000))
    return lambda: plan.totals([document])


@call
def regexes_without_literals_tried_together():
    plan = cg.TermCounter([rf"[a-z]{{2,9}}\d{{{i % 90}}}[a-z]{{{i}}}" for i in range(1, 4_000)], syntax="regex")
    return lambda: plan.totals(["ab12c"] * 1_000)


@call
def unpickled():
    pickled = pickle.dumps(cg.TermCounter(words(1_000_000)))
    # The plan would be shared with an earlier call that ended.
    return lambda: [cg.clear_cache(), pickle.loads(pickled)]


@call
def pickled():
    plan = cg.TermCounter(words(1_000_000))
    return lambda: [pickle.dumps(plan) for _ in range(20)]


@call
def terms_of_an_iterable():
    return lambda: cg.TermCounter("x" for _ in range(10_000_000))


@call
def terms_of_an_object_array():
    terms = np.array(words(1_000_000), object)
    return lambda: [cg.TermCounter(terms) for _ in range(5)]


@call
def terms_of_a_string_array():
    terms = np.array(words(1_000_000), np.dtypes.StringDType())
    return lambda: [cg.TermCounter({"all": terms, "again": cg.Documents(terms)}) for _ in range(5)]


@call
def columns_of_a_large_counter():
    plan = cg.TermCounter(words(1_000_000))
    return lambda: [(plan.columns, hash(plan), plan == plan) for _ in range(20)]


# Documents: converted, read from files.


@call
def documents_of_a_list():
    items = ["the cat"] * 10_000_000
    return lambda: [cg.Documents(items) for _ in range(10)]


@call
def documents_of_an_object_array():
    items = np.full(10_000_000, "the cat", object)
    return lambda: [cg.Documents(items) for _ in range(10)]


@call
def documents_of_an_iterator_in_c():
    return lambda: [cg.Documents(itertools.repeat("the cat", 10_000_000)) for _ in range(10)]


@call
def documents_of_a_category():
    import pandas as pd

    column = pd.Series(pd.Categorical.from_codes(np.zeros(30_000_000, "int8"), ["the cat"]))
    return lambda: [cg.Documents(column) for _ in range(100)]


@call
def missing_documents_looked_for():
    documents = cg.Documents(np.full(10_000_000, b"the"))
    plan = cg.TermCounter(["the"])
    return lambda: [(documents.missing.sum(), plan.totals(documents, missing="raise")) for _ in range(50)]


@call
def lines_of_a_file():
    path = FOLDER / "lines"
    path.write_bytes(b"the cat\n" * 10_000_000)
    return lambda: [cg.Documents.from_lines(path) for _ in range(100)]


@call
def lines_of_a_pipe():
    path = FOLDER / "pipe"
    os.mkfifo(path)
    os.open(path, os.O_RDWR)  # open at the other end, with nothing to be read
    return lambda: cg.Documents.from_lines(path)


@call
def search_of_a_file():
    path = FOLDER / "text"
    path.write_text(TEXT * 1_000)
    return lambda: [cg.search(path, "the cat", match="word") for _ in range(100)]


@call
def matches_in_context():
    documents = ["a " * 1000] * 1_000
    matches = cg.TermCounter(["a"]).find(documents)
    return lambda: [matches.context(documents) for _ in range(10)]


@call
def lexicon_read():
    path = FOLDER / "lexicon.txt"
    path.write_text("\n".join(words(1_000_000)))
    return lambda: [cg.read_lexicon(path) for _ in range(100)]


class Interrupted:
    """A process that makes one call repeatedly and is interrupted.

    ``used`` is the CPU time that the last interruption took.
    """

    def __init__(self, name: str):
        self.process = subprocess.Popen(
            [sys.executable, __file__, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.expect("ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def expect(self, *expected: str) -> str:
        line = self.process.stdout.readline().strip()
        assert line.split(" ")[0] in expected, line or f"the process ended: {self.process.wait()}"
        return line

    def after(self, delay: float) -> float | None:
        """Interrupt a call after the delay. Returns how long it took to end; None if it had already ended."""
        print("go", file=self.process.stdin, flush=True)
        self.expect("begun")
        time.sleep(delay)
        sent, used = time.monotonic(), self.cpu()
        self.process.send_signal(signal.SIGINT)
        line = self.expect("ended", "caught")
        self.used = self.cpu() - used
        if line == "ended":
            self.expect("caught")
            return None
        return float(line.split(" ")[1]) - sent

    def cpu(self) -> float:
        """Seconds of CPU time that the process has used; NaN if the system does not tell."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return float("nan")
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def counts(self) -> str:
        """The result of the count at the end."""
        self.process.stdin.close()
        line = self.process.stdout.readline().strip()
        assert self.process.wait(30) == 0
        return line


def say(*words: object) -> None:
    print(*words, flush=True)


def main(name: str) -> None:
    """Follow the parent's commands."""
    check = counter(3)
    run = CALLS[name]()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the parent made of it
    say("ready")
    while True:
        try:
            if sys.stdin.readline() != "go\n":
                break
            say("begun")
            run()
            say("ended")
        except KeyboardInterrupt:
            # What is said after "ended" tells the parent that it came too late.
            say("caught", time.monotonic())
    say(check.count(["the cat the", TEXT]).tolist())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = Path(folder)
        main(sys.argv[1])
