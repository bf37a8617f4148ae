"""`ldm-nodes dev`: the server with one pack, which is loaded again whenever a file of it is saved.

Models and results that are in memory stay there: only nodes of the pack and what follows them run again.
"""

from __future__ import annotations

import argparse
import sys

from . import serve


def run(arguments: argparse.Namespace) -> int:
    """Serve the pack until asked to stop."""
    pack = arguments.pack.resolve()
    if not (pack / "__init__.py").is_file():
        print(f"{pack} is no node pack: it has no __init__.py. `ldm-nodes new-pack NAME` writes one.", file=sys.stderr)
        return 2
    arguments.packs, arguments.only, arguments.disable_packs = [pack.parent], pack.name, False
    return serve.run(arguments)
