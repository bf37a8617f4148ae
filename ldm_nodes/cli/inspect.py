"""`ldm-nodes inspect`: what a checkpoint contains, or which graph made a picture or a latent."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.errors import printable
from ..settings import IMAGE_SUFFIXES, SUFFIXES

if TYPE_CHECKING:
    from ..imaging.metadata import Embedded


def run(arguments: argparse.Namespace) -> int:
    """Describe the file by what it is."""
    path: Path = arguments.file
    try:
        found = _description(path)
    except (ValueError, OSError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 2
    print(json.dumps(found, indent=2, default=str) if arguments.json else _text(found))
    return 0


def _description(path: Path) -> dict[str, Any]:
    suffix = path.suffix.lower()
    if path.is_dir() or suffix not in IMAGE_SUFFIXES | SUFFIXES["latents"]:
        return _checkpoint(path)
    return _picture(path) if suffix in IMAGE_SUFFIXES else _latent(path)


def _picture(path: Path) -> dict[str, Any]:
    from ..imaging.metadata import read
    from ..imaging.reading import open_picture

    with open_picture(path) as picture:
        size = f"{picture.width} × {picture.height} {picture.mode} {picture.format}"
    return _with_making({"picture": size}, read(path))


def _latent(path: Path) -> dict[str, Any]:
    from ..imaging.latent_file import open_latent
    from ..imaging.metadata import embedded

    samples, texts = open_latent(path)
    batch, channels, height, width = samples.shape
    return _with_making({"latent": f"{batch} of {width} × {height} cells, {channels} channels"}, embedded(texts))


def _with_making(found: dict[str, Any], made: Embedded) -> dict[str, Any]:
    found = {**found, "made by": made.provenance, "graph": made.prompt, "workflow": made.workflow}
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
