"""Lists of noise levels cut, turned and refined, and schedules that need no model: what the SIGMAS wire carries.

Every list is (S + 1,) float32 on the CPU for S steps, descending, normally ending in 0; an empty one means no step.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch

from .schedules import karras_levels

if TYPE_CHECKING:
    from torch import Tensor

    from .model_sampling import Levels

Spacing = Literal["linear", "cosine", "sine"]

# What a list that is turned round starts with in place of 0, where no sampler can start.
NEARLY_CLEAN = 0.0001

# Ten-step schedules that were optimised for each model (Align Your Steps, arXiv 2404.14507).
ALIGN_YOUR_STEPS = {
    "SD1": (
        14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520, 1.8841921177, 1.3943805092, 0.9642583904,
        0.6523686016, 0.3977456272, 0.1515232662, 0.0291671582,
    ),
    "SDXL": (
        14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945, 0.8620721141, 0.5550693289,
        0.3798540708, 0.2332364134, 0.1114188177, 0.0291671582,
    ),
    "SVD": (700.00, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002),
}  # fmt: skip


def with_zero(levels: Tensor) -> Tensor:
    """Return the levels with a final 0."""
    return torch.cat([levels, levels.new_zeros(1)])


def karras(steps: int, sigma_max: float, sigma_min: float, rho: float) -> Tensor:
    """Return sigmas equally spaced in sigma^(1/rho) (arXiv 2206.00364, eq. 5)."""
    return with_zero(karras_levels(steps, sigma_min, sigma_max, rho))


def polyexponential(steps: int, sigma_max: float, sigma_min: float, rho: float = 1.0) -> Tensor:
    """Return sigmas whose logarithms fall as a power: with `rho` 1, equally spaced."""
    ramp = torch.linspace(1, 0, steps) ** rho
    return with_zero((ramp * (math.log(sigma_max) - math.log(sigma_min)) + math.log(sigma_min)).exp())


def variance_preserving(steps: int, beta_d: float, beta_min: float, eps_s: float) -> Tensor:
    """Return the levels of the continuous VP process at equal times from 1 to `eps_s` (arXiv 2206.00364, table 1)."""
    t = torch.linspace(1, eps_s, steps)
    return with_zero((beta_d * t**2 / 2 + beta_min * t).expm1().sqrt())


def laplace(steps: int, sigma_max: float, sigma_min: float, mu: float, beta: float) -> Tensor:
    """Return the quantiles of a Laplace distribution of log sigma (arXiv 2407.03297); there is no final 0."""
    x = torch.linspace(0, 1, steps)
    logs = mu - beta * (0.5 - x).sign() * (1 - 2 * (0.5 - x).abs() + 1e-5).log()
    return logs.exp().clamp(sigma_min, sigma_max)


def sd_turbo(levels: Levels, steps: int, denoise: float) -> Tensor:
    """Return the levels of a distilled model's ten timesteps 999, 899, …: `steps` of them, from `1 - denoise` on."""
    start = 10 - int(10 * denoise)
    timesteps = torch.arange(999, 0, -100)[start : start + steps]
    return with_zero(levels.sigma(timesteps).float())


def align_your_steps(model_type: str, steps: int, denoise: float) -> Tensor:
    """Return the schedule of `ALIGN_YOUR_STEPS`, interpolated in log sigma for other numbers of steps."""
    if denoise <= 0:
        return torch.empty(0)
    kept = round(steps * denoise) if denoise < 1 else steps
    table = np.array(ALIGN_YOUR_STEPS[model_type])
    if steps + 1 != len(table):
        places = np.linspace(0, 1, len(table))
        table = np.exp(np.interp(np.linspace(0, 1, steps + 1), places, np.log(table[::-1])))[::-1]
    sigmas = torch.tensor(table[-(kept + 1) :].copy(), dtype=torch.float32)
    sigmas[-1] = 0
    return sigmas


def split(sigmas: Tensor, step: int) -> tuple[Tensor, Tensor]:
    """Return the list up to a step, and from it on."""
    return sigmas[: step + 1], sigmas[step:]


def split_by_denoise(sigmas: Tensor, denoise: float) -> tuple[Tensor, Tensor]:
    """Return what comes before the last part `denoise` of the steps, and that part.

    Where it has no step, the first list is empty, as in ComfyUI.
    """
    last = round(max(len(sigmas) - 1, 0) * denoise)
    return sigmas[:-last] if last else sigmas[:0], sigmas[-(last + 1) :]


def flipped(sigmas: Tensor) -> Tensor:
    """Return the list turned round, for going from a clean latent to its noise."""
    turned = sigmas.flip(0)
    if len(turned) and turned[0] == 0:
        turned[0] = NEARLY_CLEAN
    return turned


def with_first(sigmas: Tensor, sigma: float) -> Tensor:
    """Return the list with another first level."""
    changed = sigmas.clone()
    changed[:1] = sigma
    return changed


def extended(sigmas: Tensor, steps: int, start_at_sigma: float, end_at_sigma: float, spacing: Spacing) -> Tensor:
    """Return the list with each step that begins between two levels divided into `steps`.

    Args:
        sigmas: the list.
        steps: how many steps become of one.
        start_at_sigma: the largest level whose step is divided; below 0 for no limit.
        end_at_sigma: the smallest.
        spacing: how the parts are spaced: evenly, or long first ("cosine") or last ("sine") by a quarter of a sine.
    """
    parts = torch.linspace(0, 1, steps + 1)[1:-1]
    eased = {"linear": parts, "cosine": (parts * math.pi / 2).sin(), "sine": 1 - (parts * math.pi / 2).cos()}[spacing]
    highest = math.inf if start_at_sigma < 0 else start_at_sigma
    pieces = []
    for level, following in pairwise(sigmas):
        pieces.append(level.reshape(1))
        if end_at_sigma <= level <= highest:
            pieces.append(level + (following - level) * eased.to(sigmas))
    return torch.cat([*pieces, sigmas[-1:]])
