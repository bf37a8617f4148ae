"""SHA-256 of files, each read once as long as its size and time of change stay: models are large."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

CHUNK = 4 << 20
FRESH = 2_000_000_000
"""Nanoseconds within which a file may change twice and keep one time of change."""
MOST = 10_000

Told = Callable[[int], None]
"""Told how many more bytes were read."""


def user_cache() -> Path:
    """Return where this user's programs keep what they can make anew."""
    if sys.platform == "win32":
        place = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    else:
        place = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(place) / "ldm_nodes"


def sha256(path: Path, told: Told) -> str:
    """Return the SHA-256 of a file in hexadecimal.

    Args:
        path: the file.
        told: hears of every piece that was read.

    Raises:
        OSError: when the file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            told(len(piece))
    return digest.hexdigest()


@dataclass
class FileHashes:
    """Hashes that are known, by path, size and time of change.

    Attributes:
        store: the file that keeps them for the next start; one that is not there, or damaged, knows nothing.
        trusting: take size and time for proof that a file has not changed.
        known: path to size, time of change in nanoseconds, hash; the one that was used last stands last.
    """

    store: Path
    trusting: bool = True
    known: dict[str, tuple[int, int, str]] = field(default_factory=dict)

    @classmethod
    def open(cls, store: Path, *, trusting: bool = True) -> FileHashes:
        """Read what is known."""
        try:
            data = json.loads(store.read_bytes())
            known = {
                str(path): (int(size), int(changed), str(digest)) for path, (size, changed, digest) in data.items()
            }
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            known = {}
        return cls(store, trusting, known)

    @classmethod
    def of_user(cls, *, trusting: bool = True) -> FileHashes:
        """Read what is known to this user's programs."""
        return cls.open(user_cache() / "sha256.json", trusting=trusting)

    def of_all(self, paths: Iterable[Path], *, quiet: bool = False) -> dict[Path, str]:
        """Return the hashes of files, showing on a terminal how far that is, and keep them for the next start.

        Raises:
            OSError: when one cannot be read.
        """
        wanted = list(dict.fromkeys(paths))
        with _bar(sum(path.stat().st_size for path in wanted), quiet) as told:
            found = {path: self.of(path, told) for path in wanted}
        self.save()
        return found

    def of(self, path: Path, told: Told) -> str:
        """Return the hash of a file; see `sha256`."""
        key, stat = str(path.resolve()), path.stat()
        state = (stat.st_size, stat.st_mtime_ns)
        size, changed, digest = self.known.pop(key, (0, 0, ""))
        if self.trusting and digest and (size, changed) == state:
            told(size)
        else:
            digest = sha256(path, told)
        if abs(time.time_ns() - stat.st_mtime_ns) > FRESH:
            self.known[key] = (*state, digest)
        return digest

    def save(self) -> None:
        """Write what is known for the next start, whole or not at all; where that cannot be, nothing is kept."""
        newest = dict(list(self.known.items())[-MOST:])
        unfinished = self.store.with_name(f".{self.store.name}.{secrets.token_hex(4)}")
        try:
            self.store.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(json.dumps(newest))
            unfinished.replace(self.store)
        except OSError:
            unfinished.unlink(missing_ok=True)


@contextmanager
def _bar(total: int, quiet: bool) -> Iterator[Told]:
    """Show a bar of bytes on the standard error if that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("hashing files"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bars:
        task = bars.add_task("", total=total)
        yield lambda count: bars.advance(task, count)
