"""The few lines of arithmetic that every sigma-space sampler shares.

The probability-flow ODE in sigma space is dx/dsigma = (x - x0) / sigma (arXiv 2206.00364), with x0 the
denoiser's answer. Sigmas are plain floats: no device is asked for them in the loop.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor


def intervals(sigmas: Tensor) -> Iterator[tuple[int, float, float]]:
    """Yield (index, sigma, next sigma) of each step."""
    for i, (sigma, following) in enumerate(pairwise(sigmas.tolist())):
        yield i, sigma, following


def level(x: Tensor, sigma: float) -> Tensor:
    """Return `sigma` once for each picture of the batch: (B,)."""
    return x.new_full((x.shape[0],), sigma)


def derivative(x: Tensor, sigma: float, x0: Tensor) -> Tensor:
    """Return dx/dsigma of the probability-flow ODE."""
    return (x - x0) / sigma


def euler_step(x: Tensor, x0: Tensor, sigma: float, following: float) -> Tensor:
    """Move along the line from x to x0: exact where x0 does not change (DDIM, and DPM-Solver's first order)."""
    return x0 + following / sigma * (x - x0)


def ancestral_step(sigma: float, following: float, eta: float = 1.0) -> tuple[float, float]:
    """Split a step to `following` into a deterministic part, down to the first value, and fresh noise of the second.

    Their squares add up to that of `following`. With `eta` 1 this is the step of DDPM, with 0 that of DDIM
    (arXiv 2010.02502, eq. 16, in sigma space).
    """
    up = min(following, eta * (following**2 * (sigma**2 - following**2) / sigma**2) ** 0.5)
    return (following**2 - up**2) ** 0.5, up
