"""Edges by Canny's method (doi:10.1109/TPAMI.1986.4767851), with the numbers that kornia and so ComfyUI use."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from .colours import LUMA
from .errors import ImagingError
from .filters import convolve

RADIUS, SIGMA = 2, 1.0
"""Of the Gaussian that removes noise first, in pixels."""
EPSILON = 1e-6
NEIGHBOURS = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
"""Row and column steps in the direction of 0, 45, … 315 degrees; rows count downwards."""


def canny(picture: Tensor, low: float, high: float) -> Tensor:
    """Return edges (B, 1, H, W), 0 or 1, of pictures (B, 3, H, W).

    Args:
        picture: from 0 to 1.
        low: how steep a pixel must be to continue an edge.
        high: how steep one pixel of an edge must be; steepness is the length of the Sobel gradient, up to about 5.7.

    Raises:
        ImagingError: when `low` is above `high`.
    """
    if low > high:
        raise ImagingError(f"The lower threshold of edges, {low:g}, is above the upper one, {high:g}; exchange them.")
    luma = torch.tensor(LUMA).to(picture).view(1, 3, 1, 1)
    grey = (picture * luma).sum(dim=1, keepdim=True)
    steepness, direction = _gradient(_smooth(grey))
    ridge = _thinned(steepness, direction)
    return _connected(ridge > high, ridge > low).to(picture.dtype)


def _smooth(grey: Tensor) -> Tensor:
    place = torch.arange(-RADIUS, RADIUS + 1)
    weights = torch.exp(-(place**2) / (2 * SIGMA**2))
    return convolve(grey, weights / weights.sum())


def _gradient(grey: Tensor) -> tuple[Tensor, Tensor]:
    """Return the length of the Sobel gradient and its direction in eighths of a turn, 0 to 7."""
    sobel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]).to(grey)
    padded = F.pad(grey, (1, 1, 1, 1), mode="replicate")
    across, down = torch.split(F.conv2d(padded, torch.stack([sobel, sobel.T])[:, None]), 1, dim=1)
    length = (across**2 + down**2 + EPSILON).sqrt()
    return length, (torch.atan2(down, across) * (4 / math.pi)).round().long() % 8


def _thinned(steepness: Tensor, direction: Tensor) -> Tensor:
    """Keep the pixels that are steeper than both their neighbours along the gradient; beyond the border it is flat."""
    padded = F.pad(steepness, (1, 1, 1, 1))
    rows, columns = steepness.shape[-2:]
    around = torch.cat(
        [padded[..., 1 + down : 1 + down + rows, 1 + right : 1 + right + columns] for down, right in NEIGHBOURS], dim=1
    )
    ahead, behind = around.gather(1, direction), around.gather(1, (direction + 4) % 8)
    return torch.where((steepness > ahead) & (steepness > behind), steepness, 0.0)


def _connected(strong: Tensor, weak: Tensor) -> Tensor:
    """Return the strong pixels and the weak ones that a chain of weak neighbours joins to them."""
    from scipy.ndimage import label  # takes a tenth of a second to import

    eight = [[1, 1, 1]] * 3
    found = torch.zeros_like(strong)
    for one, ridge, edge in zip(found[:, 0], weak[:, 0].cpu(), strong[:, 0].cpu(), strict=True):
        chains = torch.from_numpy(label(ridge.numpy(), eight)[0])
        one.copy_(ridge & torch.isin(chains, torch.unique(chains[edge])))
    return found
