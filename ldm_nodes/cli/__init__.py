"""The command line, the only place where everything meets.

Start with `main` below; each command is one function in a file of its own name. Exit codes: 0 done, 1 a graph failed,
2 the request itself cannot be carried out, 130 interrupted.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from .arguments import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out the command of `argv` (default: the process's own) and return its exit code."""
    _accept_any_text()
    arguments = parse(argv)
    try:
        code = int(arguments.command(arguments))
        sys.stdout.flush()  # here, where an error can still be told
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output (`| head`) has seen enough
        sys.stderr.close()
        return 0
    except OSError as error:
        if error.filename is not None:  # it is not about our output
            raise
        print(f"The output cannot be written: {error.strerror}.", file=sys.stderr)
        _discard_output()
        return 2
    return code


def _discard_output() -> None:
    """Send what is still to be printed nowhere, so that Python does not fail with it again at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _accept_any_text() -> None:
    """Escape what a terminal or a pipe cannot spell (arrows under Windows' code pages, broken file names)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
