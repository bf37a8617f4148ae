"""`python -m tests.benchmarks.packs`: what loading node packs costs beyond what their own imports take."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from ldm_nodes.comfyui.packs.loader import Loader
from ldm_nodes.comfyui.packs.pack import find_packs
from ldm_nodes.comfyui.shims.host import Host
from ldm_nodes.comfyui.shims.install import install
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.settings import Folders

TARGET = 1.0
"""Seconds that 20 packs may add."""
CLASS = '''
class {name}:
    """A node."""
    RETURN_TYPES = ("IMAGE", "MASK")
    FUNCTION = "run"
    CATEGORY = "test"
    @classmethod
    def INPUT_TYPES(cls):
        return {{"required": {{"image": ("IMAGE",), "mode": (["a", "b"],), "amount": ("FLOAT", {{"default": 1.0}})}}}}
    def run(self, image, mode, amount):
        return image, None
'''


def write_packs(folder: Path, packs: int, files: int, classes: int) -> None:
    """Write packs of many small files, each with classes."""
    for pack in range(packs):
        root = folder / f"pack_{pack}"
        root.mkdir(parents=True)
        names = [f"Node_{pack}_{index}" for index in range(files * classes)]
        for file in range(files):
            own = names[file * classes : (file + 1) * classes]
            text = "import json, folder_paths\n" + "".join(CLASS.format(name=name) for name in own)
            (root / f"part_{file}.py").write_text(text, encoding="utf-8")
        lines = [f"from .part_{file} import *" for file in range(files)]
        mapping = ", ".join(f'"{name}": {name}' for name in names)
        (root / "__init__.py").write_text(
            "\n".join([*lines, f"NODE_CLASS_MAPPINGS = {{{mapping}}}"]) + "\n", encoding="utf-8"
        )


def measure(folder: Path) -> tuple[float, float, int]:
    """Return the seconds that loading takes, how many of them are the packs' own imports, and how many nodes came."""
    registry = builtin_registry()
    loader = Loader(registry, lambda: install(Host(Folders.under(folder), registry)))
    began = time.perf_counter()
    reports = loader.load(find_packs([folder]))
    return time.perf_counter() - began, sum(found.seconds for found in reports), sum(len(r.nodes) for r in reports)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packs", type=int, default=20)
    parser.add_argument("--files", type=int, default=5, help="of each pack")
    parser.add_argument("--classes", type=int, default=4, help="of each file")
    arguments = parser.parse_args()
    logging.disable()
    with tempfile.TemporaryDirectory() as temporary:
        write_packs(Path(temporary), arguments.packs, arguments.files, arguments.classes)
        whole, own, nodes = measure(Path(temporary))
    added = whole - own
    print(f"{arguments.packs} packs, {nodes} nodes, torch {'' if 'torch' in sys.modules else 'not '}loaded")
    print(f"in all {whole:.2f} s, their own imports {own:.2f} s, added {added:.2f} s (target: at most {TARGET:g} s)")


if __name__ == "__main__":
    main()
