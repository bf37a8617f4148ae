"""Patches inside the UNet (`hooks.py`): other weights of skips and features, other sizes, attention in tiles."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from ..imaging.resize import resize
from ..sampling.guidance_patches import band_scaled

if TYPE_CHECKING:
    from torch import Tensor

Told = Mapping[str, Any]
OnOutput = Callable[["Tensor", "Tensor", Told], "tuple[Tensor, Tensor]"]


@dataclass(frozen=True)
class FreeU:
    """Strengthens decoder features and weakens low frequencies of skips (FreeU, arXiv 2309.11497).

    Attributes:
        scales: by number of channels, the factor of features (b) and that of the skip's low frequencies (s).
        by_structure: let the factor follow the features' mean in each cell (the paper's second version).
    """

    scales: Mapping[int, tuple[float, float]]
    by_structure: bool = False

    def __call__(self, h: Tensor, skip: Tensor, told: Told) -> tuple[Tensor, Tensor]:
        """Return both inputs of an output block, (B, C, H, W) each, changed."""
        if h.shape[1] not in self.scales:
            return h, skip
        b, s = self.scales[h.shape[1]]
        half = h.shape[1] // 2
        factor = (b - 1) * _structure(h) + 1 if self.by_structure else b
        return torch.cat([h[:, :half] * factor, h[:, half:]], dim=1), band_scaled(skip, s, 1.0, 1)


def _structure(h: Tensor) -> Tensor:
    """Return the mean over channels (B, 1, H, W), from 0 in its lowest cell to 1 in its highest."""
    mean = h.mean(1, keepdim=True)
    low, high = mean.amin((2, 3), keepdim=True), mean.amax((2, 3), keepdim=True)
    return (mean - low) / (high - low)


@dataclass(frozen=True)
class Downscale:
    """Shrinks the map at one input block for a range of noise levels, so that large pictures keep one composition.

    Attributes:
        block: number of the input block.
        factor: by which both sides are divided.
        start: largest sigma at which it acts.
        end: smallest.
        method: how maps are resized.
    """

    block: int
    factor: float
    start: float
    end: float
    method: str

    def __call__(self, h: Tensor, told: Told) -> Tensor:
        """Return the map of an input block, smaller where it acts."""
        if told["block"][1] != self.block or not self.end <= float(told["sigmas"][0]) <= self.start:
            return h
        height, width = (max(1, round(side / self.factor)) for side in h.shape[2:])
        return resize(h, width, height, self.method)


def fitted_to_skip(method: str) -> OnOutput:
    """Return a patch of output blocks that brings a map back to the size of its skip."""

    def fit(h: Tensor, skip: Tensor, told: Told) -> tuple[Tensor, Tensor]:
        if h.shape[2:] == skip.shape[2:]:
            return h, skip
        return resize(h, skip.shape[3], skip.shape[2], method), skip

    return fit


class HyperTile:
    """Self-attention within tiles, whose number changes from block to block (github.com/tfernd/HyperTile).

    Args:
        tile: the smallest side of a tile, in latent cells.
        options: how many of the largest numbers of tiles are chosen from.
        max_depth: down to which halving of the map.
        scale_depth: let tiles grow with the depth.
    """

    def __init__(self, tile: int, options: int, max_depth: int, scale_depth: bool) -> None:
        self.tile, self.options, self.max_depth, self.scale_depth = tile, options, max_depth, scale_depth

    def divide(self, n: Tensor, context: Tensor, value: Tensor, told: Told) -> tuple[Tensor, Tensor, Tensor]:
        """Turn tokens (B, H·W, C) into those of tiles (B·tiles, H·W / tiles, C)."""
        rows, columns = self._tiles(told)
        if rows * columns == 1:
            return n, context, value
        height, width = told["activations_shape"][2:]
        tiles = n.reshape(len(n), rows, height // rows, columns, width // columns, -1).transpose(2, 3)
        tiles = tiles.reshape(len(n) * rows * columns, -1, n.shape[-1])
        return tiles, tiles, tiles

    def join(self, n: Tensor, told: Told) -> Tensor:
        """Turn the tokens of tiles back."""
        rows, columns = self._tiles(told)
        if rows * columns == 1:
            return n
        height, width = told["activations_shape"][2:]
        tiles = n.reshape(-1, rows, columns, height // rows, width // columns, n.shape[-1]).transpose(2, 3)
        return tiles.reshape(-1, height * width, n.shape[-1])

    def _tiles(self, told: Told) -> tuple[int, int]:
        """Return how many tiles there are on each side; the same in `divide` and `join`, and in every run."""
        depth = told["original_shape"][-1] // told["activations_shape"][3]
        halvings = max(depth, 1).bit_length() - 1
        if halvings > self.max_depth:
            return 1, 1
        smallest = self.tile * (2**halvings if self.scale_depth else 1)
        draws = random.Random(f"{float(told['sigmas'][0]):.6g} {told['transformer_index']}")
        rows, columns = (self._divisor(side, smallest, draws) for side in told["activations_shape"][2:])
        return rows, columns

    def _divisor(self, side: int, smallest: int, draws: random.Random) -> int:
        smallest = min(smallest, side)
        counts = [side // size for size in range(smallest, side + 1) if side % size == 0]
        return draws.choice(counts[: self.options])
