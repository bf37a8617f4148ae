"""The linear multistep method: past slopes are kept, one network evaluation a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .sigma_space import derivative, intervals, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from .denoiser import Denoiser


def adams_bashforth(nodes: Sequence[float], start: float, end: float) -> list[float]:
    """Return the weights of the slopes at `nodes` that integrate their interpolating polynomial from start to end.

    For equally spaced nodes these are the classical Adams-Bashforth weights times the step.
    """
    weights = []
    for j, node in enumerate(nodes):
        others = [other - start for k, other in enumerate(nodes) if k != j]
        basis = np.poly(others) / np.prod([node - start - other for other in others])
        weights.append(float(np.polyval(np.polyint(np.atleast_1d(basis)), end - start)))
    return weights


def weighted_sum(weights: Sequence[float], tensors: Sequence[Tensor]) -> Tensor:
    """Return the sum of weight times tensor over two lists of equal length."""
    total = weights[0] * tensors[0]
    for weight, tensor in zip(weights[1:], tensors[1:], strict=True):
        total = total + weight * tensor
    return total


def lms(denoise: Denoiser, x: Tensor, sigmas: Tensor, *, order: int = 4) -> Iterator[Step]:
    """Integrate the polynomial through the last `order` slopes: Adams-Bashforth on uneven steps, Euler at the end."""
    slopes: list[Tensor] = []
    nodes: list[float] = []
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        slopes = [derivative(x, sigma, x0), *slopes][:order]
        nodes = [sigma, *nodes][:order]
        used = len(nodes) if following > 0 else 1
        x = x + weighted_sum(adams_bashforth(nodes[:used], sigma, following), slopes[:used])
        yield Step(i, sigma, x, x0)
