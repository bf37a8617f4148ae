"""Resizing of pictures and latents, with ComfyUI's names and numbers."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from .errors import ImagingError
from .saving import to_uint8

INTERPOLATIONS = ("nearest-exact", "bilinear", "area", "bicubic")
METHODS = (*INTERPOLATIONS, "lanczos", "bislerp")
CROPS = ("disabled", "center")
PARALLEL = 1 - 1e-5
"""Cosine from which two directions count as one (and, negative, as opposite)."""


def resize(samples: Tensor, width: int, height: int, method: str, crop: str = "disabled") -> Tensor:
    """Resize a batch (B, C, H, W) to (B, C, height, width); no filter widens when shrinking, except area and lanczos.

    Args:
        samples: pictures in 0..1 with 1, 3 or 4 channels, or latents of any number of channels and range.
        width: the new width, at least 1.
        height: the new height, at least 1.
        method: `nearest-exact`, `bilinear`, `area`, `bicubic`; `lanczos` for pictures, which rounds to 8 bits;
            `bislerp` for latents, which turns directions and scales lengths separately.
        crop: `center` cuts the longer side first, so that the aspect ratio stays; `disabled` stretches.

    Raises:
        ImagingError: for a size below 1, or an unknown method or crop.
    """
    if width < 1 or height < 1:
        raise ImagingError(f"A picture cannot be resized to {width}x{height}; both sides must be at least 1.")
    if method not in METHODS or crop not in CROPS:
        raise ImagingError(f"Resizing knows the methods {METHODS} and the crops {CROPS}; got {method!r} and {crop!r}.")
    if crop == "center":
        samples = _cropped(samples, width / height)
    if method == "bislerp":
        return _bislerp(_bislerp(samples, width, -1), height, -2)
    if method == "lanczos":
        return torch.stack([_lanczos(picture, width, height) for picture in samples])
    return F.interpolate(samples, (height, width), mode=method)


def _cropped(samples: Tensor, aspect: float) -> Tensor:
    """Cut equal margins off the sides or off top and bottom, so that width / height comes close to `aspect`."""
    rows, columns = samples.shape[-2:]
    is_wider = columns / rows > aspect
    x = 0 if not is_wider else round((columns - columns * (aspect / (columns / rows))) / 2)
    y = 0 if is_wider else round((rows - rows * (columns / rows / aspect)) / 2)
    x, y = min(x, (columns - 1) // 2), min(y, (rows - 1) // 2)
    return samples[..., y : rows - y, x : columns - x]


def _lanczos(picture: Tensor, width: int, height: int) -> Tensor:
    """Resize one picture (C, H, W) with Pillow, in 8 bits truncated as in a saved file."""
    levels = to_uint8(picture.movedim(0, -1).float().cpu().numpy())
    planes = [
        np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.LANCZOS))
        for plane in np.moveaxis(levels, -1, 0)
    ]
    return torch.from_numpy(np.stack(planes).astype(np.float32) / np.float32(255)).to(picture)


def _bislerp(samples: Tensor, size: int, axis: int) -> Tensor:
    """Interpolate along one axis between the channel vectors of neighbours, along the arc between their directions."""
    old = samples.shape[axis]
    position = F.interpolate(torch.arange(old, dtype=torch.float32)[None, None], size, mode="linear")[0, 0]
    lower = position.floor().long()
    neighbours = (lower, (lower + 1).clamp(max=old - 1))
    before, after = (samples.float().index_select(axis, index.to(samples.device)) for index in neighbours)
    ratio = (position - lower).to(samples.device)
    return _slerp(before, after, ratio if axis == -1 else ratio[:, None]).to(samples.dtype)


def _slerp(before: Tensor, after: Tensor, ratio: Tensor) -> Tensor:
    """Mix vectors along dimension 1: directions by spherical, lengths by linear interpolation (Shoemake 1985).

    Directions that coincide keep `before`; opposite ones, which no arc joins, are mixed linearly.
    """
    length, next_length = (vector.norm(dim=1, keepdim=True) for vector in (before, after))
    direction = torch.where(length > 0, before / length, 0.0)
    next_direction = torch.where(next_length > 0, after / next_length, 0.0)
    cosine = (direction * next_direction).sum(dim=1, keepdim=True)
    angle = cosine.clamp(-1, 1).acos()
    share, next_share = (((1 - ratio) * angle).sin() / angle.sin(), (ratio * angle).sin() / angle.sin())
    mixed = (share * direction + next_share * next_direction) * (length * (1 - ratio) + next_length * ratio)
    mixed = torch.where(cosine > PARALLEL, before, mixed)
    return torch.where(cosine < -PARALLEL, before * (1 - ratio) + after * ratio, mixed)
