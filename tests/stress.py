"""Many threads use the same objects at the same time: `python tests/stress.py SECONDS`. Needs only NumPy.

Some threads empty, refill and sort lists while others count their items. All texts contain `the` as often as `cat`,
so every count can be checked, whichever items it saw. Meant for free-threaded Python, but also runs with a GIL.
"""

import contextlib
import faulthandler
import gc
import itertools
import os
import pickle
import random
import sys
import tempfile
import threading
import time
from collections import Counter

import countgrid as cg
import numpy as np

TERMS = ["the", "cat"]
KINDS = ["the cat ", "the cat caf\xe9 ", "the cat \u732b ", "the cat \U0001f408 ", "\ud800 the cat "]


class Text(str):
    """A `str` of two memory blocks, with code that runs when it is freed."""

    def __del__(self):
        sum(range(3))


class Awkward:
    """A missing value, since it does not equal itself. Its comparison changes the list that contains it."""

    def __init__(self, items: list):
        self.items = items

    def __ne__(self, other):
        del self.items[len(self.items) // 2 :]
        return True


def texts(how_many: int, awkward: list | None = None) -> list:
    """New objects, short and long, of every kind."""
    made = []
    for _ in range(how_many):
        text = random.choice(KINDS) * random.choice([0, 1, 2, 30, 3000])
        kind = random.random()
        if kind < 0.15:
            made.append(text.encode("utf-8", "surrogatepass"))
        elif kind < 0.3:
            made.append(Text(text))
        elif kind < 0.35:
            made.append(random.choice([None, float("nan")]))
        elif kind < 0.36 and awkward is not None:
            made.append(Awkward(awkward))
        else:
            made.append(text)
    return made


class Shared:
    """The objects that all threads use."""

    def __init__(self, folder: str):
        self.lists = [texts(200) for _ in range(4)]
        self.plan = cg.TermCounter(TERMS)
        self.plans = [cg.TermCounter(TERMS, match=match) for match in ("word", "token", "substring")]
        self.same = [text for text in texts(400) if type(text) is str]
        self.counts = self.plan.count(self.same)
        self.documents = cg.Documents(self.same)
        self.out = np.empty(self.counts.shape, np.int32)
        self.strings = np.array([KINDS[0] * n for n in range(40)], dtype=np.dtypes.StringDType())
        self.fixed = np.array(self.strings.tolist())
        self.terms = ["the", "cat", "dog"]
        self.path = os.path.join(folder, "lines")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(f"{KINDS[1]}\n" * 20_000)


def check(counts: np.ndarray):
    assert (counts[:, 0] == counts[:, 1]).all(), counts


def count_a_list(shared: Shared):
    items = random.choice(shared.lists)
    check(random.choice(shared.plans).count(items, workers=random.choice([None, 1, 3])))


def count_all_of_a_list(shared: Shared):
    totals = shared.plan.totals(random.choice(shared.lists), workers=2)
    assert totals.counts[0] == totals.counts[1]


def find_in_a_list(shared: Shared):
    matches = shared.plan.find(random.choice(shared.lists))
    columns = np.bincount(matches.column, minlength=2)
    assert columns[0] == columns[1]


def keep_a_list(shared: Shared):
    documents = cg.Documents(random.choice(shared.lists))
    for _ in range(3):
        check(shared.plan.count(documents))
    assert len(documents.missing) == len(documents)


def count_a_tuple_or_iterator(shared: Shared):
    items = tuple(random.choice(shared.lists))
    check(shared.plan.count(items))
    check(shared.plan.count(iter(items)))
    check(shared.plan.count(iter(random.choice(shared.lists))))


def change_a_list(shared: Shared):
    items = random.choice(shared.lists)
    change = random.randrange(8)
    if change == 0:
        items.clear()
    elif change == 1:
        items[:] = texts(random.randrange(300), items)
    elif change == 2:
        items.extend(texts(50, items))
    elif change == 3:
        del items[10:]
    elif change == 4:
        items.sort(key=id)
    elif change == 5:
        items.reverse()
    elif change == 6:
        with contextlib.suppress(IndexError):
            for _ in range(20):
                items.pop()
    else:
        with contextlib.suppress(IndexError):
            for i in range(20):
                items[i] = KINDS[i % len(KINDS)] * i
    if len(items) > 2000:
        items.clear()


def count_into_one_array(shared: Shared):
    try:
        out = shared.plan.count(shared.same, out=shared.out, workers=random.choice([1, 2]))
        assert out is shared.out
    except ValueError as error:
        if "out cannot be written to" not in str(error):  # another thread does
            raise


def count_the_same_documents(shared: Shared):
    plan = random.choice([shared.plan, cg.TermCounter(TERMS)])
    assert (plan.count(shared.documents, workers=random.choice([None, 1, 2])) == shared.counts).all()
    assert shared.documents[len(shared.same) - 1] == shared.same[-1]


def make_counters(shared: Shared):
    with contextlib.suppress(IndexError):
        shared.terms[random.randrange(3)] = random.choice(["dog", "mat", "the"])
    plan = cg.TermCounter(shared.terms, ignore_case=random.random() < 0.5)
    again = pickle.loads(pickle.dumps(plan))
    assert (plan, hash(plan), repr(plan)) == (again, hash(again), repr(again))
    assert plan.explain()
    copy = pickle.loads(pickle.dumps(shared.plan))
    assert copy == shared.plan
    check(copy.count(["the cat"]))


def change_the_terms(shared: Shared):
    shared.terms.clear()
    shared.terms.extend(["the", "cat", "dog"])


class EnoughError(Exception):
    pass


def call_back(shared: Shared):
    seen = itertools.count()

    def progress(*_):
        check(shared.plan.count(shared.lists[0][:20]))
        if next(seen) > 1:
            raise EnoughError

    with contextlib.suppress(EnoughError):
        shared.plan.totals(shared.same * 50, progress=progress, workers=2)


def count_arrays(shared: Shared):
    check(shared.plan.count(shared.strings))
    check(shared.plan.count(shared.fixed))


def write_to_arrays(shared: Shared):
    text = random.choice(KINDS[:-1]) * random.randrange(40)
    shared.strings[random.randrange(40)] = text


def count_a_file(shared: Shared):
    assert cg.search(shared.path, "the") == 20_000
    assert shared.plan.totals(cg.Documents.from_lines(shared.path)).counts.tolist() == [20_000, 20_000]


def collect(_: Shared):
    gc.collect()
    time.sleep(0.01)


TASKS = {
    count_a_list: 6,
    count_all_of_a_list: 2,
    find_in_a_list: 2,
    keep_a_list: 2,
    count_a_tuple_or_iterator: 1,
    change_a_list: 8,
    count_into_one_array: 2,
    count_the_same_documents: 2,
    make_counters: 2,
    change_the_terms: 1,
    call_back: 1,
    count_arrays: 1,
    write_to_arrays: 1,
    count_a_file: 1,
    collect: 1,
}


def stress(seconds: float, threads: int) -> Counter:
    """Run tasks in threads until the time is over or one fails. Returns how often each ran."""
    done, failed, ends = Counter(), [], time.monotonic() + seconds

    def work(seed: int, shared: Shared):
        chance, own = random.Random(seed), Counter()
        each_once = chance.sample(list(TASKS), len(TASKS))
        while (each_once or time.monotonic() < ends) and not failed:
            task = each_once.pop() if each_once else chance.choices(list(TASKS), TASKS.values())[0]
            try:
                task(shared)
            except BaseException as error:
                failed.append((task.__name__, error))
            own[task.__name__] += 1
        with lock:
            done.update(own)

    lock = threading.Lock()
    with tempfile.TemporaryDirectory() as folder:
        shared = Shared(folder)
        workers = [threading.Thread(target=work, args=(seed, shared)) for seed in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    if failed:
        raise RuntimeError(failed[0][0]) from failed[0][1]
    return done


if __name__ == "__main__":
    faulthandler.enable()
    sys.setswitchinterval(1e-5)
    tasks = stress(float(sys.argv[1]), threads=8)
    has_gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(f"{tasks.total()} tasks in 8 threads, {'with a' if has_gil else 'without the'} GIL: {dict(tasks)}")
