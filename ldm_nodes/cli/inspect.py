"""`ldm-nodes inspect`: what a checkpoint contains, or which graph made a picture."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ..engine.errors import printable
from ..settings import IMAGE_SUFFIXES


def run(arguments: argparse.Namespace) -> int:
    """Describe the file by what it is."""
    path: Path = arguments.file
    try:
        found = _picture(path) if path.suffix.lower() in IMAGE_SUFFIXES else _checkpoint(path)
    except (ValueError, OSError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 2
    print(json.dumps(found, indent=2, default=str) if arguments.json else _text(found))
    return 0


def _picture(path: Path) -> dict[str, Any]:
    from ..imaging.metadata import read
    from ..imaging.reading import open_picture

    with open_picture(path) as picture:
        size = f"{picture.width} × {picture.height} {picture.mode} {picture.format}"
    made = read(path)
    found = {"picture": size, "made by": made.provenance, "graph": made.prompt, "workflow": made.workflow}
    return {name: value for name, value in {**found, **made.other}.items() if value is not None}


def _checkpoint(path: Path) -> dict[str, Any]:
    from ..models.describe import describe

    return describe(path).as_dict()


def _text(found: dict[str, Any]) -> str:
    """Lay a description out for people: short values beside their names, long ones below."""
    lines = []
    for name, value in found.items():
        if isinstance(value, dict | list):
            lines += [f"{name}:", *(f"  {line}" for line in json.dumps(value, indent=2, default=str).splitlines())]
        else:
            lines.append(f"{name}: {value}")
    return printable("\n".join(lines))
