"""The command `countgrid`: counts in files, from a shell.

- `commands` says what may be typed; `options` holds what several commands take; `typed` decodes terms and names.
- `inputs` finds the files, `streams` opens their bytes, `columns` says which columns are read; `parquet_arrow`,
  `csv_rows` and `json_lines` read them, `reading` makes portions of documents of these, and `ahead` does so in a
  thread beside the counting.
- `counting` makes tables of portions; `writing` (with `csv_lines` and `npz`) puts them into a file, which `replacing`
  lets stand under its name only when it is whole; `showing` is for people's eyes.
- `running`, `ending` and `standard` are what a process has to do besides: errors on one line, signals, closed pipes.

Nothing here decides what counts: that is `countgrid.TermCounter`'s. All is done portion by portion, so that memory
stays bounded.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import NoReturn


def main() -> NoReturn:
    """Run the command on the arguments of the process, and end the process."""
    if missing := [name for name in ("click", "pyarrow") if find_spec(name) is None]:
        packages = f"{' and '.join(missing)}; pip install {' '.join(missing)}"
        print(f"countgrid: the command needs {packages}", file=sys.stderr)
        sys.exit(1)
    from countgrid._command.running import run

    run()
