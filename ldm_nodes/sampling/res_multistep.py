"""The refined exponential solver in multistep form (arXiv 2308.02157), with and without fresh noise."""

from __future__ import annotations

from math import exp, expm1, log
from typing import TYPE_CHECKING

from .sigma_space import ancestral_step, euler_step, intervals, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from .denoiser import Denoiser
    from .guidance import PairDenoiser
    from .noise import NoiseSource


def res_multistep(denoise: Denoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Integrate with the second-order multistep solver (arXiv 2308.02157)."""
    return _solve(_same(denoise), x, sigmas)


def res_multistep_ancestral(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, eta: float = 1.0, s_noise: float = 1.0
) -> Iterator[Step]:
    """Take `res_multistep` steps below the next noise level and make up the difference with fresh noise."""
    return _solve(_same(denoise), x, sigmas, noise, eta, s_noise)


def res_multistep_cfg_pp(pair: PairDenoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Take `res_multistep` steps along the negative prompt's noise (CFG++, arXiv 2406.08070)."""
    return _solve(pair, x, sigmas)


def res_multistep_ancestral_cfg_pp(
    pair: PairDenoiser, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, eta: float = 1.0, s_noise: float = 1.0
) -> Iterator[Step]:
    """Take `res_multistep_ancestral` steps along the negative prompt's noise (CFG++, arXiv 2406.08070)."""
    return _solve(pair, x, sigmas, noise, eta, s_noise)


def _same(denoise: Denoiser) -> PairDenoiser:
    """Return a pair whose two members are the guided prediction: plain guidance in the form of CFG++."""

    def pair(x: Tensor, sigma: Tensor, t: Tensor | None = None) -> tuple[Tensor, Tensor]:
        x0 = denoise(x, sigma)
        return x0, x0

    return pair


def _solve(
    pair: PairDenoiser,
    x: Tensor,
    sigmas: Tensor,
    noise: NoiseSource | None = None,
    eta: float = 0.0,
    s_noise: float = 1.0,
) -> Iterator[Step]:
    """Solve along the first member of the pair, shifted by how much the guided prediction differs from it."""
    before: Tensor | None = None
    sigma_before, down_before = 0.0, 0.0
    for i, sigma, following in intervals(sigmas):
        slope_x0, x0 = pair(x, level(x, sigma))
        down, up = ancestral_step(sigma, following, eta)
        x = x + (x0 - slope_x0)
        if before is None or down == 0:
            x = euler_step(x, x0, sigma, down)
        else:
            h = log(sigma / down)
            w1, w2 = _weights(h, log(down_before / sigma_before) / h)
            x = exp(-h) * x + h * (w1 * slope_x0 + w2 * before)
        if noise is not None and following > 0:
            x = x + s_noise * up * noise.draw(x, i)
        before, sigma_before, down_before = slope_x0, sigma, down
        yield Step(i, sigma, x, x0)


def _weights(h: float, c2: float) -> tuple[float, float]:
    """Return the weights of this and of the last clean latent; `c2` is where the last one lies, in steps from here."""
    phi_1 = -expm1(-h) / h
    phi_2 = (1 - phi_1) / h
    return phi_1 - phi_2 / c2, phi_2 / c2
