"""Colours in other terms: 0xRRGGBB, luma and colour differences, one channel."""

from __future__ import annotations

import torch
from torch import Tensor

from .errors import NotAPictureError

CHANNELS = ("red", "green", "blue", "alpha")
LUMA = (0.299, 0.587, 0.114)
"""What red, green and blue weigh in the luma (ITU-R BT.601)."""
BLUE_TO_CB, RED_TO_CR = 0.564, 0.713


def from_code(code: int) -> Tensor:
    """Return the colour 0xRRGGBB as red, green, blue (3,) from 0 to 1."""
    return torch.tensor([code >> 16 & 255, code >> 8 & 255, code & 255]) / 255


def matches(picture: Tensor, code: int) -> Tensor:
    """Return 1 where a picture (..., 3 or 4), rounded to 8 bits, has the colour 0xRRGGBB, else 0."""
    levels = (picture[..., :3].clamp(0, 1) * 255).round()
    wanted = (from_code(code) * 255).round().to(levels)
    return (levels == wanted).all(dim=-1).float()


def channel(picture: Tensor, name: str) -> Tensor:
    """Return one of `CHANNELS` of pictures (B, H, W, C) as (B, H, W).

    Raises:
        NotAPictureError: when they have no such channel.
    """
    index = CHANNELS.index(name)
    if index >= picture.shape[-1]:
        raise NotAPictureError(f"The picture has {picture.shape[-1]} channels and so no {name}; choose another.")
    return picture[..., index]


def to_yuv(picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return luma and the colour differences of blue and red, (..., 1) each and around 1/2, of a picture (..., 3)."""
    red, green, blue = torch.split(picture[..., :3], 1, dim=-1)
    luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    return luma, (blue - luma) * BLUE_TO_CB + 0.5, (red - luma) * RED_TO_CR + 0.5


def from_yuv(luma: Tensor, of_blue: Tensor, of_red: Tensor) -> Tensor:
    """Return the picture (..., 3) of what `to_yuv` gave, within 0..1, by the rounded factors of kornia and ComfyUI."""
    u, v = of_blue - 0.5, of_red - 0.5
    return torch.cat([luma + 1.403 * v, luma - 0.714 * v - 0.344 * u, luma + 1.773 * u], dim=-1).clamp(0, 1)
