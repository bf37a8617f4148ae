"""Bringing two batches of pictures to one length, one size and one number of channels."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .errors import NotAPictureError
from .resize import resize


def repeat_to(batch: Tensor, count: int) -> Tensor:
    """Repeat a batch from its start, or cut it, until it has `count` members."""
    copies = -(-count // len(batch))
    return batch.repeat(copies, *[1] * (batch.ndim - 1))[:count]


def last_repeated(batch: Tensor, count: int) -> Tensor:
    """Repeat the last member of a batch until there are `count`."""
    return batch[torch.arange(max(count, len(batch))).clamp(max=len(batch) - 1)]


def like(picture: Tensor, model: Tensor, method: str) -> Tensor:
    """Resize pictures (B, H, W, C) to the sides of `model`, cut centrally to its aspect ratio; the same if they fit."""
    height, width = model.shape[1:3]
    if picture.shape[1:3] == model.shape[1:3]:
        return picture
    return resize(picture.movedim(-1, 1), width, height, method, "center").movedim(1, -1)


def with_channels(picture: Tensor, channels: int) -> Tensor:
    """Return pictures (B, H, W, C) with `channels` channels.

    Transparency is left out, or added as opaque; what is grey becomes red, green and blue.

    Raises:
        NotAPictureError: when that does not make one from the other.
    """
    given = picture.shape[-1]
    if given == channels:
        return picture
    if given not in (1, 3, 4) or channels not in (3, 4):
        raise NotAPictureError(
            f"Pictures with {given} and with {channels} channels do not go together; "
            "connect pictures of red, green and blue, with or without alpha."
        )
    colours = picture[..., :3].expand(*picture.shape[:-1], 3)
    return colours if channels == 3 else F.pad(colours, (0, 1), value=1.0)


def pairs(*batches: Tensor) -> tuple[Tensor, ...]:
    """Return batches of pictures of one length: one picture serves all of another batch.

    Raises:
        NotAPictureError: when lengths or sides do not match.
    """
    lengths, sides = {len(batch) for batch in batches}, {tuple(batch.shape[1:3]) for batch in batches}
    if len(lengths - {1}) > 1 or len(sides) > 1:
        told = ", ".join(f"{len(batch)} of {batch.shape[2]}x{batch.shape[1]}" for batch in batches)
        raise NotAPictureError(f"These pictures do not pair: {told}; make them equally many (or one) of one size.")
    return tuple(batch.expand(max(lengths), *batch.shape[1:]) for batch in batches)
