"""The entry point of the command `countgrid`. Outside the package, since importing that takes 0.1 s.

Until there is something to clean up, Ctrl-C ends the process silently instead of with a traceback of imports.
"""

import signal
from typing import NoReturn


def main() -> NoReturn:
    """Run the command on the arguments of the process, and end the process."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from countgrid._command import main

    main()
