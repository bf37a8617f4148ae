"""A bench for packs, whose modules are gone again afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ldm_nodes.comfyui.shims.install import uninstall

from .bench import Bench

SHIMS = "ldm_nodes.comfyui.shims."


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    before = set(sys.modules)
    yield Bench(tmp_path)
    uninstall()
    for name in set(sys.modules) - before:
        if name.startswith(SHIMS) or "_packs_" in name or "/packs/" in name:
            del sys.modules[name]
