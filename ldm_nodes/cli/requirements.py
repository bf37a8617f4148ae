"""`ldm-nodes requirements`: what a graph needs, what of it is here, and what comes nearest to the rest."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..engine.catalogue import Installed
from ..engine.errors import PromptRejected, printable
from ..engine.pack_hints import Hints, hints_of
from ..engine.prompt import Prompt
from ..engine.registry import Registry
from ..engine.requirements import NeededClass, NeededFile, Requirements, requirements
from ..scripting.graph_file import read_file
from ..settings import Folders
from .arguments import settings_of
from .graph_file import problems_json, problems_text
from .known_nodes import registry_of

GOOD, BAD = "✓", "✗"


def run(arguments: argparse.Namespace) -> int:
    """List what a graph needs; return 0 if all of it is here, 1 if not."""
    folders, registry = settings_of(arguments).folders, registry_of(arguments)
    try:
        prompt, hints = _read(arguments.graph, folders, registry)
    except PromptRejected as rejected:
        if arguments.json:
            print(json.dumps({"problems": problems_json(rejected.problems)}, indent=2))
        print(printable(f"{arguments.graph} cannot be read:\n{problems_text(rejected)}"), file=sys.stderr)
        return 2
    needed = requirements(prompt, registry, folders)
    if arguments.json:
        print(json.dumps(_json(needed, hints), indent=2))
    else:
        print(printable("\n".join([f"{arguments.graph} needs", *_lines(needed, hints)])))
    return 0 if needed.met else 1


def _read(path: Path, folders: Folders, registry: Registry) -> tuple[Prompt, Hints]:
    """Read a graph, though it may have nodes whose values cannot be told: their classes are needed all the same."""
    document = read_file(path, drawn_first=True)
    if isinstance(document, Prompt):
        return document, Hints()
    return document.to_prompt(Installed(registry, folders)).prompt, hints_of(document)


def _lines(needed: Requirements, hints: Hints) -> Iterator[str]:
    here = sum(need.present for need in needed.classes)
    yield f"  node classes, {here} of {len(needed.classes)} here"
    yield from (f"    {_class_line(need, hints)}" for need in needed.classes)
    for title, kinds in (("models", False), ("input files", True)):
        files = [file for file in needed.files if (file.kind in ("input", "output", "temp", "latents")) is kinds]
        if files:
            yield f"  {title}, {sum(file.path is not None for file in files)} of {len(files)} here"
            yield from (f"    {_file_line(file, hints)}" for file in files)


def _class_line(need: NeededClass, hints: Hints) -> str:
    if need.present:
        return f"{GOOD} {need.name}"
    parts = [f"not installed (node {', '.join(need.nodes)})"]
    if need.name in hints.packs:
        parts.append(f"from the pack {hints.packs[need.name]}")
    if need.nearest:
        names = [found.name if found.fits else f"{found.name} (not all wires fit)" for found in need.nearest]
        parts.append(f"nearest: {', '.join(names)}")
    return f"{BAD} {need.name}: {'; '.join(parts)}"


def _file_line(need: NeededFile, hints: Hints) -> str:
    if need.path is not None:
        return f"{GOOD} {need.kind}/{need.name}"
    parts = [f"not here (named by {', '.join(need.used_by)})"]
    if address := hints.models.get(Path(need.name).name):
        parts.append(f"its author had it from {address}")
    if need.nearest:
        parts.append(f"nearest: {', '.join(need.nearest)}")
    return f"{BAD} {need.kind}/{need.name}: {'; '.join(parts)}"


def _json(needed: Requirements, hints: Hints) -> dict[str, Any]:
    return {
        "met": needed.met,
        "classes": [
            {
                "name": need.name,
                "nodes": need.nodes,
                "present": need.present,
                "pack": hints.packs.get(need.name),
                "nearest": [{"name": found.name, "fits": found.fits} for found in need.nearest],
            }
            for need in needed.classes
        ],
        "files": [
            {
                "kind": need.kind,
                "name": need.name,
                "used_by": need.used_by,
                "path": None if need.path is None else str(need.path),
                "source": hints.models.get(Path(need.name).name),
                "nearest": need.nearest,
            }
            for need in needed.files
        ],
    }
