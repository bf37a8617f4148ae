"""A file that is not whole yet: `NAME.part`, and beside it what must be known to go on with it after a kill."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...training.atomic import flush, write_json
from .errors import CannotWrite, DownloadError

CHUNK = 4 << 20
_FULL = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)}


class Partial:
    """What has arrived of a file; use it as a context manager, under the target's lock.

    Attributes:
        path: `NAME.part`.
        size: how many bytes are here.
        total: how many there will be, or None if nobody knows.
        validator: the ETag or date of what is here, for `If-Range`; empty if the server gave none.
    """

    def __init__(self, target: Path, source: str) -> None:
        self.path = target.with_name(f"{target.name}.part")
        self.size, self.validator = 0, ""
        self.total: int | None = None
        self._target, self._notes = target, target.with_name(f"{target.name}.part.json")
        self._source = hashlib.sha256(source.encode()).hexdigest()  # the address may carry a token
        self._digest = hashlib.sha256()

    def __enter__(self) -> Partial:
        with self._writing():
            descriptor = os.open(
                self.path,
                os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0),
                0o666,
            )
            self._file = os.fdopen(descriptor, "r+b", buffering=0)  # so that nothing is left to fail when it is closed
        return self

    def __exit__(self, *_: object) -> None:
        if self._file.closed or os.fstat(self._file.fileno()).st_size:
            self._file.close()
        else:
            self.discard()

    @property
    def sha256(self) -> str:
        """The SHA-256 of what is here, in hexadecimal."""
        return self._digest.hexdigest()

    @property
    def complete(self) -> bool:
        """Whether all bytes are here, where it is known how many there are."""
        return self.total is not None and self.size == self.total

    async def recall(self) -> None:
        """Take up what an earlier process has left of the same source; anything else is thrown away."""
        notes = self._read_notes()
        if notes.get("source") != self._source:
            self.restart("", None)
            return
        self.validator, self.total = notes["validator"], notes["total"]
        while piece := self._file.read(CHUNK):
            self._digest.update(piece)
            self.size += len(piece)
            await asyncio.sleep(0)  # large files take a while; a wish to stop is heard here

    def restart(self, validator: str, total: int | None) -> None:
        """Throw away what is here and begin with another version of the file."""
        with self._writing():
            self._file.seek(0)
            self._file.truncate()  # first: an empty file agrees with any notes
            write_json(self._notes, {"source": self._source, "validator": validator, "total": total})
        self.size, self.total, self.validator = 0, total, validator
        self._digest = hashlib.sha256()

    def write(self, piece: bytes) -> None:
        """Append what has arrived."""
        with self._writing():
            rest = memoryview(piece)
            while rest:
                rest = rest[self._file.write(rest) :]
        self._digest.update(piece)
        self.size += len(piece)

    def check_room(self) -> None:
        """Refuse at the start what the disk cannot hold.

        Raises:
            CannotWrite: when there is not enough room.
        """
        missing, free = (self.total or 0) - self.size, shutil.disk_usage(self.path.parent).free
        if missing > free:
            raise CannotWrite(f"{megabytes(missing)} are still to come and the disk has {megabytes(free)} left.")

    def settle(self) -> None:
        """Bring everything to the disk."""
        with self._writing():
            os.fsync(self._file.fileno())

    def finish(self) -> None:
        """Give the file its name, at once and whole."""
        self._file.close()
        with self._writing():
            self.path.replace(self._target)
            self._notes.unlink(missing_ok=True)
            flush(self._target.parent)

    def discard(self) -> None:
        """Remove everything."""
        self._file.close()
        for path in (self.path, self._notes):
            path.unlink(missing_ok=True)

    def _read_notes(self) -> dict[str, Any]:
        try:
            notes = json.loads(self._notes.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return notes if isinstance(notes, dict) and _sound(notes) else {}

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._cannot(error) from error

    def _cannot(self, error: OSError) -> DownloadError:
        if error.errno in _FULL:
            return CannotWrite(
                f"The disk is full after {megabytes(self.size)} of {self._target.name}. "
                "They are kept; make room and ask again to go on."
            )
        return CannotWrite(f"{self.path.name} cannot be written: {error.strerror}.")


def megabytes(count: int) -> str:
    """Say a number of bytes in words."""
    return f"{count / 1e6:,.1f} MB"


def _sound(notes: dict[str, Any]) -> bool:
    total, validator = notes.get("total"), notes.get("validator")
    return (
        isinstance(validator, str)
        and validator.isprintable()
        and (total is None or (type(total) is int and total >= 0))
    )
