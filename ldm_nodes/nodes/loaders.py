"""Nodes that load models. Loaded parts stay in the runtime's pool, so that the next graph finds them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, cast

from ..engine.context import Context
from ..engine.sockets import Choice
from ..engine.spec import node
from ..models.kinds import Origin
from ..settings import Folders
from .fingerprints import folder_state, state
from .headers import CheckpointKinds, checkpoint_kinds, file_vae_kind, folder_kinds, sayings
from .runtime import Runtime
from .sockets import Clip, Model, Vae

if TYPE_CHECKING:
    from ..models.kinds import VaeKind
    from ..models.text_encoder import TextEncoder

INDEX = "/model_index.json"
WEIGHTS = {"as the file says": None, "trained": False, "averaged": True}


def _checkpoint_state(ckpt_name: str, folders: Folders) -> list[tuple[str, int, int]]:
    """Fingerprint a checkpoint, so that one that was trained on under the same name is loaded again."""
    return state(folders.find("checkpoints", ckpt_name))


def _vae_state(vae_name: str, folders: Folders) -> list[tuple[str, int, int]]:
    """Fingerprint an autoencoder's file; see `_checkpoint_state`."""
    return state(folders.find("vae", vae_name))


def _checkpoint_ahead(ckpt_name: str | None, folders: Folders) -> CheckpointKinds | None:
    """Foresee the parts of a checkpoint from its header."""
    return checkpoint_kinds(folders.find("checkpoints", ckpt_name), ckpt_name) if ckpt_name else None


@node(
    "CheckpointLoaderSimple",
    category="loaders",
    display_name="Load Checkpoint",
    outputs=("MODEL", "CLIP", "VAE"),
    fingerprint=_checkpoint_state,
    foresee=_checkpoint_ahead,
)
def checkpoint_loader_simple(
    ckpt_name: Annotated[str, Choice(lambda folders: folders.names("checkpoints"))],
    *,
    weights: Annotated[str, Choice(tuple(WEIGHTS), optional=True)] = "as the file says",
    context: Context[Runtime],
) -> tuple[Model, Clip, Vae]:
    """Load a checkpoint: the diffusion model, the encoder of its conditioning, and the autoencoder.

    Args:
        ckpt_name: a `.safetensors` or `.ckpt` file below `models/checkpoints`; its contents tell its kind.
        weights: for files that hold both, the trained weights or their running average (`model_ema`).
    """
    runtime = context.runtime
    path = runtime.folders.find("checkpoints", ckpt_name)
    runtime.pool.start_sha256(path)  # for whoever saves the picture
    loaded = runtime.pool.checkpoint(path, runtime.compute, ema=WEIGHTS[weights], notice=context.notice)
    loaded = loaded.named(ckpt_name)
    about = {"family": loaded.config.family, "compute": str(runtime.compute)}
    context.record(checkpoint=ckpt_name, file=str(path), state=state(path), **about)
    return loaded.model, loaded.conditioner, loaded.first_stage


def _configured_ahead(config_name: str | None, ckpt_name: str | None, folders: Folders) -> CheckpointKinds | None:
    """Foresee the parts of a checkpoint from its header, as the configuration changes them."""
    found = _checkpoint_ahead(ckpt_name, folders)
    if found is None or config_name is None:
        return None
    said = sayings(folders.find("configs", config_name), config_name)
    return (replace(found[0], prediction=said.prediction or found[0].prediction), *found[1:])


def _configured_state(config_name: str, ckpt_name: str, folders: Folders) -> list[tuple[str, int, int]]:
    return [*_checkpoint_state(ckpt_name, folders), *state(folders.find("configs", config_name))]


@node(
    "CheckpointLoader",
    category="advanced/loaders",
    display_name="Load Checkpoint With Config (DEPRECATED)",
    outputs=("MODEL", "CLIP", "VAE"),
    fingerprint=_configured_state,
    foresee=_configured_ahead,
    deprecated=True,
)
def checkpoint_loader(
    config_name: Annotated[str, Choice(lambda folders: folders.names("configs"))],
    ckpt_name: Annotated[str, Choice(lambda folders: folders.names("checkpoints"))],
    *,
    context: Context[Runtime],
) -> tuple[Model, Clip, Vae]:
    """Load a checkpoint whose YAML file says what cannot be read off it: that it predicts v, or an earlier text layer.

    Args:
        config_name: a YAML file below `models/configs`.
        ckpt_name: a file below `models/checkpoints`; everything else is told from its contents.
    """
    said = sayings(context.runtime.folders.find("configs", config_name), config_name)
    model, clip, vae = checkpoint_loader_simple(ckpt_name, context=context)
    if said.prediction:
        model = replace(model, config=replace(model.config, prediction=said.prediction))
    if said.layer and clip is not None and clip.kind.layered:
        clip = cast("TextEncoder", clip).with_layer(said.layer)
    context.record(config=config_name, prediction=model.prediction)
    return model, clip, vae


def diffusers_names(folders: Folders) -> tuple[str, ...]:
    """List the folders that diffusers saved, by the file that stands in each."""
    return tuple(name.removesuffix(INDEX) for name in folders.names("diffusers") if name.endswith(INDEX))


def _folder_state(model_path: str, folders: Folders) -> list[tuple[str, int, int]]:
    """Fingerprint a folder of diffusers; see `_checkpoint_state`."""
    return folder_state(folders.find("diffusers", model_path + INDEX).parent)


def _folder_ahead(model_path: str | None, folders: Folders) -> CheckpointKinds | None:
    """Foresee the parts of a folder from its descriptions."""
    return folder_kinds(folders.find("diffusers", model_path + INDEX).parent, model_path) if model_path else None


@node(
    "DiffusersLoader",
    category="advanced/loaders/deprecated",
    outputs=("MODEL", "CLIP", "VAE"),
    fingerprint=_folder_state,
    foresee=_folder_ahead,
)
def diffusers_loader(
    model_path: Annotated[str, Choice(diffusers_names)], *, context: Context[Runtime]
) -> tuple[Model, Clip, Vae]:
    """Load a model from a folder that diffusers saved.

    Args:
        model_path: a folder below `models/diffusers` with a `model_index.json`.
    """
    runtime = context.runtime
    path = runtime.folders.find("diffusers", model_path + INDEX).parent
    runtime.pool.start_sha256(path)
    loaded = runtime.pool.checkpoint(path, runtime.compute, notice=context.notice).named(model_path)
    about = {"family": loaded.config.family, "compute": str(runtime.compute)}
    context.record(folder=model_path, file=str(path), state=folder_state(path), **about)
    return loaded.model, loaded.conditioner, loaded.first_stage


def _vae_ahead(vae_name: str | None, folders: Folders) -> VaeKind | None:
    """Foresee an autoencoder from the header of its file."""
    return file_vae_kind(folders.find("vae", vae_name), vae_name) if vae_name else None


@node("VAELoader", category="loaders", display_name="Load VAE", fingerprint=_vae_state, foresee=_vae_ahead)
def vae_loader(
    vae_name: Annotated[str, Choice(lambda folders: folders.names("vae"))],
    *,
    context: Context[Runtime],
) -> Vae:
    """Load an autoencoder from a file of its own.

    Args:
        vae_name: a file below `models/vae`, with or without the `first_stage_model.` prefix.
    """
    runtime = context.runtime
    path = runtime.folders.find("vae", vae_name)
    context.record(vae=vae_name, file=str(path), state=state(path))
    first_stage = runtime.pool.first_stage(path, runtime.compute, notice=context.notice)
    return replace(first_stage, origin=Origin(file=vae_name))
