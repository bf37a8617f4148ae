"""The answer to `/object_info`, made once and used again as long as the folders that it lists have not changed.

A folder's time of change moves when a file in it comes, goes or gets another name. It moves in steps, so a folder that
was changed a moment before it was read may be changed again without a sign: what was read then is not used again.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..engine.registry import Registry, node_info
from ..engine.sockets import Scan
from ..settings import Folders

STEP = 2 * 10**9
"""Nanoseconds within which two changes of a folder may look like one; FAT has the longest steps."""

Stamp = tuple[int, int, int]
Stamps = Mapping[Path, Stamp | None]
Told = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Catalogue:
    """The node classes of a registry as JSON texts.

    Attributes:
        entries: class name to its entry.
        text: all of them as one object.
        tag: changes with the text.
    """

    entries: Mapping[str, str]
    text: bytes
    tag: str

    def one(self, name: str) -> str:
        """Return the object that holds one class, or an empty one."""
        return f"{{{json.dumps(name)}: {self.entries[name]}}}" if name in self.entries else "{}"


@dataclass(frozen=True)
class _Kept:
    catalogue: Catalogue
    stamps: Stamps
    classes: int


class CatalogueCache:
    """Keeps a catalogue for every user's folders. May be asked from any thread.

    Args:
        clock: nanoseconds since 1970, as the file system tells them.
    """

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: frozenset[str] = frozenset()
        self._kept: dict[Folders, _Kept] = {}

    def current(self, registry: Registry, folders: Folders, told: Told) -> Catalogue:
        """Return the catalogue as it is now.

        Args:
            registry: the nodes that there are.
            folders: where file choices look.
            told: makes of all entries what is answered; always the same function.
        """
        with self._lock:
            kept = self._kept.get(folders)
            if kept and kept.classes == len(registry) and kept.stamps == _looked_at(kept.stamps):
                return kept.catalogue
            return self._made(registry, folders, told)

    def _made(self, registry: Registry, folders: Folders, told: Told) -> Catalogue:
        """Make a catalogue; keep it only if a change from now on will show."""
        while True:
            began = self._clock()
            stamps = _stamps(path for kind in self._kinds for path in folders.of(kind))
            scan = _Watching(folders)
            entries = {name: node_info(registry[name], scan) for name in registry}
            if scan.kinds <= self._kinds:
                break
            self._kinds |= scan.kinds  # whose folders must be looked at before they are read, not after
        catalogue = _catalogue(told(entries))
        if scan.is_known and all(stamp is None or stamp[0] < began - STEP for stamp in stamps.values()):
            self._kept[folders] = _Kept(catalogue, stamps, len(registry))
        else:
            self._kept.pop(folders, None)
        return catalogue


@dataclass(frozen=True)
class _Asked(Folders):
    """Folders that note which kinds of files somebody asks for."""

    kinds: set[str] = field(default_factory=set)

    def of(self, kind: str) -> tuple[Path, ...]:
        """List the directories of a kind, and note it."""
        self.kinds.add(kind)
        return super().of(kind)


class _Watching(Scan):
    """A scan that knows which kinds of files it was made of.

    Attributes:
        is_known: no list was made of anything else than `Folders`, whose changes nobody would see.
    """

    def __init__(self, folders: Folders) -> None:
        self._asked = _Asked(**vars(folders))
        super().__init__(self._asked)
        self.is_known = True

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds that were asked for."""
        return frozenset(self._asked.kinds)

    def _call(self, source: Callable[[Folders], Collection[str]]) -> tuple[str, ...]:
        before = self._asked.kinds.copy()
        self._asked.kinds.clear()
        found = super()._call(source)
        self.is_known = self.is_known and bool(self._asked.kinds)
        self._asked.kinds.update(before)
        return found


def _catalogue(entries: Mapping[str, Any]) -> Catalogue:
    """Write the entries one by one: one long text in one go would hold up the event loop."""
    texts = {name: json.dumps(entry, default=str) for name, entry in entries.items()}
    text = f"{{{', '.join(f'{json.dumps(name)}: {entry}' for name, entry in texts.items())}}}".encode()
    return Catalogue(texts, text, hashlib.sha256(text).hexdigest()[:32])


def _stamps(roots: Iterable[Path]) -> Stamps:
    """Return the stamps of folders and of all folders below them, each taken before the folder is read."""
    found: dict[Path, Stamp | None] = {}
    pending = list(roots)
    while pending:
        path = pending.pop()
        if path not in found:
            found[path] = _stamp(path)
            pending += _below(path) if found[path] else ()
    return found


def _below(path: Path) -> list[Path]:
    try:
        with os.scandir(path) as entries:
            return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:  # it is gone since, or nobody may read it: nothing below it is listed
        return []


def _looked_at(stamps: Stamps) -> Stamps:
    return {path: _stamp(path) for path in stamps}


def _stamp(path: Path) -> Stamp | None:
    """Return when a folder was last changed, and which it is; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_dev
