"""Ctrl-C at a random moment in every kind of call: `KeyboardInterrupt` arrives soon, and the process can count again.

``benchmarks/interrupts.py`` measures how soon.
"""

import random
import sys

import pytest
from interrupted import AFTERWARDS, CALLS, Interrupted

#: Far more than needed, since the machine may be busy.
SOON = 2.0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signal that interrupts only a child")
@pytest.mark.parametrize("name", CALLS)
def test_ctrl_c_ends_a_call(name):
    most = 0.8
    with Interrupted(name) as process:
        while (taken := process.after(random.uniform(0.02, most))) is None:
            most /= 2
            assert most > 0.02, "the call is over too soon to be interrupted"
        print(f"Ctrl-C ended {name} after {taken:.3f} s")
        assert taken < SOON
        assert process.counts() == str(AFTERWARDS)
