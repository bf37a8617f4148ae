"""Fewer colours: a palette by median cut, and three ways to spread the error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Levels = NDArray[np.uint8]

DITHERS = ("none", "floyd-steinberg", "bayer-2", "bayer-4", "bayer-8", "bayer-16")


def quantize(picture: Levels, colours: int, dither: str) -> Levels:
    """Return a picture (H, W, 3) in at most `colours` colours of its own palette.

    Args:
        picture: uint8 (H, W, 3).
        colours: 1 to 256.
        dither: one of `DITHERS`; `bayer-N` adds an N by N pattern of thresholds first.
    """
    image = Image.fromarray(picture)
    palette = image.quantize(colours)
    if dither.startswith("bayer-"):
        image = Image.fromarray(_dithered(picture, palette, int(dither.removeprefix("bayer-"))))
    method = Image.Dither.FLOYDSTEINBERG if dither == "floyd-steinberg" else Image.Dither.NONE
    return np.asarray(image.quantize(colours, palette=palette, dither=method).convert("RGB"))


def bayer(order: int) -> NDArray[np.float32]:
    """Return Bayer's matrix (order, order) with values from -1/2 to 1/2 around a mean of 0; `order` a power of 2."""
    matrix = np.zeros((1, 1), np.float32)
    two = np.array([[0, 2], [3, 1]], np.float32)
    while len(matrix) < order:
        matrix = np.kron(np.ones((2, 2), np.float32), 4 * matrix) + np.kron(two, np.ones_like(matrix))
    return ((matrix + 0.5) / order**2 - 0.5).astype(np.float32)


def _dithered(picture: Levels, palette: Image.Image, order: int) -> Levels:
    """Add a pattern whose height is about the distance between two colours of the palette."""
    count = len(palette.getpalette() or ()) // 3
    pattern = np.float32(2 * 256 / max(1, count)) * bayer(order) + np.float32(0.5)
    rows, columns = picture.shape[:2]
    tiled = np.tile(pattern, (-(-rows // order), -(-columns // order)))[:rows, :columns, None]
    return (picture.astype(np.float32) + tiled).clip(0, 255).astype(np.uint8)
