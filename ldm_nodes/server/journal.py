"""What editors wrote down while users worked: the versions of each document, in one file per document that only grows.

A record is one line: a checksum, what is known of the version as JSON, the text packed. It is added in one write and
flushed to the disk, so a process that is killed leaves at most one torn line at the end; a line whose checksum is wrong
counts as absent. Recent versions are kept one by one, older ones ever sparser.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from io import FileIO
from pathlib import Path
from typing import Any

from .user_files import write

SUFFIX = ".journal"
DENSE = 60
"""So many newest versions are kept, however close they are."""
SPARSE = 60
"""At most so many older ones beside them."""
MOST = 240
"""With more versions a file is thinned."""
STEPS = ((3600.0, 60.0), (86_400.0, 600.0), (float("inf"), 86_400.0))
"""Age in seconds, and how far apart versions of up to that age are kept."""
LARGEST = 32 << 20
"""Bytes of one version."""
QUOTA = 1 << 30
"""Bytes of all journals of a user."""
LONGEST_TEXT = 300
"""Letters of a name or a label; more is cut off."""
TAIL = 1 << 16


class UnknownVersion(LookupError):
    """A document or a version that no journal has."""


class JournalFull(Exception):
    """A user's journals take up all the room that they may."""


@dataclass(frozen=True)
class Version:
    """What is known of one version of a document.

    Attributes:
        document: the document: the path of its file among the user's, or any id while it has none.
        number: of the version; later ones have higher ones.
        time: seconds since 1970.
        label: what was changed.
        name: what the document was called.
        nodes: how many nodes it had.
        size: bytes of its text.
        dirty: it was not what the document's file held.
        records: how many versions the file had, this one counted.
    """

    document: str
    number: int
    time: float
    label: str
    name: str
    nodes: int
    size: int
    dirty: bool
    records: int = 1

    def told(self) -> dict[str, Any]:
        """Return what clients are told."""
        return {key: value for key, value in asdict(self).items() if key != "records"}


@dataclass(frozen=True)
class Record:
    """A version with its packed text."""

    version: Version
    packed: bytes

    def line(self) -> bytes:
        """Return the record as it stands in the file."""
        body = json.dumps(asdict(self.version)).encode() + b"\t" + self.packed
        return b"%08x\t%s\n" % (zlib.crc32(body), body)

    @classmethod
    def read(cls, line: bytes) -> Record | None:
        """Return the record of a line, or None for a line that was not written to its end."""
        checksum, _, body = line.removesuffix(b"\n").partition(b"\t")
        if checksum != b"%08x" % zlib.crc32(body):
            return None
        known, _, packed = body.partition(b"\t")
        return cls(Version(**json.loads(known)), packed)

    def text(self) -> bytes:
        """Return the document as it was given."""
        return zlib.decompress(base64.b64decode(self.packed))


