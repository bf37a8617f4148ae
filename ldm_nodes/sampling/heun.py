"""Second-order single-step methods: two network evaluations a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lms import weighted_sum
from .sigma_space import ancestral_step, derivative, intervals, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from .denoiser import Denoiser
    from .noise import NoiseSource


def heun(denoise: Denoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Integrate with Heun's method, the trapezoidal rule (arXiv 2206.00364, algorithm 1); the last step is Euler's."""
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        slope = derivative(x, sigma, x0)
        ahead = x + (following - sigma) * slope
        if following > 0:
            slope = (slope + derivative(ahead, following, denoise(ahead, level(x, following)))) / 2
        x = x + (following - sigma) * slope
        yield Step(i, sigma, x, x0)


def heunpp2(denoise: Denoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Integrate with Heun++: slopes up to two steps ahead, weighed by their share of the noise.

    Up to three network calls a step: the last step but one looks one step ahead, the last is Euler's.
    """
    levels = sigmas.tolist()
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        ahead, slopes = x, [derivative(x, sigma, x0)]
        for near, far in zip(levels[i : i + 2], levels[i + 1 : i + 3], strict=False):
            if far != levels[-1]:
                ahead = ahead + (far - near) * slopes[-1]
                slopes.append(derivative(ahead, far, denoise(ahead, level(x, far))))
        shares = [levels[i + k] / (len(slopes) * levels[0]) for k in range(1, len(slopes))]
        x = x + (following - sigma) * weighted_sum([1 - sum(shares), *shares], slopes)
        yield Step(i, sigma, x, x0)


def dpm_2(denoise: Denoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Integrate with the midpoint rule in log sigma (DPM-Solver-2, arXiv 2206.00927, algorithm 1)."""
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        x = _midpoint_step(denoise, x, x0, sigma, following)
        yield Step(i, sigma, x, x0)


def dpm_2_ancestral(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, eta: float = 1.0, s_noise: float = 1.0
) -> Iterator[Step]:
    """Take `dpm_2` steps below the next noise level and make up the difference with fresh noise."""
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        down, up = ancestral_step(sigma, following, eta)
        x = _midpoint_step(denoise, x, x0, sigma, down)
        if following > 0:
            x = x + s_noise * up * noise.draw(x, i)
        yield Step(i, sigma, x, x0)


def _midpoint_step(denoise: Denoiser, x: Tensor, x0: Tensor, sigma: float, following: float) -> Tensor:
    slope = derivative(x, sigma, x0)
    if following > 0:
        middle = (sigma * following) ** 0.5
        halfway = x + (middle - sigma) * slope
        slope = derivative(halfway, middle, denoise(halfway, level(x, middle)))
    return x + (following - sigma) * slope
