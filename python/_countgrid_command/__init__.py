"""The first step of the command `countgrid`, outside the package: to import that takes a tenth of a second.

Until there is something to clean up, Ctrl-C ends the process as it does any other, not with a traceback of imports.
"""

import signal
from typing import NoReturn


def main() -> NoReturn:
    """Run the command on the arguments of the process, and end the process."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from countgrid._command import main

    main()