class Journal:
    """The journals of one user.

    Args:
        root: the folder they are in; it is made when it is needed.
        quota: bytes that all of them may take up.
    """

    _LOCK = threading.Lock()

    def __init__(self, root: Path, quota: int = QUOTA) -> None:
        self._root, self._quota = root, quota

    def documents(self) -> list[Version]:
        """Return the newest version of every document, the one that was changed last first."""
        newest = [found.version for path in self._files() if (found := _last(path))]
        return sorted(newest, key=lambda version: version.time, reverse=True)

    def versions(self, document: str) -> list[Version]:
        """Return all versions of a document, newest first."""
        return [record.version for record in reversed(list(_records(self._path(document))))]

    def text(self, document: str, number: int) -> bytes:
        """Return the text of a version.

        Raises:
            UnknownVersion: there is no such version, or no more.
        """
        for record in _records(self._path(document)):
            if record.version.number == number:
                return record.text()
        raise UnknownVersion("There is no such version of this document.")

    def append(self, document: str, text: bytes, *, nodes: int, label: str, name: str, dirty: bool) -> Version:
        """Keep a version; when this returns, it is on the disk.

        A text that the newest version has already is not kept twice.

        Raises:
            JournalFull: the user's quota is used up, and nothing more can be thinned.
        """
        packed = base64.b64encode(zlib.compress(text))
        with self._LOCK:
            path = self._path(document)
            last = _last(path)
            number, records = (last.version.number + 1, last.version.records + 1) if last else (1, 1)
            short, called = label[:LONGEST_TEXT], name[:LONGEST_TEXT]
            version = Version(document, number, time.time(), short, called, nodes, len(text), dirty, records)
            if last and last.packed == packed and (last.version.dirty, last.version.name) == (dirty, called):
                return last.version
            self._make_room(path, len(packed))
            _append(path, Record(version, packed))
            if records > MOST:
                _write(path, _thinned(list(_records(path)), version.time))
            return version

    def move(self, document: str, target: str) -> None:
        """Give the versions of a document another name; if that has versions already, they stay beside each other.

        Raises:
            UnknownVersion: there is no such document.
        """
        with self._LOCK:
            source, path = self._path(document), self._path(target)
            records = [*_records(source), *(_records(path) if path != source else ())]
            if not source.exists():
                raise UnknownVersion("There are no versions of this document.")
            ordered = sorted(records, key=lambda record: record.version.time)
            numbered = (
                replace(record, version=replace(record.version, document=target, number=number))
                for number, record in enumerate(ordered, 1)
            )
            _write(path, numbered)
            if path != source:
                source.unlink()

    def delete(self, document: str) -> None:
        """Forget every version of a document."""
        with self._LOCK:
            self._path(document).unlink(missing_ok=True)

    def _path(self, document: str) -> Path:
        return self._root / f"{hashlib.sha256(document.encode(errors='replace')).hexdigest()[:32]}{SUFFIX}"

    def _files(self) -> list[Path]:
        return sorted(self._root.glob(f"*{SUFFIX}")) if self._root.is_dir() else []

    def _make_room(self, path: Path, needed: int) -> None:
        """Thin journals to their newest version, those that rested longest first and this one last."""
        sizes = {file: file.stat() for file in self._files()}
        free = self._quota - sum(status.st_size for status in sizes.values()) - needed
        for file in sorted(sizes, key=lambda file: (file == path, sizes[file].st_mtime)):
            if free >= 0:
                return
            newest = _last(file)
            if newest:
                _write(file, [newest])
                free += sizes[file].st_size - file.stat().st_size
        if free < 0:
            raise JournalFull("The versions of your documents take up all the room they may; delete some of them.")


def kept(times: Sequence[float], now: float) -> list[int]:
    """Return which versions to keep: the newest ones all, older ones ever farther apart.

    Args:
        times: when each version was written, oldest first.
        now: seconds since 1970.

    Returns:
        Their indices, in order.
    """
    dense = list(range(max(len(times) - DENSE, 0), len(times)))
    sparse: list[int] = []
    following = times[dense[0]] if dense else now
    for index in range(len(times) - DENSE - 1, -1, -1):
        apart = next(apart for age, apart in STEPS if now - times[index] <= age)
        if following - times[index] >= apart and len(sparse) < SPARSE:
            sparse.append(index)
            following = times[index]
    return [*reversed(sparse), *dense]


def _thinned(records: Sequence[Record], now: float) -> list[Record]:
    return [records[index] for index in kept([record.version.time for record in records], now)]


def _records(path: Path) -> Iterator[Record]:
    try:
        with path.open("rb") as file:
            yield from (record for line in file if (record := Record.read(line)))
    except FileNotFoundError:
        return


def _last(path: Path) -> Record | None:
    """Return the newest record, reading no more of the file's end than that takes."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            length = TAIL
            while True:
                start = max(size - length, 0)
                file.seek(start)
                lines = file.read().splitlines(keepends=True)[1 if start else 0 :]
                found = next((record for line in reversed(lines) if (record := Record.read(line))), None)
                if found or start == 0:
                    return found
                length *= 4
    except FileNotFoundError:
        return None


def _append(path: Path, record: Record) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    with path.open("a+b", buffering=0) as file:
        if file.seek(0, os.SEEK_END) and not _ends_a_line(file):
            file.write(b"\n")  # a torn line ends here, or it would spoil this one too
        file.write(record.line())
        os.fsync(file.fileno())
    if is_new:
        _flush_folder(path.parent)


def _ends_a_line(file: FileIO) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _flush_folder(folder: Path) -> None:
    """Let the name of a new file survive a power cut too, where the system can do that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write(path: Path, records: Iterable[Record]) -> None:
    """Put records in place of all that were there, all or nothing."""
    counted = (
        replace(record, version=replace(record.version, records=count)) for count, record in enumerate(records, 1)
    )
    write(path, b"".join(record.line() for record in counted))
