"""T2I-Adapter (arXiv 2302.08453): features of a picture, computed once, that join the UNet's way down.

Parameter names are those of the original (TencentARC/T2I-Adapter, adapter.py); diffusers' are told apart by their
prefix `adapter.` and renamed in `adapter_part`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any

import torch.nn.functional as F
from torch import Tensor, nn

from .control_net import Features
from .errors import UnknownFamily

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .checkpoint import Checkpoint

SD_BLOCKS = (2, 5, 8, 11)
SDXL_BLOCKS = (3, 5, 8, None)
"""The input blocks that the four features join; None is the middle."""
SD_DOWN = (False, True, True, True)
SDXL_DOWN = (False, False, True, False)
"""Before which of the four levels the features are halved."""
SD_SHUFFLE, SDXL_SHUFFLE = 8, 16
LEVELS = 4


@dataclass(frozen=True)
class AdapterConfig:
    """The sizes of an adapter.

    Attributes:
        widths: of the four levels.
        hint_channels: colour channels of its hints.
        blocks: residual blocks of a level.
        kernel: side of the second convolution of a block.
        is_xl: whether it is for SDXL.
        inner: of a light adapter, the widths inside its levels; None for a full one.
        joins: which levels change their width at their entry, of a full adapter.
    """

    widths: tuple[int, ...]
    hint_channels: int
    blocks: int
    kernel: int
    is_xl: bool
    inner: tuple[int, ...] | None = None
    joins: tuple[bool, ...] = (False, True, True, False)


class AdapterBlock(nn.Module):
    """Two convolutions beside a skip; the first of a level may widen."""

    def __init__(self, before: int, after: int, kernel: int, widens: bool) -> None:
        super().__init__()
        if widens:
            self.in_conv = nn.Conv2d(before, after, 1)
        self.block1 = nn.Conv2d(after, after, 3, padding=1)
        self.block2 = nn.Conv2d(after, after, kernel, padding=kernel // 2)
        self.widens = widens

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H, W)."""
        x = self.in_conv(x) if self.widens else x
        out: Tensor = x + self.block2(F.relu(self.block1(x)))
        return out


class LightLevel(nn.Module):
    """A level of a light adapter: narrow inside."""

    def __init__(self, before: int, inner: int, after: int, blocks: int) -> None:
        super().__init__()
        self.in_conv = nn.Conv2d(before, inner, 1)
        self.body = nn.Sequential(*(AdapterBlock(inner, inner, 3, widens=False) for _ in range(blocks)))
        self.out_conv = nn.Conv2d(inner, after, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H, W)."""
        out: Tensor = self.out_conv(self.body(self.in_conv(x)))
        return out


class T2IAdapter(nn.Module):
    """The whole adapter, full or light."""

    def __init__(self, config: AdapterConfig) -> None:
        super().__init__()
        self.config = config
        self.hint_channels = config.hint_channels
        self.shuffle = SDXL_SHUFFLE if config.is_xl else SD_SHUFFLE
        shuffled = config.hint_channels * self.shuffle**2
        if config.inner is None:
            self.conv_in = nn.Conv2d(shuffled, config.widths[0], 3, padding=1)
            self.body = nn.ModuleList(_full_blocks(config))
        else:
            before = (shuffled, *config.widths)
            levels = zip(before, config.inner, config.widths, strict=False)
            self.body = nn.ModuleList(LightLevel(*sizes, config.blocks) for sizes in levels)

    @property
    def multiple(self) -> int:
        """Pixels that must divide the sides of a hint, so that every level halves evenly."""
        return self.shuffle * (2 if self.config.is_xl else 8)

    def guide(self, hint: Tensor) -> tuple[Tensor, ...]:
        """Return the features of a hint (B, C, 8·h, 8·w), one for each level."""
        weight = next(self.parameters())
        x = F.pixel_unshuffle(hint.to(weight.dtype), self.shuffle)
        x = self.conv_in(x) if self.config.inner is None else x
        made = []
        for level, halves in enumerate(SDXL_DOWN if self.config.is_xl else SD_DOWN):
            x = F.avg_pool2d(x, 2) if halves else x
            each = self.config.blocks if self.config.inner is None else 1
            for block in self.body[level * each : (level + 1) * each]:
                x = block(x)
            made.append(x)
        return tuple(made)

    def features(
        self,
        x: Tensor,
        guided: tuple[Tensor, ...],
        timesteps: Tensor,
        conditions: Mapping[str, Any],
        extra: Mapping[str, Any],
    ) -> Features:
        """Return the features at their places, cut to the latent's size; see `control.ControlNetwork`."""
        places = SDXL_BLOCKS if self.config.is_xl else SD_BLOCKS
        inputs: list[Tensor | None] = [None] * (1 + max(place for place in places if place is not None))
        middle = None
        for place, feature in zip(places, guided, strict=True):
            if place is None:
                middle = feature
            else:
                inputs[place] = feature
        return Features(inputs=tuple(inputs), middle=middle)


