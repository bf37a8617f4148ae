"""Nodes that lay pictures over each other, and take transparency off and put it on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from ..engine.sockets import Boolean, Choice, Int
from ..engine.spec import node
from .sockets import Image, Mask

if TYPE_CHECKING:
    from torch import Tensor

MAX = 16384
MODES = (
    "ADD", "CLEAR", "DARKEN", "DST", "DST_ATOP", "DST_IN", "DST_OUT", "DST_OVER", "LIGHTEN", "MULTIPLY", "OVERLAY",
    "SCREEN", "SRC", "SRC_ATOP", "SRC_IN", "SRC_OUT", "SRC_OVER", "XOR",
)  # fmt: skip


@node("ImageCompositeMasked", category="image")
def image_composite_masked(
    destination: Image,
    source: Image,
    x: Annotated[int, Int(min=0, max=MAX, step=1)] = 0,
    y: Annotated[int, Int(min=0, max=MAX, step=1)] = 0,
    resize_source: Annotated[bool, Boolean()] = False,
    mask: Mask | None = None,
) -> Image:
    """Paste one picture into another at a place.

    Args:
        destination: what is pasted into.
        source: what is pasted.
        x: its left edge.
        y: its upper edge.
        resize_source: stretch it over the whole destination first.
        mask: stretched over the source; only where it is 1 the source shows.
    """
    from ..imaging.batches import with_channels
    from ..imaging.composite import paste

    pasted = with_channels(source, destination.shape[-1]).movedim(-1, 1)
    return paste(destination.movedim(-1, 1), pasted, (y, x), mask, fit=resize_source).movedim(1, -1)


@node(
    "PorterDuffImageComposite",
    category="mask/compositing",
    display_name="Porter-Duff Image Composite",
    outputs=("IMAGE", "MASK"),
)
def porter_duff_image_composite(
    source: Image,
    source_alpha: Mask,
    destination: Image,
    destination_alpha: Mask,
    mode: Annotated[str, Choice(MODES)] = "DST",
) -> tuple[Image, Mask]:
    """Put a picture over, in, out of or atop another; both have masks that are 1 where they are transparent.

    Args:
        source: the first picture; the second gets its size.
        source_alpha: where it is transparent.
        destination: the second picture.
        destination_alpha: where it is transparent.
        mode: the rule, by the names of Porter and Duff: SRC_OVER lays the source on the destination.
    """
    from ..imaging.batches import like, with_channels
    from ..imaging.porter_duff import composite

    above, below = with_channels(source, 3), with_channels(destination, 3)
    parts = (above, _alpha(source_alpha), below, _alpha(destination_alpha))
    count = min(map(len, parts))
    above, above_alpha, below, below_alpha = (like(part[:count], source, "bicubic") for part in parts)
    colour, alpha = composite(above, above_alpha, below, below_alpha, mode)
    return colour, 1 - alpha[..., 0]


def _alpha(mask: Mask) -> Tensor:
    """Return how opaque pictures are, (B, H, W, 1)."""
    return 1 - mask.reshape(-1, *mask.shape[-2:], 1)


@node(
    "SplitImageWithAlpha",
    category="mask/compositing",
    display_name="Split Image with Alpha",
    outputs=("IMAGE", "MASK"),
)
def split_image_with_alpha(image: Image) -> tuple[Image, Mask]:
    """Take transparency off pictures; the mask is 1 where they were transparent."""
    import torch

    from ..imaging.batches import with_channels

    opaque = torch.ones_like(image[..., 0])
    return with_channels(image, 3), 1 - (image[..., 3] if image.shape[-1] > 3 else opaque)


@node("JoinImageWithAlpha", category="mask/compositing", display_name="Join Image with Alpha")
def join_image_with_alpha(image: Image, alpha: Mask) -> Image:
    """Make pictures transparent where the mask is 1; the shorter batch is repeated."""
    import torch

    from ..imaging.batches import repeat_to, with_channels
    from ..imaging.mask import resize_mask

    masks = 1 - resize_mask(alpha, image.shape[1], image.shape[2])
    count = max(len(image), len(masks))
    return torch.cat((repeat_to(with_channels(image, 3), count), repeat_to(masks, count).movedim(1, -1)), dim=-1)
