"""The timesteps of a run: KSampler's steps, denoise and step window for samplers that think in timesteps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .schedules import MAX_PARTIAL_DENOISE, SCHEDULES
from .timesteps import ddim_timesteps, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .noise_schedule import NoiseSchedule


@dataclass(frozen=True)
class Timeline:
    """Which timesteps a run visits, and which belong to its plan but are run before or after it.

    Attributes:
        planned: Ascending timesteps of the whole schedule; they are walked backwards.
        begin: Number of steps still to do, up to the clean latent, when the run begins.
        end: Number of steps still to do when it ends.
    """

    planned: tuple[float, ...]
    begin: int
    end: int

    @property
    def count(self) -> int:
        """The number of steps of the run; 0 if there is nothing to do."""
        return max(self.begin - self.end, 0)

    @property
    def from_the_top(self) -> bool:
        """Whether the run begins with pure noise."""
        return self.begin == len(self.planned)

    @property
    def remaining(self) -> tuple[float, ...]:
        """Ascending timesteps from the clean end to the first one of the run."""
        return self.planned[: self.begin]

    def following(self, index: int) -> float | None:
        """Return the timestep to which step `index` of the run leads, or None where it leads to the clean latent."""
        left = self.begin - index - 1
        return self.planned[left - 1] if left else None


def make_timeline(
    schedule: NoiseSchedule,
    scheduler: str,
    steps: int,
    denoise: float = 1.0,
    start_step: int | None = None,
    last_step: int | None = None,
    *,
    fractional: bool = False,
) -> Timeline:
    """Plan the timesteps of a run; see `schedules.sampling_sigmas` and `schedules.window` for the rules.

    Args:
        schedule: The model's noise schedule.
        scheduler: A name of `SCHEDULES`.
        steps: Number of steps of the schedule.
        denoise: Part of the schedule to run, 0 to 1.
        start_step: First step to run.
        last_step: Step before which to stop.
        fractional: Space `uniform` as DPM-Solver's authors do, with timesteps between the training steps.
    """
    if denoise <= 0:
        return Timeline((), 0, 0)
    whole = denoise > MAX_PARTIAL_DENOISE
    asked = steps if whole else int(steps / denoise)
    if fractional and scheduler == "uniform":
        planned: Sequence[float] = np.linspace(len(schedule) - 1, 0, asked + 1)[-2::-1].tolist()
    else:
        planned = timesteps(schedule, scheduler, asked)
    total = len(planned) if whole else min(steps, len(planned))
    end = 0 if last_step is None else total - last_step
    return Timeline(tuple(planned), max(total - (start_step or 0), 0), max(end, 0))


def timesteps(schedule: NoiseSchedule, scheduler: str, steps: int) -> list[int]:
    """Return the ascending training timesteps of a schedule.

    The research code's schedules are lists of timesteps. Of others, the nearest timesteps are taken; equal ones are
    pushed apart, and away from 0, because the last step of these samplers leads to timestep 0.
    """
    n = len(schedule)
    if scheduler in ("uniform", "quad"):
        return ddim_timesteps(steps, n, "quad" if scheduler == "quad" else "uniform")
    if scheduler == "uniform_compvis":
        return ddim_timesteps(steps, n, compat="compvis")
    nearest = schedule.timestep(SCHEDULES[scheduler](schedule, steps)).flip(0).tolist()
    return spread([0, *nearest], n)[1:] if len(nearest) < n else sorted(set(nearest))
