"""DPM-Solver++ multistep methods: past clean latents are kept, one network evaluation a step.

They solve dx/dlambda exactly in x and approximate x0 by a polynomial in lambda = -log sigma (arXiv 2211.01095).
"""

from __future__ import annotations

from math import exp, expm1, log
from typing import TYPE_CHECKING, Literal

from .sigma_space import intervals, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from .brownian import BrownianMotion
    from .denoiser import Denoiser
    from .guidance import PairDenoiser


def dpmpp_2m(denoise: Denoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Integrate with DPM-Solver++(2M) (arXiv 2211.01095, algorithm 2); first and last step are of order 1."""
    before: Tensor | None = None
    h_before = 0.0
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        if following == 0:
            x = x0
        else:
            h = log(sigma / following)
            estimate = x0 if before is None else x0 + (x0 - before) * (h / (2 * h_before))
            x = following / sigma * x - expm1(-h) * estimate
            before, h_before = x0, h
        yield Step(i, sigma, x, x0)


def dpmpp_2m_cfg_pp(pair: PairDenoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Integrate with DPM-Solver++(2M) along the negative prompt's noise (CFG++, arXiv 2406.08070)."""
    before: Tensor | None = None
    h_before = 0.0
    for i, sigma, following in intervals(sigmas):
        negative, x0 = pair(x, level(x, sigma))
        if following == 0:
            x = x0
        else:
            h = log(sigma / following)
            x = x0 + exp(-h) * (x - negative)
            if before is not None:
                x = x - expm1(-h) * (x0 - before) * (h / (2 * h_before))
            before, h_before = negative, h
        yield Step(i, sigma, x, x0)


def dpmpp_2m_sde(
    denoise: Denoiser,
    x: Tensor,
    sigmas: Tensor,
    *,
    motion: BrownianMotion,
    eta: float = 1.0,
    s_noise: float = 1.0,
    solver: Literal["midpoint", "heun"] = "midpoint",
) -> Iterator[Step]:
    """Integrate the diffusion SDE with SDE-DPM-Solver++(2M) (arXiv 2211.01095).

    `eta` scales the noise: 1 is the reverse-time SDE, 0 the ODE. `solver` picks the weight of the second-order term:
    the midpoint's, or the exact integral's ("heun").
    """
    before: Tensor | None = None
    h_before = 0.0
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        if following == 0:
            x = x0
        else:
            h = log(sigma / following)
            reach = h * (1 + eta)
            x = exp(-reach) * x - expm1(-reach) * x0
            if before is not None:
                weight = -expm1(-reach) / 2 if solver == "midpoint" else 1 + expm1(-reach) / reach
                x = x + weight * h / h_before * (x0 - before)
            x = x + s_noise * following * (-expm1(-2 * eta * h)) ** 0.5 * motion(sigma, following)
            before, h_before = x0, h
        yield Step(i, sigma, x, x0)


def dpmpp_2m_sde_heun(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, *, motion: BrownianMotion, eta: float = 1.0, s_noise: float = 1.0
) -> Iterator[Step]:
    """Integrate with `dpmpp_2m_sde` and its "heun" weight of the second-order term."""
    return dpmpp_2m_sde(denoise, x, sigmas, motion=motion, eta=eta, s_noise=s_noise, solver="heun")


def dpmpp_3m_sde(
    denoise: Denoiser, x: Tensor, sigmas: Tensor, *, motion: BrownianMotion, eta: float = 1.0, s_noise: float = 1.0
) -> Iterator[Step]:
    """Integrate the diffusion SDE with SDE-DPM-Solver++(3M): `dpmpp_2m_sde` with one more past clean latent."""
    past: list[Tensor] = []
    widths: list[float] = []
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        if following == 0:
            x = x0
        else:
            h = log(sigma / following)
            reach = h * (1 + eta)
            x = exp(-reach) * x - expm1(-reach) * x0
            x = x + _higher_terms([x0, *past], [w / h for w in widths], reach)
            x = x + s_noise * following * (-expm1(-2 * eta * h)) ** 0.5 * motion(sigma, following)
            past, widths = [x0, *past][:2], [h, *widths][:2]
        yield Step(i, sigma, x, x0)


def _higher_terms(x0s: list[Tensor], ratios: list[float], reach: float) -> Tensor | float:
    """Return what the first and second derivative of x0 add to a step; `ratios` are past steps over this one."""
    if not ratios:
        return 0.0
    phi_2 = expm1(-reach) / reach + 1
    slope = (x0s[0] - x0s[1]) / ratios[0]
    if len(ratios) == 1:
        return phi_2 * slope
    phi_3 = phi_2 / reach - 0.5
    bend = (slope - (x0s[1] - x0s[2]) / ratios[1]) / (ratios[0] + ratios[1])
    return phi_2 * (slope + bend * ratios[0]) - phi_3 * bend
