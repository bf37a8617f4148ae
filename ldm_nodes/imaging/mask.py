"""Masks: 1 is what may be painted anew, 0 is what stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from .errors import ImagingError
from .filters import dilate, dilate_along
from .window import window


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


def spread(mask: Tensor, expand: int, *, tapered: bool) -> Tensor:
    """Widen masks (B, H, W) by `expand` pixels, or narrow them if it is negative.

    Args:
        mask: the masks.
        expand: how far; each step takes the largest (smallest) of a pixel and its neighbours.
        tapered: neighbours are the four beside a pixel, so that corners are cut off; else the eight around it.
    """
    if expand < 0:
        return -spread(-mask, -expand, tapered=tapered)
    if not tapered:
        return dilate(mask, 2 * expand + 1)
    for _ in range(min(expand, sum(mask.shape[-2:]))):  # further than this nothing changes
        before, mask = mask, torch.maximum(dilate_along(mask, 3, -1), dilate_along(mask, 3, -2))
        if torch.equal(before, mask):
            break
    return mask


def combine(destination: Tensor, source: Tensor, place: tuple[int, int], operation: str) -> Tensor:
    """Return masks (B, H, W) with `source` laid on them at `place` (row, column) by one of `OPERATIONS`; within 0..1.

    Raises:
        ImagingError: for an unknown operation, or batches that do not pair.
    """
    if operation not in OPERATIONS:
        raise ImagingError(f"Masks are combined by one of {', '.join(OPERATIONS)}; got {operation!r}.")
    if len(source) not in (1, len(destination)):
        raise ImagingError(f"{len(source)} masks do not pair with {len(destination)}; take one, or equally many.")
    seen = window(place, (source.shape[-2], source.shape[-1]), (destination.shape[-2], destination.shape[-1]))
    combined = destination.clone()
    target = combined[:, seen.rows, seen.columns]
    target.copy_(OPERATIONS[operation](target, source[:, : seen.size[0], : seen.size[1]].to(target)))
    return combined.clamp(0, 1)


def feather(mask: Tensor, left: int, top: int, right: int, bottom: int) -> Tensor:
    """Let masks (B, H, W) rise from their edges, linearly over so many pixels.

    As in ComfyUI the ramps of the right and lower edge are shifted: their lowest value falls on the first column and
    the first row, the second lowest on the outermost.
    """
    for size, axis, far in ((left, -1, False), (right, -1, True), (top, -2, False), (bottom, -2, True)):
        mask = mask * _ramp(mask.shape[axis], size, far, mask).unsqueeze(-1 if axis == -2 else 0)
    return mask


def _ramp(length: int, size: int, far: bool, like: Tensor) -> Tensor:
    size = min(length, size)
    ramp = torch.ones(length)
    steps = torch.arange(size)
    ramp[-steps if far else steps] = (steps + 1) / max(1, size)
    return ramp.to(like)


def _bits(operation: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda a, b: operation(a.round().bool(), b.round().bool()).to(a)


OPERATIONS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "multiply": torch.mul,
    "add": torch.add,
    "subtract": torch.sub,
    "and": _bits(torch.logical_and),
    "or": _bits(torch.logical_or),
    "xor": _bits(torch.logical_xor),
}
"""How two masks become one; the last three on rounded values."""
