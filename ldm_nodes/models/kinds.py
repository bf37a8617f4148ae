"""What must fit where parts of models meet: which model a part belongs to, and the widths at which it joins others.

The same few numbers are known of a file before it is loaded (from its header) and of the loaded part, so that a wrong
pairing can be told at either time in the same words. Only values are here; which pairings are wrong, the nodes know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Gives = Literal["text", "class"]
"""What an encoder makes a conditioning of."""
Beside = Literal["picture", "encoded picture", "masked picture", "image embedding"]
"""What a network reads beside latent and context."""


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

    @property
    def made(self) -> str:
        """Words for who made a value: "made by sd1 (v1-5.safetensors)"."""
        return f"made by {self}" if self.family or self.file else "of unknown origin"

    @property
    def owner(self) -> str:
        """Words for where the parts that belong to it are: its file, if known."""
        return self.file or (f"the {self.family} checkpoint" if self.family else "the same checkpoint")

    def __str__(self) -> str:
        if self.family and self.file:
            return f"{self.family} ({self.file})"
        return self.family or self.file or "a model that is not known"


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


@dataclass(frozen=True)
class ControlKind:
    """A control network: what it joins.

    Attributes:
        origin: the family that it was made for, and its file.
        context: width of the context that it reads, or None where it reads none.
        vector: width of the size vector that it reads, or None.
    """

    origin: Origin
    context: int | None = None
    vector: int | None = None
