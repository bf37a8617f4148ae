"""Folders of models that are elsewhere: ComfyUI's `extra_model_paths.yaml`, and folders laid out like `models/`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ..settings import MODEL_KINDS, ExtraFolder
from .serve_options import BadConfiguration

ALIASES: Mapping[str, str] = {"unet": "diffusion_models", "clip": "text_encoders"}
OPTIONS = ("base_path", "is_default")


def extra_folders(base: Path, files: Iterable[Path], models_dirs: Iterable[Path]) -> tuple[ExtraFolder, ...]:
    """Return all folders of models beside those below the base.

    Args:
        base: its `extra_model_paths.yaml` is read if there is one.
        files: more such files.
        models_dirs: folders laid out like `models/`.

    Raises:
        BadConfiguration: a file cannot be read or is not of the form.
    """
    own = base / "extra_model_paths.yaml"
    found = [folder for path in (*([own] if own.is_file() else []), *files) for folder in read_model_paths(path)]
    laid_out = [
        ExtraFolder(kind, directory / name)
        for directory in models_dirs
        for kind, names in MODEL_KINDS.items()
        for name in names
    ]
    return (*found, *laid_out)


def read_model_paths(path: Path) -> list[ExtraFolder]:
    """Read a file in ComfyUI's form.

    Raises:
        BadConfiguration: it cannot be read or is not of the form.
    """
    try:
        groups = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise BadConfiguration(f"The model paths in {path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadConfiguration(f"The model paths in {path} are not YAML: {error}") from error
    if not isinstance(groups, dict):
        raise BadConfiguration(f"The model paths in {path} must be groups of folders.")
    return [folder for group in groups.values() if isinstance(group, dict) for folder in _group(group, path.parent)]


def _group(group: Mapping[str, Any], beside: Path) -> Iterator[ExtraFolder]:
    base = beside / _expanded(group.get("base_path") or "")
    for name, value in group.items():
        if name in OPTIONS or not isinstance(value, str):
            continue
        for line in filter(None, map(str.strip, value.splitlines())):
            kind = ALIASES.get(name, str(name))
            yield ExtraFolder(kind, base / _expanded(line), bool(group.get("is_default")))


def _expanded(text: str) -> Path:
    return Path(os.path.expandvars(str(text))).expanduser()
