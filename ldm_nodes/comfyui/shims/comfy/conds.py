"""`comfy.conds`: conditions of a network call, with how they are joined in a batch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Self

import torch

from .utils import repeat_to_batch_size


class CONDRegular:
    """A tensor whose rows belong to pictures."""

    def __init__(self, cond: Any) -> None:
        self.cond = cond

    def _like(self, cond: Any) -> Self:
        return type(self)(cond)

    def process_cond(self, batch_size: int, device: Any = None, area: Any = None, **kwargs: Any) -> Self:
        """Return it with a row for each picture."""
        return self._like(repeat_to_batch_size(self.cond, batch_size).to(device))

    def can_concat(self, other: Any) -> bool:
        """Say whether both fit in one batch."""
        return bool(self.cond.shape == other.cond.shape)

    def concat(self, others: Sequence[Any]) -> Any:
        """Return all in one batch."""
        return torch.cat([self.cond, *(other.cond for other in others)])

    def size(self) -> list[int]:
        """Return the shape."""
        return list(self.cond.size())


class CONDNoiseShape(CONDRegular):
    """A tensor as large as the latent: an area is cut out of it."""

    def process_cond(self, batch_size: int, device: Any = None, area: Any = None, **kwargs: Any) -> Self:
        """Return the area with a row for each picture."""
        found = self.cond
        if area is not None:
            count = len(area) // 2
            for axis in range(count):
                found = found.narrow(axis + 2, area[axis + count], area[axis])
        return self._like(repeat_to_batch_size(found, batch_size).to(device))


class CONDCrossAttn(CONDRegular):
    """A context: those of other lengths are repeated to a common one."""

    def can_concat(self, other: Any) -> bool:
        """Say whether both fit in one batch."""
        mine, theirs = self.cond.shape, other.cond.shape
        if mine == theirs:
            return True
        fits = mine[0] == theirs[0] and mine[2] == theirs[2]
        return bool(fits and math.lcm(mine[1], theirs[1]) // min(mine[1], theirs[1]) <= 4)

    def concat(self, others: Sequence[Any]) -> Any:
        """Return all in one batch."""
        conds = [self.cond, *(other.cond for other in others)]
        length = math.lcm(*(cond.shape[1] for cond in conds))
        return torch.cat([cond.repeat(1, length // cond.shape[1], 1) for cond in conds])


class CONDConstant(CONDRegular):
    """A value for the whole batch."""

    def process_cond(self, batch_size: int, device: Any = None, area: Any = None, **kwargs: Any) -> Self:
        """Return it."""
        return self._like(self.cond)

    def can_concat(self, other: Any) -> bool:
        """Say whether both are equal."""
        return bool(self.cond == other.cond)

    def concat(self, others: Sequence[Any]) -> Any:
        """Return the value."""
        return self.cond

    def size(self) -> list[int]:
        """Return the size of a number."""
        return [1]


class CONDList(CONDRegular):
    """Several tensors."""

    def process_cond(self, batch_size: int, device: Any = None, area: Any = None, **kwargs: Any) -> Self:
        """Return them with a row for each picture."""
        return self._like([repeat_to_batch_size(one, batch_size).to(device) for one in self.cond])

    def can_concat(self, other: Any) -> bool:
        """Say whether both fit in one batch."""
        return [one.shape for one in self.cond] == [one.shape for one in other.cond]

    def concat(self, others: Sequence[Any]) -> Any:
        """Return them, each in one batch."""
        return [torch.cat(parts) for parts in zip(self.cond, *(other.cond for other in others), strict=True)]
