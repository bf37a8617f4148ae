"""Arithmetic on latents (B, C, h, w) as vectors of C numbers in every cell: direction and length are told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .batches import repeat_to
from .filters import sharpen
from .resize import resize

TINY = 1e-10
"""Keeps the direction of a vector without length finite."""


def like(latent: Tensor, model: Tensor) -> Tensor:
    """Resize a latent bilinearly to the sides of `model`, cut centrally to its aspect ratio, and match the batch."""
    rows, columns = model.shape[-2:]
    if latent.shape[1:] != model.shape[1:]:
        latent = resize(latent, columns, rows, "bilinear", "center")
    return repeat_to(latent, len(model))


def interpolate(first: Tensor, second: Tensor, ratio: float) -> Tensor:
    """Mix directions and lengths separately: `first` at ratio 1, `second` at 0."""
    lengths = [_length(part) for part in (first, second)]
    directions = [(part / length).nan_to_num() for part, length in zip((first, second), lengths, strict=True)]
    mixed = directions[0] * ratio + directions[1] * (1 - ratio)
    return (mixed / _length(mixed)).nan_to_num() * (lengths[0] * ratio + lengths[1] * (1 - ratio))


def _length(latent: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(latent, dim=1, keepdim=True)
    return length


@dataclass(frozen=True)
class Tonemap:
    """Compresses long vectors by Reinhard's curve (doi:10.1145/566654.566575); a value of the LATENT_OPERATION wire.

    Attributes:
        multiplier: how long a vector may become, as a multiple of the mean and five standard deviations of a latent.
    """

    multiplier: float

    def __call__(self, latent: Tensor, **_: Any) -> Tensor:
        """Return the latent with its lengths compressed."""
        length = _length(latent) + TINY
        over = (1, 2, 3)
        top = (length.std(dim=over, keepdim=True) * 5 + length.mean(dim=over, keepdim=True)) * self.multiplier
        scaled = length / top
        return latent / length * (scaled / (scaled + 1) * top)


@dataclass(frozen=True)
class Sharpen:
    """Sharpens the directions of vectors and leaves their lengths; a value of the LATENT_OPERATION wire.

    Attributes:
        radius: of the Gaussian, in cells.
        sigma: its standard deviation as a part of the radius.
        alpha: how much is added, in tens.
    """

    radius: int
    sigma: float
    alpha: float

    def __call__(self, latent: Tensor, **_: Any) -> Tensor:
        """Return the sharpened latent."""
        length = _length(latent) + 1e-6
        return length * sharpen(latent / length, self.radius, self.sigma, 10 * self.alpha)
