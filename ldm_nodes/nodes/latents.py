"""Nodes that make, turn, cut, resize and mark latents.

A latent is a dict; nodes copy it and replace `samples` (B, C, h, w), so that masks and keys of community nodes survive.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from ..engine.sockets import Choice, Float, Int
from ..engine.spec import node
from ..models.kinds import UNKNOWN, LatentKind, VaeKind
from .autoencoder import loaded
from .foreseeing import same
from .kinds import Absent, latent_mark
from .pairing import present
from .sockets import Latent, Mask, Vae

if TYPE_CHECKING:
    from torch import Tensor

MAX = 16384
METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "bislerp")
CROPS = ("disabled", "center")


BLANK = LatentKind(UNKNOWN, channels=4, downscale=8, blank=True)


def _blank_ahead() -> LatentKind:
    return BLANK


def _blank_for_ahead(vae: VaeKind | Absent | None) -> LatentKind | None:
    kind = present("vae", vae)
    return replace(kind.latents, blank=True) if kind else None


@node("EmptyLatentImage", category="latent", display_name="Empty Latent Image", foresee=_blank_ahead)
def empty_latent_image(
    *,
    width: Annotated[int, Int(min=16, max=MAX, step=8)] = 512,
    height: Annotated[int, Int(min=16, max=MAX, step=8)] = 512,
    batch_size: Annotated[int, Int(min=1, max=4096)] = 1,
) -> Latent:
    """Start from nothing: a latent of zeros for models that shrink pictures eight times, as Stable Diffusion's do."""
    import torch

    return {"samples": torch.zeros(batch_size, 4, height // 8, width // 8), **latent_mark(BLANK)}


@node("EmptyLatentFor", category="latent", display_name="Empty Latent (for a VAE)", foresee=_blank_for_ahead)
def empty_latent_for(
    vae: Vae,
    *,
    width: Annotated[int, Int(min=16, max=MAX, step=8)] = 512,
    height: Annotated[int, Int(min=16, max=MAX, step=8)] = 512,
    batch_size: Annotated[int, Int(min=1, max=4096)] = 1,
) -> Latent:
    """Start from nothing, with the channels and the shrink factor of the given autoencoder."""
    import torch

    first_stage = loaded(vae)
    factor = first_stage.downscale_ratio
    samples = torch.zeros(batch_size, first_stage.latent_channels, height // factor, width // factor)
    return {"samples": samples, **latent_mark(first_stage.kind.latents)}


@node("LatentUpscale", category="latent", display_name="Upscale Latent", foresee=same("samples"))
def latent_upscale(
    samples: Latent,
    *,
    upscale_method: Annotated[str, Choice(METHODS)] = "nearest-exact",
    width: Annotated[int, Int(min=0, max=MAX, step=8)] = 512,
    height: Annotated[int, Int(min=0, max=MAX, step=8)] = 512,
    crop: Annotated[str, Choice(CROPS)] = "disabled",
) -> Latent:
    """Resize a latent to a size in pixels; a side of 0 follows the other one, two zeros change nothing."""
    from ..imaging.resize import resize

    if width == height == 0:
        return dict(samples)
    width, height = _completed(width, height, samples["samples"])
    return {**samples, "samples": resize(samples["samples"], width // 8, height // 8, upscale_method, crop)}


def _completed(width: int, height: int, samples: Tensor) -> tuple[int, int]:
    """Return the size in pixels with an absent side taken from the aspect ratio, at least 64 each."""
    rows, columns = samples.shape[-2:]
    if width == 0:
        height = max(64, height)
        return max(64, round(columns * height / rows)), height
    if height == 0:
        width = max(64, width)
        return width, max(64, round(rows * width / columns))
    return max(64, width), max(64, height)


@node("LatentUpscaleBy", category="latent", display_name="Upscale Latent By", foresee=same("samples"))
def latent_upscale_by(
    samples: Latent,
    *,
    upscale_method: Annotated[str, Choice(METHODS)] = "nearest-exact",
    scale_by: Annotated[float, Float(min=0.01, max=8.0, step=0.01)] = 1.5,
) -> Latent:
    """Resize a latent by a factor."""
    from ..imaging.resize import resize

    rows, columns = samples["samples"].shape[-2:]
    size = round(columns * scale_by), round(rows * scale_by)
    return {**samples, "samples": resize(samples["samples"], *size, upscale_method, "disabled")}


@node(
    "SetLatentNoiseMask",
    category="latent/inpaint",
    display_name="Set Latent Noise Mask",
    foresee=same("samples"),
)
def set_latent_noise_mask(samples: Latent, mask: Mask) -> Latent:
    """Sample only where the mask is 1; the rest of the latent is kept."""
    return {**samples, "noise_mask": mask.reshape(-1, 1, *mask.shape[-2:])}


@node("LatentFlip", category="latent/transform", display_name="Flip Latent", foresee=same("samples"))
def latent_flip(
    samples: Latent,
    *,
    flip_method: Annotated[str, Choice(("x-axis: vertically", "y-axis: horizontally"))] = "x-axis: vertically",
) -> Latent:
    """Mirror a latent."""
    axis = -2 if flip_method.startswith("x") else -1
    return {**samples, "samples": samples["samples"].flip(axis)}


@node("LatentRotate", category="latent/transform", display_name="Rotate Latent", foresee=same("samples"))
def latent_rotate(
    samples: Latent,
    *,
    rotation: Annotated[str, Choice(("none", "90 degrees", "180 degrees", "270 degrees"))] = "none",
) -> Latent:
    """Turn a latent clockwise by quarter turns."""
    turns = {"none": 0, "90 degrees": 1, "180 degrees": 2, "270 degrees": 3}[rotation]
    return {**samples, "samples": samples["samples"].rot90(turns, (-1, -2))}


@node("LatentCrop", category="latent/transform", display_name="Crop Latent", foresee=same("samples"))
def latent_crop(
    samples: Latent,
    *,
    width: Annotated[int, Int(min=64, max=MAX, step=8)] = 512,
    height: Annotated[int, Int(min=64, max=MAX, step=8)] = 512,
    x: Annotated[int, Int(min=0, max=MAX, step=8)] = 0,
    y: Annotated[int, Int(min=0, max=MAX, step=8)] = 0,
) -> Latent:
    """Cut a rectangle, given in pixels, out of a latent; at least eight cells remain."""
    rows, columns = samples["samples"].shape[-2:]
    top, left = min(y // 8, rows - 8), min(x // 8, columns - 8)
    cut = samples["samples"][..., top : top + height // 8, left : left + width // 8]
    return {**samples, "samples": cut}
