"""How much memory there is, the machine's, or less where a control group allows less; and what does not fit."""

from __future__ import annotations

import os
from pathlib import Path


def check(n_documents: int, n_columns: int, cell: int) -> None:
    """Refuse a dense matrix of cells of so many bytes that is larger than the memory there is."""
    size, most = n_documents * n_columns * cell, limit()
    if most is not None and size > most:
        raise MemoryError(
            f"a dense count matrix of {n_documents} documents x {n_columns} columns takes {size / 1e9:.1f} GB, more "
            f"than the {most / 1e9:.1f} GB of memory there are; pass sparse=True"
        )


def limit() -> int | None:
    """Bytes of memory that this process may hope for; None where the system does not tell."""
    known = [_physical(), *_control_groups()]
    return min((size for size in known if size is not None), default=None)


def _physical() -> int | None:
    for ask in (_sysconf, _windows, _sysctl):
        try:
            if size := ask():
                return size
        # A name, a function or a library that this system lacks.
        except (AttributeError, ImportError, OSError, TypeError, ValueError):
            continue
    return None


def _sysconf() -> int:
    # Both are -1 where the system does not tell.
    return max(os.sysconf("SC_PAGE_SIZE"), 0) * max(os.sysconf("SC_PHYS_PAGES"), 0)


def _windows() -> int:
    import ctypes
    from ctypes import windll  # type: ignore[attr-defined, unused-ignore]

    class MemoryStatus(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            ("total", ctypes.c_uint64),
            # Available memory, the page file and the address space.
            ("others", ctypes.c_uint64 * 6),
        ]

    status = MemoryStatus(length=ctypes.sizeof(MemoryStatus))
    told = windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.total) if told else 0


def _sysctl() -> int:
    import ctypes

    size, length = ctypes.c_uint64(), ctypes.c_size_t(8)
    ask = ctypes.CDLL(None).sysctlbyname
    failed = ask(b"hw.memsize", ctypes.byref(size), ctypes.byref(length), None, ctypes.c_size_t(0))
    return 0 if failed else size.value


def _control_groups(root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> list[int]:
    """The limits of this process's control group and of those around it (cgroups, versions 1 and 2)."""
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
        # Within a container the path may be the host's, of which only the top is there.
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
