"""Loading the folders that diffusers saves: `model_index.json`, and a sub-folder with weights for every part."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from . import diffusers_config
from .autoencoder import Autoencoder
from .checkpoint import open_checkpoint
from .errors import UnreadableFile, UnsafeFile, WrongConfig, reason
from .key_maps import KeyMap, rename, text_key_map, unet_key_map, vae_key_map
from .latent_diffusion import FrozenTower, GeneralConditioner, LatentDiffusion, build_first_stage
from .loader import LoadedCheckpoint, finish, wrap
from .model_config import SD_BETAS, Betas, ModelConfig
from .sizes import brief, finite
from .weights import assign_weights, without_memory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from torch import nn

    from ..sampling.denoiser import Prediction
    from .checkpoint import Checkpoint
    from .config import AutoencoderConfig, TextConfig, UNetConfig
    from .devices import Compute
    from .first_stage import FirstStage

Notice = Callable[[str], None]
T = TypeVar("T")

INDEX = "model_index.json"
_WEIGHTS = (
    "diffusion_pytorch_model.safetensors", "model.safetensors", "diffusion_pytorch_model.fp16.safetensors",
    "model.fp16.safetensors", "diffusion_pytorch_model.bin", "pytorch_model.bin",
)  # fmt: skip
_PREDICTIONS: Mapping[str, Prediction] = {"epsilon": "eps", "v_prediction": "v", "sample": "x0"}
_BETA_SCHEDULES = {"scaled_linear": "linear", "linear": "sqrt_linear", "squaredcos_cap_v2": "squaredcos_cap_v2"}
_SCALE_FACTOR = 0.18215
MAX_JSON = 1 << 20


def is_folder(path: Path) -> bool:
    """Tell whether `path` is a folder that diffusers saved."""
    return (path / INDEX).is_file()


def load_folder(
    path: Path, compute: Compute, *, packed: bool = True, embeddings: Sequence[Path] = ()
) -> LoadedCheckpoint:
    """Load a complete model from a folder of diffusers.

    Args:
        path: the folder.
        compute: where and in which number type the networks run.
        packed: as for `load_checkpoint`.
        embeddings: folders of learned embeddings, for prompts.

    Raises:
        ModelError: when a part is missing, unreadable, or of a kind that the original models do not have.
    """
    config = folder_config(path)
    schedule = config.betas.schedule()
    if config.zero_terminal_snr:
        schedule = schedule.with_zero_terminal_snr()
    with without_memory():
        module = LatentDiffusion(config, schedule)
    for folder, part, key_map in _parts(path, module):
        _fill(folder, part, key_map, compute)
        finish(part, compute, packed)
    module.eval()
    loaded = wrap(module, compute, path, embeddings)
    if config.base == "sd2" and loaded.conditioner is not None:
        # diffusers leaves the last block out, so that the last one here is the last but one of the original.
        return replace(loaded, conditioner=module.text_encoder(embeddings).with_layer(-1))
    return loaded


def load_folder_first_stage(path: Path, compute: Compute) -> FirstStage:
    """Load the autoencoder of a folder of diffusers."""
    from .first_stage import FirstStage

    _check_links(path)
    config = _described(path / "vae" / "config.json", diffusers_config.autoencoder_config)
    with without_memory():
        model = build_first_stage(config)
    assert model is not None  # a configuration was given
    _fill(path / "vae", model, vae_key_map(config), compute)
    finish(model, compute, packed=True)
    return FirstStage(model, compute)


def folder_config(path: Path) -> ModelConfig:
    """Return what the model in a folder is.

    Raises:
        WrongConfig: when a description is missing, or asks for what the original models do not have.
    """
    index = _json(path / INDEX)
    _check_links(path)
    if not isinstance(index.get("unet"), list):
        kind = str(index.get("_class_name"))[:80]
        raise WrongConfig(f"{path.name} describes a {kind}; expected a pipeline with a UNet.")
    unet = _described(path / "unet" / "config.json", diffusers_config.unet_config)
    first_stage, scale = _described(path / "vae" / "config.json", _scaled_autoencoder)
    towers = tuple(
        _described(path / name / "config.json", diffusers_config.text_config) for name in _text_folders(path)
    )
    family = _family(unet, towers)
    config = ModelConfig(
        family=family,
        unet=unet,
        first_stage=first_stage,
        conditioner=towers,
        conditioning_key=_key(family, unet),
        scale_factor=scale,
    )
    scheduler = path / "scheduler" / "scheduler_config.json"
    return _described(scheduler, lambda json: _with_scheduler(config, json)) if scheduler.is_file() else config


def _scaled_autoencoder(json: Mapping[str, Any]) -> tuple[AutoencoderConfig, float]:
    scale = finite(json.get("scaling_factor", _SCALE_FACTOR), "scaling_factor", 1e-6, 1e6)
    return diffusers_config.autoencoder_config(json), scale


def _with_scheduler(config: ModelConfig, scheduler: Mapping[str, Any]) -> ModelConfig:
    kind, name = scheduler.get("prediction_type", "epsilon"), scheduler.get("beta_schedule", "linear")
    if str(kind) not in _PREDICTIONS or str(name) not in _BETA_SCHEDULES:
        asked = f"{brief(kind)} over {brief(name)} betas"
        raise WrongConfig(f"The scheduler predicts {asked}; neither is one of Stable Diffusion's.")
    betas = Betas(
        name=_BETA_SCHEDULES[name],
        start=scheduler.get("beta_start", SD_BETAS.start),
        end=scheduler.get("beta_end", SD_BETAS.end),
        timesteps=scheduler.get("num_train_timesteps", 1000),
    )
    zero = bool(scheduler.get("rescale_betas_zero_snr", False))
    return replace(config, prediction=_PREDICTIONS[kind], betas=betas, zero_terminal_snr=zero)


def _family(unet: UNetConfig, towers: Sequence[TextConfig]) -> str:
    variant = {4: "", 5: "-depth", 8: "-edit", 9: "-inpaint"}.get(unet.in_channels, "-concat")
    if unet.num_classes == "sequential":
        return "sdxl-refiner" if len(towers) == 1 else "sdxl" + variant
    openclip = any(tower.activation == "gelu" for tower in towers) or unet.context_dim == 1024
    return ("sd2" if openclip else "sd1") + variant


def _key(family: str, unet: UNetConfig) -> Any:
    joined = unet.in_channels != unet.out_channels
    if family.startswith("sdxl"):
        return "hybrid-adm" if joined else "crossattn-adm"
    return "hybrid" if joined else "crossattn"


def _text_folders(path: Path) -> list[str]:
    return [name for name in ("text_encoder", "text_encoder_2") if (path / name / "config.json").is_file()]


def _parts(path: Path, module: LatentDiffusion) -> list[tuple[Path, nn.Module, KeyMap]]:
    """Return the sub-folder, the network and the map of names of every part."""
    config, first_stage, encoder = module.config, module.first_stage_model, module.encoder
    parts: list[tuple[Path, nn.Module, KeyMap]] = [
        (path / "unet", module.model.diffusion_model, unet_key_map(config.unet))
    ]
    if isinstance(first_stage, Autoencoder):
        parts.append((path / "vae", first_stage, vae_key_map(first_stage.config)))
    if isinstance(encoder, FrozenTower | GeneralConditioner):
        names = _text_folders(path)
        parts += [
            (path / name, tower, text_key_map(tower.config)) for name, tower in zip(names, encoder.towers, strict=True)
        ]
    return parts


def open_parts(path: Path) -> dict[str, Checkpoint]:
    """Open the weights of every part of a folder, by the names of its sub-folders."""
    return {name: _open_weights(path / name) for name in ("unet", "vae", *_text_folders(path))}


def _open_weights(folder: Path) -> Checkpoint:
    weights = next((folder / name for name in _WEIGHTS if (folder / name).is_file()), None)
    if weights is None:
        raise UnreadableFile(f"{folder.name} holds no weights; expected {_WEIGHTS[0]} or {_WEIGHTS[1]}.")
    return open_checkpoint(weights)


def _fill(folder: Path, part: nn.Module, key_map: KeyMap, compute: Compute) -> None:
    checkpoint = _open_weights(folder)
    state = {name: checkpoint.tensor(name, compute.dtype, compute.device) for name in checkpoint.tensors}
    assign_weights(part, rename(state, key_map), f"{folder.name}/{checkpoint.path.name}")


def _check_links(path: Path) -> None:
    """Refuse links that lead out of the folder; in the cache of the hub they may lead to the blobs beside it."""
    root = os.path.realpath(path.parents[1] if path.parent.name == "snapshots" else path)
    try:
        files = [file for part in (path, *_folders(path)) for file in part.iterdir()]
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read ({reason(error)}).") from error
    for file in files:
        if os.path.commonpath((root, os.path.realpath(file))) != root:
            raise UnsafeFile(f"{file.name} in {path.name} is a link that leads outside the folder; put a copy there.")


def _folders(path: Path) -> list[Path]:
    """Return the sub-folders of the parts that are there."""
    names = ("unet", "vae", "text_encoder", "text_encoder_2", "scheduler")
    return [path / name for name in names if (path / name).is_dir()]


def _described(path: Path, read: Callable[[Mapping[str, Any]], T]) -> T:
    """Read a description; whatever does not fit in it is told with its file's name."""
    found = _json(path)
    try:
        return read(found)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise WrongConfig(f"{path.parent.name}/{path.name} cannot be used: {reason(error)}.") from error


def _json(path: Path) -> dict[str, Any]:
    name = f"{path.parent.name}/{path.name}"
    try:
        found = json.loads(path.read_text("utf-8")) if path.stat().st_size <= MAX_JSON else None
    except (OSError, ValueError, RecursionError) as error:
        raise WrongConfig(f"{name} cannot be read ({reason(error)}).") from error
    if not isinstance(found, dict):
        raise WrongConfig(f"{name} is not a JSON table of at most {MAX_JSON >> 20} MB.")
    return found
