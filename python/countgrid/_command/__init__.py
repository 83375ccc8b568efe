"""The command `countgrid`: counts in files, from a shell.

- `commands` lists the subcommands, each in a file of its name. `options` defines the options that several share, and
  `typed` decodes terms and names. `sources` finds the inputs of a subcommand, `columns` names the
  columns of its output.
- `countgrid._reading` finds the files and reads batches of documents.
- `counting` turns batches into tables. `writing` (with `csv_lines` and `npz`) writes them to a file, atomically
  (`replacing`). `showing` prints results for people.
- `running`, `ending` and `standard` handle the process: errors on one line, signals, closed pipes.

Nothing here decides what counts: `countgrid.TermCounter` does. Everything works batch by batch, so memory stays
bounded.
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
