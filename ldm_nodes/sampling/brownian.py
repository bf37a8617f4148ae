"""Brownian paths for SDE samplers: noise that belongs to an interval of sigmas, not to a step.

The same seed follows the same path however many steps are taken (arXiv 2001.01328, "virtual Brownian tree").
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from .noise import NoiseMode


class BrownianMotion(Protocol):
    """Increments of a Brownian path over sigma."""

    def __call__(self, sigma: float, following: float, /) -> Tensor:
        """Return the increment from `sigma` down to `following`, scaled to unit variance: (B, C, H, W)."""
        ...


@dataclass(frozen=True)
class BrownianTrees:
    """Paths of the pictures of a batch, drawn on the CPU.

    Attributes:
        trees: torchsde's trees.
        rows: For each picture its row in the stacked trees.
        low: The smallest sigma of the trees.
        high: The largest sigma of the trees.
        like: A latent whose device and dtype the increments take.
    """

    trees: tuple[Any, ...]
    rows: tuple[int, ...]
    low: float
    high: float
    like: Tensor

    def __call__(self, sigma: float, following: float, /) -> Tensor:
        """Return the path at `following` less the path at `sigma`, divided by the standard deviation."""
        start, end = (min(max(value, self.low), self.high) for value in (following, sigma))
        increments: Tensor = torch.cat([tree(start, end) for tree in self.trees])[list(self.rows)]
        return increments.div(-(abs(sigma - following) ** 0.5)).to(self.like)


def brownian_motion(
    x: Tensor, sigmas: Tensor, seed: int, mode: NoiseMode = "comfyui", batch_index: Sequence[int] | None = None
) -> BrownianTrees:
    """Return the Brownian paths of a run.

    Args:
        x: (B, C, H, W) latent.
        sigmas: (S + 1,) noise levels of the run; the paths reach from the largest to the smallest above 0.
        seed: 0 to 2**64 - 1.
        mode: `comfyui`: one path of the whole batch with entropy `seed`. `per_index`: one path a picture, keyed by
            (seed, batch index).
        batch_index: The index of each picture; 0, 1, 2, ... when None.
    """
    # torchsde rounds the ends of its trees to six digits, and warns of times outside.
    low, high = (round(end.item(), 6) for end in (sigmas[sigmas > 0].min(), sigmas.max()))
    if mode == "comfyui":
        return BrownianTrees((_tree(x.shape, low, high, seed),), tuple(range(len(x))), low, high, x)
    indices = list(range(len(x)) if batch_index is None else batch_index)
    distinct = list(dict.fromkeys(indices))
    trees = tuple(_tree((1, *x.shape[1:]), low, high, _entropy(seed, index)) for index in distinct)
    return BrownianTrees(trees, tuple(distinct.index(index) for index in indices), low, high, x)


def _tree(shape: Sequence[int], low: float, high: float, entropy: int) -> Any:
    import torchsde

    return torchsde.BrownianTree(t0=low, t1=high, w0=torch.zeros(tuple(shape)), entropy=entropy)


def _entropy(seed: int, index: int) -> int:
    return int.from_bytes(blake2b(f"{seed},{index}".encode(), digest_size=8).digest(), "little")
