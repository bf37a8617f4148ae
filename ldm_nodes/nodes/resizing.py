"""Nodes that change the size of pictures."""

from __future__ import annotations

from math import sqrt
from typing import Annotated

from ..engine.sockets import Choice, Float, Int
from ..engine.spec import node
from .sockets import Image

MAX = 16384
METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "lanczos")
MEGAPIXEL = 1024 * 1024


@node("ImageScale", category="image/upscaling", display_name="Upscale Image")
def image_scale(
    image: Image,
    *,
    upscale_method: Annotated[str, Choice(METHODS)] = "nearest-exact",
    width: Annotated[int, Int(min=0, max=MAX, step=1)] = 512,
    height: Annotated[int, Int(min=0, max=MAX, step=1)] = 512,
    crop: Annotated[str, Choice(("disabled", "center"))] = "disabled",
) -> Image:
    """Resize pictures; a side of 0 follows the other one, two zeros change nothing."""
    from ..imaging.frame import scaled

    if width == height == 0:
        return image
    rows, columns = image.shape[1:3]
    width = width or max(1, round(columns * height / rows))
    height = height or max(1, round(rows * width / columns))
    return scaled(image, width, height, upscale_method, crop)


@node("ImageScaleBy", category="image/upscaling", display_name="Upscale Image By")
def image_scale_by(
    image: Image,
    *,
    upscale_method: Annotated[str, Choice(METHODS)] = "nearest-exact",
    scale_by: Annotated[float, Float(min=0.01, max=8.0, step=0.01)] = 1.0,
) -> Image:
    """Resize pictures by a factor."""
    from ..imaging.frame import scaled

    rows, columns = image.shape[1:3]
    return scaled(image, round(columns * scale_by), round(rows * scale_by), upscale_method)


@node("ImageScaleToTotalPixels", category="image/upscaling")
def image_scale_to_total_pixels(
    image: Image,
    *,
    upscale_method: Annotated[str, Choice(METHODS)] = "nearest-exact",
    megapixels: Annotated[float, Float(min=0.01, max=16.0, step=0.01)] = 1.0,
) -> Image:
    """Resize pictures to so many pixels, 1024 x 1024 being one megapixel; the aspect ratio stays."""
    from ..imaging.frame import scaled

    rows, columns = image.shape[1:3]
    scale = sqrt(megapixels * MEGAPIXEL / (rows * columns))
    return scaled(image, round(columns * scale), round(rows * scale), upscale_method)


@node("ImageScaleToMaxDimension", category="image/upscaling")
def image_scale_to_max_dimension(
    image: Image,
    *,
    upscale_method: Annotated[
        str, Choice(("area", "lanczos", "bilinear", "nearest-exact", "bilinear", "bicubic"))
    ] = "area",
    largest_size: Annotated[int, Int(min=0, max=MAX, step=1)] = 512,
) -> Image:
    """Resize pictures until their longer side has so many pixels; the aspect ratio stays."""
    from ..imaging.frame import scaled

    rows, columns = image.shape[1:3]
    longer = max(rows, columns)
    width, height = (round(side / longer * largest_size) for side in (columns, rows))
    return scaled(image, width, height, upscale_method)


@node("ResizeAndPadImage", category="image/transform")
def resize_and_pad_image(
    image: Image,
    *,
    target_width: Annotated[int, Int(min=1, max=MAX, step=1)] = 512,
    target_height: Annotated[int, Int(min=1, max=MAX, step=1)] = 512,
    padding_color: Annotated[str, Choice(("white", "black"))] = "white",
    interpolation: Annotated[str, Choice(("area", "bicubic", "nearest-exact", "bilinear", "lanczos"))] = "area",
) -> Image:
    """Fit pictures into a size, their aspect ratio kept, and fill what is left on both sides with one colour."""
    from ..imaging.frame import letterbox

    return letterbox(image, target_width, target_height, padding_color, interpolation)
