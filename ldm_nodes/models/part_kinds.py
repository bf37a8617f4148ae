"""The kinds of the parts of a model, told from its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .config import TokenEncoderConfig
from .kinds import ClipKind, LatentKind, ModelKind, Origin, VaeKind
from .model_config import ClassConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .config import AutoencoderConfig, TextConfig
    from .kinds import Beside
    from .model_config import ConditionerConfig, ModelConfig

SIZE_NUMBERS = {"sdxl": 6, "sdxl-refiner": 5}
"""How many numbers of SDXL's size conditioning stand behind the pooled vector; each is 256 wide."""
SIZE_EMBEDDING = 256
BLANK_WITHOUT = ("sd1-inpaint", "sd2-inpaint", "sdxl-inpaint", "sd1-edit", "sd2-edit", "sdxl-edit")
"""Families that take something blank in place of a picture that is not given (`conditions.py`)."""


def model_kind(config: ModelConfig, file: str = "") -> ModelKind:
    """Return the kind of the network of a model."""
    origin, unet = Origin(config.family, file), config.unet
    clip, stage, beside = encoder_kind(config.conditioner, origin), config.first_stage, _beside(config)
    downscale = stage.downscale if stage else None
    pooled = None
    if config.is_sdxl and unet.adm_in_channels is not None:
        pooled = unet.adm_in_channels - SIZE_NUMBERS[config.base] * SIZE_EMBEDDING
    return ModelKind(
        origin=origin,
        prediction=config.prediction,
        latents=LatentKind(origin, unet.out_channels, downscale, config.scale_factor),
        context=unet.context_dim,
        gives=clip.gives if clip else None,
        pooled=pooled,
        beside=beside,
        needs_beside=beside is not None and config.family not in BLANK_WITHOUT,
        extra_channels=unet.in_channels - unet.out_channels,
        codebook=stage is not None and stage.n_embed is not None,
    )


def _beside(config: ModelConfig) -> Beside | None:
    variant = config.family.rpartition("-")[2]
    if config.unet.num_classes is not None and not config.is_sdxl:
        return "image embedding"
    if config.unet.in_channels == config.unet.out_channels:
        return None
    kinds: dict[str, Beside] = {"inpaint": "masked picture", "edit": "encoded picture"}
    return kinds.get(variant, "picture")


def encoder_kind(conditioner: ConditionerConfig, origin: Origin) -> ClipKind | None:
    """Return the kind of an encoder, or None where there is none that texts or classes enter."""
    match conditioner:
        case tuple() as towers if towers:
            return text_kind(towers, origin)
        case TokenEncoderConfig():
            return ClipKind(origin, "text", conditioner.n_embed)
        case ClassConfig():
            return ClipKind(origin, "class", conditioner.embed_dim)
    return None


def text_kind(towers: Sequence[TextConfig], origin: Origin) -> ClipKind:
    """Return the kind of CLIP towers side by side; the last gives the pooled vector."""
    pooled = towers[-1].projection or towers[-1].hidden_size
    return ClipKind(origin, "text", sum(tower.hidden_size for tower in towers), pooled, layered=True)


def vae_kind(config: AutoencoderConfig, origin: Origin, scale_factor: float | None = None) -> VaeKind:
    """Return the kind of an autoencoder; `scale_factor` is that of the model it came with."""
    return VaeKind(LatentKind(origin, config.embed_dim, config.downscale, scale_factor), config.in_channels)
