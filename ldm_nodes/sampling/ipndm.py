"""Improved PNDM and DEIS: Adams-Bashforth on the slopes in sigma, from the first step on (arXiv 2204.13902).

They differ in the variable in which past slopes are interpolated: the index of the step (`ipndm`), sigma (`ipndm_v`),
or the time of a variance-preserving process (`deis`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

import numpy as np

from .lms import weighted_sum
from .plms import ADAMS_BASHFORTH
from .sigma_space import derivative, intervals, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from .denoiser import Denoiser

Weights = Callable[[Sequence[float], float], Sequence[float]]
"""From the last sigmas, latest first, and the next sigma: the weights of the slopes there, latest first."""


def ipndm(denoise: Denoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Integrate with the weights of equal steps, whatever the steps are (iPNDM)."""

    def weights(past: Sequence[float], following: float) -> list[float]:
        return [w * (following - past[0]) for w in ADAMS_BASHFORTH[len(past) - 1]]

    return _multistep(denoise, x, sigmas, 4, weights)


def ipndm_v(denoise: Denoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Integrate with weights that regard uneven steps, as the samplers' authors compute them (see `uneven_weights`)."""
    return _multistep(denoise, x, sigmas, 4, uneven_weights)


def deis(denoise: Denoiser, x: Tensor, sigmas: Tensor) -> Iterator[Step]:
    """Integrate polynomials in the time of a variance-preserving process (tAB-DEIS)."""
    return _multistep(denoise, x, sigmas, 3, deis_weights)


def _multistep(denoise: Denoiser, x: Tensor, sigmas: Tensor, order: int, weights: Weights) -> Iterator[Step]:
    slopes: list[Tensor] = []
    past: list[float] = []
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        slopes = [derivative(x, sigma, x0), *slopes][:order]
        past = [sigma, *past][:order]
        used = len(past) if following > 0 else 1
        x = x + weighted_sum(weights(past[:used], following), slopes[:used])
        yield Step(i, sigma, x, x0)


def uneven_weights(past: Sequence[float], following: float) -> list[float]:
    """Return the weights of one to four slopes on uneven steps, in Newton's form.

    They are those of the authors' program, with which results agree. Up to the second order they integrate the
    interpolating polynomial exactly (`lms.adams_bashforth`); beyond, a bracket in the factor `bend` and the last ratio
    of the fourth order differ from the exact integral.
    """
    h = following - past[0]
    widths = [later - earlier for later, earlier in pairwise(past)]
    weights = np.zeros(len(past))
    weights[0] = 1
    if len(past) > 1:
        weights[:2] += h / widths[0] / 2 * np.array([1, -1])
    if len(past) > 2:
        h1, h2 = widths[:2]
        bend = (1 - h / (3 * (h + h1)) * (h * (h + h1)) / (h1 * (h1 + h2))) / 2
        weights[:3] += bend * np.array([1, -1 - h1 / h2, h1 / h2])
    if len(past) > 3:
        weights += _fourth_order(h, *widths)
    return [float(h * weight) for weight in weights]


def _fourth_order(h: float, h1: float, h2: float, h3: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    share = (1 - h / (3 * (h + h1))) / 2 + (1 - h / (2 * (h + h1))) * h / (6 * (h + h1 + h2))
    twist = share * h * (h + h1) * (h + h1 + h2) / (h1 * (h1 + h2) * (h1 + h2 + h3))
    ratio, wide = h1 / h2, h1 * (h1 + h2) / (h2 * (h2 + h3))
    return twist * np.array([1, -1 - ratio - wide, ratio + wide * (1 + h2 / h3), -wide * ratio])


# The variance-preserving process of DEIS: from sigma 0.002 at time 0.001 to sigma 80 at time 1.
_FIRST_TIME, _LOW, _HIGH = 1e-3, log(0.002**2 + 1), log(80**2 + 1)
_BETA_SLOPE = 2 * (_LOW / _FIRST_TIME - _HIGH) / (_FIRST_TIME - 1)
_BETA_START = _HIGH - _BETA_SLOPE / 2

# Points of the rectangle rule with which the authors integrate.
_POINTS = 10_000


def deis_weights(past: Sequence[float], following: float) -> list[float]:
    """Return the weights of one to three slopes, interpolated in time rather than sigma, by the rectangle rule."""
    if len(past) == 1:
        return [following - past[0]]
    start, *earlier = (_time(sigma) for sigma in past)
    end = _time(following)
    t = np.linspace(start, end, _POINTS)
    exponent = t**2 * _BETA_SLOPE / 2 + t * _BETA_START
    variance = -np.expm1(-exponent)
    speed = (t * _BETA_SLOPE + _BETA_START) / 2 / np.sqrt(variance * (1 - variance))
    nodes = [start, *earlier]
    weights = []
    for j, node in enumerate(nodes):
        basis = np.prod([(t - other) / (node - other) for k, other in enumerate(nodes) if k != j], axis=0)
        weights.append(float(np.sum(speed * basis) * (end - start) / _POINTS))
    return weights


def _time(sigma: float) -> float:
    """Return the time at which the process has this sigma."""
    return float((np.sqrt(_BETA_START**2 + 2 * _BETA_SLOPE * log(sigma**2 + 1)) - _BETA_START) / _BETA_SLOPE)
