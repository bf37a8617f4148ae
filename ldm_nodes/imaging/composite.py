"""Pasting one batch into another, under a mask; pictures by pixels, latents by cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from .batches import repeat_to
from .errors import NotAPictureError
from .mask import resize_mask
from .window import window

if TYPE_CHECKING:
    from collections.abc import Sequence


def paste(
    destination: Tensor,
    source: Tensor,
    place: tuple[int, int],
    mask: Tensor | None = None,
    *,
    fit: bool = False,
) -> Tensor:
    """Return `destination` (B, C, H, W) with `source` (B', C, h, w) in it; batches are repeated to that of the first.

    Args:
        destination: what is pasted into.
        source: what is pasted.
        place: its upper left corner, (row, column).
        mask: (H, W), (B', H, W) or (B', 1, H, W), stretched over the source; 1 shows it. None shows it everywhere.
        fit: stretch the source over the destination first.

    Raises:
        NotAPictureError: when the two have different channels.
    """
    if source.shape[1] != destination.shape[1]:
        raise NotAPictureError(
            f"What is pasted has {source.shape[1]} channels and the destination has {destination.shape[1]}; "
            "both must be of one kind."
        )
    size = destination.shape[-2:]
    source = F.interpolate(source, size, mode="bilinear") if fit else source
    source = repeat_to(source.to(destination), len(destination))
    seen = window(place, (source.shape[-2], source.shape[-1]), (size[0], size[1]))
    rows, columns = seen.size
    weight = _weight(source, mask)[..., :rows, :columns]
    pasted = destination.clone()
    target = pasted[..., seen.rows, seen.columns]
    target.copy_(source[..., :rows, :columns] * weight + target * (1 - weight))
    return pasted


def _weight(source: Tensor, mask: Tensor | None) -> Tensor:
    """Return how much of the source shows, (B, 1, h, w)."""
    if mask is None:
        return torch.ones(1, 1, *source.shape[-2:]).to(source)
    return repeat_to(resize_mask(mask.to(source), source.shape[-2], source.shape[-1]), len(source))


def seam(source: Tensor, corner: tuple[int, int], size: Sequence[int], feather: int) -> Tensor:
    """Return the weight (1, 1, h, w) of what is pasted: a linear ramp on each side that is not at the border.

    Args:
        source: what is pasted, (B, C, h, w).
        corner: where its upper left corner comes, (row, column).
        size: rows and columns of the destination.
        feather: the length of the ramps.
    """
    rows, columns = source.shape[-2:]
    weight = torch.ones(1, 1, rows, columns, dtype=source.dtype, device=source.device)
    for step in range(min(feather, rows, columns)):
        ramp = (step + 1) / feather
        if corner[0]:
            weight[..., step, :] *= ramp
        if corner[0] + rows < size[0]:
            weight[..., rows - 1 - step, :] *= ramp
        if corner[1]:
            weight[..., :, step] *= ramp
        if corner[1] + columns < size[1]:
            weight[..., :, columns - 1 - step] *= ramp
    return weight
