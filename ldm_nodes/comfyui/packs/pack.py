"""A node pack on the disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

DISABLED = ".disabled"
SKIPPED = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True)
class Pack:
    """A folder with an `__init__.py`, or a single file.

    Attributes:
        name: the folder's or the file's name without its suffix; what the pack is called everywhere.
        path: the folder or the file.
    """

    name: str
    path: Path

    @property
    def entry(self) -> Path:
        """The file that is run to load it."""
        return self.path / "__init__.py" if self.path.is_dir() else self.path

    @property
    def module_name(self) -> str:
        """The name that its module has in `sys.modules`: ComfyUI's, which has no dots."""
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


def _is_pack(path: Path) -> bool:
    if path.name.startswith((".", "_")) or path.name.endswith(DISABLED) or path.name in SKIPPED:
        return False
    return (path / "__init__.py").is_file() if path.is_dir() else path.suffix == ".py"
