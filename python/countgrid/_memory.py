"""The memory limit: the machine's memory, or less if a control group limits it."""

from __future__ import annotations

import os
from pathlib import Path


def check(n_documents: int, n_columns: int, cell: int) -> None:
    """Raise MemoryError if a dense matrix would be larger than the memory limit. ``cell`` is the size of a cell."""
    size, most = n_documents * n_columns * cell, limit()
    if most is not None and size > most:
        raise MemoryError(
            f"a dense count matrix of {n_documents} documents x {n_columns} columns takes {size / 1e9:.1f} GB, more "
            f"than the {most / 1e9:.1f} GB of available memory; pass sparse=True"
        )


def limit() -> int | None:
    """The bytes of memory that this process can use; None if the system does not tell."""
    known = [_physical(), *_control_groups()]
    return min((size for size in known if size is not None), default=None)


def _physical() -> int | None:
    for ask in (_sysconf, _windows, _sysctl):
        try:
            if size := ask():
                return size
        # This system does not have the name, function or library.
        except (AttributeError, ImportError, OSError, TypeError, ValueError):
            continue
    return None


def _sysconf() -> int:
    # Either is -1 if the system does not tell.
    return max(os.sysconf("SC_PAGE_SIZE"), 0) * max(os.sysconf("SC_PHYS_PAGES"), 0)


def _windows() -> int:
    import ctypes
    from ctypes import windll  # type: ignore[attr-defined, unused-ignore]  # only there

    class MemoryStatus(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            ("total", ctypes.c_uint64),
            # Available memory, page file, address space.
            ("others", ctypes.c_uint64 * 6),
        ]

    status = MemoryStatus(length=ctypes.sizeof(MemoryStatus))
    succeeded = windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.total) if succeeded else 0


def _sysctl() -> int:
    import ctypes

    size, length = ctypes.c_uint64(), ctypes.c_size_t(8)
    ask = ctypes.CDLL(None).sysctlbyname
    failed = ask(b"hw.memsize", ctypes.byref(size), ctypes.byref(length), None, ctypes.c_size_t(0))
    return 0 if failed else size.value


def _control_groups(root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> list[int]:
    """The limits of this process's control group and its parents (cgroups, versions 1 and 2)."""
    try:
        lines = own.read_bytes().splitlines()
    except OSError:
        return []
    limits = []
    for line in lines:
        _, controllers, path = os.fsdecode(line).split(":", 2)
        if controllers == "":
            top, name = root, "memory.max"
        elif "memory" in controllers.split(","):
            top, name = root / "memory", "memory.limit_in_bytes"
        else:
            continue
        group = top / path.lstrip("/")
        # In a container, the path may be the host's, of which only the top exists.
        for folder in [group, *group.parents]:
            if folder == top.parent:
                break
            try:
                text = (folder / name).read_text(encoding="ascii").strip()
            except OSError:
                continue
            if text.isdigit():
                limits.append(int(text))
    return limits
