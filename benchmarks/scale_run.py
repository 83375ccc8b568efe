"""The process that `scale.py` times: reads a job as JSON, runs `count_dataset`, and prints what it made as JSON.

It imports only what a user's program would.
"""

import json
import re
import resource
import sys
from pathlib import Path

import countgrid as cg
import pyarrow.compute as pc
import pyarrow.parquet as pq


def main() -> None:
    job = json.load(sys.stdin)
    form = {"by": "filename"} if job["form"] == "totals" else {"format": job["form"]}
    cg.count_dataset(job["inputs"], job["words"], job["out"], column="text", workers=job["workers"], **form)
    files = list(Path(job["out"]).glob("*.parquet"))
    total = 0
    if job["form"] == "totals":
        total = sum(pc.sum(pq.read_table(file, columns=["count"])["count"]).as_py() or 0 for file in files)
    size = sum(file.stat().st_size for file in files)
    print(json.dumps({"total": total, "bytes": size, "peak": peak_memory()}))


def peak_memory() -> int:
    """The peak memory of this process in bytes. On Linux, `ru_maxrss` includes the process that started this one."""
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(re.findall(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="utf-8"))[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


if __name__ == "__main__":
    main()
