"""The models that are loaded, so that the next graph finds them. Least recently used ones make room."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from .diffusers_folder import is_folder, load_folder, load_folder_first_stage
from .loader import LoadedCheckpoint, companions, load_checkpoint, load_first_stage
from .weights import size_in_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .devices import Compute
    from .first_stage import FirstStage

Notice = Callable[[str], None]


def _ignore(_: str) -> None:
    """Take a notice that nobody asked for."""


@dataclass(frozen=True)
class _Entry:
    value: Any
    nbytes: int


@dataclass
class ModelPool:
    """Loaded models by file, its time of change, and how they were loaded. Safe to share between threads.

    Attributes:
        budget: bytes of weights to keep; the model in use is kept even where it is larger.
        embeddings: folders of learned embeddings, for the prompts of the models.
    """

    budget: int = field(default_factory=lambda: _physical_memory() // 2)
    embeddings: Sequence[Path] = ()
    _entries: OrderedDict[tuple[Any, ...], _Entry] = field(default_factory=OrderedDict, repr=False)
    _hashes: dict[tuple[Any, ...], Future[str]] = field(default_factory=dict, repr=False)
    _hasher: Executor = field(default_factory=lambda: ThreadPoolExecutor(1, "sha256"), repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def checkpoint(
        self, path: Path, compute: Compute, *, ema: bool | None = None, notice: Notice = _ignore
    ) -> LoadedCheckpoint:
        """Return the complete model in a file, or in a folder of diffusers; see `load_checkpoint`."""

        def load() -> _Entry:
            if is_folder(path):
                folder = load_folder(path, compute, embeddings=self.embeddings)
                return _Entry(folder, folder.nbytes)
            loaded = load_checkpoint(path, compute, ema=ema, embeddings=self.embeddings, notice=notice)
            return _Entry(loaded, loaded.nbytes)

        return cast("LoadedCheckpoint", self._get(("checkpoint", *_state(path), compute, ema), path, load))

    def first_stage(self, path: Path, compute: Compute, *, notice: Notice = _ignore) -> FirstStage:
        """Return the autoencoder in a file; see `load_first_stage`."""

        def load() -> _Entry:
            folder = is_folder(path)
            loaded = (
                load_folder_first_stage(path, compute) if folder else load_first_stage(path, compute, notice=notice)
            )
            return _Entry(loaded, size_in_bytes(loaded.model))

        return cast("FirstStage", self._get(("first_stage", *_state(path), compute), path, load))

    def sha256(self, path: Path) -> str:
        """Return the SHA-256 of a file in hexadecimal, read once as long as the file does not change.

        That of a folder is the hash of the lines `hash  name` of its files, as the command sha256sum prints them,
        sorted by name; hidden files do not count.
        """
        return self.start_sha256(path).result()

    def start_sha256(self, path: Path) -> Future[str]:
        """Hash a file beside other work: seconds for a large one, which nobody should wait for before sampling."""
        key = _state(path)
        with self._lock:
            if key not in self._hashes:
                self._hashes[key] = self._hasher.submit(_sha256, path)
            return self._hashes[key]

    @property
    def nbytes(self) -> int:
        """Bytes of weights that are held."""
        with self._lock:
            return sum(entry.nbytes for entry in self._entries.values())

    def clear(self) -> None:
        """Let go of every model."""
        with self._lock:
            self._entries.clear()

    def _get(self, key: tuple[Any, ...], path: Path, load: Callable[[], _Entry]) -> Any:
        with self._lock:
            if key not in self._entries:
                self._make_room(path.stat().st_size if path.is_file() else 0)
                self._entries[key] = load()
            self._entries.move_to_end(key)
            return self._entries[key].value

    def _make_room(self, nbytes: int) -> None:
        """Drop models, least recently used first, until `nbytes` more fit the budget."""
        while self._entries and self.nbytes + nbytes > self.budget:
            self._entries.popitem(last=False)


def _state(path: Path) -> tuple[Any, ...]:
    """Return what changes when a file or its companions change; nothing for a file that is not there."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path, *companions(path)]
    stats = [(str(file.resolve()), file.stat()) for file in files if file.exists()]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _sha256(path: Path) -> str:
    if path.is_dir():
        names = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
        lines = [f"{_sha256(path / name)}  {name}\n" for name in names if "/." not in f"/{name}"]
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _physical_memory() -> int:
    """Return the machine's memory in bytes, or 16 GiB where the system does not say."""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return 16 << 30
