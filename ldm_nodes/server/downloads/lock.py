"""One process at a time: a lock that the system takes back when its holder dies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import Busy, CannotWrite

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold the right to write `target` inside the block.

    Raises:
        Busy: another process, or another download of this one, holds it.
        CannotWrite: no lock can be made in that folder.
    """
    path = target.with_name(f".{target.name}.lock")
    descriptor = _hold(path, target.name)
    try:
        yield
    finally:
        with suppress(OSError):  # Windows removes no open file; it stays, and harms nobody
            path.unlink()
        os.close(descriptor)


def _hold(path: Path, name: str) -> int:
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        except OSError as error:
            raise CannotWrite(f"The folder of {name} cannot be written: {error.strerror}.") from error
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise Busy(f"{name} is being downloaded already; wait for that, or stop it.") from error
        if _is_there(path, descriptor):
            return descriptor
        os.close(descriptor)  # its holder removed it between our opening and locking it


def _is_there(path: Path, descriptor: int) -> bool:
    """Tell whether a path still names the open file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
