"""Repeats measurements that other programs disturbed.

On a shared machine, a run is only comparable if nobody else used the cores meanwhile. Linux tells how busy all cores
were. If that is more than the time of this process and its children, others were running, and the run is repeated.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

#: Other programs may use this share of a core, and this many seconds: the kernel counts in hundredths.
_SHARE, _SECONDS = 0.05, 0.03
_STAT = Path("/proc/stat")


class Quiet:
    """Runs something, again and again until other programs were quiet. Without `wait_for`, it runs once."""

    def __init__(self) -> None:
        self._end = 0.0
        #: How many results are of runs that others disturbed.
        self.disturbed = 0

    def wait_for(self, minutes: float) -> None:
        """Repeat runs until so many minutes have passed. After that, take what they give."""
        if minutes and not _STAT.exists():
            raise SystemExit("only Linux tells how busy other programs are, in /proc/stat")
        self._end = time.monotonic() + 60 * minutes

    def __call__(self, run: Callable[[], Result]) -> Result:
        while True:
            self._wait()
            before, started = _busy_by_others(), time.monotonic()
            result = run()
            used = _busy_by_others() - before
            if used <= _SHARE * (time.monotonic() - started) + _SECONDS:
                return result
            if time.monotonic() > self._end:
                self.disturbed += 1
                return result

    def _wait(self) -> None:
        """Wait until others are quiet for a second."""
        while time.monotonic() < self._end:
            before = _busy_by_others()
            time.sleep(1)
            if _busy_by_others() - before <= _SHARE:
                return


def _busy_by_others() -> float:
    """Seconds of all cores that other processes have used."""
    if not _STAT.exists():
        return 0
    all_cores = _STAT.read_text(encoding="ascii").split("\n")[0].split()[1:9]
    ticks = list(map(int, all_cores))
    idle, own = ticks[3] + ticks[4], os.times()
    return (
        (sum(ticks) - idle) / os.sysconf("SC_CLK_TCK")
        - own.user
        - own.system
        - own.children_user
        - own.children_system
    )
