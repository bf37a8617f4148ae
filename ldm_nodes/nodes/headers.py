"""Which kinds of parts a model file holds, read from its header: milliseconds, whatever the size of the file.

What was read once is not read again as long as the file's times and sizes are the same: every graph that is posted
asks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from ..engine.errors import InputError
from ..models.kinds import ClipKind, ModelKind, Origin, VaeKind
from .fingerprints import state
from .kinds import Absent

if TYPE_CHECKING:
    from pathlib import Path

    from ..models.model_config import ModelConfig

T = TypeVar("T")
CheckpointKinds = tuple[ModelKind, ClipKind | Absent, VaeKind | Absent]
Stamp = tuple[tuple[str, int, int], ...]
KEPT = 256
"""Files that are remembered."""


def checkpoint_kinds(path: Path, name: str) -> CheckpointKinds:
    """Return what CheckpointLoaderSimple will make of a file.

    Args:
        path: the file.
        name: what the graph calls it.

    Raises:
        InputError: when the file cannot be loaded as a checkpoint.
    """
    return _checkpoint_kinds(path, name, tuple(state(path)))


@lru_cache(KEPT)
def _checkpoint_kinds(path: Path, name: str, stamp: Stamp) -> CheckpointKinds:
    from ..models.checkpoint import open_checkpoint
    from ..models.loader import read_config

    return _kinds(_read("ckpt_name", name, lambda: read_config(open_checkpoint(path))), name)


def folder_kinds(path: Path, name: str) -> CheckpointKinds:
    """Return what DiffusersLoader will make of a folder; see `checkpoint_kinds`."""
    from ..models.diffusers_folder import folder_config

    return _kinds(_read("model_path", name, lambda: folder_config(path)), name)


def file_vae_kind(path: Path, name: str) -> VaeKind:
    """Return what VAELoader will make of a file; see `checkpoint_kinds`.

    The family of an autoencoder alone is not known: those of different families have the same tensors.
    """
    return _file_vae_kind(path, name, tuple(state(path)))


@lru_cache(KEPT)
def _file_vae_kind(path: Path, name: str, stamp: Stamp) -> VaeKind:
    from ..models.checkpoint import open_checkpoint
    from ..models.families import first_stage_part
    from ..models.part_kinds import vae_kind
    from ..models.shapes import autoencoder_config

    config = _read("vae_name", name, lambda: autoencoder_config(first_stage_part(open_checkpoint(path))))
    return vae_kind(config, Origin(file=name))


def lora_context(path: Path, name: str) -> int | None:
    """Return the width of the text embeddings that a LoRA file was made for, where its layers tell."""
    return _lora_context(path, name, tuple(state(path)))


@lru_cache(KEPT)
def _lora_context(path: Path, name: str, stamp: Stamp) -> int | None:
    from ..models.lora import context_width

    return _read("lora_name", name, lambda: context_width(path))


def _kinds(config: ModelConfig, name: str) -> CheckpointKinds:
    from ..models.part_kinds import encoder_kind, model_kind, vae_kind

    origin = Origin(config.family, name)
    stage = config.first_stage
    return (
        model_kind(config, name),
        encoder_kind(config.conditioner, origin) or Absent(),
        Absent() if stage is None else vae_kind(stage, origin, config.scale_factor),
    )


def _read(input_name: str, name: str, read: Callable[[], T]) -> T:
    from ..models.errors import ModelError

    try:
        return read()
    except ModelError as error:
        raise InputError(
            input_name, received=repr(name), expected="a file that this node can load", remedy=str(error)
        ) from error
