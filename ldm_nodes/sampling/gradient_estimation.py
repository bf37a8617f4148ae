"""Gradient estimation: Euler steps that extrapolate how the slope changes (arXiv 2306.04848)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .sigma_space import derivative, intervals, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from .denoiser import Denoiser
    from .guidance import PairDenoiser


def gradient_estimation(denoise: Denoiser, x: Tensor, sigmas: Tensor, *, gamma: float = 2.0) -> Iterator[Step]:
    """Add `gamma - 1` times the last change of the slope to each slope (arXiv 2306.04848, algorithm 2)."""
    before: Tensor | None = None
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        slope = derivative(x, sigma, x0)
        x = x0 + following * slope
        if before is not None and following > 0:
            x = x + (following - sigma) * (gamma - 1) * (slope - before)
        before = slope
        yield Step(i, sigma, x, x0)


def gradient_estimation_cfg_pp(pair: PairDenoiser, x: Tensor, sigmas: Tensor, *, gamma: float = 2.0) -> Iterator[Step]:
    """Take `gradient_estimation` steps along the negative prompt's noise (CFG++, arXiv 2406.08070)."""
    before: Tensor | None = None
    for i, sigma, following in intervals(sigmas):
        negative, x0 = pair(x, level(x, sigma))
        slope = derivative(x, sigma, negative)
        x = x0 + following * slope
        if before is not None and following > 0:
            x = x + (following - sigma) * (gamma - 1) * (slope - before)
        before = slope
        yield Step(i, sigma, x, x0)
