"""Unpickled counters share plans: a process compiles equal terms with equal options once."""

import os
import pickle
import signal
import threading
import time

import countgrid as cg
import pytest
from countgrid import _plans


@pytest.fixture(autouse=True)
def no_plans():
    cg.clear_cache()
    yield
    cg.clear_cache()


def again(counter):
    return pickle.loads(pickle.dumps(counter))


def test_equal_counters_share_a_plan():
    counter = cg.TermCounter(["cat", "dog"])
    one, two = again(counter), again(cg.TermCounter(["cat", "dog"]))
    assert one == two == counter
    assert one._plan is two._plan
    assert two.count(["a cat"]).tolist() == [[1, 0]]


OTHERS = [
    (["dog", "cat"], {}),
    (["cat"], {}),
    ([b"cat", "dog"], {}),
    ({"cat": ["cat"], "dog": ["dog"]}, {}),
    (["cat", "dog"], {"match": "substring"}),
    (["cat", "dog"], {"ignore_case": True}),
    (["cat", "dog"], {"strip_accents": True}),
    (["cat", "dog"], {"fold_punctuation": True}),
    (["cat", "dog"], {"word_chars": "-"}),
    (["cat", "dog"], {"syntax": "glob"}),
    (["cat", "dog"], {"overlap": "longest"}),
]


@pytest.mark.parametrize(("terms", "options"), OTHERS)
def test_other_terms_and_options_do_not(terms, options):
    one, other = again(cg.TermCounter(["cat", "dog"])), again(cg.TermCounter(terms, **options))
    assert one._plan is not other._plan
    assert other.options == cg.TermCounter(terms, **options).options
    assert other.terms == cg.TermCounter(terms, **options).terms


def test_a_digest_of_other_terms_is_noticed():
    cat, dog = cg.TermCounter(["cat"]), cg.TermCounter(["dog"])
    again(cat)
    make, (cls, matching, _, digest) = cat.__reduce__()
    wrong = make(cls, matching, dog._plan.packed(), digest)
    assert wrong == dog
    assert wrong.count(["a dog"]).tolist() == [[1]]


def test_a_pickle_without_a_digest():
    counter = cg.TermCounter(["cat"])
    make, (cls, matching, packed, _) = counter.__reduce__()
    assert make(cls, matching, packed) == counter
    assert make(cls, matching, packed)._plan is again(counter)._plan


def test_clear_cache():
    counter = cg.TermCounter(["cat"])
    one = again(counter)
    cg.clear_cache()
    assert again(counter)._plan is not one._plan
    assert one.count(["cat"]).tolist() == [[1]]


def test_the_latest_plans_are_kept(monkeypatch):
    counters = [cg.TermCounter([f"term{i}" * 10]) for i in range(5)]
    size = len(counters[0]._plan.packed()) * _plans._SIZE_PER_BYTE
    monkeypatch.setattr(_plans, "_MOST", 3 * size)
    plans = [again(counter)._plan for counter in counters[:3]]
    assert again(counters[0])._plan is plans[0]
    again(counters[3])
    # The second was not used for the longest time.
    assert again(counters[0])._plan is plans[0]
    assert again(counters[2])._plan is plans[2]
    assert again(counters[1])._plan is not plans[1]


def test_a_plan_beyond_the_limit_is_kept_until_the_next(monkeypatch):
    monkeypatch.setattr(_plans, "_MOST", 1)
    large, small = cg.TermCounter(["large"]), cg.TermCounter(["small"])
    plan = again(large)._plan
    assert again(large)._plan is plan
    again(small)
    assert again(large)._plan is not plan


def test_regular_expressions_count_for_more():
    again(cg.TermCounter(["a+"], syntax="regex"))
    (shared,) = _plans._plans.values()
    assert shared.size > _plans._SIZE_PER_REGEX


def test_threads_compile_once(monkeypatch):
    calls = []
    unpacked = _plans._core.Plan.unpacked

    class Core:
        class Plan:
            @staticmethod
            def unpacked(*args):
                calls.append(args)
                return unpacked(*args)

    monkeypatch.setattr(_plans, "_core", Core)
    pickled = pickle.dumps(cg.TermCounter([f"word{i}" for i in range(20_000)]))
    counters = []
    threads = [threading.Thread(target=lambda: counters.append(pickle.loads(pickled))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert len(counters) == 8
    assert len({id(counter._plan) for counter in counters}) == 1


def test_a_failure_leaves_nothing():
    make, (cls, matching, packed, digest) = cg.TermCounter(["cat"]).__reduce__()
    for _ in range(2):
        with pytest.raises(ValueError, match="damaged"):
            make(cls, matching, packed[:-1], digest)
    assert not _plans._plans
    assert not _plans._compiling
    assert make(cls, matching, packed, digest) == cg.TermCounter(["cat"])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_does_not_wait_for_its_parents_threads():
    counter = cg.TermCounter(["cat"])
    pickled = pickle.dumps(counter)
    plan = again(counter)._plan
    with _plans._lock:
        child = os.fork()
        if not child:
            same = pickle.loads(pickled)._plan is plan
            os._exit(0 if same else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no timers")
def test_a_signal_handler_unpickles_what_is_being_unpickled():
    pickled = pickle.dumps(cg.TermCounter([f"word{i}x{i % 977}" for i in range(300_000)]))
    cg.clear_cache()
    made = []
    before = signal.signal(signal.SIGALRM, lambda *_: made.append(pickle.loads(pickled)))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        counter = pickle.loads(pickled)
        while not made:
            time.sleep(0.01)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert made == [counter]
