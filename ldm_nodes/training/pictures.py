"""From a picture file to the square that a network sees: crop, mirror, background."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..imaging.reading import DEFAULT_LIMITS, Limits, read_frame
from .data import WHITE, Color
from .errors import TrainingError

if TYPE_CHECKING:
    from pathlib import Path

Levels = NDArray[np.uint8]

MIDDLE = 0.5 - 1e-9
"""A hair less than a half, so that an odd rest falls to the right and below, as in the original's data sets."""


@dataclass(frozen=True)
class View:
    """What part of a picture is seen.

    Attributes:
        x: where the square lies in what its width leaves over, 0 (left) to 1 (right).
        y: the same from top to bottom.
        side: side of the square as a share of the picture's shorter side.
        mirrored: whether left and right are exchanged.
    """

    x: float = MIDDLE
    y: float = MIDDLE
    side: float = 1.0
    mirrored: bool = False

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom of the square in a picture, in whole pixels."""
        side = max(1, int(self.side * min(width, height)))
        left, top = int(self.x * (width - side + 1)), int(self.y * (height - side + 1))
        return left, top, left + side, top + side


@dataclass(frozen=True)
class Framing:
    """How pictures become squares of one size.

    Attributes:
        size: pixels of a side.
        crop: "center", or "random".
        min_side: the smallest square of a random crop, as a share of the shorter side (min_crop_f of ImageNetSR).
        mirror: probability of exchanging left and right.
    """

    size: int
    crop: Literal["center", "random"] = "center"
    min_side: float = 1.0
    mirror: float = 0.0

    def __post_init__(self) -> None:
        if self.size < 1 or self.crop not in ("center", "random"):
            raise TrainingError(f"Pictures cannot be framed with size {self.size} and crop {self.crop!r}.")
        if not (0 < self.min_side <= 1 and 0 <= self.mirror <= 1):
            raise TrainingError(f"min_side ({self.min_side}) and mirror ({self.mirror}) are shares of 1.")

    def draw(self, rng: np.random.Generator) -> View:
        """Draw a view; the same numbers are used up whatever the options."""
        x, y, side, mirror = rng.random(4).tolist()
        if self.crop == "center":
            return View(mirrored=mirror < self.mirror)
        return View(x, y, self.min_side + side * (1.0 - self.min_side), mirror < self.mirror)

    def fixed(self) -> tuple[View, ...]:
        """Return the views that a cache holds: the middle and, if pictures are mirrored, its mirror image.

        Raises:
            TrainingError: if crops are random, so that there is no end of views.
        """
        if self.crop == "random":
            raise TrainingError("Latents of random crops cannot be cached; use crop 'center', or no cache.")
        return (View(), View(mirrored=True)) if self.mirror else (View(),)


def read_view(path: Path, view: View, size: int, background: Color = WHITE, limits: Limits = DEFAULT_LIMITS) -> Levels:
    """Read a picture as (size, size, 3), 8 bits; the square is resized by Pillow's bicubic filter.

    Raises:
        UnreadablePictureError: if the file is missing, foreign, damaged or larger than `limits`.
    """
    frame = read_frame(path, limits)
    picture = Image.alpha_composite(Image.new("RGBA", frame.size, (*background, 255)), frame).convert("RGB")
    # Cut first: resizing with a box would let the filter see pixels outside it.
    square = picture.crop(view.box(*picture.size)).resize((size, size), Image.Resampling.BICUBIC)
    if view.mirrored:
        square = square.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return np.asarray(square)


def random_mask(rng: np.random.Generator, size: int) -> Levels:
    """Draw what an inpainting model is to paint: (size, size), 1 inside one to four rectangles, else 0.

    Rectangles measure a quarter to a half of the side.
    """
    mask = np.zeros((size, size), np.uint8)
    for _ in range(rng.integers(1, 5)):
        height, width = (max(1, math.ceil(size * share)) for share in rng.uniform(0.25, 0.5, 2).tolist())
        top, left = (int(rng.integers(0, size - side + 1)) for side in (height, width))
        mask[top : top + height, left : left + width] = 1
    return mask
