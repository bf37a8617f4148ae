"""Whether a pack has changed code that is not its own while it was loaded: files of ours, or of its neighbours."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from .pack import SKIPPED, Pack

PACKAGE = Path(__file__).parents[2]
CODE = (".py", ".pth")
Footprint = Mapping[str, tuple[int, int]]
"""A file, told from the folder of its package on, to when it was changed and how long it is."""


def footprint(pack: Pack) -> Footprint:
    """Return the state of all code that a pack has no business with: that of this package and of the packs beside it.

    What lies beside a pack that was installed by pip is not looked at: there are too many files.
    """
    own, beside = str(pack.path), str(pack.path.parent)
    found = {f"{PACKAGE.name}/{name}": state for name, state in _code(str(PACKAGE), own)}
    return found if pack.module else found | dict(_code(beside, own))


def changed(before: Footprint, after: Footprint) -> tuple[str, ...]:
    """Return the files that are new, gone or not what they were."""
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))


def _code(root: str, without: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield files below a folder, with the path from there; in plain texts, because there are thousands."""
    pending = [root]
    while pending:
        for entry in _entries(pending.pop()):
            if entry.name[0] == "." or entry.name in SKIPPED or entry.path == without:
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append(entry.path)
            elif entry.name.endswith(CODE) and entry.is_file(follow_symlinks=False):
                state = entry.stat(follow_symlinks=False)
                yield entry.path[len(root) + 1 :].replace(os.sep, "/"), (state.st_mtime_ns, state.st_size)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """List a folder; one that nobody may read has nothing that could be compared."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
