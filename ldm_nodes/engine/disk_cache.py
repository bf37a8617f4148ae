"""Results of nodes that outlive the process: one file each, whole or absent, the longest unused removed first.

A file is called `KEY-DIGEST.safetensors`, where DIGEST is the hash of its bytes: a file that was cut off or altered is
recognised before anything in it is believed, removed, and made again by whoever needed it. Several processes may share
a folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

ENDING = ".safetensors"
NAME = re.compile(rf"([0-9a-f]{{32}})-([0-9a-f]{{32}}){re.escape(ENDING)}")
TEMPORARY = re.compile(r"\.[0-9a-f]{16}\.tmp")
ABANDONED = 24 * 60 * 60.0
"""Seconds after which a temporary file cannot be at work any more."""
BYTES_PER_SECOND = 200e6
"""What reading back is taken to cost; what is made faster than that is not written."""
LEAST_SECONDS = 5e-3


class Codec(Protocol):
    """Turns values into bytes and back; which values is its business."""

    def encode(self, value: Any) -> bytes | None:
        """Return a value as bytes, or None for one that must not or cannot be stored."""
        ...

    def decode(self, data: bytes) -> Any:
        """Return the value again.

        Raises:
            ValueError: when these are no bytes of this codec.
        """
        ...


@dataclass(frozen=True)
class _File:
    path: Path
    digest: str
    nbytes: int
    used: float


class DiskCache:
    """Key to value, in a folder.

    Args:
        folder: where the files are; made when the first one is written.
        codec: what can be stored, and how.
        limit_bytes: how much all files may take.
        salt: everything that results depend on beside their keys: versions, device, precision. Files of another salt
            are not seen, but count and age like all.
    """

    def __init__(self, folder: Path, codec: Codec, limit_bytes: int, salt: str) -> None:
        self.folder = folder
        self._complaints: list[str] = []
        self._failed = False
        self._codec = codec
        self._limit = limit_bytes
        self._salt = salt.encode()
        self._files: dict[str, _File] = {}
        self.refresh()

    def __contains__(self, key: bytes) -> bool:
        return self._name(key) in self._files

    @property
    def used_bytes(self) -> int:
        """What all files take."""
        return sum(file.nbytes for file in self._files.values())

    def refresh(self) -> None:
        """Look at the folder: other processes may have written and removed files."""
        self._files = dict(self._scan())

    def get(self, key: bytes) -> Any | None:
        """Return the value under `key`, or None where there is none or none that is sound."""
        name = self._name(key)
        if (file := self._files.get(name)) is None:
            return None
        try:
            value = self._codec.decode(_read(file))
        except (OSError, ValueError):
            self._remove(name)
            return None
        with suppress(OSError):  # removed by another process; we have read it
            os.utime(file.path)
        self._files[name] = _File(file.path, file.digest, file.nbytes, time.time())
        return value

    def put(self, key: bytes, value: Any, *, nbytes: int, seconds: float) -> None:
        """Store a value if reading it back is faster than making it again, and if the codec takes it.

        A folder that cannot be written is a complaint, once; the cache then goes on as if it were full.

        Args:
            key: what it is found by.
            value: what to store.
            nbytes: how large it is, about.
            seconds: how long making it took.
        """
        name = self._name(key)
        if self._failed or name in self._files or seconds < nbytes / BYTES_PER_SECOND + LEAST_SECONDS:
            return
        if nbytes > self._limit or (data := self._codec.encode(value)) is None or len(data) > self._limit:
            return
        self._make_room(len(data))
        path = self.folder / f"{name}-{_digest(data)}{ENDING}"
        try:
            self._write(path, data)
        except OSError as error:
            self._failed = True
            self._complaints.append(f"Results cannot be kept in {self.folder}: {error.strerror or error}.")
            return
        self._files[name] = _File(path, _digest(data), len(data), time.time())

    def complaints(self) -> list[str]:
        """Return what went wrong since this was last asked."""
        told, self._complaints = self._complaints, []
        return told

    def clear(self) -> None:
        """Remove every file."""
        for name in list(self._files):
            self._remove(name)

    def _name(self, key: bytes) -> str:
        return hashlib.blake2b(key, key=hashlib.sha256(self._salt).digest(), digest_size=16).hexdigest()

    def _scan(self) -> Iterator[tuple[str, _File]]:
        try:
            entries = list(os.scandir(self.folder))
        except OSError:
            return  # not there yet; if it cannot be made either, writing says so
        for entry in entries:
            with suppress(OSError):  # removed by another process meanwhile
                stat = entry.stat(follow_symlinks=False)
                if (match := NAME.fullmatch(entry.name)) is not None:
                    yield match[1], _File(Path(entry.path), match[2], stat.st_size, stat.st_mtime)
                elif TEMPORARY.fullmatch(entry.name) and time.time() - stat.st_mtime > ABANDONED:
                    Path(entry.path).unlink()

    def _make_room(self, nbytes: int) -> None:
        used = self.used_bytes
        for name, file in sorted(self._files.items(), key=lambda item: item[1].used):
            if used + nbytes <= self._limit:
                return
            used -= file.nbytes
            self._remove(name)

    def _remove(self, name: str) -> None:
        file = self._files.pop(name)
        with suppress(OSError):  # already gone, or somebody else's: then it is no longer ours to use
            file.path.unlink()

    def _write(self, path: Path, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self.folder / f".{secrets.token_hex(8)}.tmp"
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def _read(file: _File) -> bytes:
    data = file.path.read_bytes()
    if _digest(data) != file.digest:
        raise ValueError(f"{file.path.name} does not hold the bytes that were written")
    return data


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
