"""What the result of a node that reads a file depends on beside the file's name."""

from __future__ import annotations

import hashlib
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKAGE = Path(__file__).parents[1]


def contents(path: Path) -> str:
    """Return the SHA-256 of a small file, so that it is read again exactly when its bytes have changed."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def state(path: Path) -> list[tuple[str, int, int]]:
    """Return times of change and sizes of a file that is too large to hash before every run.

    What lies beside it under its stem belongs to it (`name.yaml` beside `name.safetensors`).
    """
    return _states(path.parent, path.parent.glob(f"{escape(path.stem)}.*"))


def folder_state(folder: Path) -> list[tuple[str, int, int]]:
    """Return times of change and sizes of all files below a folder."""
    return _states(folder, folder.rglob("*"))


def code_stamp() -> str:
    """Return a hash of times and sizes of this package's source files: another code may give other numbers."""
    return hashlib.sha256(repr(_states(PACKAGE, PACKAGE.rglob("*.py"))).encode()).hexdigest()


def _states(folder: Path, files: Iterable[Path]) -> list[tuple[str, int, int]]:
    stats = ((file.relative_to(folder).as_posix(), file.stat()) for file in files if file.is_file())
    return sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
