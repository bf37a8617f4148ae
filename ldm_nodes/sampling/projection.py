"""Projections of one prediction on another, which several kinds of guidance share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def perpendicular(a: Tensor, b: Tensor) -> Tensor:
    """Return the part of `a` that is perpendicular to `b`, as vectors over all of their elements; a where b is 0."""
    length = (b * b).sum()
    return a - b * (a * b).sum() / length if length > 0 else a
