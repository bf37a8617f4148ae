"""What the result of a node that reads a file depends on beside the file's name."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def contents(path: Path) -> str:
    """Return the SHA-256 of a small file, so that it is read again exactly when its bytes have changed."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def state(path: Path) -> list[int]:
    """Return time of change and size of a file that is too large to hash before every run."""
    stat = path.stat()
    return [stat.st_mtime_ns, stat.st_size]
