"""`ldm-nodes new-pack`: write a node pack to begin with. Its tests pass, and it is a pack of ComfyUI too."""

from __future__ import annotations

import argparse
import json
import keyword
import re
import sys
from importlib.resources import files
from pathlib import Path
from string import Template

TEMPLATES = "assets/new_pack"
SUFFIX = ".template"
"""Ends the templates' names, so that nothing takes them for modules."""


def run(arguments: argparse.Namespace) -> int:
    """Write the pack, or say why it cannot be written."""
    name = arguments.name
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or keyword.iskeyword(name):
        print(f"{name!r} cannot be imported; a pack's name is letters, digits and _, such as my_pack.", file=sys.stderr)
        return 2
    folder = (arguments.into or arguments.base_dir / "custom_nodes") / name
    if folder.exists():
        print(f"{folder} is there already; nothing was written. Choose another name.", file=sys.stderr)
        return 2
    written = write_pack(folder, name)
    if arguments.json:
        print(json.dumps({"folder": str(folder), "files": [str(path) for path in written]}))
        return 0
    print(f"{folder}: {', '.join(path.relative_to(folder).as_posix() for path in written)}")
    print(f"Try it: pytest {folder}; then ldm-nodes dev {folder} serves it, and loads it again whenever you save.")
    return 0


def write_pack(folder: Path, name: str) -> tuple[Path, ...]:
    """Write a new pack into a folder that is not there yet, and return its files.

    Raises:
        FileExistsError: the folder is there.
    """
    words = {"name": name, "title": name.replace("_", " ").strip().capitalize(), "project": name.replace("_", "-")}
    folder.mkdir(parents=True)
    written = []
    for source, target in _templates():
        path = folder / target
        path.parent.mkdir(exist_ok=True)
        path.write_text(Template(source).substitute(words), encoding="utf-8")
        written.append(path)
    return tuple(written)


def _templates() -> list[tuple[str, str]]:
    """Return the text of each template, and the file that it becomes; `tests.test_x.py` lies in `tests/`."""
    found = sorted(files(__package__.partition(".")[0]).joinpath(TEMPLATES).iterdir(), key=lambda entry: entry.name)
    return [
        (entry.read_text(encoding="utf-8"), entry.name.removesuffix(SUFFIX).replace("tests.", "tests/"))
        for entry in found
    ]
