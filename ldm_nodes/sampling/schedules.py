"""Sigma schedules: which noise levels a sampler visits, by ComfyUI's scheduler names and the research code's.

A schedule is a function of the model's noise schedule and a number of steps. It returns descending noise levels without
the final 0, which `sampling_sigmas` appends. Most return exactly `steps` levels; the exceptions say so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch

from .timesteps import ddim_timesteps

if TYPE_CHECKING:
    from torch import Tensor

    from .model_sampling import Levels

# ComfyUI's limit: a denoise closer to 1 than this runs the whole schedule.
MAX_PARTIAL_DENOISE = 0.9999

Schedule = Callable[["Levels", int], "Tensor"]


def simple(schedule: Levels, steps: int) -> Tensor:
    """Return training sigmas at equal strides from the largest down."""
    stride = (
        len(schedule.sigmas) / steps
    )  # rounded here, as in ComfyUI: it decides which sigma 70 numbers of steps visit
    return schedule.sigmas[[-1 - int(i * stride) for i in range(steps)]]


def sgm_uniform(schedule: Levels, steps: int) -> Tensor:
    """Return sigmas at equally spaced timesteps that would reach timestep 0 one step later (Stability's sgm)."""
    return schedule.sigma(_timesteps(schedule, steps + 1)[:-1])


def normal(schedule: Levels, steps: int) -> Tensor:
    """Return sigmas at equally spaced timesteps from the last training step to the first."""
    return schedule.sigma(_timesteps(schedule, steps))


def _timesteps(schedule: Levels, count: int) -> Tensor:
    ends = schedule.timestep(torch.tensor([float(schedule.sigma_max), float(schedule.sigma_min)]))
    return torch.linspace(float(ends[0]), float(ends[1]), count)


def karras(schedule: Levels, steps: int) -> Tensor:
    """Return sigmas equally spaced in their seventh root (arXiv 2206.00364, eq. 5)."""
    return karras_levels(steps, schedule.sigma_min, schedule.sigma_max)


def karras_levels(steps: int, sigma_min: float, sigma_max: float, rho: float = 7.0) -> Tensor:
    """Return `steps` sigmas from `sigma_max` to `sigma_min`, equally spaced in sigma^(1/rho)."""
    low, high = sigma_min ** (1 / rho), sigma_max ** (1 / rho)
    roots: Tensor = high + torch.linspace(0, 1, steps) * (low - high)
    return roots.pow(rho)


def exponential(schedule: Levels, steps: int) -> Tensor:
    """Return sigmas equally spaced in the logarithm."""
    return torch.linspace(math.log(schedule.sigma_max), math.log(schedule.sigma_min), steps).exp()


def kl_optimal(schedule: Levels, steps: int) -> Tensor:
    """Return sigmas equally spaced in the arctangent (Align Your Steps, arXiv 2404.14507).

    A single step is the largest sigma, as in every other schedule; ComfyUI divides 0 by 0 there.
    """
    high, low = math.atan(schedule.sigma_max), math.atan(schedule.sigma_min)
    return torch.linspace(high, low, steps).tan()


def ddim_uniform(schedule: Levels, steps: int) -> Tensor:
    """Return training sigmas 1, 1 + k, 1 + 2k, ... with k = 1000 // steps: may give more than `steps` levels."""
    stride = max(len(schedule.sigmas) // steps, 1)
    return schedule.sigmas[1::stride].flip(0)


def beta(schedule: Levels, steps: int, a: float = 0.6, b: float = 0.6) -> Tensor:
    """Return sigmas at the quantiles of a Beta(a, b) distribution over timesteps (arXiv 2407.12173).

    Levels that fall on the same training step are given once, so many steps may give fewer levels.
    """
    from scipy.special import betaincinv

    quantiles = betaincinv(a, b, 1 - np.arange(steps) / steps)
    timesteps = np.rint(quantiles * (len(schedule.sigmas) - 1)).astype(int)
    return schedule.sigmas[list(dict.fromkeys(timesteps.tolist()))]


def linear_quadratic(schedule: Levels, steps: int, threshold: float = 0.025) -> Tensor:
    """Return sigmas that fall slowly along a line to 1 - `threshold`, then along a parabola (Movie Gen, 2410.13720).

    The first half of the steps is linear; the parabola continues with the same slope and would reach 0 at `steps`.
    """
    if steps == 1:
        return schedule.sigmas[-1:]
    linear = steps // 2
    i = torch.arange(steps, dtype=torch.float64)
    slope, rest = threshold / linear, steps - linear
    bend = (1 - threshold - slope * rest) / rest**2
    progress = slope * i + torch.where(i < linear, 0, bend * (i - linear) ** 2)
    return ((1 - progress) * schedule.sigma_max).float()


def uniform(schedule: Levels, steps: int) -> Tensor:
    """Return the training sigmas of equally spaced timesteps, as DDIM's authors choose them, but exactly `steps`."""
    return _at(schedule, ddim_timesteps(steps, len(schedule.sigmas)))


def quad(schedule: Levels, steps: int) -> Tensor:
    """Return the training sigmas of timesteps that grow quadratically (arXiv 2010.02502)."""
    return _at(schedule, ddim_timesteps(steps, len(schedule.sigmas), "quad"))


def uniform_compvis(schedule: Levels, steps: int) -> Tensor:
    """Return the training sigmas of CompVis' uniform timesteps, whose number may exceed `steps`."""
    return _at(schedule, ddim_timesteps(steps, len(schedule.sigmas), compat="compvis"))


def _at(schedule: Levels, timesteps: list[int]) -> Tensor:
    return schedule.sigmas[timesteps[::-1]]


SCHEDULES: dict[str, Schedule] = {
    "simple": simple,
    "sgm_uniform": sgm_uniform,
    "karras": karras,
    "exponential": exponential,
    "ddim_uniform": ddim_uniform,
    "beta": beta,
    "normal": normal,
    "linear_quadratic": linear_quadratic,
    "kl_optimal": kl_optimal,
    "uniform": uniform,
    "quad": quad,
    "uniform_compvis": uniform_compvis,
}


def sampling_sigmas(
    schedule: Levels, scheduler: str, steps: int, denoise: float = 1.0, drop_penultimate: bool = False
) -> Tensor:
    """Return the sigmas of a run: float32, descending, ending in 0; empty if `denoise` is not above 0.

    Args:
        schedule: The model's noise schedule.
        scheduler: A name of `SCHEDULES`.
        steps: Number of sampling steps, at least 1.
        denoise: Part of the schedule to run, 0 to 1: the last `steps` of `steps / denoise` steps.
        drop_penultimate: Plan one step more and leave out the last sigma above 0, for samplers whose second
            evaluation of a step would otherwise fall below the smallest training sigma.
    """
    if denoise <= 0:
        return torch.empty(0)
    whole = denoise > MAX_PARTIAL_DENOISE
    planned = steps if whole else int(steps / denoise)
    levels = SCHEDULES[scheduler](schedule, planned + drop_penultimate).float().cpu()
    levels = torch.tensor(list(dict.fromkeys(levels.tolist())))  # a step between equal levels does nothing
    if drop_penultimate:
        levels = levels[:-1]
    sigmas = torch.cat([levels, levels.new_zeros(1)])
    return sigmas if whole else sigmas[-(steps + 1) :]


def window(sigmas: Tensor, start_step: int | None, last_step: int | None, force_full_denoise: bool) -> Tensor:
    """Return the sigmas of the steps from `start_step` to `last_step`; empty if there is none.

    With `force_full_denoise` the last sigma is 0 wherever the window ends.
    """
    if last_step is not None and last_step < len(sigmas) - 1:
        sigmas = sigmas[: last_step + 1].clone()
        if force_full_denoise:
            sigmas[-1] = 0
    start = start_step or 0
    return sigmas[start:] if start < len(sigmas) - 1 else sigmas[:0]
