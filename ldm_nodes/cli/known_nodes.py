"""The nodes that commands know: those of this package, and those of packs where there are any."""

from __future__ import annotations

import argparse
import sys

from ..engine.registry import Registry
from ..nodes import builtin_registry
from .arguments import settings_of
from .model_paths import extra_folders
from .packs import all_packs, make_house, pack_folders


def registry_of(arguments: argparse.Namespace) -> Registry:
    """Return all nodes; packs that cannot be loaded are told on the error stream, once."""
    registry = builtin_registry()
    base = arguments.base_dir
    packs = all_packs(pack_folders(base, (), extra_folders(base, (), ())))
    if packs:
        house = make_house(registry, settings_of(arguments).folders, base, packs)
        house.ask()
        house.load()
        for report in house.reports:
            for trouble in report.trouble:
                print(f"Pack {report.pack.name}: {trouble.message}. {trouble.remedy}".rstrip(), file=sys.stderr)
    return registry
