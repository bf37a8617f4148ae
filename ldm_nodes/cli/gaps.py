"""Where a machine differs from a lock: every file, version and setting that is missing or another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from ..engine.registry import Registry
from ..engine.requirements import locate
from ..settings import DeviceName, NoiseMode, Precision, Settings
from .environment import compute, environment
from .file_hashes import FileHashes
from .lock_file import Lock, LockedFile, Pack

NOTHING = "nothing"


@dataclass(frozen=True)
class Gap:
    """One difference.

    Attributes:
        what: a section of the lock and a name in it, or a file.
        problem: what is the matter, in two or three words.
        locked: what the lock has.
        here: what there is.
    """

    what: str
    problem: str
    locked: Any
    here: Any

    def __str__(self) -> str:
        return f"{self.what}: {self.problem}. Locked {_words(self.locked)}, here {_words(self.here)}."


def gaps(
    lock: Lock,
    registry: Registry,
    settings: Settings,
    hashes: FileHashes,
    *,
    packs: tuple[Pack, ...] = (),
    quiet: bool = False,
) -> list[Gap]:
    """Return every difference, the ones that keep the graph from running first.

    Args:
        lock: the lock.
        registry: the node classes that there are.
        settings: whose folders are looked through; device, precision and noise are the lock's.
        hashes: hashes that are known.
        packs: the packs that are installed.
        quiet: show no bar.

    Raises:
        OSError: when a file cannot be read.
    """
    return [
        *_class_gaps(lock, registry),
        *_pack_gaps(lock.packs, packs),
        *_file_gaps(lock.files, settings, hashes, quiet),
        *_machine_gaps(lock.environment, settings),
    ]


def _class_gaps(lock: Lock, registry: Registry) -> Iterator[Gap]:
    for class_type in dict.fromkeys(node.class_type for node in lock.graph.nodes.values()):
        if class_type not in registry:
            yield Gap(f"node class {class_type}", "not installed", class_type, NOTHING)


def _pack_gaps(locked: tuple[Pack, ...], here: tuple[Pack, ...]) -> Iterator[Gap]:
    installed = {pack.name: pack for pack in here}
    for pack in locked:
        found = installed.get(pack.name)
        if found is None:
            yield Gap(f"pack {pack.name}", "not installed", pack.commit or pack.version or pack.source, NOTHING)
        elif found != pack:
            yield Gap(
                f"pack {pack.name}", "another version", pack.commit or pack.version, found.commit or found.version
            )


def _file_gaps(files: tuple[LockedFile, ...], settings: Settings, hashes: FileHashes, quiet: bool) -> Iterator[Gap]:
    paths = {file: locate(settings.folders, file.kind, file.name) for file in files}
    same_size = [path for file, path in paths.items() if path and _size(path) == file.size]
    digests = hashes.of_all(same_size, quiet=quiet)
    for file, path in paths.items():
        what = f"{file.kind}/{file.name}"
        if path is None and file.size is not None:
            yield Gap(what, "missing", f"{file.size} bytes", NOTHING)
        elif path is not None and file.size is None:
            yield Gap(what, "was not there", NOTHING, f"{_size(path)} bytes")
        elif path is not None and _size(path) != file.size:
            yield Gap(what, "another size", f"{file.size} bytes", f"{_size(path)} bytes")
        elif path is not None and digests[path] != file.sha256:
            yield Gap(what, "other contents", f"sha256 {file.sha256}", f"sha256 {digests[path]}")


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _machine_gaps(locked: Mapping[str, Mapping[str, Any]], settings: Settings) -> Iterator[Gap]:
    from ..models.errors import UnavailableDevice

    wanted = locked["compute"]
    as_locked = replace(
        settings,
        device=cast("DeviceName", wanted.get("device", "auto")),
        precision=cast("Precision", wanted.get("precision", "auto")),
        noise=cast("NoiseMode", wanted.get("noise", "comfyui")),
    )
    try:
        compute(as_locked)
    except UnavailableDevice as error:
        yield Gap("compute device", str(error).rstrip("."), wanted.get("device"), NOTHING)
        as_locked, locked = settings, {**locked, "compute": {}}
    here = environment(as_locked)
    for section, values in locked.items():
        for name, value in values.items():
            found = here[section].get(name)
            if found is None:
                yield Gap(f"{section} {name}", "not installed", value, NOTHING)
            elif found != value:
                yield Gap(f"{section} {name}", "another one", value, found)


def _words(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
