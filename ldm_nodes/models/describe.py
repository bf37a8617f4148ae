"""What a model file contains, told without loading it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from .checkpoint import Checkpoint, open_checkpoint
from .diffusers_folder import INDEX, folder_config, is_folder, open_parts
from .errors import ModelError, UnknownFamily, UnreadableFile
from .families import CONDITIONER, FIRST_STAGE, UNET, contents, first_stage_part
from .loader import companions, read_config
from .shapes import autoencoder_config

if TYPE_CHECKING:
    from pathlib import Path

    from .model_config import ModelConfig

_PARTS = {
    "diffusion network": (UNET,),
    "autoencoder": (FIRST_STAGE,),
    "conditioner": (CONDITIONER, "conditioner."),
    "averaged weights (EMA)": ("model_ema.diffusion_model",),
}
_LONGEST = 200  # characters of a metadata value that are shown


@dataclass(frozen=True)
class Part:
    """One part of a model: its tensors, its numbers, and the types they are stored in."""

    tensors: int
    parameters: int
    dtypes: dict[str, int]


@dataclass(frozen=True)
class Description:
    """What a file contains.

    Attributes:
        file: its name.
        format: how it is stored.
        family: the model it is, or what else the file holds, in words.
        parts: the parts of a complete model, or all of the file as one.
        settings: what the family implies: prediction, scale factor, schedule, channels, context.
        averaged: whether the averaged weights of the training are there too.
        global_step: how long it was trained, where the file says so.
        companions: files beside it that change how it is read.
        metadata: texts from the file's header, long ones cut.
    """

    file: str
    format: str
    family: str
    parts: dict[str, Part]
    settings: dict[str, Any] = field(default_factory=dict)
    averaged: bool = False
    global_step: int | None = None
    companions: list[str] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the description as plain data; what is empty is left out."""
        return {name: value for name, value in asdict(self).items() if value not in (None, {}, [])}


def describe(path: Path) -> Description:
    """Describe a model file, or a folder that diffusers saved.

    Raises:
        ModelError: when it cannot be read, is unsafe, or is another folder.
    """
    if path.is_dir():
        return _folder(path)
    checkpoint = open_checkpoint(path)
    family, settings = _identity(checkpoint)
    return Description(
        file=path.name,
        format=checkpoint.format,
        family=family,
        parts=_parts(checkpoint),
        settings=settings,
        averaged=checkpoint.has_ema,
        global_step=checkpoint.global_step,
        companions=[companion.name for companion in companions(path)],
        metadata={name: _cut(text) for name, text in checkpoint.metadata.items()},
    )


def _folder(path: Path) -> Description:
    if not is_folder(path):
        raise UnreadableFile(f"{path.name} is a folder without {INDEX}; expected a file, or a folder of diffusers.")
    config = folder_config(path)
    parts = {name: _part(checkpoint, ("",)) for name, checkpoint in open_parts(path).items()}
    return Description(path.name, "folder of diffusers", config.family, parts, _settings(config))


def _identity(checkpoint: Checkpoint) -> tuple[str, dict[str, Any]]:
    """Return the family and its settings, or words for what is no complete model."""
    try:
        config = read_config(checkpoint)
    except UnknownFamily:
        return _alone(checkpoint), {}
    return config.family, _settings(config)


def _alone(checkpoint: Checkpoint) -> str:
    try:
        config = autoencoder_config(first_stage_part(checkpoint))
    except ModelError:
        return contents(checkpoint)
    kind = "KL" if config.n_embed is None else f"VQ, {config.n_embed} codes"
    return f"an autoencoder alone ({kind}, {config.downscale}x smaller, {config.embed_dim} latent channels)"


def _settings(config: ModelConfig) -> dict[str, Any]:
    schedule = config.betas
    settings = {
        "prediction": config.prediction,
        "scale_factor": config.scale_factor,
        "latent_channels": config.unet.out_channels,
        "input_channels": config.unet.in_channels,
        "model_channels": config.unet.model_channels,
        "context_dim": config.unet.context_dim,
        "conditioning": config.conditioning_key,
        "schedule": f"{schedule.name}, {schedule.timesteps} steps, {schedule.start} to {schedule.end}",
    }
    return {name: value for name, value in settings.items() if value is not None}


def _parts(checkpoint: Checkpoint) -> dict[str, Part]:
    parts = {name: _part(checkpoint, prefixes) for name, prefixes in _PARTS.items()}
    found = {name: part for name, part in parts.items() if part.tensors}
    return found or {"all": _part(checkpoint, ("",))}


def _part(checkpoint: Checkpoint, prefixes: tuple[str, ...]) -> Part:
    tensors = [tensor for key, tensor in checkpoint.tensors.items() if key.startswith(prefixes)]
    dtypes: Counter[str] = Counter(str(tensor.dtype).removeprefix("torch.") for tensor in tensors)
    return Part(len(tensors), sum(tensor.numel for tensor in tensors), dict(dtypes))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
