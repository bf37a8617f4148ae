"""Which kinds of parts a model file holds, read from its header: milliseconds, whatever the size of the file.

What was read once is not read again as long as the file's times and sizes are the same: every graph that is posted
asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from ..engine.errors import InputError
from ..models.kinds import ClipKind, ControlKind, ModelKind, Origin, VaeKind
from .fingerprints import state
from .kinds import Absent

if TYPE_CHECKING:
    from pathlib import Path

    from ..models.config import TextConfig
    from ..models.instantiate import Sayings
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


def file_control_kind(path: Path, name: str) -> ControlKind:
    """Return what fits the control network in a file; see `checkpoint_kinds`."""
    return _file_control_kind(path, name, tuple(state(path)))


@lru_cache(KEPT)
def _file_control_kind(path: Path, name: str, stamp: Stamp) -> ControlKind:
    from ..models.checkpoint import open_checkpoint
    from ..models.control_loader import control_kind

    return _read("control_net_name", name, lambda: control_kind(open_checkpoint(path), name))


def lora_context(path: Path, name: str) -> int | None:
    """Return the width of the text embeddings that a LoRA file was made for, where its layers tell."""
    return _lora_context(path, name, tuple(state(path)))


@lru_cache(KEPT)
def _lora_context(path: Path, name: str, stamp: Stamp) -> int | None:
    from ..models.lora import context_width

    return _read("lora_name", name, lambda: context_width(path))


def sayings(path: Path, name: str) -> Sayings:
    """Return what CheckpointLoader takes from a YAML file.

    Raises:
        InputError: when it is none.
    """
    from ..models.instantiate import read_sayings

    return _read("config_name", name, lambda: read_sayings(path))


def diffusion_model_kind(path: Path, name: str) -> ModelKind:
    """Return what UNETLoader will make of a file; see `checkpoint_kinds`."""
    return _diffusion_model_kind(path, name, tuple(state(path)))


@lru_cache(KEPT)
def _diffusion_model_kind(path: Path, name: str, stamp: Stamp) -> ModelKind:
    from ..models.checkpoint import open_checkpoint
    from ..models.loader import read_config
    from ..models.part_kinds import model_kind
    from ..models.unet_file import diffusion_part

    return model_kind(_read("unet_name", name, lambda: read_config(diffusion_part(open_checkpoint(path)))), name)


def text_files_kind(files: Mapping[str, tuple[Path, str]]) -> ClipKind:
    """Return what CLIPLoader and DualCLIPLoader will make of files.

    Args:
        files: by the input that names it, each file and what the graph calls it.

    Raises:
        InputError: when a file is no text tower, or the two do not belong together.
    """
    from ..models.part_kinds import text_kind
    from ..models.text_file import family_of, in_order

    configs = [_tower(key, path, name, tuple(state(path))) for key, (path, name) in files.items()]
    last = list(files)[-1]
    name = " and ".join(name for _, name in files.values())
    family = _read(last, name, lambda: family_of(configs))
    return text_kind(in_order(configs, lambda config: config), Origin(family.replace("_", "-"), name))


@lru_cache(KEPT)
def _tower(key: str, path: Path, name: str, stamp: Stamp) -> TextConfig:
    from ..models.text_file import read_tower

    return _read(key, name, lambda: read_tower(path)[0])


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
