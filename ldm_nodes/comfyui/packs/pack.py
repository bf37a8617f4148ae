"""A node pack on the disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

GROUP = "ldm_nodes.packs"
DISABLED = ".disabled"
SKIPPED = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True)
class Pack:
    """A folder with an `__init__.py`, or a single file.

    Attributes:
        name: the folder's or the file's name without its suffix; what the pack is called everywhere.
        path: the folder or the file.
        module: the name that it is imported by; empty for one that was put into a folder of packs.
    """

    name: str
    path: Path
    module: str = ""

    @property
    def entry(self) -> Path:
        """The file that is run to load it."""
        return self.path / "__init__.py" if self.path.is_dir() else self.path

    @property
    def module_name(self) -> str:
        """The name that its module has in `sys.modules`: its own, else ComfyUI's, which has no dots."""
        if self.module:
            return self.module
        return str(self.path if self.path.is_dir() else self.path.with_suffix("")).replace(".", "_x_")

    def files(self) -> Iterator[Path]:
        """Yield all its files, in a fixed order; links that lead out of it are left out."""
        root = self.path.resolve()
        if root.is_file():
            yield self.path
            return
        for path in sorted(self.path.rglob("*")):
            inside = not SKIPPED.intersection(path.parts) and not any(part.startswith(".git") for part in path.parts)
            if inside and path.is_file() and path.resolve().is_relative_to(root):
                yield path

    @cached_property
    def digest(self) -> str:
        """A hash of its Python files: another one means other code."""
        found = hashlib.sha256()
        for path in self.files():
            if path.suffix == ".py":
                found.update(path.relative_to(self.path.parent).as_posix().encode() + b"\0" + path.read_bytes())
        return found.hexdigest()


def find_packs(folders: Iterable[Path]) -> tuple[Pack, ...]:
    """Return the packs in some folders, by name; of two with one name the first folder's."""
    found: dict[str, Pack] = {}
    for folder in folders:
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if _is_pack(path):
                pack = Pack(path.stem if path.is_file() else path.name, path)
                found.setdefault(pack.name, pack)
    return tuple(found.values())


def installed_packs() -> tuple[Pack, ...]:
    """Return the packs that installed distributions name as entry points of the group `ldm_nodes.packs`.

    An entry point's value is the pack's module. It is looked for without being run; one that is not there is left out.
    """
    found = (_installed(point) for point in sorted(entry_points(group=GROUP), key=lambda point: point.name))
    return tuple({pack.name: pack for pack in found if pack is not None}.values())


def _installed(point: EntryPoint) -> Pack | None:
    root, *rest = point.module.split(".")
    spec = find_spec(root)
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        folder = Path(place).joinpath(*rest)
        path = folder if folder.is_dir() else folder.with_suffix(".py")
        if path.exists():
            return Pack(point.name, path, point.module)
    is_file = spec is not None and spec.origin is not None and not rest
    return Pack(point.name, Path(str(spec.origin)), root) if spec is not None and is_file else None


def _is_pack(path: Path) -> bool:
    if path.name.startswith((".", "_")) or path.name.endswith(DISABLED) or path.name in SKIPPED:
        return False
    return (path / "__init__.py").is_file() if path.is_dir() else path.suffix == ".py"
