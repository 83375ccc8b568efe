"""Every level of vector instructions gives the same counts. `COUNTGRID_SIMD` selects one, in another process."""

import json
import os
import platform
import subprocess
import sys

import pytest

COUNT = """
import itertools, json, random, sys
import countgrid as cg
text = sys.stdin.read().split("\\f")
terms = ["the", "C++", "New York", "naïve", "日本", "слово", "ﬁ", "a_b", "supercalifragilistic", ":)", "ß"]
out = {}
for match in ("word", "adaptive", "substring", "token"):
    for ignore_case in (False, True):
        counts = cg.count(text, terms, match=match, ignore_case=ignore_case)
        out[f"{match} {ignore_case}"] = counts.tolist()
words = ["".join(word) for length in (3, 4) for word in itertools.product("aeiostrk", repeat=length)]
lines = [" ".join(words[i :: 97 + i]) for i in range(50)]
out["many words"] = cg.count(lines, words).tolist()
# Lists in which two terms once had the same hash, whatever the seed.
pairs = [["002000090", "007000036", "x y"], ["0" * 16, "1" + "0" * 16, "x y"]]
out["equal hashes"] = [cg.count(pair + [" ".join(pair)], pair).tolist() for pair in pairs]
chance = random.Random(1)
nine = list({"".join(chance.choices("abcdefghij", k=9)) for _ in range(200_000)})
out["nine letters"] = len(nine) - int(cg.count([" ".join(nine)], nine, sparse=True).sum())
print(json.dumps(out))
"""
PIECES = [
    "the",
    " ",
    "C++",
    "New  York",
    "naïve",
    "日本",
    "слово",
    "СЛОВО",
    "ﬁ",
    "a_b",
    ":)",
    "ß",
    "ẞ",
    "«",
    "\n",
    "The",
    "x",
]


def documents() -> str:
    """Texts of all lengths near the widths of vectors."""
    texts = ["".join(PIECES[(i * i + j * 7 + i // 3 * j) % len(PIECES)] for j in range(i)) for i in range(200)]
    return "\f".join([*texts, "the supercalifragilistic " * 3000])


def run(level: str | None) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "COUNTGRID_SIMD"}
    if level is not None:
        environment["COUNTGRID_SIMD"] = level
    command = [sys.executable, "-X", "utf8", "-c", COUNT]
    return subprocess.run(
        command,
        input=documents(),
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("level", ["portable", "avx2", "avx512", "neon"])
def test_levels_agree(level: str) -> None:
    default, at_level = run(None), run(level)
    assert default.returncode == 0, default.stderr
    if at_level.returncode:
        # A CPU without these instructions raises an error. Every Mac with an ARM processor has NEON and AES.
        assert level != "portable"
        assert (level, platform.machine()) != ("neon", "arm64")
        assert (
            f'COUNTGRID_SIMD is "{level}"; expected one of those that this processor has: portable' in at_level.stderr
        )
        return
    counts = json.loads(at_level.stdout)
    assert counts == json.loads(default.stdout)
    assert any(any(row) for row in counts["word True"])
    assert all(map(sum, counts["many words"]))
    assert counts["equal hashes"] == [[[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]] * 2
    assert counts["nine letters"] == 0


def test_no_such_level() -> None:
    failed = run("sse9")
    assert failed.returncode != 0
    assert 'COUNTGRID_SIMD is "sse9"; expected one of those that this processor has: portable' in failed.stderr
