"""A discrete noise schedule read in continuous time, as DPM-Solver needs it (arXiv 2206.00927, appendix D.4).

Training step n stands at time (n + 1) / N, so that time runs from 1 / N to 1. log alpha is linear between the training
steps and continues beyond them with the slope of the outermost pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .noise_schedule import NoiseSchedule

    Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class ContinuousSchedule:
    """The levels of a variance-preserving process at any time; every method takes and returns plain numbers.

    Attributes:
        times: (N,) ascending, where training steps stand.
        log_alphas: (N,) logarithm of sqrt(alphas_cumprod), descending.
    """

    times: Float64
    log_alphas: Float64

    @classmethod
    def of(cls, schedule: NoiseSchedule) -> ContinuousSchedule:
        """Read a discrete schedule."""
        n = len(schedule)
        log_alphas = 0.5 * np.log(schedule.alphas_cumprod.cpu().numpy().astype(np.float64))
        return cls(np.arange(1, n + 1) / n, log_alphas)

    @property
    def first(self) -> float:
        """The time of the first training step, where sampling ends."""
        return float(self.times[0])

    def timestep(self, t: float) -> float:
        """Return the timestep that the network knows time t by; fractions are meant."""
        return t * len(self.times) - 1

    def log_alpha(self, t: float) -> float:
        """Return log alpha at time t."""
        return _piecewise_linear(t, self.times, self.log_alphas)

    def alpha(self, t: float) -> float:
        """Return alpha, the weight of the clean latent at time t."""
        return float(np.exp(self.log_alpha(t)))

    def sigma(self, t: float) -> float:
        """Return sigma = sqrt(1 - alpha²), the weight of the noise at time t."""
        return float(np.sqrt(-np.expm1(2 * self.log_alpha(t))))

    def half_log_snr(self, t: float) -> float:
        """Return lambda = log(alpha / sigma) at time t."""
        return self.log_alpha(t) - float(np.log(self.sigma(t)))

    def time_of(self, half_log_snr: float) -> float:
        """Return the time at which lambda has this value: the inverse of `half_log_snr`."""
        log_alpha = -0.5 * float(np.logaddexp(0.0, -2.0 * half_log_snr))
        return _piecewise_linear(log_alpha, self.log_alphas[::-1], self.times[::-1])


def _piecewise_linear(x: float, xs: Float64, ys: Float64) -> float:
    """Interpolate between the points (xs ascending) and extrapolate with the outermost segments."""
    i = int(np.clip(np.searchsorted(xs, x), 1, len(xs) - 1))
    weight = (x - xs[i - 1]) / (xs[i] - xs[i - 1])
    return float(ys[i - 1] + weight * (ys[i] - ys[i - 1]))
