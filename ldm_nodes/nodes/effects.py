"""Nodes that change the colours of pictures, pixel by pixel or within a neighbourhood."""

from __future__ import annotations

from typing import Annotated

from ..engine.sockets import Choice, Float, Int
from ..engine.spec import node
from .sockets import Image

MAX_SEED = 2**64 - 1
Radius = Annotated[int, Int(min=1, max=31, step=1)]
Threshold = Annotated[float, Float(min=0.01, max=0.99, step=0.01)]


@node("ImageInvert", category="image", display_name="Invert Image")
def image_invert(image: Image) -> Image:
    """Turn every colour into its opposite."""
    return 1.0 - image


@node("ImageAddNoise", category="image")
def image_add_noise(
    image: Image,
    *,
    seed: Annotated[int, Int(min=0, max=MAX_SEED, control_after_generate=True)] = 0,
    strength: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 0.5,
) -> Image:
    """Add normal noise to pictures.

    Args:
        image: the pictures.
        seed: which noise.
        strength: its standard deviation.
    """
    from ..sampling.noise import prepare_noise

    return (image + strength * prepare_noise(image.shape, seed).to(image)).clamp(0, 1)


@node("ImageBlend", category="image/postprocessing")
def image_blend(
    image1: Image,
    image2: Image,
    blend_factor: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 0.5,
    blend_mode: Annotated[
        str, Choice(("normal", "multiply", "screen", "overlay", "soft_light", "difference"))
    ] = "normal",
) -> Image:
    """Blend the second picture, resized to the first and cut centrally, into the first."""
    from ..imaging.batches import like, pairs, with_channels
    from ..imaging.blend import blend

    first, second = pairs(image1, like(with_channels(image2, image1.shape[-1]), image1, "bicubic"))
    return blend(first, second, blend_factor, blend_mode)


@node("ImageBlur", category="image/postprocessing")
def image_blur(
    image: Image,
    *,
    blur_radius: Radius = 1,
    sigma: Annotated[float, Float(min=0.1, max=10.0, step=0.1)] = 1.0,
) -> Image:
    """Blur pictures.

    Args:
        image: the pictures.
        blur_radius: how far a pixel spreads.
        sigma: the standard deviation of the Gaussian as a part of the radius: 10 spreads evenly, 0.1 hardly.
    """
    from ..imaging.filters import blur

    return blur(image.movedim(-1, 1), blur_radius, sigma).movedim(1, -1)


@node("ImageSharpen", category="image/postprocessing")
def image_sharpen(
    image: Image,
    *,
    sharpen_radius: Radius = 1,
    sigma: Annotated[float, Float(min=0.1, max=10.0, step=0.01)] = 1.0,
    alpha: Annotated[float, Float(min=0.0, max=5.0, step=0.01)] = 1.0,
) -> Image:
    """Sharpen pictures by an unsharp mask.

    Args:
        image: the pictures.
        sharpen_radius: how far the blur reaches against which details are measured.
        sigma: its standard deviation as a part of the radius.
        alpha: how much is added, in tens: 1 adds ten times what the blur takes away.
    """
    from ..imaging.filters import sharpen

    return sharpen(image.movedim(-1, 1), sharpen_radius, sigma, 10 * alpha).movedim(1, -1).clamp(0, 1)


@node("ImageQuantize", category="image/postprocessing")
def image_quantize(
    image: Image,
    *,
    colors: Annotated[int, Int(min=1, max=256, step=1)] = 256,
    dither: Annotated[str, Choice(("none", "floyd-steinberg", "bayer-2", "bayer-4", "bayer-8", "bayer-16"))] = "none",
) -> Image:
    """Paint pictures in few colours, chosen for each; dithering hides the steps between them."""
    import numpy as np
    import torch

    from ..imaging.batches import with_channels
    from ..imaging.palette import quantize
    from ..imaging.saving import to_uint8

    levels = [quantize(to_uint8(picture.numpy()), colors, dither) for picture in with_channels(image, 3)]
    return torch.from_numpy(np.stack(levels)).to(image) / 255


@node("Canny", category="image/preprocessors")
def canny(image: Image, *, low_threshold: Threshold = 0.4, high_threshold: Threshold = 0.8) -> Image:
    """Draw the edges of pictures in white on black.

    Args:
        image: the pictures.
        low_threshold: how steep a pixel must be to continue an edge.
        high_threshold: how steep an edge must be somewhere.
    """
    from ..imaging.batches import with_channels
    from ..imaging.canny import canny as edges

    found = edges(with_channels(image, 3).movedim(-1, 1), low_threshold, high_threshold)
    return found.movedim(1, -1).expand(-1, -1, -1, 3).contiguous()


@node("Morphology", category="image/postprocessing", display_name="ImageMorphology")
def morphology(
    image: Image,
    operation: Annotated[
        str, Choice(("erode", "dilate", "open", "close", "gradient", "bottom_hat", "top_hat"))
    ] = "erode",
    kernel_size: Annotated[int, Int(min=3, max=999, step=1)] = 3,
) -> Image:
    """Let bright parts of pictures shrink (erode), grow (dilate), or show what doing so takes away."""
    from ..imaging.filters import morphology as apply

    return apply(image.movedim(-1, 1), operation, kernel_size).movedim(1, -1)


@node("ImageRGBToYUV", category="image/batch", outputs=("Y", "U", "V"))
def image_rgb_to_yuv(image: Image) -> tuple[Image, Image, Image]:
    """Take pictures apart into brightness (Y) and the colour differences of blue (U) and red (V), as grey pictures."""
    from ..imaging.batches import with_channels
    from ..imaging.colours import to_yuv

    y, u, v = (part.expand(-1, -1, -1, 3).contiguous() for part in to_yuv(with_channels(image, 3)))
    return y, u, v


@node("ImageYUVToRGB", category="image/batch")
def image_yuv_to_rgb(Y: Image, U: Image, V: Image) -> Image:
    """Put pictures together again from brightness and colour differences."""
    from ..imaging.batches import pairs
    from ..imaging.colours import from_yuv

    return from_yuv(*pairs(*(part.mean(dim=-1, keepdim=True) for part in (Y, U, V))))
