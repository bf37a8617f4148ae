"""Masks: 1 is what may be painted anew, 0 is what stays."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def resize_mask(mask: Tensor, height: int, width: int) -> Tensor:
    """Resize masks (H, W), (B, H, W) or (B, 1, H, W) bilinearly to (B, 1, height, width)."""
    batch = mask.reshape(-1, 1, *mask.shape[-2:])
    return F.interpolate(batch, (height, width), mode="bilinear")


def grow(mask: Tensor, size: int) -> Tensor:
    """Widen the rounded mask (B, 1, H, W) by a square of `size` pixels, as VAEEncodeForInpaint does.

    An even square has no middle: it reaches one pixel further down and right than up and left. Sizes 0 and 1 change
    nothing.
    """
    if size < 2:
        return mask
    before, after = size // 2, (size - 1) // 2
    padded = F.pad(mask.round().clamp(0, 1), (before, after, before, after))
    return F.max_pool2d(padded, size, stride=1)


def feathered_border(rows: int, columns: int, sides: tuple[int, int, int, int], feathering: int) -> Tensor:
    """Return a mask (rows, columns) of zeros that rises with the square of the nearness to every padded side.

    Args:
        rows: the height of the picture.
        columns: its width.
        sides: how many pixels are added left, right, above and below; a side with 0 is left alone.
        feathering: how far into the picture the mask reaches; pictures of twice that size or less stay zero.
    """
    if not 0 < 2 * feathering < min(rows, columns):
        return torch.zeros(rows, columns)
    left, right, top, bottom = (side > 0 for side in sides)
    distance = torch.minimum(_distance(rows, top, bottom)[:, None], _distance(columns, left, right)[None])
    return (1 - distance / feathering).clamp(min=0).square()


def _distance(length: int, before: bool, after: bool) -> Tensor:
    """Return how far each place is from the sides that count; the last place is 1 away from the far side."""
    place = torch.arange(length, dtype=torch.float32)
    near = place if before else torch.full_like(place, torch.inf)
    far = length - place if after else torch.full_like(place, torch.inf)
    return torch.minimum(near, far)
