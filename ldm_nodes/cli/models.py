"""`ldm-nodes models`: which model files graphs can name, and where each was found."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..nodes.loaders import INDEX, diffusers_names
from ..settings import MODEL_KINDS, Folders
from .arguments import settings_of


def run(arguments: argparse.Namespace) -> int:
    """List the files of every kind."""
    folders = settings_of(arguments).folders
    found = {kind: _files(folders, kind) for kind in MODEL_KINDS}
    if arguments.json:
        print(json.dumps(found, indent=2))
        return 0
    for kind, files in found.items():
        print(f"{kind} ({', '.join(str(folder) for folder in folders.of(kind) if folder.is_dir()) or 'no folder yet'})")
        for file in files:
            print(f"  {file['name']:<48} {file['megabytes']:>9.1f} MB")
    return 0


def _files(folders: Folders, kind: str) -> list[dict[str, str | float]]:
    if kind == "diffusers":
        paths = {name: folders.find(kind, name + INDEX).parent for name in diffusers_names(folders)}
    else:
        paths = {name: folders.find(kind, name) for name in folders.names(kind)}
    return [{"name": name, "path": str(path), "megabytes": round(_size(path) / 1e6, 1)} for name, path in paths.items()]


def _size(path: Path) -> int:
    """Return the bytes of a file, or of all files below a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
