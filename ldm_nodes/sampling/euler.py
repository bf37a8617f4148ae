"""Euler's method: the smallest sampler, and with fresh noise at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .sigma_space import ancestral_step, derivative, intervals, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from .denoiser import Denoiser
    from .guidance import PairDenoiser
    from .noise import NoiseSource


def euler(denoise: Denoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Integrate the probability-flow ODE with Euler's method (arXiv 2206.00364, algorithm 2 without churn).

    In sigma space this is deterministic DDIM (arXiv 2010.02502, eq. 12 with sigma = 0).

    Args:
        denoise: Gives the clean latent.
        x: (B, C, h, w) start latent at noise level `sigmas[0]`.
        sigmas: (S + 1,) descending noise levels, normally ending in 0.

    Yields:
        Each step; the last one holds the latent at noise level `sigmas[-1]`.
    """
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        x = x + (following - sigma) * derivative(x, sigma, x0)
        yield Step(i, sigma, x, x0)


def euler_ancestral(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, eta: float = 1.0, s_noise: float = 1.0
) -> Iterator[Step]:
    """Take Euler steps below the next noise level and make up the difference with fresh noise.

    `eta` is the part of DDPM's noise that is added (arXiv 2010.02502, eq. 16), `s_noise` its standard deviation.
    """
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        down, up = ancestral_step(sigma, following, eta)
        x = x + (down - sigma) * derivative(x, sigma, x0)
        if following > 0:
            x = x + s_noise * up * noise.draw(x, i)
        yield Step(i, sigma, x, x0)


def euler_cfg_pp(pair: PairDenoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Take Euler steps from the guided clean latent along the negative prompt's noise (CFG++, arXiv 2406.08070)."""
    for i, sigma, following in intervals(sigmas):
        negative, x0 = pair(x, level(x, sigma))
        x = x0 + following * derivative(x, sigma, negative)
        yield Step(i, sigma, x, x0)


def euler_ancestral_cfg_pp(
    pair: PairDenoiser, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, eta: float = 1.0, s_noise: float = 1.0
) -> Iterator[Step]:
    """Take `euler_cfg_pp` steps below the next noise level and make up the difference with fresh noise."""
    for i, sigma, following in intervals(sigmas):
        negative, x0 = pair(x, level(x, sigma))
        down, up = ancestral_step(sigma, following, eta)
        x = x0 + down * derivative(x, sigma, negative)
        if following > 0:
            x = x + s_noise * up * noise.draw(x, i)
        yield Step(i, sigma, x, x0)