def _full_blocks(config: AdapterConfig) -> list[AdapterBlock]:
    blocks = []
    for level, width in enumerate(config.widths):
        before = config.widths[level - 1] if config.joins[level] else width
        blocks += [
            AdapterBlock(before if j == 0 else width, width, config.kernel, widens=config.joins[level] and j == 0)
            for j in range(config.blocks)
        ]
    return blocks


_THEIRS = re.compile(r"adapter\.(?:body\.(?P<level>\d+)\.(?:resnets\.(?P<block>\d+)\.)?)?(?P<rest>.+)")


def is_adapter(checkpoint: Checkpoint) -> bool:
    """Tell whether a file holds a T2I-Adapter, in either layout."""
    return (
        checkpoint.has("adapter.body.") or "body.0.block1.weight" in checkpoint or "body.0.in_conv.weight" in checkpoint
    )


def adapter_part(checkpoint: Checkpoint) -> Checkpoint:
    """Return the tensors of an adapter under the original names."""
    if not checkpoint.has("adapter."):
        return checkpoint
    light = "adapter.body.0.out_conv.weight" in checkpoint
    blocks = next(n for n in count() if f"adapter.body.0.resnets.{n}.block1.weight" not in checkpoint)
    tensors = {}
    for name, tensor in checkpoint.tensors.items():
        match = _THEIRS.fullmatch(name)
        if match is None:
            raise UnknownFamily(f"{checkpoint.path.name} has a tensor {name!r}, which no T2I-Adapter known here has.")
        level, block, rest = match["level"], match["block"], match["rest"]
        if level is None:
            tensors[rest] = tensor
        elif light:
            tensors[f"body.{level}.{'' if block is None else f'body.{block}.'}{rest}"] = tensor
        else:
            tensors[f"body.{int(level) * blocks + int(block or 0)}.{rest}"] = tensor
    return replace(checkpoint, tensors=tensors)


def adapter_config(part: Checkpoint) -> AdapterConfig:
    """Return the configuration of an adapter from its tensors under the original names."""
    if "body.0.out_conv.weight" in part:
        shuffled = part.shape("body.0.in_conv.weight")[1]
        widths = tuple(part.shape(f"body.{n}.out_conv.weight")[0] for n in range(LEVELS))
        inner = tuple(part.shape(f"body.{n}.in_conv.weight")[0] for n in range(LEVELS))
        blocks = next(n for n in count() if f"body.0.body.{n}.block1.weight" not in part)
        return AdapterConfig(widths, shuffled // SD_SHUFFLE**2, blocks, 3, is_xl=False, inner=inner)
    shuffled = part.shape("conv_in.weight")[1] if "conv_in.weight" in part else 0
    blocks = next(n for n in count() if f"body.{n}.block1.weight" not in part) // LEVELS
    if not shuffled or not blocks:
        raise UnknownFamily(f"{part.path.name} holds only a part of a T2I-Adapter; expected all of it.")
    is_xl = shuffled in (SDXL_SHUFFLE**2, 3 * SDXL_SHUFFLE**2)
    return AdapterConfig(
        widths=tuple(part.shape(f"body.{level * blocks}.block1.weight")[0] for level in range(LEVELS)),
        hint_channels=shuffled // (SDXL_SHUFFLE if is_xl else SD_SHUFFLE) ** 2,
        blocks=blocks,
        kernel=part.shape("body.0.block2.weight")[-1],
        is_xl=is_xl,
        joins=tuple(f"body.{level * blocks}.in_conv.weight" in part for level in range(LEVELS)),
    )
