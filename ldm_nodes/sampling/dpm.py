"""DPM-Solver in log sigma: up to three network evaluations a step, with fixed or adaptive steps (arXiv 2206.00927).

Time is lambda = -log sigma. These samplers take only the first and the last level above 0 from their schedule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import atan, exp, expm1, log, prod
from typing import TYPE_CHECKING

import numpy as np
import torch

from .errors import SamplingError
from .sigma_space import ancestral_step, derivative, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from .denoiser import Denoiser
    from .noise import NoiseSource

Slope = Callable[["Tensor", float], "Tensor"]

# The distance in lambda from the end at which `dpm_adaptive` stops.
END_TOLERANCE = 1e-5

# How many times in a row `dpm_adaptive` shortens a step: each halves it at least twice.
MOST_REFUSALS = 40


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
    noise: NoiseSource,
    order: int = 3,
    rtol: float = 0.05,
    atol: float = 0.0078,
    h_init: float = 0.05,
    accept_safety: float = 0.81,
    pcoeff: float = 0.0,
    icoeff: float = 1.0,
    dcoeff: float = 0.0,
    eta: float = 0.0,
    s_noise: float = 1.0,
) -> Iterator[Step]:
    """Integrate with steps whose length follows from the difference of two orders (adaptive DPM-Solver).

    A step is accepted, and the next one scaled, by a factor that grows as the error falls and is limited smoothly.

    Args:
        denoise: Gives the clean latent.
        x: (B, C, h, w) start latent at noise level `sigmas[0]`.
        sigmas: Of which the first and the last above 0 count.
        noise: Source of the draws, for an `eta` above 0.
        order: 2 or 3.
        rtol: Allowed error of a step in parts of the latent.
        atol: Allowed error of a step.
        h_init: The first step in log sigma.
        accept_safety: The smallest factor with which a step is accepted; larger is more careful.
        pcoeff: Of the controller of the step's length, the part that looks at the last error,
        icoeff: the part that looks at this error,
        dcoeff: and the part that looks at how errors change (arXiv 2105.14080, eq. 9, generalised).
        eta: Share of fresh noise in each step.
        s_noise: Standard deviation of that noise.

    Raises:
        SamplingError: If no step becomes short enough to be accepted.
    """
    s, end = _bounds(sigmas)
    h, before, i, refused = h_init, x, 0, 0
    control = _Control(((pcoeff + icoeff + dcoeff) / order, -(pcoeff + 2 * dcoeff) / order, dcoeff / order))
    while s < end - END_TOLERANCE:
        t = min(end, s + h)
        landing, added = _landing(s, t, end, eta)
        eps = _eps(denoise, x, s)
        higher, lower = _advance(denoise, x, eps, s, landing, order)
        allowed = (rtol * torch.maximum(lower.abs(), before.abs())).clamp(min=atol)
        factor = control.factor(((lower - higher) / allowed).square().mean().sqrt().item())
        if factor >= accept_safety:
            control.accept()
            x0 = x - exp(-s) * eps
            x = higher if added == 0 else higher + added * s_noise * noise.draw(x, i)
            yield Step(i, exp(-s), x, x0)
            before, s, i, refused = lower, t, i + 1, 0
        elif (refused := refused + 1) > MOST_REFUSALS:
            received, expected = f"rtol {rtol}, atol {atol}", "tolerances that a step can meet"
            raise SamplingError("sampler", received, expected, "Raise them, or lower accept_safety.")
        h *= factor


@dataclass
class _Control:
    """How the next step's length follows from the errors of this one and of the two accepted before it.

    Attributes:
        powers: the exponents of their inverse errors.
        inverse: the inverse errors, latest first; None before the first step.
    """

    powers: tuple[float, float, float]
    inverse: list[float] | None = None

    def factor(self, error: float) -> float:
        """Return what the step is multiplied with."""
        now = 1 / (error + 1e-8)
        self.inverse = [now, *(self.inverse or [now] * 3)[1:]]
        wanted = prod(value**power for value, power in zip(self.inverse, self.powers, strict=True))
        return 1 + atan(wanted - 1)

    def accept(self) -> None:
        """Note that the step was taken."""
        assert self.inverse is not None
        self.inverse = [self.inverse[0], *self.inverse[:2]]


def _landing(s: float, t: float, end: float, eta: float) -> tuple[float, float]:
    """Return the time at which the deterministic part of a step to `t` ends, and the noise that leads back to it."""
    if eta == 0:
        return t, 0.0
    down, _ = ancestral_step(exp(-s), exp(-t), eta)
    landing = min(end, -log(down)) if down > 0 else end
    return landing, max(exp(-2 * t) - exp(-2 * landing), 0.0) ** 0.5


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
