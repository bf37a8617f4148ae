"""The command line, the only place where everything meets.

Start with `main` below; each command is one function in a file of its own name. Exit codes: 0 done, 1 a graph failed,
2 the request itself cannot be carried out, 130 interrupted.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from .arguments import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out the command of `argv` (default: the process's own) and return its exit code."""
    _accept_any_text()
    arguments = parse(argv)
    try:
        return int(arguments.command(arguments))
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output (`| head`) has seen enough
        sys.stderr.close()
        return 0


def _accept_any_text() -> None:
    """Escape what a terminal or a pipe cannot spell (arrows under Windows' code pages, broken file names)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
