"""Learning rates: the scaling rule, and schedules as functions from step to multiplier (lr_scheduler.py of CompVis).

A schedule multiplies the scaled learning rate, once per optimiser step; the first step is number 0.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from ..models.errors import WrongConfig

Multiplier = Callable[[int], float]
"""From the number of optimiser steps taken so far to the factor of the learning rate."""


def scaled_learning_rate(base: float, batch_size: int, accumulate: int = 1, processes: int = 1) -> float:
    """Return the rate for a `base` rate per picture: accumulated batches x processes x batch size x base."""
    return accumulate * processes * batch_size * base


def constant(step: int) -> float:
    """Leave the learning rate as it is."""
    return 1.0


@dataclass(frozen=True)
class WarmUpCosine:
    """A line from `lr_start` to `lr_max`, then half a cosine down to `lr_min` (LambdaWarmUpCosineScheduler).

    Attributes:
        warm_up_steps: steps of the line.
        lr_min: multiplier from `max_decay_steps` on.
        lr_max: multiplier at the end of the line.
        lr_start: multiplier at step 0.
        max_decay_steps: step at which the cosine ends.
    """

    warm_up_steps: float
    lr_min: float
    lr_max: float
    lr_start: float
    max_decay_steps: float

    def __post_init__(self) -> None:
        if not 0 <= self.warm_up_steps < self.max_decay_steps:
            raise WrongConfig(
                f"A cosine schedule warms up for {self.warm_up_steps} steps and ends at {self.max_decay_steps}; "
                "expected the end after the warm-up."
            )

    def __call__(self, step: int) -> float:
        """Return the multiplier of `step`."""
        if step < self.warm_up_steps:
            return self.lr_start + (self.lr_max - self.lr_start) / self.warm_up_steps * step
        return _cosine(step - self.warm_up_steps, self.max_decay_steps - self.warm_up_steps, self.lr_min, self.lr_max)


@dataclass(frozen=True)
class Cycles(ABC):
    """Cycles that each have their own lengths and levels; after the last one its final level stays.

    The step at which two cycles meet belongs to the earlier one.

    Attributes:
        warm_up_steps: steps of the line at the start of each cycle.
        f_min: multiplier at the end of each cycle.
        f_max: multiplier at the end of each line.
        f_start: multiplier at the start of each cycle.
        cycle_lengths: steps of each cycle, its line included.
    """

    warm_up_steps: tuple[float, ...]
    f_min: tuple[float, ...]
    f_max: tuple[float, ...]
    f_start: tuple[float, ...]
    cycle_lengths: tuple[float, ...]

    def __post_init__(self) -> None:
        lengths = {len(values) for values in vars(self).values()}
        if len(lengths) != 1 or 0 in lengths:
            raise WrongConfig("The five lists of a cyclic schedule need one entry per cycle, all the same number.")
        pairs = zip(self.warm_up_steps, self.cycle_lengths, strict=True)
        if not all(0 <= warm_up < length for warm_up, length in pairs):
            raise WrongConfig("In a cyclic schedule every warm-up must be shorter than its cycle.")

    def __call__(self, step: int) -> float:
        """Return the multiplier of `step`."""
        ends = list(accumulate(self.cycle_lengths))
        cycle = min(bisect_left(ends, step), len(ends) - 1)
        length = self.cycle_lengths[cycle]
        n = min(step - (ends[cycle - 1] if cycle else 0), length)
        if n < self.warm_up_steps[cycle]:
            start = self.f_start[cycle]
            return start + (self.f_max[cycle] - start) / self.warm_up_steps[cycle] * n
        return self._descent(n, length, cycle)

    @abstractmethod
    def _descent(self, n: float, length: float, cycle: int) -> float:
        """Return the multiplier n steps into a cycle, past its line."""


class LinearCycles(Cycles):
    """Cycles of a warm-up and a straight descent (LambdaLinearScheduler).

    The descent is measured from the start of the cycle, so that it begins a little below `f_max`.
    """

    def _descent(self, n: float, length: float, cycle: int) -> float:
        low = self.f_min[cycle]
        return low + (self.f_max[cycle] - low) * (length - n) / length


class CosineCycles(Cycles):
    """Cycles of a warm-up and half a cosine (LambdaWarmUpCosineScheduler2)."""

    def _descent(self, n: float, length: float, cycle: int) -> float:
        warm_up = self.warm_up_steps[cycle]
        return _cosine(n - warm_up, length - warm_up, self.f_min[cycle], self.f_max[cycle])


def _cosine(n: float, length: float, low: float, high: float) -> float:
    return low + 0.5 * (high - low) * (1.0 + math.cos(math.pi * min(n / length, 1.0)))


def schedule_from_config(target: str, params: Mapping[str, Any]) -> Multiplier:
    """Return the schedule that a `scheduler_config` of the original code's YAML files names.

    Args:
        target: the class, such as `ldm.lr_scheduler.LambdaLinearScheduler`.
        params: its arguments; `verbosity_interval` only printed and is left out.

    Raises:
        WrongConfig: for another class, and for arguments that do not fit.
    """
    if target not in SCHEDULES:
        raise WrongConfig(f"The learning-rate schedule {target!r} is not known; expected {', '.join(SCHEDULES)}.")
    known = {key: value for key, value in params.items() if key != "verbosity_interval"}
    try:
        numbers = {
            key: tuple(map(float, value)) if isinstance(value, list) else float(value) for key, value in known.items()
        }
        return SCHEDULES[target](**numbers)
    except WrongConfig:
        raise
    except (TypeError, ValueError) as error:
        raise WrongConfig(f"The params of {target} do not fit: {error}.") from error


SCHEDULES: Mapping[str, Callable[..., Multiplier]] = {
    "ldm.lr_scheduler.LambdaLinearScheduler": LinearCycles,
    "ldm.lr_scheduler.LambdaWarmUpCosineScheduler": WarmUpCosine,
    "ldm.lr_scheduler.LambdaWarmUpCosineScheduler2": CosineCycles,
}
