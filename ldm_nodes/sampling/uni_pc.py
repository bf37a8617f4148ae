"""UniPC: a predictor and a corrector that share the network's evaluations (arXiv 2302.04867)."""

from __future__ import annotations

from dataclasses import dataclass
from math import expm1, log
from typing import TYPE_CHECKING, Literal

import numpy as np

from .lms import weighted_sum
from .sigma_space import euler_step, intervals, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from .denoiser import Denoiser

Variant = Literal["bh1", "bh2"]

# Stands for the final 0, whose logarithm the solver needs.
LAST_SIGMA = 0.001

MAX_ORDER = 3


def uni_pc(denoise: Denoiser, x: Tensor, sigmas: Tensor, *, variant: Variant = "bh1") -> Iterator[Step]:
    """Integrate with multistep UniPC of order 3 in its clean-latent form.

    Each evaluation corrects the latent at which it was made before it predicts the next. The last latent has the
    noise level 0.001 rather than 0.
    """
    levels = sigmas.clone()
    levels[-1] = max(levels[-1].item(), LAST_SIGMA)
    steps = len(levels) - 1
    highest = max(min(MAX_ORDER, steps - 1), 1)
    past: list[tuple[float, Tensor]] = []
    update: Update | None = None
    for i, sigma, following in intervals(levels):
        x0 = denoise(x, level(x, sigma))
        if update is not None:
            x = update.corrected(x0)
        past = [(sigma, x0), *past][:highest]
        order = min(i + 1, highest, steps - i)
        update = Update(x, following, tuple(past[:order]), variant)
        x = update.predicted()
        yield Step(i, sigma, x, x0)


def uni_pc_bh2(denoise: Denoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Integrate with UniPC in its second form, with B(h) = exp(h) - 1."""
    return uni_pc(denoise, x, sigmas, variant="bh2")


@dataclass(frozen=True)
class Update:
    """One step, from a latent and the clean latents of its sigma and those before.

    Attributes:
        x: (B, C, h, w) latent at the first of the past sigmas.
        following: The sigma to which it goes.
        past: Sigmas and clean latents, latest first; their number is the order.
        variant: Which function B(h) scales the differences.
    """

    x: Tensor
    following: float
    past: tuple[tuple[float, Tensor], ...]
    variant: Variant

    @property
    def h(self) -> float:
        """The length of the step in log sigma."""
        return log(self.past[0][0] / self.following)

    @property
    def ratios(self) -> list[float]:
        """Where the earlier clean latents lie, in steps from this one: negative."""
        return [log(self.past[0][0] / sigma) / self.h for sigma, _ in self.past[1:]]

    def predicted(self) -> Tensor:
        """Return the latent at the next sigma from what is known."""
        weights = [0.5] if len(self.past) == 2 else self._weights(self.ratios)
        return self._moved(weights, self._differences())

    def corrected(self, x0: Tensor) -> Tensor:
        """Return the latent at the next sigma, given the clean latent there as well."""
        weights = [0.5] if len(self.past) == 1 else self._weights([*self.ratios, 1.0])
        return self._moved(weights, [*self._differences(), x0 - self.past[0][1]])

    def _moved(self, weights: list[float], differences: list[Tensor]) -> Tensor:
        x = euler_step(self.x, self.past[0][1], self.past[0][0], self.following)
        return x - self._scale * weighted_sum(weights, differences) if differences else x

    def _differences(self) -> list[Tensor]:
        latest = self.past[0][1]
        return [(x0 - latest) / ratio for (_, x0), ratio in zip(self.past[1:], self.ratios, strict=True)]

    @property
    def _scale(self) -> float:
        return -self.h if self.variant == "bh1" else expm1(-self.h)

    def _weights(self, ratios: list[float]) -> list[float]:
        """Solve the order conditions for the differences at these ratios."""
        n = len(ratios)
        phi, powers = expm1(-self.h) / -self.h - 1, 1.0
        right = []
        for k in range(1, n + 1):
            right.append(phi * powers / self._scale)
            powers *= k + 1
            phi = phi / -self.h - 1 / powers
        vandermonde = np.vander(ratios, n, increasing=True).T
        weights: list[float] = np.linalg.solve(vandermonde, np.array(right)).tolist()
        return weights
