"""`ldm-nodes verify`: name everything in which this machine differs from a lock."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from ..engine.errors import PromptRejected, printable
from ..scripting.graph_file import read_bytes
from .arguments import settings_of
from .file_hashes import FileHashes
from .gaps import Gap, gaps
from .graph_file import problems_json, problems_text
from .known_nodes import registry_of
from .lock_file import Lock


def run(arguments: argparse.Namespace) -> int:
    """Compare; return 0 if nothing differs, 1 if something does, 2 if the lock or a file cannot be read."""
    hashes = FileHashes.of_user(trusting=not arguments.rehash)
    try:
        lock = Lock.parse(read_bytes(arguments.lock))
        found = gaps(lock, registry_of(arguments), settings_of(arguments), hashes, quiet=arguments.json)
    except PromptRejected as rejected:
        if arguments.json:
            print(json.dumps({"problems": problems_json(rejected.problems)}, indent=2))
        print(printable(f"{arguments.lock} cannot be verified:\n{problems_text(rejected)}"), file=sys.stderr)
        return 2
    except OSError as error:
        print(printable(f"{arguments.lock} cannot be verified: {error}"), file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps({"gaps": [asdict(gap) for gap in found]}, indent=2))
    else:
        print(printable(_text(str(arguments.lock), lock, found)))
    return 1 if found else 0


def _text(name: str, lock: Lock, found: list[Gap]) -> str:
    if not found:
        return f"{name}: everything is as locked, {len(lock.files)} files among it"
    count = f"{len(found)} difference{'s' * (len(found) != 1)}"
    return "\n".join([f"{name}: {count}", *(f"  • {gap}" for gap in found)])
