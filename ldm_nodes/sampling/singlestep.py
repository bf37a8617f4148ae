"""DPM-Solver++ single-step methods: two network evaluations a step, in the middle of each step in log sigma."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from .sigma_space import ancestral_step, euler_step, intervals, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from .brownian import BrownianMotion
    from .denoiser import Denoiser
    from .guidance import PairDenoiser
    from .noise import NoiseSource


def dpmpp_2s_ancestral(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, eta: float = 1.0, s_noise: float = 1.0
) -> Iterator[Step]:
    """Take DPM-Solver++(2S) steps (arXiv 2211.01095, algorithm 1) below the next noise level, then add fresh noise."""
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        down, up = ancestral_step(sigma, following, eta)
        inner = x0
        if down > 0:
            middle = (sigma * down) ** 0.5
            inner = denoise(euler_step(x, x0, sigma, middle), level(x, middle))
        x = euler_step(x, inner, sigma, down)
        if following > 0:
            x = x + s_noise * up * noise.draw(x, i)
        yield Step(i, sigma, x, x0)


def dpmpp_2s_ancestral_cfg_pp(
    pair: PairDenoiser, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, eta: float = 1.0, s_noise: float = 1.0
) -> Iterator[Step]:
    """Take `dpmpp_2s_ancestral` steps along the negative prompt's noise (CFG++, arXiv 2406.08070).

    The latent is shifted by how much guidance changes the latest prediction of the negative prompt.
    """
    for i, sigma, following in intervals(sigmas):
        negative, x0 = pair(x, level(x, sigma))
        down, up = ancestral_step(sigma, following, eta)
        inner = x0
        if down > 0:
            middle = (sigma * down) ** 0.5
            negative, inner = pair(euler_step(x + (x0 - negative), x0, sigma, middle), level(x, middle))
        x = euler_step(x + (x0 - negative), inner, sigma, down)
        if following > 0:
            x = x + s_noise * up * noise.draw(x, i)
        yield Step(i, sigma, x, x0)


def dpmpp_sde(
    denoise: Denoiser,
    x: Tensor,
    sigmas: Tensor,
    *,
    motion: BrownianMotion,
    eta: float = 1.0,
    s_noise: float = 1.0,
    r: float = 0.5,
) -> Iterator[Step]:
    """Integrate the diffusion SDE with the stochastic DPM-Solver++(2S): noise is added within the step as well.

    `r` says where in the step, in log sigma, the second evaluation is (arXiv 2211.01095, algorithm 1).
    """
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        if following == 0:
            x = x0
        else:
            middle = _float32_middle(sigma, following, r)
            down, up = ancestral_step(sigma, middle, eta)
            halfway = euler_step(x, x0, sigma, down) + s_noise * up * motion(sigma, middle)
            inner = denoise(halfway, level(x, middle))
            down, up = ancestral_step(sigma, following, eta)
            slope = x0 + (inner - x0) / (2 * r) if r != 0.5 else inner
            x = euler_step(x, slope, sigma, down) + s_noise * up * motion(sigma, following)
        yield Step(i, sigma, x, x0)


def _float32_middle(sigma: float, following: float, r: float) -> float:
    """Return the level at a part `r` of the step in log sigma, rounded as the original rounds it.

    A Brownian path is so rough that the last bit of the point where it is asked decides the fourth digit of the noise.
    """
    start, end = -torch.tensor(sigma).log(), -torch.tensor(following).log()
    return (-(start + (end - start) * r)).exp().item()
