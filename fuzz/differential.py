"""Compares countgrid with independent oracles on random cases, at every level of vector instructions.

    PYTHONPATH=tests python fuzz/differential.py [--seconds N] [--seed N] [--case SEED]

Each level counts in its own process (`COUNTGRID_SIMD`). All must return the counts of the oracles (`oracles.py`).
Seeds of cases that once differed are in `fuzz/seeds.txt` and are tried first. The first line of the output contains
the seed of all other cases. A case that differs is shrunk as long as it differs, and printed as a row for
`tests/cases.toml` with the expected counts. Its seed is saved, and the exit status is 1.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cases
import oracles
from cases import Case

SAVED = Path(__file__).parent / "seeds.txt"
LEVELS = ("portable", "avx2", "avx512", "neon")


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare countgrid with independent oracles on random cases.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None, help="the seed of all cases (default: from the clock)")
    parser.add_argument("--case", type=int, default=None, help="the seed of a single case")
    options = parser.parse_args()
    seed = time.time_ns() if options.seed is None else options.seed
    levels = {level: Level(level) for level in LEVELS}
    levels = {name: level for name, level in levels.items() if level.name == name}
    print(f"seed {seed}, levels {', '.join(levels)}", flush=True)
    done = cells = 0
    for own in [options.case] if options.case is not None else seeds(seed, options.seconds):
        case = cases.make(own)
        difference, compared = check(case, levels)
        if difference:
            smaller = shrunk(case, levels) if case.kind == "small" else case
            print(f"case {case.seed} ({case.kind}): {check(smaller, levels)[0] or difference}")
            print(row(smaller))
            if own not in saved():
                SAVED.write_text(f"{SAVED.read_text()}{own}\n")
            return 1
        done, cells = done + 1, cells + compared
    print(f"{done:,} cases, {cells:,} cells compared, no difference", flush=True)
    return 0


def saved() -> list[int]:
    """Seeds of cases that once differed."""
    return [int(line) for line in SAVED.read_text().splitlines() if not line.startswith("#")]


def seeds(seed: int, seconds: float) -> Iterator[int]:
    """The saved seeds, then random seeds until the time is over."""
    yield from saved()
    source = random.Random(seed)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield source.getrandbits(48)


def check(case: Case, levels: dict[str, "Level"]) -> tuple[str | None, int]:
    """The first difference, if any, and the number of cells compared."""
    for level in levels.values():
        level.ask(case)
    answers = {name: level.answer() for name, level in levels.items()}
    expected = expectation(case)
    cells = len(case.documents) * len(case.terms)
    for name, answer in answers.items():
        if expected is None and answer.get("error", "").startswith("ValueError"):
            continue
        if difference := differs(case, answer, expected):
            return f"at level {name}: {difference}", 0
    return None, len(levels) * cells * (5 if case.kind == "small" else 1)


def expectation(case: Case) -> Any:
    if case.kind != "small":
        return oracles.columns(case)
    with contextlib.suppress(ValueError):
        return oracles.spans(case)
    return None  # Invalid terms: every level must raise.


def differs(case: Case, answer: dict[str, Any], expected: Any) -> str | None:
    if "error" in answer:
        return f"raised {answer['error']}"
    if case.kind != "small":
        for column, counts in expected.items():
            if (found := [row.get(column, 0) for row in answer["rows"]]) != counts:
                return f"column {column} ({case.terms[column]!r}): {found[:20]}, expected {counts[:20]}"
        return None
    if expected is None:
        return "counted terms that the oracle rejects"
    counts = [[0] * len(case.terms) for _ in case.documents]
    for document, _, _, column in expected:
        counts[document][column] += 1
    if answer["matches"] != expected:
        return f"matches {answer['matches']}, expected {expected}"
    for result in ("dense", "sparse", "out"):
        if answer[result] != counts:
            return f"{result} {answer[result]}, expected {counts}"
    totals = [sum(column) for column in zip(*counts, strict=True)] if counts else [0] * len(case.terms)
    return None if answer["totals"] == totals else f"totals {answer['totals']}, expected {totals}"


def counted(case: Case) -> dict[str, Any]:
    """The results of countgrid in this process."""
    import countgrid as cg
    import numpy as np

    try:
        counter = cg.TermCounter(case.terms, **case.options)
        if case.kind != "small":
            found = counter.count(case.documents, sparse=True, workers=case.workers)
            rows = [
                dict(zip(found.indices[start:end].tolist(), found.data[start:end].tolist(), strict=True))
                for start, end in zip(found.indptr[:-1], found.indptr[1:], strict=True)
            ]
            return {"rows": rows}
        import containers

        possible = containers.containers_of(case.documents)
        kind = possible[int(float(case.container) * len(possible))]
        text = not any(isinstance(item, bytes) for item in case.documents)
        # A container with the same type of items, so that offsets have the same unit.
        if kind.text != text:
            kind = containers.BY_NAME["list" if text else "list-bytes"]
        out = np.full((len(case.terms), len(case.documents)), 99, np.float32).T
        counter.count(kind.of(case.documents), out=out, workers=case.workers)
        matches = counter.find(kind.of(case.documents), workers=case.workers)
        places = zip(matches.document, matches.start, matches.end, matches.column, strict=True)
        return {
            "dense": counter.count(kind.of(case.documents), workers=case.workers).tolist(),
            "sparse": counter.count(kind.of(case.documents), sparse=True).toarray().tolist(),
            "out": out.astype(int).tolist(),
            "totals": counter.totals(kind.of(case.documents)).counts.tolist(),
            "matches": [tuple(map(int, place)) for place in places],
        }
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


class Level:
    """A process that counts at one level of vector instructions."""

    def __init__(self, name: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, there = context.Pipe()
        before = os.environ.get("COUNTGRID_SIMD")
        os.environ["COUNTGRID_SIMD"] = name
        self.process = context.Process(target=serve, args=(there, name), daemon=True)
        self.process.start()
        os.environ.pop("COUNTGRID_SIMD") if before is None else os.environ.update(COUNTGRID_SIMD=before)
        self.name = self.connection.recv()

    def ask(self, case: Case) -> None:
        self.connection.send(case)

    def answer(self) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self.connection.recv()
        except EOFError:
            self.process.join()
            return {"error": f"the process ended with status {self.process.exitcode}"}
        return answer


def serve(connection: Connection, name: str) -> None:
    connection.send(name if supports(name) else "not on this processor")
    while True:
        try:
            case = connection.recv()
        except EOFError:
            return
        connection.send(counted(case))


def supports(level: str) -> bool:
    """Whether the processor has the instructions of a level. Except on Linux, only the portable level is tested."""
    flags = {"portable": set(), "avx2": {"avx2"}, "avx512": {"avx512_vbmi2"}, "neon": {"asimd", "aes"}}[level]
    try:
        first_core = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
    except OSError:
        return not flags
    return flags <= set(first_core.split())


def shrunk(case: Case, levels: dict[str, Level]) -> Case:
    """A smaller case that still differs: with fewer documents and terms, then shorter ones."""
    progress = True
    while progress:
        progress = False
        for smaller in variants(case):
            try:
                is_different = check(smaller, levels)[0] is not None
            except Exception:
                continue
            if is_different:
                case, progress = smaller, True
                break
    return case


def variants(case: Case):
    for i in range(len(case.documents)):
        yield replace(case, documents=case.documents[:i] + case.documents[i + 1 :])
    if isinstance(case.terms, list) and len(case.terms) > 1:
        for i in range(len(case.terms)):
            yield replace(case, terms=case.terms[:i] + case.terms[i + 1 :])
    for option in case.options:
        if option != "match":
            yield replace(case, options={name: value for name, value in case.options.items() if name != option})
    for i, document in enumerate(case.documents):
        for shorter in shorter_texts(document):
            yield replace(case, documents=[*case.documents[:i], shorter, *case.documents[i + 1 :]])
    if isinstance(case.terms, list):
        for i, term in enumerate(case.terms):
            for shorter in shorter_texts(term):
                yield replace(case, terms=[*case.terms[:i], shorter, *case.terms[i + 1 :]])


def shorter_texts(text: Any):
    size = len(text or "") // 2
    while size:
        for start in range(0, len(text), size):
            yield text[:start] + text[start + size :]
        size //= 2


def row(case: Case) -> str:
    """The case as a row of `tests/cases.toml`, or as JSON if the table cannot represent it."""
    try:
        spans = oracles.spans(case)
    except ValueError:
        spans = []
    if (
        case.kind != "small"
        or any(isinstance(item, bytes) for item in case.documents)
        or isinstance(case.terms, dict)
    ):
        return json.dumps(asdict(case), default=repr, ensure_ascii=True)[:4000]
    counts = [[0] * len(case.terms) for _ in case.documents]
    for document, _, _, column in spans:
        counts[document][column] += 1
    lines = ["[[case]]", f'name = "found by the fuzzer, {case.seed}"']
    lines.append(f"documents = {json.dumps([document or '' for document in case.documents])}")
    lines.append(f"terms = {json.dumps(case.terms)}")
    lines += [f"{name} = {json.dumps(value)}" for name, value in case.options.items()]
    return "\n".join([*lines, f"counts = {json.dumps(counts)}"])


if __name__ == "__main__":
    sys.exit(main())
