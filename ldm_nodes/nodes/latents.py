"""Nodes that make, cut and resize latents.

A latent is a dict; nodes copy it and replace `samples` (B, C, h, w), so that masks and keys of community nodes survive.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from ..engine.context import Context
from ..engine.sockets import Choice, Float, Int
from ..engine.spec import node
from ..models.kinds import UNKNOWN, LatentKind, VaeKind
from .autoencoder import loaded
from .foreseeing import same
from .kinds import Absent, latent_kind, latent_mark
from .latent_pairing import Notice, check_batch, check_latents
from .pairing import present
from .runtime import Runtime
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


@node("LatentFromBatch", category="latent/batch", display_name="Latent From Batch", foresee=same("samples"))
def latent_from_batch(
    samples: Latent,
    *,
    batch_index: Annotated[int, Int(min=0, max=63)] = 0,
    length: Annotated[int, Int(min=1, max=64)] = 1,
) -> Latent:
    """Take some latents of a batch; each keeps the noise it had there."""
    batch = samples["samples"]
    start = min(batch_index, len(batch) - 1)
    chosen = slice(start, min(start + length, len(batch)))
    indices = samples.get("batch_index", list(range(len(batch))))
    taken = {**samples, "samples": batch[chosen].clone(), "batch_index": indices[chosen]}
    if "noise_mask" in samples:
        masks = samples["noise_mask"]
        taken["noise_mask"] = masks.clone() if len(masks) == 1 else _repeated(masks, len(batch))[chosen].clone()
    return taken


@node("RepeatLatentBatch", category="latent/batch", display_name="Repeat Latent Batch", foresee=same("samples"))
def repeat_latent_batch(samples: Latent, *, amount: Annotated[int, Int(min=1, max=64)] = 1) -> Latent:
    """Repeat a batch of latents; every copy gets noise of its own."""
    batch = samples["samples"]
    repeated = {**samples, "samples": batch.repeat(amount, 1, 1, 1)}
    if "noise_mask" in samples and len(samples["noise_mask"]) > 1:
        repeated["noise_mask"] = _repeated(samples["noise_mask"], len(batch)).repeat(amount, 1, 1, 1)
    if "batch_index" in samples:
        indices = samples["batch_index"]
        span = max(indices) - min(indices) + 1
        repeated["batch_index"] = [index + span * copy for copy in range(amount) for index in indices]
    return repeated


def _repeated(masks: Tensor, count: int) -> Tensor:
    """Repeat `masks` along the batch until there are `count`."""
    copies = -(-count // len(masks))
    return masks.repeat(copies, 1, 1, 1)[:count]


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


def _blended_ahead(samples1: LatentKind | None, samples2: LatentKind | None, notice: Notice) -> LatentKind | None:
    check_latents(samples1, samples2, "samples2", notice)
    return _mixed(samples1, samples2)


def _pasted_ahead(samples_to: LatentKind | None, samples_from: LatentKind | None, notice: Notice) -> LatentKind | None:
    check_latents(samples_to, samples_from, "samples_from", notice)
    return _mixed(samples_to, samples_from)


def _mixed(first: LatentKind | None, second: LatentKind | None) -> LatentKind | None:
    """Return the kind of a mixture; a blank one with a picture may come out as either."""
    return first if first and second and first.blank == second.blank else None


@node("LatentBlend", category="_for_testing", display_name="Latent Blend", foresee=_blended_ahead)
def latent_blend(
    samples1: Latent,
    samples2: Latent,
    *,
    blend_factor: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 0.5,
    context: Context[Runtime],
) -> Latent:
    """Mix two latents: the first times the factor, plus the second times the rest."""
    from ..imaging.resize import resize

    first, second = samples1["samples"], samples2["samples"]
    check_latents(latent_kind(samples1), latent_kind(samples2), "samples2", context.notice)
    check_batch("samples2", len(second), len(first), "either")
    if first.shape != second.shape:
        second = resize(second, first.shape[-1], first.shape[-2], "bicubic", "center")
    return {**samples1, "samples": first * blend_factor + second * (1 - blend_factor)}


@node("LatentComposite", category="latent", display_name="Latent Composite", foresee=_pasted_ahead)
def latent_composite(
    samples_to: Latent,
    samples_from: Latent,
    *,
    x: Annotated[int, Int(min=0, max=MAX, step=8)] = 0,
    y: Annotated[int, Int(min=0, max=MAX, step=8)] = 0,
    feather: Annotated[int, Int(min=0, max=MAX, step=8)] = 0,
    context: Context[Runtime],
) -> Latent:
    """Paste one latent into another at a place in pixels, its inner edges softened over `feather` pixels."""
    to, source = samples_to["samples"].clone(), samples_from["samples"]
    check_latents(latent_kind(samples_to), latent_kind(samples_from), "samples_from", context.notice)
    check_batch("samples_from", len(source), len(to), "this")
    top, left = y // 8, x // 8
    target = to[..., top : top + source.shape[-2], left : left + source.shape[-1]]
    rows, columns = target.shape[-2:]
    weight = _feathered(source, (top, left), to.shape[-2:], feather // 8)[..., :rows, :columns]
    target.copy_(source[..., :rows, :columns] * weight + target * (1 - weight))
    return {**samples_to, "samples": to}


def _feathered(source: Tensor, corner: tuple[int, int], size: Any, feather: int) -> Tensor:
    """Return the weight (1, 1, h, w) of a pasted latent: a linear ramp on each side that is not at the border."""
    import torch

    rows, columns = source.shape[-2:]
    weight = torch.ones(1, 1, rows, columns, dtype=source.dtype, device=source.device)
    for step in range(min(feather, rows, columns)):
        ramp = (step + 1) / feather
        if corner[0]:
            weight[..., step, :] *= ramp
        if corner[0] + rows < size[0]:
            weight[..., rows - 1 - step, :] *= ramp
        if corner[1]:
            weight[..., :, step] *= ramp
        if corner[1] + columns < size[1]:
            weight[..., :, columns - 1 - step] *= ramp
    return weight
