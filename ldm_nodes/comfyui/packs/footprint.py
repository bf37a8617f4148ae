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
    roots = [PACKAGE] if pack.module else [PACKAGE, pack.path.parent]
    found: dict[str, tuple[int, int]] = {}
    for root in roots:
        for path in _code(root, pack.path):
            state = path.stat()
            base = root.parent if root == PACKAGE else root
            found[path.relative_to(base).as_posix()] = (state.st_mtime_ns, state.st_size)
    return found


def changed(before: Footprint, after: Footprint) -> tuple[str, ...]:
    """Return the files that are new, gone or not what they were."""
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))


def _code(root: Path, without: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        own = Path(folder)
        folders[:] = [name for name in folders if name[0] != "." and name not in SKIPPED and own / name != without]
        yield from (own / name for name in files if name.endswith(CODE) and own / name != without)
