"""Nodes that mix latents: blend, paste, add, join."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Boolean, Choice, Float, Int
from ..engine.spec import node
from ..models.kinds import LatentKind
from .foreseeing import same
from .kinds import latent_kind
from .latent_pairing import Notice, check_batch, check_latents
from .runtime import Runtime
from .sockets import Latent, Mask

if TYPE_CHECKING:
    from torch import Tensor

MAX = 16384
PIXELS = 8
"""Places are given in pixels, of which a cell has eight."""
AXES = {"x": -1, "y": -2}


def blended_ahead(samples1: LatentKind | None, samples2: LatentKind | None, notice: Notice) -> LatentKind | None:
    """Tell of a node whose only output mixes `samples1` and `samples2`."""
    check_latents(samples1, samples2, "samples2", notice)
    return _mixed(samples1, samples2)


def _pasted_ahead(samples_to: LatentKind | None, samples_from: LatentKind | None, notice: Notice) -> LatentKind | None:
    check_latents(samples_to, samples_from, "samples_from", notice)
    return _mixed(samples_to, samples_from)


def _mixed(first: LatentKind | None, second: LatentKind | None) -> LatentKind | None:
    """Return the kind of a mixture; a blank one with a picture may come out as either."""
    return first if first and second and first.blank == second.blank else None


@node("LatentBlend", category="_for_testing", display_name="Latent Blend", foresee=blended_ahead)
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
    from ..imaging.composite import seam

    to, source = samples_to["samples"].clone(), samples_from["samples"]
    check_latents(latent_kind(samples_to), latent_kind(samples_from), "samples_from", context.notice)
    check_batch("samples_from", len(source), len(to), "this")
    top, left = y // PIXELS, x // PIXELS
    target = to[..., top : top + source.shape[-2], left : left + source.shape[-1]]
    rows, columns = target.shape[-2:]
    weight = seam(source, (top, left), to.shape[-2:], feather // PIXELS)[..., :rows, :columns]
    target.copy_(source[..., :rows, :columns] * weight + target * (1 - weight))
    return {**samples_to, "samples": to}


def _laid_ahead(destination: LatentKind | None, source: LatentKind | None, notice: Notice) -> LatentKind | None:
    check_latents(destination, source, "source", notice)
    return _mixed(destination, source)


@node("LatentCompositeMasked", category="latent", foresee=_laid_ahead)
def latent_composite_masked(
    destination: Latent,
    source: Latent,
    x: Annotated[int, Int(min=0, max=MAX, step=8)] = 0,
    y: Annotated[int, Int(min=0, max=MAX, step=8)] = 0,
    resize_source: Annotated[bool, Boolean()] = False,
    mask: Mask | None = None,
    *,
    context: Context[Runtime],
) -> Latent:
    """Paste one latent into another at a place in pixels.

    Args:
        destination: what is pasted into.
        source: what is pasted.
        x: its left edge.
        y: its upper edge.
        resize_source: stretch it over the whole destination first.
        mask: stretched over the source; only where it is 1 the source shows.
    """
    from ..imaging.composite import paste

    check_latents(latent_kind(destination), latent_kind(source), "source", context.notice)
    place = (y // PIXELS, x // PIXELS)
    return {
        **destination,
        "samples": paste(destination["samples"], source["samples"], place, mask, fit=resize_source),
    }


def _paired(samples1: Latent, samples2: Latent, notice: Notice) -> tuple[Tensor, Tensor]:
    """Return the samples of two latents, those of the second made as large and as many as those of the first."""
    from ..imaging.latent_mix import like

    check_latents(latent_kind(samples1), latent_kind(samples2), "samples2", notice)
    first = samples1["samples"]
    return first, like(samples2["samples"], first)


@node("LatentAdd", category="latent/advanced", foresee=blended_ahead)
def latent_add(samples1: Latent, samples2: Latent, *, context: Context[Runtime]) -> Latent:
    """Add two latents."""
    first, second = _paired(samples1, samples2, context.notice)
    return {**samples1, "samples": first + second}


@node("LatentSubtract", category="latent/advanced", foresee=blended_ahead)
def latent_subtract(samples1: Latent, samples2: Latent, *, context: Context[Runtime]) -> Latent:
    """Subtract the second latent from the first."""
    first, second = _paired(samples1, samples2, context.notice)
    return {**samples1, "samples": first - second}


@node("LatentMultiply", category="latent/advanced", foresee=same("samples"))
def latent_multiply(
    samples: Latent, multiplier: Annotated[float, Float(min=-10.0, max=10.0, step=0.01)] = 1.0
) -> Latent:
    """Multiply a latent by a number."""
    return {**samples, "samples": samples["samples"] * multiplier}


@node("LatentInterpolate", category="latent/advanced", foresee=blended_ahead)
def latent_interpolate(
    samples1: Latent,
    samples2: Latent,
    ratio: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 1.0,
    *,
    context: Context[Runtime],
) -> Latent:
    """Mix two latents, what a cell says and how strongly apart: the first at ratio 1, the second at 0."""
    from ..imaging.latent_mix import interpolate

    first, second = _paired(samples1, samples2, context.notice)
    return {**samples1, "samples": interpolate(first, second, ratio)}


@node("LatentConcat", category="latent/advanced", foresee=blended_ahead)
def latent_concat(
    samples1: Latent,
    samples2: Latent,
    dim: Annotated[str, Choice(("x", "-x", "y", "-y", "t", "-t"))] = "x",
    *,
    context: Context[Runtime],
) -> Latent:
    """Put the second latent at the right of the first (x), below it (y), or with a minus before it."""
    import torch

    from ..imaging.batches import repeat_to

    axis = _axis(dim.removeprefix("-"))
    check_latents(latent_kind(samples1), latent_kind(samples2), "samples2", context.notice)
    first = samples1["samples"]
    second = repeat_to(samples2["samples"], len(first))
    other = -3 - axis
    if first.shape[other] != second.shape[other]:
        raise InputError(
            "samples2",
            received=f"a latent of {second.shape[-1]}x{second.shape[-2]} cells",
            expected=f"{first.shape[other]} cells on the side that touches the other latent",
            remedy="Resize it (Upscale Latent).",
        )
    parts = (second, first) if dim.startswith("-") else (first, second)
    return {**samples1, "samples": torch.cat(parts, dim=axis)}


@node("LatentCut", category="latent/advanced", foresee=same("samples"))
def latent_cut(
    samples: Latent,
    dim: Annotated[str, Choice(("x", "y", "t"))] = "x",
    index: Annotated[int, Int(min=-MAX, max=MAX, step=1)] = 0,
    amount: Annotated[int, Int(min=1, max=MAX, step=1)] = 1,
) -> Latent:
    """Cut columns (x) or rows (y) out of a latent.

    Args:
        samples: the latent.
        dim: along which axis.
        index: the first cell; a negative one counts from the end.
        amount: how many cells, as far as there are.
    """
    axis, whole = _axis(dim), samples["samples"]
    size = whole.shape[axis]
    start = min(index, size - 1) if index >= 0 else max(0, size + index)
    return {**samples, "samples": whole.narrow(axis, start, min(amount, size - start))}


def _axis(dim: str) -> int:
    if dim not in AXES:
        raise InputError("dim", received=repr(dim), expected="x or y: latents of pictures have no axis of time")
    return AXES[dim]
