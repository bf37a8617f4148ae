"""SEEDS: stochastic exponential integrators with noise in every stage of a step (arXiv 2305.14267)."""

from __future__ import annotations

from math import exp, expm1, log
from typing import TYPE_CHECKING

from .sigma_space import intervals, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from .denoiser import Denoiser
    from .noise import NoiseSource


def seeds_2(
    denoise: Denoiser,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Iterator[Step]:
    """Integrate with the two-stage method in its clean-latent form (SEEDS-2)."""
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        if following > 0:
            h, fresh = log(sigma / following), _Noise(noise, i, sigma, eta, s_noise)
            inner = _first_order(x, x0, h / 2, eta) + fresh.up_to(x, [h / 2])
            inner_x0 = denoise(inner, level(x, sigma * exp(-h / 2)))
            x = _first_order(x, inner_x0, h, eta) + fresh.up_to(x, [h / 2, h])
        else:
            x = x0
        yield Step(i, sigma, x, x0)


def seeds_3(
    denoise: Denoiser,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Iterator[Step]:
    """Integrate with the three-stage method in its clean-latent form (SEEDS-3)."""
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        if following > 0:
            h, fresh = log(sigma / following), _Noise(noise, i, sigma, eta, s_noise)
            inner = _first_order(x, x0, h / 3, eta) + fresh.up_to(x, [h / 3])
            change = denoise(inner, level(x, sigma * exp(-h / 3))) - x0
            inner = _first_order(x, x0, h * 2 / 3, eta) + 2 * _phi(h * 2 / 3 * (1 + eta)) * change
            inner = inner + fresh.up_to(x, [h / 3, h * 2 / 3])
            change = denoise(inner, level(x, sigma * exp(-h * 2 / 3))) - x0
            x = _first_order(x, x0, h, eta) + 3 / 2 * _phi(h * (1 + eta)) * change
            x = x + fresh.up_to(x, [h / 3, h * 2 / 3, h])
        else:
            x = x0
        yield Step(i, sigma, x, x0)


def _first_order(x: Tensor, x0: Tensor, h: float, eta: float) -> Tensor:
    return exp(-h * (1 + eta)) * x - expm1(-h * (1 + eta)) * x0


def _phi(h: float) -> float:
    return 1 + expm1(-h) / h


class _Noise:
    """The noise of one step: each stage adds a draw for the part of the step that it is the first to reach."""

    def __init__(self, source: NoiseSource, step: int, sigma: float, eta: float, s_noise: float) -> None:
        self.source, self.step, self.sigma, self.eta, self.s_noise = source, step, sigma, eta, s_noise
        self.draws: list[Tensor] = []

    def up_to(self, x: Tensor, ends: Sequence[float]) -> Tensor:
        """Return the noise gathered from the start of the step over the parts that end at these distances."""
        if len(self.draws) < len(ends):
            self.draws.append(self.source.draw(x, self.step))
        total = x.new_zeros(())
        for start, end, draw in zip([0.0, *ends], ends, self.draws, strict=False):
            part = exp(-2 * self.eta * (ends[-1] - end)) * -expm1(-2 * self.eta * (end - start))
            total = total + part**0.5 * draw
        return self.s_noise * self.sigma * exp(-ends[-1]) * total
