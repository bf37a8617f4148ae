"""Lets `import comfy.utils` and the like find the modules of this folder, and nothing else."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from .host import Host, set_host

OWN = frozenset({"__init__", "host", "install", "guidance", "submodules"})


def install(host: Host) -> None:
    """Make the modules importable. Those of these names that are there already, of ComfyUI itself, are left alone."""
    set_host(host)
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder(inside=True))
        sys.meta_path.append(Finder(inside=False))


def uninstall() -> None:
    """Take the modules away again."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    for name in names():
        sys.modules.pop(name, None)


@cache
def names() -> frozenset[str]:
    """Return the names under which packs import the modules of this folder."""
    root = Path(__file__).parent
    files = {path.relative_to(root).with_suffix("") for path in root.rglob("*.py")}
    packages = {path.parent for path in files if path.name == "__init__" and path.parent != Path()}
    modules = {path for path in files if path.name != "__init__" and path.parts[0] not in OWN}
    return frozenset(".".join(path.parts) for path in packages | modules)


class Finder(MetaPathFinder, Loader):
    """Finds the modules of this folder under the names that packs use; both names are one module.

    Args:
        inside: finds what lies inside of our packages, before others find its file and make a second module of it;
            else finds what stands by itself, where nobody else does.
    """

    def __init__(self, *, inside: bool) -> None:
        self._inside = inside
        self._specs: dict[str, ModuleSpec | None] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to import a module, if it is one of ours."""
        package, _, _ = fullname.rpartition(".")
        if fullname not in names() or bool(package) != self._inside or (package and not _is_ours(package)):
            return None
        return ModuleSpec(fullname, self, is_package=_is_package(fullname))

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module of this folder."""
        module = importlib.import_module(f"{__package__}.{spec.name}")
        self._specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own description back, by which its relative imports go; it has run already."""
        if module.__spec__ is not None:
            module.__spec__ = self._specs.pop(module.__spec__.name)


def _is_package(name: str) -> bool:
    return Path(__file__).parent.joinpath(*name.split(".")).is_dir()


def _is_ours(name: str) -> bool:
    return getattr(sys.modules.get(name), "__name__", "").startswith(str(__package__))
