"""SA-Solver: the stochastic Adams method, a predictor and a corrector on past clean latents (arXiv 2309.05019)."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, log
from typing import TYPE_CHECKING

import numpy as np

from .lms import weighted_sum
from .sigma_space import intervals, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from .denoiser import Denoiser
    from .noise import NoiseSource


def sa_solver(
    denoise: Denoiser,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    noisy_between: tuple[float, float],
    eta: float = 1.0,
    s_noise: float = 1.0,
    predictor_order: int = 3,
    corrector_order: int = 4,
    evaluate_again: bool = False,
    simple_order_2: bool = False,
) -> Iterator[Step]:
    """Integrate the diffusion SDE by prediction, evaluation and correction (arXiv 2309.05019).

    Args:
        denoise: Gives the clean latent.
        x: (B, C, h, w) start latent at noise level `sigmas[0]`.
        sigmas: (S + 1,) descending noise levels.
        noise: Source of the draws.
        noisy_between: Largest and smallest sigma to which a step adds noise; other steps follow the ODE.
        eta: The paper's tau within that range.
        s_noise: Standard deviation of the noise.
        predictor_order: Number of clean latents from which the next latent is predicted.
        corrector_order: Number of clean latents, the one just evaluated included, from which it is corrected.
        evaluate_again: Evaluate the network on the corrected latent too, twice a step (PECE).
        simple_order_2: Where two clean latents are used, take the paper's simpler weights (its appendix D).
    """
    past: list[tuple[float, Tensor]] = []
    move: Move | None = None
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        past = [(sigma, x0), *past][: max(predictor_order, corrector_order)]
        left = len(sigmas) - 1 - i if sigmas[-1] == 0 else len(sigmas)
        if move is not None and corrector_order > 0 and (following > 0 or evaluate_again):
            x = move.result(past[: min(corrector_order, left)], simple_order_2)
            if evaluate_again:
                x0 = denoise(x, level(x, sigma))
                past[0] = (sigma, x0)
        if following > 0:
            tau = eta if noisy_between[1] <= following <= noisy_between[0] else 0.0
            move = Move(x, sigma, following, tau, s_noise * noise.draw(x, i) if tau > 0 else None)
            x = move.result(past[: min(predictor_order, left - 1)], simple_order_2)
        else:
            x = x0
        yield Step(i, sigma, x, x0)


def sa_solver_pece(
    denoise: Denoiser,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    noisy_between: tuple[float, float],
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Iterator[Step]:
    """Integrate with `sa_solver`, evaluating the network on the corrected latent too."""
    return sa_solver(
        denoise,
        x,
        sigmas,
        noise=noise,
        noisy_between=noisy_between,
        eta=eta,
        s_noise=s_noise,
        evaluate_again=True,
    )


@dataclass(frozen=True)
class Move:
    """A step from one sigma to the next; the predictor and the corrector take it with the same noise.

    Attributes:
        x: (B, C, h, w) latent at `sigma`.
        sigma: Where the step begins.
        following: Where it ends.
        tau: Share of the noise: 0 follows the ODE, 1 the reverse-time SDE.
        noise: (B, C, h, w) unit noise, or None.
    """

    x: Tensor
    sigma: float
    following: float
    tau: float
    noise: Tensor | None

    def result(self, known: Sequence[tuple[float, Tensor]], simple: bool = False) -> Tensor:
        """Return the exact solution for x0 interpolated in log sigma through the known values.

        With `simple` and two of them, the integral of the linear term is that of its first order in the step.
        """
        h = log(self.sigma / self.following)
        nodes = [log(self.following / sigma) for sigma, _ in known]
        rate = 1 + self.tau**2
        weights = simple_weights(nodes, h, rate) if simple and len(nodes) == 2 else adams_weights(nodes, h, rate)
        kept = self.following / self.sigma * exp(-(self.tau**2) * h)
        x = kept * self.x + weighted_sum(weights, [x0 for _, x0 in known])
        if self.noise is not None:
            x = x + self.following * (-expm1(-2 * self.tau**2 * h)) ** 0.5 * self.noise
        return x


def adams_weights(nodes: Sequence[float], h: float, rate: float) -> list[float]:
    """Return the integrals of rate * exp(rate * u) times each Lagrange polynomial, over u from -h to 0.

    Args:
        nodes: Where the values are known, in log SNR from the end of the step.
        h: Length of the step.
        rate: 1 for the ODE, up to 2 with noise.
    """
    moments = exponential_moments(len(nodes), h, rate)
    weights = []
    for j, node in enumerate(nodes):
        others = [other for k, other in enumerate(nodes) if k != j]
        polynomial = np.atleast_1d(np.poly(others)) / np.prod([node - other for other in others])
        weights.append(float(np.dot(polynomial[::-1], moments)))
    return weights


def simple_weights(nodes: Sequence[float], h: float, rate: float) -> list[float]:
    """Return weights of order 2 for two nodes: they add up to those of order 1, and their slope is that at small steps.

    The linear term of x0 about the step's beginning grows by rate * h^2 / 2 to the leading order; as `adams_weights`.
    """
    slope = rate * h**2 / 2 / (nodes[0] - nodes[1])
    offset = (nodes[0] + h) / (nodes[0] - nodes[1])  # where the step begins, between the two nodes
    whole = -expm1(-rate * h)
    return [whole * (1 - offset) + slope, whole * offset - slope]


def exponential_moments(count: int, h: float, rate: float) -> list[float]:
    """Return the integrals of rate * exp(rate * u) * u^k over u from -h to 0, for k from 0, by parts."""
    moments = [-expm1(-rate * h)]
    for k in range(1, count):
        moments.append(-((-h) ** k) * exp(-rate * h) - k / rate * moments[-1])
    return moments
