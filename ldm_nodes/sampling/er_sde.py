"""Extended reverse-time SDE solvers (arXiv 2309.06169)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .sigma_space import intervals, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from .denoiser import Denoiser
    from .noise import NoiseSource

NoiseScale = Callable[["NDArray[np.float64]"], "NDArray[np.float64]"]

# Points at which the integrals over a step are sampled, as in the authors' program.
_POINTS = 200


def er_sde_5(sigma: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the noise scale that the authors found best."""
    return np.asarray(sigma * (np.exp(sigma**0.3) + 10))


def reverse_time_sde(eta: float) -> NoiseScale:
    """Return the noise scale of the reverse-time SDE, sigma^(eta + 1); with 0 it is that of the ODE."""
    return lambda sigma: np.asarray(sigma ** (eta + 1))


def er_sde(
    denoise: Denoiser,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    s_noise: float = 1.0,
    order: int = 3,
    scale: NoiseScale = er_sde_5,
) -> Iterator[Step]:
    """Integrate with ER-SDE-Solver-3 (arXiv 2309.06169); `scale` is phi, which shapes the noise."""
    past: list[tuple[float, Tensor]] = []
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        past = [(sigma, x0), *past][:order]
        if following == 0:
            x = x0
        else:
            kept = float(scale(np.array(following)) / scale(np.array(sigma)))
            x = x0 + kept * (x - x0)
            for weight, difference in zip(_weights(sigma, following, scale), _differences(past), strict=False):
                x = x + weight * difference
            added = max(following**2 - sigma**2 * kept**2, 0) ** 0.5
            x = x + s_noise * added * noise.draw(x, i)
        yield Step(i, sigma, x, x0)


def _weights(sigma: float, following: float, scale: NoiseScale) -> tuple[float, float]:
    """Return the weights of the first and second derivative of x0."""
    step = following - sigma
    points = following - step / _POINTS * np.arange(_POINTS, dtype=np.float64)
    end = float(scale(np.array(following)))
    first = np.sum(1 / scale(points)) * -step / _POINTS
    second = np.sum((points - sigma) / scale(points)) * -step / _POINTS
    return step + end * float(first), step**2 / 2 + end * float(second)


def _differences(past: list[tuple[float, Tensor]]) -> list[Tensor]:
    """Return the derivatives of x0 with respect to sigma that one to three values, latest first, suggest."""
    slopes = [(x0 - before) / (s - s_before) for (s, x0), (s_before, before) in pairwise(past)]
    if len(slopes) < 2:
        return slopes
    return [slopes[0], (slopes[0] - slopes[1]) / ((past[0][0] - past[2][0]) / 2)]
