"""Nodes that make pictures, put them together into batches, and take batches apart."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

from ..engine.errors import InputError
from ..engine.sockets import Int
from ..engine.spec import node
from .sockets import Image

MAX = 16384


@node("EmptyImage", category="image")
def empty_image(
    *,
    width: Annotated[int, Int(min=1, max=MAX, step=1)] = 512,
    height: Annotated[int, Int(min=1, max=MAX, step=1)] = 512,
    batch_size: Annotated[int, Int(min=1, max=4096)] = 1,
    color: Annotated[int, Int(min=0, max=0xFFFFFF, step=1, display="color")] = 0,
) -> Image:
    """Make pictures of one colour, given as 0xRRGGBB."""
    from ..imaging.colours import from_code

    return from_code(color).expand(batch_size, height, width, 3).contiguous()


@node("ImageBatch", category="image", display_name="Batch Images")
def image_batch(image1: Image, image2: Image) -> Image:
    """Put two batches together; the second is resized to the first and cut centrally where they differ."""
    import torch

    from ..imaging.batches import like, with_channels

    channels = max(image1.shape[-1], image2.shape[-1])
    first, second = with_channels(image1, channels), with_channels(image2, channels)
    return torch.cat((first, like(second, first, "bilinear")))


@node("RepeatImageBatch", category="image/batch")
def repeat_image_batch(image: Image, *, amount: Annotated[int, Int(min=1, max=4096)] = 1) -> Image:
    """Repeat a batch of pictures."""
    return image.repeat(amount, 1, 1, 1)


@node("ImageFromBatch", category="image/batch")
def image_from_batch(
    image: Image,
    *,
    batch_index: Annotated[int, Int(min=0, max=4095)] = 0,
    length: Annotated[int, Int(min=1, max=4096)] = 1,
) -> Image:
    """Take some pictures of a batch; what reaches beyond its end is left out."""
    start = min(batch_index, len(image) - 1)
    return image[start : start + length].clone()


@node("RebatchImages", category="image/batch", display_name="Rebatch Images")
def rebatch_images(
    images: list[Image],
    batch_size: list[Annotated[int, Int(min=1, max=4096)]] = [1],  # noqa: B006 - read only
) -> list[Image]:
    """Deal a list of batches out anew into batches of a size; pictures of different sizes are never mixed."""
    import torch

    if not images:
        raise InputError("images", received="no pictures", expected="at least one")
    singles = [picture for batch in images for picture in torch.split(batch, 1)]
    alike = (list(group) for _, group in groupby(singles, key=lambda picture: picture.shape))
    size = batch_size[0]
    return [torch.cat(group[start : start + size]) for group in alike for start in range(0, len(group), size)]


@node("GetImageSize", category="image", display_name="Get Image Size", outputs=("width", "height", "batch_size"))
def get_image_size(image: Image) -> tuple[int, int, int]:
    """Tell the sides of pictures, and how many there are."""
    count, rows, columns = image.shape[:3]
    return columns, rows, count
