"""`ldm-nodes link-comfyui`: make this package a node pack of an installed ComfyUI, by a link into `custom_nodes/`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
PACKS = "custom_nodes"
NAME = "ldm_nodes"


def run(arguments: argparse.Namespace) -> int:
    """Lay the link, or say why it cannot be laid."""
    folder = arguments.path if arguments.path.name == PACKS else arguments.path / PACKS
    if not folder.is_dir():
        return _refuse(f"{arguments.path} has no folder {PACKS}/; name the folder in which ComfyUI's main.py lies.")
    link = folder / NAME
    if link.exists() or link.is_symlink():
        if link.resolve() != PACKAGE.resolve():
            return _refuse(f"{link} is there already and is not this package; move it away first.")
        return _tell(arguments, link, "was there already")
    try:
        link.symlink_to(PACKAGE, target_is_directory=True)
    except OSError as error:
        return _refuse(f"{link} cannot be made ({error.strerror}); copy {PACKAGE} there instead.")
    return _tell(arguments, link, "made")


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


def _tell(arguments: argparse.Namespace, link: Path, what: str) -> int:
    if arguments.json:
        print(json.dumps({"link": str(link), "package": str(PACKAGE), "made": what == "made"}))
        return 0
    print(f"{link} → {PACKAGE} ({what}).")
    print(
        "ComfyUI's Python needs what this one has: install this package there too. After ComfyUI's next start the "
        "nodes are in its menu below ldm_nodes/."
    )
    return 0
