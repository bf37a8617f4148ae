"""DPM-Solver (arXiv 2206.00927) and DPM-Solver++ (arXiv 2211.01095), as the Stable Diffusion repository uses them.

Start with `dpm_solver`, the sampler of `txt2img --dpm_solver`. The other functions are the methods it is made of.

Both solvers are exponential integrators in lambda = log(alpha / sigma), of the noise or of the clean latent. With
h = lambda_t - lambda_s, and z = h for the noise but z = -h for the clean latent, they share one update:

    x_t = ratio · x_s - scale · (phi1(z) m + phi2(z) d1 + phi3(z) d2)

m is the model's output at s, d1 and d2 estimate its first and second difference over the step. ratio and scale are
alpha_t / alpha_s and sigma_t for the noise, sigma_t / sigma_s and alpha_t for the clean latent.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import expm1
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch

from .continuous import ContinuousSchedule
from .errors import SamplingError
from .steps import Step, batch_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from .denoiser import NoisePredictor
    from .noise_schedule import NoiseSchedule

Spacing = Literal["time_uniform", "time_quadratic", "logSNR"]

# Runs of fewer steps end with lower orders, which are steadier over the last, longest steps in lambda.
LONG_RUN = 15


def dpm_solver(predict: NoisePredictor, x: Tensor, schedule: NoiseSchedule, steps: int) -> Iterator[Step]:
    """Sample by DPM-Solver++ 2M, as DPMSolverSampler of the Stable Diffusion repository does: one network call a step.

    Args:
        predict: Predicts the noise; it is given fractional timesteps.
        x: Start noise, (B, C, h, w), variance preserving.
        schedule: Noise schedule of the network.
        steps: Number of steps, at least 1.
    """
    solver = Solver(predict, ContinuousSchedule.of(schedule))
    return multistep(solver, x, solver.times(steps), order=2)


@dataclass(frozen=True)
class Output:
    """What the network says about x at a time: `m`, in the form that the solver integrates, and the clean latent."""

    t: float
    m: Tensor
    x0: Tensor


@dataclass(frozen=True)
class Solver:
    """The equation to solve and the form of its updates.

    Attributes:
        predict: Predicts the noise; it is given fractional timesteps.
        schedule: The network's noise schedule in continuous time.
        predict_x0: Integrate the clean latent (DPM-Solver++) instead of the noise (DPM-Solver).
        taylor: Use the Taylor form of the second-order and of the single-step third-order updates.
        threshold: Dynamic thresholding for pixels (arXiv 2205.11487, section 2.3): clamp each clean picture to its
            99.5 % quantile, at least this value, and scale that to this value.
    """

    predict: NoisePredictor
    schedule: ContinuousSchedule
    predict_x0: bool = True
    taylor: bool = False
    threshold: float | None = None

    def times(
        self, steps: int, spacing: Spacing = "time_uniform", start: float = 1.0, end: float | None = None
    ) -> list[float]:
        """Return steps + 1 times from `start` down to `end`; the first training step when None."""
        if steps < 1:
            raise SamplingError("steps", str(steps), "at least 1", "Ask for one step or more.")
        end = self.schedule.first if end is None else end
        if spacing == "logSNR":
            bounds = self.schedule.half_log_snr(start), self.schedule.half_log_snr(end)
            return [self.schedule.time_of(value) for value in np.linspace(*bounds, steps + 1).tolist()]
        power = 2 if spacing == "time_quadratic" else 1
        return [t**power for t in np.linspace(start ** (1 / power), end ** (1 / power), steps + 1).tolist()]

    def evaluate(self, x: Tensor, t: float) -> Output:
        """Ask the network about x at time t."""
        eps = self.predict(x, batch_of(self.schedule.timestep(t), x))
        x0 = (x - self.schedule.sigma(t) * eps) / self.schedule.alpha(t)
        if self.threshold is not None:
            x0 = _thresholded(x0, self.threshold)
        return Output(t, x0 if self.predict_x0 else eps, x0)

    def advance(self, x: Tensor, s: float, t: float, m: Tensor, *differences: Tensor, halved: bool = False) -> Tensor:
        """Move x from time s to time t with the output m and its first and second differences, where known.

        `halved` weighs a lone first difference by phi1 / 2 instead of phi2: equal up to the order of the method.
        """
        schedule = self.schedule
        h = schedule.half_log_snr(t) - schedule.half_log_snr(s)
        if self.predict_x0:
            ratio, scale, z = schedule.sigma(t) / schedule.sigma(s), schedule.alpha(t), -h
        else:
            ratio, scale, z = schedule.alpha(t) / schedule.alpha(s), schedule.sigma(t), h
        phi1 = expm1(z)
        phi2 = phi1 / z - 1
        phi3 = phi2 / z - 0.5
        x = ratio * x - scale * phi1 * m
        for weight, difference in zip((phi1 / 2 if halved else phi2, phi3), differences, strict=False):
            x = x - scale * weight * difference
        return x

    def single_step(self, x: Tensor, times: Sequence[float]) -> tuple[Tensor, Tensor, Tensor]:
        """Move x from the first to the last time by the single-step method whose stages are at the times but the last.

        Returns:
            The result at the order of the method (1 to 3), the result one order lower from the same network calls
            (arXiv 2206.00927, appendix C), and the clean latent predicted at the first time.
        """
        s, t = times[0], times[-1]
        start, *inner, end = (self.schedule.half_log_snr(time) for time in times)
        r = [(value - start) / (end - start) for value in inner]
        output = self.evaluate(x, s)
        m, x0 = output.m, output.x0
        first = self.advance(x, s, t, m)
        if len(inner) == 0:
            return first, first, x0
        d1 = (self.evaluate(self.advance(x, s, times[1], m), times[1]).m - m) / r[0]
        second = self.advance(x, s, t, m, d1, halved=not self.taylor)
        if len(inner) == 1:
            return second, first, x0
        d2 = (self.evaluate(self.advance(x, s, times[2], m, r[1] * d1), times[2]).m - m) / r[1]
        if self.taylor:
            spread = r[1] - r[0]
            return self.advance(x, s, t, m, (r[1] * d1 - r[0] * d2) / spread, 2 * (d2 - d1) / spread), second, x0
        return self.advance(x, s, t, m, d2), second, x0


def multistep(
    solver: Solver, x: Tensor, times: Sequence[float], order: int = 2, *, lower_order_final: bool = True
) -> Iterator[Step]:
    """Sample by the multistep method: one network call a step (arXiv 2211.01095, algorithm 2).

    Args:
        solver: The equation.
        x: Start noise, (B, C, h, w), variance preserving.
        times: Descending times, as `Solver.times` makes them.
        order: 1 to 3.
        lower_order_final: End runs of fewer than 15 steps with lower orders.
    """
    _check_order(order, 1)
    history: deque[Output] = deque(maxlen=order)
    steps = len(times) - 1
    for index, (s, t) in enumerate(pairwise(times)):
        history.appendleft(solver.evaluate(x, s))
        used = min(len(history), steps - index) if lower_order_final and steps < LONG_RUN else len(history)
        x = _multistep_update(solver, x, t, list(history)[:used])
        yield Step(index, solver.schedule.timestep(s), x, history[0].x0)


def _multistep_update(solver: Solver, x: Tensor, t: float, history: Sequence[Output]) -> Tensor:
    """Move x to time t with the outputs of one to three steps, latest first."""
    lambdas = [solver.schedule.half_log_snr(time) for time in (t, *(output.t for output in history))]
    h = lambdas[0] - lambdas[1]
    r = [(later - earlier) / h for later, earlier in pairwise(lambdas[1:])]
    d = [(later.m - earlier.m) / ratio for (later, earlier), ratio in zip(pairwise(history), r, strict=True)]
    s, m = history[0].t, history[0].m
    if len(d) < 2:
        return solver.advance(x, s, t, m, *d, halved=not solver.taylor)
    bend = (d[0] - d[1]) / (r[0] + r[1])
    return solver.advance(x, s, t, m, d[0] + r[0] * bend, bend)


def singlestep(
    solver: Solver, x: Tensor, steps: int, order: int, spacing: Spacing = "time_uniform", *, fixed: bool = False
) -> Iterator[Step]:
    """Sample by the single-step method with `steps` network calls in all (arXiv 2206.00927, algorithms 1 and 2).

    Args:
        solver: The equation.
        x: Start noise, (B, C, h, w), variance preserving.
        steps: Number of network calls.
        order: 1 to 3: the calls that a step makes. Calls that do not fill a step are made in steps of lower order.
        spacing: How times are chosen, those within a step too.
        fixed: Take only steps of the full order; calls that do not fill a step are not made.
    """
    _check_order(order, 1)
    orders = [order] * (steps // order) if fixed else _orders(steps, order)
    if fixed or spacing == "logSNR":
        times = solver.times(len(orders), spacing)
    else:
        fine = solver.times(steps, spacing)
        times = [fine[i] for i in accumulate(orders, initial=0)]
    for index, ((s, t), calls) in enumerate(zip(pairwise(times), orders, strict=True)):
        x, _, x0 = solver.single_step(x, solver.times(calls, spacing, s, t))
        yield Step(index, solver.schedule.timestep(s), x, x0)


def _orders(steps: int, order: int) -> list[int]:
    """Share out the network calls: full orders first, and where three divides them, 2 and 1 for the last three."""
    if order == 3 and steps % 3 == 0:
        return [3] * (steps // 3 - 1) + [2, 1]
    rest = steps % order
    return [order] * (steps // order) + ([rest] if rest else [])


def adaptive(
    solver: Solver,
    x: Tensor,
    order: int = 2,
    *,
    h: float = 0.05,
    atol: float = 0.0078,
    rtol: float = 0.05,
    safety: float = 0.9,
    t_err: float = 1e-5,
) -> Iterator[Step]:
    """Sample with steps whose length follows from the estimated error (arXiv 2206.00927, algorithm 3).

    Args:
        solver: The equation.
        x: Start noise, (B, C, h, w), variance preserving.
        order: 2 or 3: the network calls of a step, rejected ones included.
        h: Length of the first step, in lambda.
        atol: Error allowed for each element.
        rtol: Error allowed for each element, relative to its size.
        safety: Factor on the length that the error suggests.
        t_err: Distance in time from the end at which sampling stops.
    """
    _check_order(order, 2)
    ratios = (0.0, 1 / 2, 1.0) if order == 2 else (0.0, 1 / 3, 2 / 3, 1.0)
    schedule = solver.schedule
    s, end, previous, index = 1.0, schedule.half_log_snr(schedule.first), x, 0
    while abs(s - schedule.first) > t_err:
        start = schedule.half_log_snr(s)
        times = [s, *(schedule.time_of(start + r * h) for r in ratios[1:])]
        higher, lower, x0 = solver.single_step(x, times)
        error = _error(higher, lower, previous, atol, rtol)
        if error <= 1:
            yield Step(index, schedule.timestep(s), higher, x0)
            x, previous, s, index = higher, lower, times[-1], index + 1
        h = min(safety * h * max(error, 1e-8) ** (-1 / order), end - schedule.half_log_snr(s))


def _error(higher: Tensor, lower: Tensor, previous: Tensor, atol: float, rtol: float) -> float:
    allowed = (rtol * torch.maximum(lower.abs(), previous.abs())).clamp(min=atol)
    return ((higher - lower) / allowed).square().flatten(1).mean(1).sqrt().max().item()


def _check_order(order: int, lowest: int) -> None:
    if not lowest <= order <= 3:
        raise SamplingError("order", str(order), f"{lowest} to 3", "No higher order has been derived.")


def _thresholded(x0: Tensor, value: float) -> Tensor:
    limit = torch.quantile(x0.abs().flatten(1), 0.995, dim=1).clamp(min=value).reshape(-1, *[1] * (x0.ndim - 1))
    return x0.clamp(-limit, limit) / limit * value
