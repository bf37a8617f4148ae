"""PNDM: pseudo numerical methods on manifolds (arXiv 2202.09778), as the paper's own repository computes them.

Unlike CompVis, that code counts times from 0, gives the network the half-way times unrounded, and reads the level of
time t at index int(t) + 1 of the cumulative product, so that time -1, where the last step leads, reads entry 0.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from .plms import adams_bashforth
from .steps import Step, batch_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

    from .denoiser import NoisePredictor


def float32_alphas_cumprod(betas: Tensor) -> Tensor:
    """Return the cumulative product as the PNDM repository takes it: of float32 alphas, in float32."""
    return (1 - betas.float()).cumprod(0)


def transfer(x: Tensor, eps: Tensor, a: float, a_next: float) -> Tensor:
    """Move x from level a to level a_next along the noise eps (arXiv 2202.09778, eq. 11)."""
    along_x = 1 / (sqrt(a) * (sqrt(a) + sqrt(a_next)))
    along_eps = 1 / (sqrt(a) * (sqrt((1 - a_next) * a) + sqrt((1 - a) * a_next)))
    return x + (a_next - a) * (along_x * x - along_eps * eps)


@dataclass(frozen=True)
class Levels:
    """The network, and the levels of the times at which it is asked."""

    predict: NoisePredictor
    alphas_cumprod: Sequence[float]

    def eps(self, x: Tensor, t: float) -> Tensor:
        """Return the noise at a time, which may lie half-way between two steps."""
        return self.predict(x, batch_of(float(t), x))

    def alpha(self, t: float) -> float:
        """Return the level of time t: fractions are cut off towards 0."""
        return self.alphas_cumprod[min(int(t) + 1, len(self.alphas_cumprod) - 1)]

    def move(self, x: Tensor, eps: Tensor, t: float, t_next: float) -> Tensor:
        """Transfer x from time t to time t_next."""
        return transfer(x, eps, self.alpha(t), self.alpha(t_next))

    def start(self, x: Tensor, eps: Tensor, t: float) -> Tensor:
        """Return the x0 that x at time t and its noise imply."""
        a = self.alpha(t)
        return (x - sqrt(1 - a) * eps) / sqrt(a)


def pndm_ddim(predict: NoisePredictor, x: Tensor, alphas_cumprod: Tensor, timesteps: Sequence[int]) -> Iterator[Step]:
    """Sample by the first-order method, which is DDIM: one network call a step.

    Args:
        predict: Predicts the noise; it is given float times.
        x: Start noise, (B, C, h, w), variance preserving.
        alphas_cumprod: The (n,) levels; `float32_alphas_cumprod` gives the paper's own.
        timesteps: Ascending times, `leading_timesteps` in the paper's code; they are walked backwards.
    """
    return _walk(predict, x, alphas_cumprod, timesteps, lambda levels, x, t, t_next, history: levels.eps(x, t))


def s_pndm(predict: NoisePredictor, x: Tensor, alphas_cumprod: Tensor, timesteps: Sequence[int]) -> Iterator[Step]:
    """Sample by S-PNDM, the second-order method: S + 1 network calls. Arguments as for `pndm_ddim`."""
    return _walk(predict, x, alphas_cumprod, timesteps, _second_order)


def f_pndm(predict: NoisePredictor, x: Tensor, alphas_cumprod: Tensor, timesteps: Sequence[int]) -> Iterator[Step]:
    """Sample by F-PNDM, the fourth-order method: S + 9 network calls. Arguments as for `pndm_ddim`."""
    return _walk(predict, x, alphas_cumprod, timesteps, _fourth_order)


def fon(predict: NoisePredictor, x: Tensor, alphas_cumprod: Tensor, timesteps: Sequence[int]) -> Iterator[Step]:
    """Sample by FON, the classical fourth-order method that the paper compares with: S + 9 network calls.

    It integrates the change of x per training step, without regard to the manifold. Arguments as for `pndm_ddim`.
    """
    levels = Levels(predict, alphas_cumprod.tolist())
    history: deque[Tensor] = deque(maxlen=3)
    for index, (t, t_next) in enumerate(_intervals(timesteps)):
        eps = levels.eps(x, t)
        x0 = levels.start(x, eps, t)
        slope = levels.move(x, eps, t, t - 1) - x
        if len(history) == 3:
            combined = adams_bashforth([slope, *history])
        else:
            combined = _runge_kutta_slope(levels, x, t, t_next, slope)
        history.appendleft(slope)
        x = x + combined * (t - t_next)
        yield Step(index, t, x, x0)


def _walk(
    predict: NoisePredictor,
    x: Tensor,
    alphas_cumprod: Tensor,
    timesteps: Sequence[int],
    estimate: Callable[[Levels, Tensor, float, float, deque[Tensor]], Tensor],
) -> Iterator[Step]:
    levels = Levels(predict, alphas_cumprod.tolist())
    history: deque[Tensor] = deque(maxlen=4)
    for index, (t, t_next) in enumerate(_intervals(timesteps)):
        eps = estimate(levels, x, t, t_next, history)
        x0 = levels.start(x, eps, t)
        x = levels.move(x, eps, t, t_next)
        yield Step(index, t, x, x0)


def _intervals(timesteps: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip(reversed(timesteps), reversed([-1, *timesteps[:-1]]), strict=True))


def _second_order(levels: Levels, x: Tensor, t: float, t_next: float, history: deque[Tensor]) -> Tensor:
    """Improved Euler in the first step, then two-step Adams-Bashforth (arXiv 2202.09778, eq. 14)."""
    first = levels.eps(x, t)
    history.appendleft(first)
    if len(history) > 1:
        return adams_bashforth([history[0], history[1]])
    return (first + levels.eps(levels.move(x, first, t, t_next), t_next)) / 2


def _fourth_order(levels: Levels, x: Tensor, t: float, t_next: float, history: deque[Tensor]) -> Tensor:
    """Runge-Kutta in the first three steps, then four-step Adams-Bashforth (arXiv 2202.09778, eq. 12 and 13)."""
    first = levels.eps(x, t)
    history.appendleft(first)
    if len(history) > 3:
        return adams_bashforth(list(history))
    half = (t + t_next) / 2
    second = levels.eps(levels.move(x, first, t, half), half)
    third = levels.eps(levels.move(x, second, t, half), half)
    fourth = levels.eps(levels.move(x, third, t, t_next), t_next)
    return (first + 2 * second + 2 * third + fourth) / 6


def _slope(levels: Levels, start: Tensor, x: Tensor, t: float, at: float) -> Tensor:
    """Return the change of `start` over one training step from t, with the noise that x shows at time `at`."""
    return levels.move(start, levels.eps(x, at), t, t - 1) - start


def _runge_kutta_slope(levels: Levels, x: Tensor, t: float, t_next: float, first: Tensor) -> Tensor:
    length, half = t - t_next, (t + t_next) / 2
    second = _slope(levels, x, x + first * length / 2, t, half)
    third = _slope(levels, x, x + second * length / 2, t, half)
    fourth = _slope(levels, x, x + third * length, t, t_next)
    return (first + 2 * second + 2 * third + fourth) / 6
