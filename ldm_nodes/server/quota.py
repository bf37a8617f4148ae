"""How much of the disk users may fill with what they send, and how much of it nobody may."""

from __future__ import annotations

import os
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

BLOCK = 4096
"""What a file counts for at least, so that the number of files is bounded too."""
SPARE = 256 << 20
"""Bytes of the disk that uploads leave free: the queue must be able to go on writing."""
MB = 1 << 20


class NoRoom(Exception):
    """A file that is too much; the message says what is used and what is allowed."""


class Quota:
    """A limit for each of many folders.

    Args:
        allowed: bytes that the files below a folder may take; None for no limit.
        option: what raises it, for messages.
    """

    def __init__(self, allowed: int | None, option: str) -> None:
        self._allowed, self._option = allowed, option
        self._lock = threading.Lock()
        self._expected: Counter[Path] = Counter()

    @contextmanager
    def room(self, root: Path, size: int, replaced: Path | None = None, besides: str = "") -> Iterator[None]:
        """Hold room below a folder while a file is written there. Takes the disk's time: call it in a thread.

        Args:
            root: the folder.
            size: of the file, in bytes.
            replaced: the file whose place it takes, if there is one.
            besides: a folder directly below `root` that does not count.

        Raises:
            NoRoom: there is not as much.
        """
        more = _counted(size) - (_counted(replaced.stat().st_size) if replaced and replaced.is_file() else 0)
        if shutil.disk_usage(_there(root)).free - more < SPARE:
            raise NoRoom(f"The disk of this server is full but for {SPARE // MB} MB, which it needs itself.")
        with self._lock:
            self._check(root, more, besides)
            self._expected[root] += more
        try:
            yield
        finally:
            with self._lock:
                self._expected[root] -= more
                if not self._expected[root]:
                    del self._expected[root]

    def _check(self, root: Path, more: int, besides: str) -> None:
        if self._allowed is None or more <= 0:
            return
        used = taken(root, besides) + self._expected[root]
        if used + more > self._allowed:
            raise NoRoom(
                f"Your files there take {_told(used)} of {_told(self._allowed)} that each user has, and this one needs "
                f"{_told(more)} more. Delete some, or have {self._option} raised."
            )


@dataclass(frozen=True)
class Quotas:
    """The limits of a server.

    Attributes:
        uploads: for each of a user's folders of inputs, outputs and temporary files.
        userdata: for a user's settings and workflows.
    """

    uploads: Quota = field(default_factory=lambda: Quota(None, "--upload-quota"))
    userdata: Quota = field(default_factory=lambda: Quota(None, "--userdata-quota"))


def taken(root: Path, besides: str = "") -> int:
    """Return how many bytes the files below a folder count for; links count as themselves.

    Args:
        root: the folder.
        besides: a folder directly below it that does not count.
    """
    total, folders = 0, [str(root)] if root.is_dir() else []
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    total += _counted(entry.stat(follow_symlinks=False).st_size)
                elif besides != entry.name or Path(entry.path).parent != root:
                    folders.append(entry.path)
    return total


def _told(size: int) -> str:
    return f"{size / MB:,.1f} MB" if size >= MB else f"{-(-size // 1024)} KB"


def _counted(size: int) -> int:
    return max(size, BLOCK)


def _there(path: Path) -> Path:
    """Return the nearest folder that there is."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())
