"""Nodes between pictures and latents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Boolean, Int
from ..engine.spec import node
from ..models.kinds import LatentKind, VaeKind
from .conditioning import with_options
from .kinds import Absent, CondKind, latent_kind, latent_mark, with_encoded_picture
from .latent_pairing import Notice, check_batch, check_decoding, check_pixels
from .pairing import absent, present
from .runtime import Runtime
from .sockets import Cond, Image, Latent, Mask, Vae

if TYPE_CHECKING:
    from torch import Tensor

    from ..models.first_stage import FirstStage

TileSize = Annotated[int, Int(min=64, max=4096, step=32)]
PixelTileSize = Annotated[int, Int(min=64, max=4096, step=64)]
Overlap = Annotated[int, Int(min=0, max=4096, step=32)]
Frames = Annotated[int, Int(optional=True, min=8, max=4096, step=4)]
SharedFrames = Annotated[int, Int(optional=True, min=4, max=4096, step=4)]


def loaded(vae: Vae) -> FirstStage:
    """Return the autoencoder, or say that the checkpoint has none."""
    if vae is None:
        raise absent("vae")
    return vae


def _fitting(latent: Latent, first_stage: FirstStage, notice: Notice) -> Tensor:
    """Return the samples of a latent if the autoencoder can decode them; the engine names the node that made them."""
    samples: Tensor = latent["samples"]
    if samples.ndim != 4:
        raise InputError(
            "samples",
            received=f"a latent of shape {tuple(samples.shape)}",
            expected="one of pictures, (batch, channels, height, width)",
            remedy="Connect the output of a node that makes latents of pictures.",
        )
    check_decoding(first_stage.kind, latent_kind(latent), notice)
    if not samples.is_meta and not samples.isfinite().all():
        raise InputError("samples", received="values that are not finite", expected="finite numbers")
    return samples


def _colours(pixels: Image) -> int:
    """Return how many colour channels pictures have; transparency is none.

    Raises:
        InputError: when they are no pictures.
    """
    if pixels.ndim != 4 or 0 in pixels.shape:
        raise InputError(
            "pixels",
            received=f"a tensor of shape {tuple(pixels.shape)}",
            expected="pictures, (batch, height, width, 3)",
            remedy="Connect the output of a node that makes pictures.",
        )
    return min(int(pixels.shape[-1]), 3)


def _latent(samples: Tensor, first_stage: FirstStage) -> Latent:
    return {"samples": samples, **latent_mark(first_stage.kind.latents)}


Foreseen = VaeKind | Absent | None


def _decoding_ahead(vae: Foreseen, samples: LatentKind | None, notice: Notice) -> None:
    check_decoding(present("vae", vae), samples, notice)


def _encoding_ahead(vae: Foreseen) -> LatentKind | None:
    kind = present("vae", vae)
    return kind.latents if kind else None


@node("VAEDecode", category="latent", display_name="VAE Decode", foresee=_decoding_ahead)
def vae_decode(samples: Latent, vae: Vae, *, context: Context[Runtime]) -> Image:
    """Turn latents into pictures."""
    first_stage = loaded(vae)
    return first_stage.decode(_fitting(samples, first_stage, context.notice), notice=context.notice)


@node("VAEDecodeTiled", category="_for_testing", display_name="VAE Decode (Tiled)", foresee=_decoding_ahead)
def vae_decode_tiled(
    samples: Latent,
    vae: Vae,
    tile_size: TileSize = 512,
    overlap: Overlap = 64,
    temporal_size: Frames = 64,
    temporal_overlap: SharedFrames = 8,
    *,
    context: Context[Runtime],
) -> Image:
    """Turn latents into pictures piece by piece, for pictures that do not fit in memory whole.

    Args:
        samples: the latents.
        vae: the autoencoder of the model that made them.
        tile_size: the side of a piece in pixels.
        overlap: how far neighbours reach into each other, at most a quarter of a piece.
        temporal_size: for autoencoders of videos; pictures have no use for it.
        temporal_overlap: likewise.
    """
    first_stage = loaded(vae)
    factor = first_stage.downscale_ratio
    overlap = min(overlap, tile_size // 4)
    fitting = _fitting(samples, first_stage, context.notice)
    return first_stage.decode_tiled(fitting, tile_size // factor, overlap // factor, notice=context.notice)


@node("VAEEncode", category="latent", display_name="VAE Encode", foresee=_encoding_ahead)
def vae_encode(pixels: Image, vae: Vae, *, context: Context[Runtime]) -> Latent:
    """Turn pictures into latents; sides are cut centrally to what the autoencoder can halve."""
    first_stage = loaded(vae)
    check_pixels(first_stage.kind, _colours(pixels))
    return _latent(first_stage.encode(pixels[..., :3], notice=context.notice), first_stage)


@node("VAEEncodeTiled", category="_for_testing", display_name="VAE Encode (Tiled)", foresee=_encoding_ahead)
def vae_encode_tiled(
    pixels: Image,
    vae: Vae,
    tile_size: PixelTileSize = 512,
    overlap: Overlap = 64,
    temporal_size: Frames = 64,
    temporal_overlap: SharedFrames = 8,
    *,
    context: Context[Runtime],
) -> Latent:
    """Turn pictures into latents piece by piece, for pictures that do not fit in memory whole.

    Args:
        pixels: the pictures.
        vae: the autoencoder.
        tile_size: the side of a piece in pixels.
        overlap: how far neighbours reach into each other, at most a quarter of a piece.
        temporal_size: for autoencoders of videos; pictures have no use for it.
        temporal_overlap: likewise.
    """
    first_stage = loaded(vae)
    check_pixels(first_stage.kind, _colours(pixels))
    samples = first_stage.encode_tiled(pixels[..., :3], tile_size, overlap, notice=context.notice)
    return _latent(samples, first_stage)


@node(
    "VAEEncodeForInpaint",
    category="latent/inpaint",
    display_name="VAE Encode (for Inpainting)",
    foresee=_encoding_ahead,
)
def vae_encode_for_inpaint(
    pixels: Image,
    vae: Vae,
    mask: Mask,
    grow_mask_by: Annotated[int, Int(min=0, max=64, step=1)] = 6,
    *,
    context: Context[Runtime],
) -> Latent:
    """Grey out what the mask selects, encode the rest, and mark the (grown) mask as what is to be sampled."""
    from ..imaging.mask import grow

    first_stage = loaded(vae)
    pixels, mask = _masked(pixels, mask, first_stage)
    samples = first_stage.encode(_greyed(pixels, mask), notice=context.notice)
    return {**_latent(samples, first_stage), "noise_mask": grow(mask, grow_mask_by).round()}


def _masked_ahead(
    vae: Foreseen, positive: CondKind | None, negative: CondKind | None
) -> tuple[CondKind | None, CondKind | None, LatentKind | None]:
    kind = present("vae", vae)
    latents = kind.latents if kind else None
    shown, unwanted = (with_encoded_picture(one, latents, masked=True) for one in (positive, negative))
    return shown, unwanted, latents


def _edited_ahead(
    vae: Foreseen, positive: CondKind | None, negative: CondKind | None
) -> tuple[CondKind | None, CondKind | None, LatentKind | None]:
    kind = present("vae", vae)
    latents = kind.latents if kind else None
    shown, unwanted = (with_encoded_picture(one, latents) for one in (positive, negative))
    return shown, unwanted, replace(latents, blank=True) if latents else None


@node(
    "InpaintModelConditioning",
    category="conditioning/inpaint",
    outputs=("positive", "negative", "latent"),
    foresee=_masked_ahead,
)
def inpaint_model_conditioning(
    positive: Cond,
    negative: Cond,
    vae: Vae,
    pixels: Image,
    mask: Mask,
    noise_mask: Annotated[bool, Boolean()] = True,
    *,
    context: Context[Runtime],
) -> tuple[Cond, Cond, Latent]:
    """Show an inpainting model the picture without what the mask selects, and start from the whole picture.

    Args:
        positive: what to move towards.
        negative: what to move away from.
        vae: the autoencoder of the model.
        pixels: the picture.
        mask: 1 where to paint.
        noise_mask: sample only where the mask is 1; without it all of the picture may change.
    """
    first_stage = loaded(vae)
    pixels, mask = _masked(pixels, mask, first_stage)
    shown = first_stage.encode(_greyed(pixels, mask), notice=context.notice)
    whole = _latent(first_stage.encode(pixels, notice=context.notice), first_stage)
    options = {"concat_latent_image": shown, "concat_mask": mask}
    latent = {**whole, "noise_mask": mask} if noise_mask else whole
    return with_options(positive, **options), with_options(negative, **options), latent


@node(
    "InstructPixToPixConditioning",
    category="conditioning/instructpix2pix",
    outputs=("positive", "negative", "latent"),
    foresee=_edited_ahead,
)
def instruct_pix_to_pix_conditioning(
    positive: Cond, negative: Cond, vae: Vae, pixels: Image, *, context: Context[Runtime]
) -> tuple[Cond, Cond, Latent]:
    """Show an editing model the picture that it is to change, and start from nothing of its size (arXiv 2211.09800).

    Args:
        positive: what to do to the picture.
        negative: what to move away from.
        vae: the autoencoder of the model.
        pixels: the picture.
    """
    import torch

    first_stage = loaded(vae)
    check_pixels(first_stage.kind, _colours(pixels))
    shown = first_stage.encode(pixels[..., :3], notice=context.notice)
    latent = _latent(torch.zeros_like(shown), first_stage)
    return (
        with_options(positive, concat_latent_image=shown),
        with_options(negative, concat_latent_image=shown),
        latent,
    )


def _masked(pixels: Tensor, mask: Tensor, first_stage: FirstStage) -> tuple[Tensor, Tensor]:
    """Return pictures (B, H, W, 3) and masks (B, 1, H, W) of a size that the autoencoder can halve."""
    from ..imaging.mask import resize_mask

    check_pixels(first_stage.kind, _colours(pixels))
    mask = resize_mask(mask, pixels.shape[1], pixels.shape[2])
    check_batch("mask", len(mask), len(pixels), "either")
    return _cropped(pixels[..., :3], mask, first_stage.downscale_ratio)


def _greyed(pixels: Tensor, mask: Tensor) -> Tensor:
    """Return pictures that are grey where the mask selects."""
    hole = mask.round().movedim(1, -1)
    return (pixels - 0.5) * (1 - hole) + 0.5


def _cropped(pixels: Tensor, mask: Tensor, factor: int) -> tuple[Tensor, Tensor]:
    """Cut pictures (B, H, W, C) and masks (B, 1, H, W) centrally to multiples of `factor`."""
    rows, columns = pixels.shape[1:3]
    height, width = rows // factor * factor, columns // factor * factor
    top, left = (rows - height) // 2, (columns - width) // 2
    return (
        pixels[:, top : top + height, left : left + width],
        mask[..., top : top + height, left : left + width],
    )
