"""Filters over a window of pixels: Gaussian blur, unsharp mask, and the shapes of mathematical morphology."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from .errors import ImagingError


def gaussian(radius: int, sigma: float) -> Tensor:
    """Return the weights (2 * radius + 1,) of a Gaussian on a window that reaches from -1 to 1.

    `sigma` is thus a part of the radius and no number of pixels; that is how ComfyUI measures it. The outer product of
    the weights with themselves is the window.
    """
    place = torch.linspace(-1, 1, 2 * radius + 1)
    weights = torch.exp(-(place**2) / (2 * sigma**2))
    return weights / weights.sum()


def blur(picture: Tensor, radius: int, sigma: float) -> Tensor:
    """Blur (B, C, H, W); beyond its border the picture is mirrored, without repeating the outermost pixels."""
    return convolve(picture, gaussian(radius, sigma))


def sharpen(picture: Tensor, radius: int, sigma: float, strength: float) -> Tensor:
    """Add `strength` times what blurring takes away (unsharp mask); the result may leave 0..1."""
    return picture + strength * (picture - blur(picture, radius, sigma))


def convolve(picture: Tensor, weights: Tensor) -> Tensor:
    """Convolve the rows and then the columns of (B, C, H, W) with `weights` (2 * radius + 1,); see `blur`."""
    weights = weights.to(picture)
    return _along(_along(picture, weights, -1), weights, -2)


def _along(picture: Tensor, weights: Tensor, axis: int) -> Tensor:
    """Convolve every row (axis -1) or column (axis -2) with `weights`."""
    radius, size = len(weights) // 2, picture.shape[axis]
    padded = picture.index_select(axis, mirrored(radius, size).to(picture.device))
    lines = padded.reshape(-1, 1, *padded.shape[-2:])
    kernel = weights.view(1, 1, 1, -1) if axis == -1 else weights.view(1, 1, -1, 1)
    return F.conv2d(lines, kernel).reshape(picture.shape)


def mirrored(radius: int, size: int) -> Tensor:
    """Return which places stand for -radius … size - 1 + radius where a line of `size` is mirrored at its ends."""
    period = max(1, 2 * (size - 1))
    place = torch.arange(-radius, size + radius) % period
    return torch.where(place < size, place, period - place)


def dilate(picture: Tensor, size: int) -> Tensor:
    """Take the largest value in a square of `size` pixels around each; what lies outside does not count.

    An even square reaches one pixel further up and left than down and right.
    """
    return dilate_along(dilate_along(picture, size, -1), size, -2)


def dilate_along(picture: Tensor, size: int, axis: int) -> Tensor:
    """Take the largest value among `size` neighbours in a row (axis -1) or column (axis -2) of (..., H, W).

    Windows are doubled until two of them, one shifted, make the whole.
    """
    reach = min(size, 2 * picture.shape[axis] + size % 2)  # more is outside anyway; stays odd or even
    sides = (reach // 2, reach - 1 - reach // 2)
    largest = F.pad(picture, sides if axis == -1 else (0, 0, *sides), value=-torch.inf)
    width = 1
    while width < reach:
        step = min(width, reach - width)
        length = largest.shape[axis] - step
        largest = torch.maximum(largest.narrow(axis, 0, length), largest.narrow(axis, step, length))
        width += step
    return largest


def erode(picture: Tensor, size: int) -> Tensor:
    """Take the smallest value in a square of `size` pixels around each; see `dilate`."""
    return -dilate(-picture, size)


def _open(picture: Tensor, size: int) -> Tensor:
    return dilate(erode(picture, size), size)


def _close(picture: Tensor, size: int) -> Tensor:
    return erode(dilate(picture, size), size)


MORPHOLOGY: Mapping[str, Callable[[Tensor, int], Tensor]] = {
    "erode": erode,
    "dilate": dilate,
    "open": _open,
    "close": _close,
    "gradient": lambda picture, size: dilate(picture, size) - erode(picture, size),
    "bottom_hat": lambda picture, size: _close(picture, size) - picture,
    "top_hat": lambda picture, size: picture - _open(picture, size),
}
"""The operations of mathematical morphology with a flat square (Serra 1982)."""


def morphology(picture: Tensor, operation: str, size: int) -> Tensor:
    """Apply one of `MORPHOLOGY` to (B, C, H, W) with a square of `size` pixels.

    Raises:
        ImagingError: for an unknown operation.
    """
    if operation not in MORPHOLOGY:
        raise ImagingError(f"Morphology knows {', '.join(MORPHOLOGY)}; got {operation!r}.")
    return MORPHOLOGY[operation](picture, size)
