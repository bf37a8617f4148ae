"""Running a network over a picture tile by tile, with soft seams."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor


def averaged_tilings(function: Callable[[Tensor], Tensor], x: Tensor, tile: int, overlap: int, scale: float) -> Tensor:
    """Return the mean of three tilings of `function` over x: square tiles, upright ones, lying ones.

    Seams of the three fall in different places, which hides them.

    Args:
        function: maps (1, C, H, W) to (1, C', scale·H, scale·W).
        x: (B, C, H, W).
        tile: side of the square tiles, in cells of x.
        overlap: of neighbouring tiles; at most a quarter of the side makes sense, more is cut.
        scale: size of the result divided by that of x.
    """
    overlap = min(overlap, tile // 4)
    shapes = ((2 * tile, tile // 2), (tile // 2, 2 * tile), (tile, tile))
    lying, upright, square = (tiled(function, x, shape, overlap, scale) for shape in shapes)
    return (lying + upright + square) / 3


def tiled(function: Callable[[Tensor], Tensor], x: Tensor, tile: tuple[int, int], overlap: int, scale: float) -> Tensor:
    """Return `function` over x, put together from tiles of (rows, columns) that fade into each other."""
    return torch.cat([_tiled_one(function, one, tile, overlap, scale) for one in torch.split(x, 1)])


def _tiled_one(
    function: Callable[[Tensor], Tensor], x: Tensor, tile: tuple[int, int], overlap: int, scale: float
) -> Tensor:
    rows, columns = x.shape[-2:]
    if rows <= tile[0] and columns <= tile[1]:
        return function(x)
    total = weights = None
    for top, left in product(_starts(rows, tile[0], overlap), _starts(columns, tile[1], overlap)):
        part = function(x[..., top : top + tile[0], left : left + tile[1]])
        fade = _fade(part, round(overlap * scale))
        if total is None or weights is None:
            total = part.new_zeros(1, part.shape[1], round(rows * scale), round(columns * scale))
            weights = torch.zeros_like(total)
        place = (..., _span(top, part.shape[-2], scale), _span(left, part.shape[-1], scale))
        total[place] += part * fade
        weights[place] += fade
    assert total is not None  # there is at least one tile
    assert weights is not None
    return total / weights


def _starts(size: int, tile: int, overlap: int) -> list[int]:
    """Return where tiles begin: each overlaps the one before, the last ends at the edge or is short."""
    if size <= tile:
        return [0]
    return [max(0, min(size - overlap, start)) for start in range(0, size - overlap, tile - overlap)]


def _span(start: int, length: int, scale: float) -> slice:
    first = round(start * scale)
    return slice(first, first + length)


def _fade(part: Tensor, width: int) -> Tensor:
    """Return weights shaped like `part` that fall towards all four edges over `width` cells."""
    fade = torch.ones_like(part)
    for dim in (-2, -1):
        size = part.shape[dim]
        if width >= size:
            continue
        ramp = torch.arange(1, width + 1, device=part.device, dtype=part.dtype) / max(width, 1)
        shape = [1] * part.ndim
        shape[dim] = width
        fade.narrow(dim, 0, width).mul_(ramp.view(shape))
        fade.narrow(dim, size - width, width).mul_(ramp.flip(0).view(shape))
    return fade
