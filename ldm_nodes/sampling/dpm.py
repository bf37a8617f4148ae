"""DPM-Solver in log sigma: up to three network evaluations a step, with fixed or adaptive steps (arXiv 2206.00927).

Time is lambda = -log sigma. These samplers take only the first and the last level above 0 from their schedule.
"""

from __future__ import annotations

from collections.abc import Callable
from math import atan, exp, expm1, log
from typing import TYPE_CHECKING

import numpy as np
import torch

from .sigma_space import derivative, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from .denoiser import Denoiser

Slope = Callable[["Tensor", float], "Tensor"]

# The distance in lambda from the end at which `dpm_adaptive` stops.
END_TOLERANCE = 1e-5


def dpm_fast(denoise: Denoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Integrate with as many network evaluations as there are steps, three a step (DPM-Solver-fast)."""
    start, end = _bounds(sigmas)
    calls = len(sigmas) - 1
    orders = [3] * (calls // 3 - 1) + [2, 1] if calls % 3 == 0 else [3] * (calls // 3) + [calls % 3]
    times = np.linspace(start, end, len(orders) + 1).tolist()
    for i, (order, s, t) in enumerate(zip(orders, times[:-1], times[1:], strict=True)):
        eps = _eps(denoise, x, s)
        x0 = x - exp(-s) * eps
        x, _ = _advance(denoise, x, eps, s, t, order)
        yield Step(i, exp(-s), x, x0)


def dpm_adaptive(
    denoise: Denoiser,
    x: Tensor,
    sigmas: Tensor,
    *,
    order: int = 3,
    rtol: float = 0.05,
    atol: float = 0.0078,
    h_init: float = 0.05,
    accept_safety: float = 0.81,
) -> Iterator[Step]:
    """Integrate with steps whose length follows from the difference of two orders (adaptive DPM-Solver).

    A step is accepted, and the next one scaled, by a factor that grows as the error falls and is limited smoothly.
    """
    s, end = _bounds(sigmas)
    h, before, i = h_init, x, 0
    while s < end - END_TOLERANCE:
        t = min(end, s + h)
        eps = _eps(denoise, x, s)
        higher, lower = _advance(denoise, x, eps, s, t, order)
        allowed = (rtol * torch.maximum(lower.abs(), before.abs())).clamp(min=atol)
        error = ((lower - higher) / allowed).square().mean().sqrt().item()
        factor = 1 + atan((error + 1e-8) ** (-1 / order) - 1)
        if factor >= accept_safety:
            yield Step(i, exp(-s), higher, x - exp(-s) * eps)
            x, before, s, i = higher, lower, t, i + 1
        h *= factor


def _bounds(sigmas: Tensor) -> tuple[float, float]:
    levels = [sigma for sigma in sigmas.tolist() if sigma > 0]
    return -log(levels[0]), -log(levels[-1])


def _eps(denoise: Denoiser, x: Tensor, t: float) -> Tensor:
    return derivative(x, exp(-t), denoise(x, level(x, exp(-t))))


def _advance(denoise: Denoiser, x: Tensor, eps: Tensor, s: float, t: float, order: int) -> tuple[Tensor, Tensor]:
    """Return x at time t by the method of this order, and by that of one order less from the same evaluations."""
    h = t - s
    first = x - exp(-t) * expm1(h) * eps
    if order == 1:
        return first, first
    r = 1 / order
    change = _eps(denoise, x - exp(-s - r * h) * expm1(r * h) * eps, s + r * h) - eps
    second = first - exp(-t) / (2 * r) * expm1(h) * change
    if order == 2:
        return second, first
    r = 2 / 3
    inner = x - exp(-s - r * h) * (expm1(r * h) * eps + 2 * _phi(r * h) * change)
    change = _eps(denoise, inner, s + r * h) - eps
    return first - exp(-t) / r * _phi(h) * change, second


def _phi(h: float) -> float:
    return expm1(h) / h - 1
