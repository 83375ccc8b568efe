"""Plans that equal counters share.

Engines send a counter to each task as a pickle. Here the first task of a process compiles the plan, and the others
wait for it and use it too.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import Any, TypeAlias

from countgrid import _core

#: Digest of the packed terms, then the matching options.
_Key: TypeAlias = tuple[Any, ...]

#: Plans are kept up to this size in bytes, the latest used first. The last one is always kept.
_MOST = 256 << 20

#: The size of a plan in bytes, for a byte of packed terms, and for a regular expression. Measured with 286,000 words
#: and with 1,000 expressions.
_SIZE_PER_BYTE = 10
_SIZE_PER_REGEX = 300_000


@dataclass(frozen=True)
class _Shared:
    plan: _core.Plan
    #: Compared, since a damaged pickle could have the digest of other terms.
    packed: bytes
    size: int


#: The plans, the latest used last.
_plans: dict[_Key, _Shared] = {}
#: One lock for each plan that is being compiled. A signal handler may unpickle in a thread that is compiling: it
#: compiles again instead of waiting for its own thread.
_compiling: dict[_Key, threading.RLock] = {}
_lock = threading.RLock()


def digest_of(packed: bytes) -> bytes:
    """A digest of packed terms."""
    from hashlib import blake2b

    return blake2b(packed, digest_size=16).digest()


def shared_plan(packed: bytes, digest: bytes, options: dict[str, Any]) -> _core.Plan:
    """Return the plan for packed terms and matching options. Compiles it unless this process has it."""
    key = digest, *options.values()
    if (plan := _found(key, packed)) is not None:
        return plan
    with _lock:
        compiling = _compiling.setdefault(key, threading.RLock())
    with compiling:
        if (plan := _found(key, packed)) is not None:
            return plan
        try:
            plan = _core.Plan.unpacked(packed, *options.values())
            _keep(key, plan, packed)
        finally:
            with _lock:
                _compiling.pop(key, None)
    return plan


def clear_cache() -> None:
    """Forget the plans that are kept for unpickling.

    A process compiles the terms of a pickled `TermCounter` once, and keeps the compiled plans that it used last, up
    to 256 MB. Plans of counters that still exist stay in memory.

    Examples
    --------
    >>> import countgrid
    >>> countgrid.clear_cache()
    """
    with _lock:
        _plans.clear()


def _found(key: _Key, packed: bytes) -> _core.Plan | None:
    with _lock:
        shared = _plans.get(key)
        if shared is None or shared.packed != packed:
            return None
        _plans[key] = _plans.pop(key)
    return shared.plan


def _keep(key: _Key, plan: _core.Plan, packed: bytes) -> None:
    """Keep a plan, and drop those that were not used for the longest time."""
    is_regex = "regex" in key
    size = len(packed) * _SIZE_PER_BYTE + (plan.n_terms * _SIZE_PER_REGEX if is_regex else 0)
    with _lock:
        _plans.pop(key, None)
        _plans[key] = _Shared(plan, packed, size)
        excess = sum(shared.size for shared in _plans.values()) - _MOST
        for other in list(_plans)[:-1]:
            if excess <= 0:
                break
            excess -= _plans.pop(other).size


def _new_locks() -> None:
    """In a forked child: other threads of the parent may have held the locks."""
    global _lock
    _lock = threading.RLock()
    _compiling.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_locks)
