"""Nodes that make, change and combine masks; 1 is what may be painted anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Boolean, Choice, Float, Int
from ..engine.spec import NodeOutput, node
from .runtime import Runtime
from .saving import shown_only
from .sockets import Image, Mask

if TYPE_CHECKING:
    from torch import Tensor

MAX = 16384
Length = Annotated[int, Int(min=1, max=MAX, step=1)]
Place = Annotated[int, Int(min=0, max=MAX, step=1)]


def batch_of(mask: Mask) -> Tensor:
    """Return a mask in any of its forms, (H, W), (B, H, W) or (B, 1, H, W), as (B, H, W)."""
    return mask.reshape(-1, *mask.shape[-2:])


@node("MaskToImage", category="mask", display_name="Convert Mask to Image")
def mask_to_image(mask: Mask) -> Image:
    """Show masks as grey pictures."""
    return batch_of(mask).unsqueeze(-1).expand(-1, -1, -1, 3).contiguous()


@node("ImageToMask", category="mask", display_name="Convert Image to Mask")
def image_to_mask(image: Image, *, channel: Annotated[str, Choice(("red", "green", "blue", "alpha"))] = "red") -> Mask:
    """Take one channel of pictures as masks."""
    from ..imaging.colours import channel as of_picture

    return of_picture(image, channel)


@node("ImageColorToMask", category="mask")
def image_color_to_mask(
    image: Image, *, color: Annotated[int, Int(min=0, max=0xFFFFFF, step=1, display="color")] = 0
) -> Mask:
    """Select the pixels of exactly one colour, given as 0xRRGGBB."""
    from ..imaging.batches import with_channels
    from ..imaging.colours import matches

    return matches(with_channels(image, 3), color)


@node("SolidMask", category="mask")
def solid_mask(
    *,
    value: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 1.0,
    width: Length = 512,
    height: Length = 512,
) -> Mask:
    """Make a mask of one value."""
    import torch

    return torch.full((1, height, width), value)


@node("InvertMask", category="mask")
def invert_mask(mask: Mask) -> Mask:
    """Select what was not selected."""
    return 1.0 - mask


@node("CropMask", category="mask")
def crop_mask(mask: Mask, *, x: Place = 0, y: Place = 0, width: Length = 512, height: Length = 512) -> Mask:
    """Cut a rectangle out of masks; what reaches beyond the border is left out."""
    rows, columns = mask.shape[-2:]
    for name, place, side in (("x", x, columns), ("y", y, rows)):
        if place >= side:
            expected = f"a place on the mask, which has {columns}x{rows} pixels"
            raise InputError(name, received=str(place), expected=expected)
    return batch_of(mask)[:, y : y + height, x : x + width].clone()


@node("MaskComposite", category="mask")
def mask_composite(
    destination: Mask,
    source: Mask,
    x: Place = 0,
    y: Place = 0,
    operation: Annotated[str, Choice(("multiply", "add", "subtract", "and", "or", "xor"))] = "multiply",
) -> Mask:
    """Lay one mask on another at a place and combine the two there; `and`, `or` and `xor` round first."""
    from ..imaging.mask import combine

    return combine(batch_of(destination), batch_of(source), (y, x), operation)


@node("FeatherMask", category="mask")
def feather_mask(mask: Mask, *, left: Place = 0, top: Place = 0, right: Place = 0, bottom: Place = 0) -> Mask:
    """Let masks rise from their edges over so many pixels."""
    from ..imaging.mask import feather

    return feather(batch_of(mask), left, top, right, bottom)


@node("GrowMask", category="mask")
def grow_mask(
    mask: Mask,
    *,
    expand: Annotated[int, Int(min=-MAX, max=MAX, step=1)] = 0,
    tapered_corners: Annotated[bool, Boolean()] = True,
) -> Mask:
    """Widen masks by so many pixels; a negative number narrows them.

    Args:
        mask: the masks.
        expand: how far.
        tapered_corners: cut corners off, instead of growing by squares.
    """
    from ..imaging.mask import spread

    return spread(batch_of(mask), expand, tapered=tapered_corners)


@node("ThresholdMask", category="mask")
def threshold_mask(mask: Mask, *, value: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 0.5) -> Mask:
    """Select wholly what is more than `value`, and nothing else."""
    return (mask > value).float()


@node("MaskPreview", category="mask", output=True, not_idempotent=True)
def mask_preview(mask: Mask, *, context: Context[Runtime]) -> NodeOutput[None]:
    """Show masks without keeping them: they are written to the temporary folder."""
    return shown_only(context, mask_to_image(mask))
