"""Nodes that cut, turn, mirror, surround and join pictures."""

from __future__ import annotations

from typing import Annotated

from ..engine.sockets import Boolean, Choice, Int
from ..engine.spec import node
from .sockets import Image, Mask

MAX = 16384
Length = Annotated[int, Int(min=1, max=MAX, step=1)]
Place = Annotated[int, Int(min=0, max=MAX, step=1)]
Margin = Annotated[int, Int(min=0, max=MAX, step=8)]
TURNS = ("none", "90 degrees", "180 degrees", "270 degrees")
FLIPS = ("x-axis: vertically", "y-axis: horizontally")


@node("ImageCrop", category="image/transform", display_name="Image Crop")
def image_crop(image: Image, *, width: Length = 512, height: Length = 512, x: Place = 0, y: Place = 0) -> Image:
    """Cut a rectangle out of pictures; a corner outside moves to the last pixel."""
    from ..imaging.frame import crop

    return crop(image, x, y, width, height)


@node("ImageRotate", category="image/transform")
def image_rotate(image: Image, *, rotation: Annotated[str, Choice(TURNS)] = "none") -> Image:
    """Turn pictures clockwise by quarter turns."""
    return image.rot90(TURNS.index(rotation), (2, 1))


@node("ImageFlip", category="image/transform")
def image_flip(image: Image, *, flip_method: Annotated[str, Choice(FLIPS)] = "x-axis: vertically") -> Image:
    """Mirror pictures."""
    return image.flip(1 if flip_method.startswith("x") else 2)


@node("ImageStitch", category="image/transform", display_name="Image Stitch")
def image_stitch(
    image1: Image,
    direction: Annotated[str, Choice(("right", "down", "left", "up"))] = "right",
    match_image_size: Annotated[bool, Boolean()] = True,
    spacing_width: Annotated[int, Int(min=0, max=1024, step=2)] = 0,
    spacing_color: Annotated[str, Choice(("white", "black", "red", "green", "blue"))] = "white",
    image2: Image | None = None,
) -> Image:
    """Put the second picture at a side of the first.

    Args:
        image1: the picture that stays where it is.
        direction: the side of it where the second goes.
        match_image_size: resize the second so that the touching sides are equal; else black fills up.
        spacing_width: pixels between the two.
        spacing_color: their colour.
        image2: the picture that joins.
    """
    from ..imaging.frame import stitch

    if image2 is None:
        return image1
    return stitch(image1, image2, direction, match=match_image_size, spacing=spacing_width, colour=spacing_color)


@node("ImagePadForOutpaint", category="image", display_name="Pad Image for Outpainting", outputs=("IMAGE", "MASK"))
def image_pad_for_outpaint(
    image: Image,
    *,
    left: Margin = 0,
    top: Margin = 0,
    right: Margin = 0,
    bottom: Margin = 0,
    feathering: Annotated[int, Int(min=0, max=MAX, step=1)] = 40,
) -> tuple[Image, Mask]:
    """Surround a picture with grey to be painted, and give the mask of what is new, its edge softened."""
    from torch.nn.functional import pad

    from ..imaging.mask import feathered_border

    rows, columns = image.shape[1:3]
    sides = (left, right, top, bottom)
    padded = pad(image.movedim(-1, 1), sides, value=0.5).movedim(1, -1)
    inside = feathered_border(rows, columns, sides, feathering)
    mask = pad(inside, sides, value=1.0)
    return padded, mask.unsqueeze(0)
