"""Modules inside of packages, found when they are first used: packs write `comfy.samplers` after `import comfy`."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.util import find_spec
from types import ModuleType


def submodules_of(package: str) -> Callable[[str], ModuleType]:
    """Return a `__getattr__` for a package: it imports the module of an attribute's name."""

    def find(name: str) -> ModuleType:
        if name.startswith("_") or find_spec(f"{package}.{name}") is None:
            raise AttributeError(f"module {_known_as(package)!r} has no attribute {name!r}")
        return importlib.import_module(f"{package}.{name}")

    return find


def _known_as(package: str) -> str:
    return package.removeprefix(f"{__package__}.")
