"""Which training steps a sampler visits. Every function returns ascending timesteps; samplers walk them backwards."""

from __future__ import annotations

from typing import Literal

import numpy as np

from .errors import SamplingError

Spacing = Literal["uniform", "quad"]


def ddim_timesteps(
    steps: int, train_steps: int = 1000, method: Spacing = "uniform", compat: Literal["compvis"] | None = None
) -> list[int]:
    """Return the timesteps of DDIM and PLMS.

    Exactly `steps` strictly ascending timesteps within [0, train_steps - 1], whatever `steps` is; where the original
    code (make_ddim_timesteps) gives such a list, it is the same.

    Args:
        steps: Number of steps, 1 to `train_steps`.
        train_steps: Length of the noise schedule.
        method: `uniform`, or `quad`: denser near the clean picture.
        compat: `compvis` returns the original's list: uniform spacing may then take more steps than asked for, and
            quad may visit a step twice.

    Raises:
        SamplingError: If `steps` is out of range, or the original fails for this number of steps.
    """
    _check(steps, train_steps)
    if compat == "compvis":
        return _compvis_timesteps(steps, train_steps, method)
    if method == "quad":
        return spread(_quad(steps, train_steps), train_steps)
    shift = 1 if steps < train_steps else 0
    return [i * train_steps // steps + shift for i in range(steps)]


def leading_timesteps(steps: int, train_steps: int = 1000, offset: int = 0) -> list[int]:
    """Return 0, c, 2c, ... + offset with c = train_steps // steps: diffusers' "leading" spacing."""
    _check(steps, train_steps)
    return [i * (train_steps // steps) + offset for i in range(steps)]


def trailing_timesteps(steps: int, train_steps: int = 1000) -> list[int]:
    """Return equally spaced timesteps that end at the last training step: the spacing of sgm, for SDXL."""
    _check(steps, train_steps)
    return [int(t) for t in np.linspace(train_steps - 1, 0, steps, endpoint=False)[::-1]]


def _check(steps: int, train_steps: int) -> None:
    if not 1 <= steps <= train_steps:
        raise SamplingError(
            "steps", str(steps), f"1 to {train_steps}", "A sampler visits each training step at most once."
        )


def _quad(steps: int, train_steps: int) -> list[int]:
    return [int(t) + 1 for t in np.linspace(0, np.sqrt(train_steps * 0.8), steps) ** 2]


def spread(timesteps: list[int], train_steps: int) -> list[int]:
    """Push equal timesteps of an ascending list apart, and those that leave the schedule back into it."""
    order = np.arange(len(timesteps))
    apart = np.maximum.accumulate(np.array(timesteps) - order) + order
    return [int(t) for t in np.minimum(apart, train_steps - len(timesteps) + order)]


def _compvis_timesteps(steps: int, train_steps: int, method: Spacing) -> list[int]:
    if method == "quad":
        return _quad(steps, train_steps)
    timesteps = [t + 1 for t in range(0, train_steps, train_steps // steps)]
    if timesteps[-1] >= train_steps:
        raise SamplingError(
            "steps",
            str(steps),
            "a number for which the original code works",
            f"With {steps} steps it asks for timestep {train_steps}, one past the end; choose another number of steps, "
            "or leave out compat='compvis'.",
        )
    return timesteps
