"""Cutting pictures out, putting frames around them, and joining them side by side; all are (B, H, W, C)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from .batches import last_repeated, with_channels
from .resize import resize

COLOURS: Mapping[str, tuple[float, float, float]] = {
    "white": (1.0, 1.0, 1.0),
    "black": (0.0, 0.0, 0.0),
    "red": (1.0, 0.0, 0.0),
    "green": (0.0, 1.0, 0.0),
    "blue": (0.0, 0.0, 1.0),
}
HEIGHT, WIDTH = 1, 2


def scaled(picture: Tensor, width: int, height: int, method: str, crop: str = "disabled") -> Tensor:
    """Resize pictures; see `resize`."""
    return resize(picture.movedim(-1, 1), width, height, method, crop).movedim(1, -1)


def crop(picture: Tensor, x: int, y: int, width: int, height: int) -> Tensor:
    """Cut a rectangle out; a corner outside moves to the last pixel, and what reaches beyond the border is left out."""
    rows, columns = picture.shape[1:3]
    left, top = min(x, columns - 1), min(y, rows - 1)
    return picture[:, top : top + height, left : left + width]


def letterbox(picture: Tensor, width: int, height: int, colour: str, method: str) -> Tensor:
    """Shrink or enlarge pictures until they just fit into `width` by `height`, and fill the rest with one colour."""
    rows, columns = picture.shape[1:3]
    scale = min(width / columns, height / rows)
    inner = scaled(picture, max(1, int(columns * scale)), max(1, int(rows * scale)), method)
    left, top = (width - inner.shape[WIDTH]) // 2, (height - inner.shape[HEIGHT]) // 2
    framed = _filled(picture, (len(picture), height, width), colour)
    framed[:, top : top + inner.shape[HEIGHT], left : left + inner.shape[WIDTH]] = inner
    return framed


def stitch(first: Tensor, second: Tensor, direction: str, *, match: bool, spacing: int, colour: str) -> Tensor:
    """Put `second` at a side of `first`; the shorter batch repeats its last picture.

    Args:
        first: the pictures that stay where they are.
        second: the pictures that join.
        direction: the side of the first: `right`, `down`, `left` or `up`.
        match: resize the second so that the touching sides are equal; else the smaller picture is framed in black.
        spacing: pixels between the two; an odd number becomes the next even one.
        colour: of what is between, one of `COLOURS`.
    """
    along, across = (WIDTH, HEIGHT) if direction in ("right", "left") else (HEIGHT, WIDTH)
    count, channels = max(len(first), len(second)), max(first.shape[-1], second.shape[-1])
    parts = [last_repeated(part, count) for part in (first, second)]
    if match:
        parts[1] = _with_side(parts[1], across, parts[0].shape[across])
    side = max(part.shape[across] for part in parts)
    parts = [with_channels(_centred(part, across, side), channels) for part in parts]
    if gap := spacing + spacing % 2:
        shape = [count, side, side]
        shape[along] = gap
        parts.insert(1, _filled(parts[0], (shape[0], shape[1], shape[2]), colour))
    return torch.cat(parts if direction in ("right", "down") else parts[::-1], dim=along)


def _with_side(picture: Tensor, axis: int, size: int) -> Tensor:
    """Resize pictures so that one side has `size` pixels and the aspect ratio stays."""
    rows, columns = picture.shape[1:3]
    if picture.shape[axis] == size:
        return picture
    aspect = columns / rows
    width, height = (int(size * aspect), size) if axis == HEIGHT else (size, int(size / aspect))
    return scaled(picture, max(1, width), max(1, height), "lanczos")


def _centred(picture: Tensor, axis: int, size: int) -> Tensor:
    """Frame pictures in zeros, so that one side has `size` pixels."""
    missing = size - picture.shape[axis]
    before, after = missing // 2, missing - missing // 2
    return F.pad(picture, (0, 0, before, after) if axis == WIDTH else (0, 0, 0, 0, before, after))


def _filled(model: Tensor, shape: tuple[int, int, int], colour: str) -> Tensor:
    """Return pictures (B, H, W) of one opaque colour with the channels of `model`."""
    values = torch.tensor([*COLOURS[colour], 1.0])[: model.shape[-1]].to(model)
    return values.expand(*shape, model.shape[-1]).contiguous()
