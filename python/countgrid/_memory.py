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
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _control_groups(root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> list[int]:
    """The limits of this process's control group and of those around it (cgroups, versions 1 and 2)."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return []
    limits = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
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
                text = (folder / name).read_text().strip()
            except OSError:
                continue
            if text.isdigit():
                limits.append(int(text))
    return limits
