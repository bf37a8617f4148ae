"""What must fit where parts of models meet: which model a part belongs to, and the widths at which it joins others.

The same few numbers are known of a file before it is loaded (from its header) and of the loaded part, so that a wrong
pairing can be told at either time in the same words. Only values are here; which pairings are wrong, the nodes know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .config import AutoencoderConfig, TextConfig
    from .model_config import ConditionerConfig, ModelConfig

Gives = Literal["text", "class"]
"""What an encoder makes a conditioning of."""
Beside = Literal["picture", "encoded picture", "masked picture", "image embedding"]
"""What a network reads beside latent and context."""

SIZE_NUMBERS = {"sdxl": 6, "sdxl-refiner": 5}
"""How many numbers of SDXL's size conditioning stand behind the pooled vector; each is 256 wide."""
SIZE_EMBEDDING = 256
BLANK_WITHOUT = ("sd1-inpaint", "sd2-inpaint", "sdxl-inpaint", "sd1-edit", "sd2-edit", "sdxl-edit")
"""Families that take something blank in place of a picture that is not given (`conditions.py`)."""


@dataclass(frozen=True)
class Origin:
    """Where a part comes from.

    Attributes:
        family: the model's family, as `ModelConfig.family`; empty where nobody knows.
        file: the name of its file, as the graph has it; empty where nobody knows.
    """

    family: str = ""
    file: str = ""

    @property
    def base(self) -> str:
        """The family without its variant: "sd1" for "sd1-inpaint"; what is one text space."""
        return base_family(self.family)

    def __str__(self) -> str:
        known = {(True, True): f"{self.family} ({self.file})", (True, False): self.family, (False, True): self.file}
        return known.get((bool(self.family), bool(self.file)), "a model that is not known")


UNKNOWN: Final = Origin()


def base_family(family: str) -> str:
    """Return a family without its variant, where variants share encoders: "sd1" for "sd1-inpaint"."""
    return next((name for name in ("sdxl-refiner", "sd1", "sd2", "sdxl") if family.startswith(name)), family)


@dataclass(frozen=True)
class LatentKind:
    """The latents that an autoencoder makes, a network denoises, or a wire carries.

    Attributes:
        origin: the model whose latents they are.
        channels: C of (B, C, h, w).
        downscale: pixels per cell, or None where nobody knows.
        scale_factor: multiplier to the network's scale; it differs between latent spaces of one shape.
        blank: all zeros: a size rather than a picture, which fits any number of channels.
    """

    origin: Origin
    channels: int
    downscale: int | None = None
    scale_factor: float | None = None
    blank: bool = False


@dataclass(frozen=True)
class VaeKind:
    """An autoencoder: its latents, and the colour channels of its pictures."""

    latents: LatentKind
    colours: int = 3


@dataclass(frozen=True)
class ClipKind:
    """An encoder of conditionings.

    Attributes:
        origin: the model that it belongs to.
        gives: what it encodes.
        width: of the context.
        pooled: width of the pooled vector, or None if it makes none.
        layered: whether its layers can be chosen.
    """

    origin: Origin
    gives: Gives
    width: int
    pooled: int | None = None
    layered: bool = False


@dataclass(frozen=True)
class ModelKind:
    """A denoising network.

    Attributes:
        origin: the model that it belongs to.
        prediction: what it outputs: "eps", "v" or "x0".
        latents: what it denoises.
        context: width of the context that it reads, or None.
        gives: what its own conditionings are made of, where that is known.
        pooled: width of the pooled text vector that it reads, or None.
        beside: what else it reads, or None.
        needs_beside: whether it cannot do without.
        extra_channels: channels of that which join the latent's.
        codebook: whether its autoencoder has a codebook.
    """

    origin: Origin
    prediction: str
    latents: LatentKind
    context: int | None
    gives: Gives | None = None
    pooled: int | None = None
    beside: Beside | None = None
    needs_beside: bool = False
    extra_channels: int = 0
    codebook: bool = False


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
    from .config import TokenEncoderConfig
    from .model_config import ClassConfig

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
