from __future__ import annotations

from typing import Any

import pytest
import torch
import yaml

from ldm_nodes.models.errors import WrongConfig
from ldm_nodes.training.learning_rate import (
    CosineCycles,
    LinearCycles,
    WarmUpCosine,
    constant,
    scaled_learning_rate,
    schedule_from_config,
)

LINEAR = "ldm.lr_scheduler.LambdaLinearScheduler"
COSINE = "ldm.lr_scheduler.LambdaWarmUpCosineScheduler"
CYCLIC_COSINE = "ldm.lr_scheduler.LambdaWarmUpCosineScheduler2"
STABLE_DIFFUSION = """
warm_up_steps: [ 10000 ]
cycle_lengths: [ 10000000000000 ] # incredibly large number to prevent corner cases
f_start: [ 1.e-6 ]
f_max: [ 1. ]
f_min: [ 1. ]
"""


def test_the_rate_grows_with_everything_that_is_averaged() -> None:
    assert scaled_learning_rate(2.0e-06, 12, accumulate=2, processes=4) == pytest.approx(1.92e-4)


@pytest.mark.parametrize(("step", "factor"), [(0, 1e-6), (5000, 0.5000005), (10_000, 1.0), (1_000_000, 1.0)])
def test_the_schedule_of_stable_diffusion(step: int, factor: float) -> None:
    schedule = schedule_from_config(LINEAR, yaml.safe_load(STABLE_DIFFUSION))
    assert schedule(step) == pytest.approx(factor, rel=1e-9)


@pytest.mark.parametrize(
    ("step", "factor"), [(0, 0.001), (500, 0.0505), (1000, 0.1), (25_500, 0.05005), (50_000, 1e-4), (60_000, 1e-4)]
)
def test_the_schedule_of_the_inpainting_model(step: int, factor: float) -> None:
    params = {"warm_up_steps": 1000, "lr_min": 1e-4, "lr_max": 0.1, "lr_start": 1e-3, "max_decay_steps": 50000}
    schedule = schedule_from_config(COSINE, params | {"verbosity_interval": 0})
    assert schedule(step) == pytest.approx(factor, rel=1e-9)


CYCLES: dict[str, Any] = {
    "warm_up_steps": (10, 0), "f_min": (0.0, 0.2), "f_max": (1.0, 0.6), "f_start": (0.1, 0.0), "cycle_lengths": (50, 20)
}  # fmt: skip


ONES = {key: [1.0] for key in CYCLES}


@pytest.mark.parametrize(
    ("step", "linear", "cosine"),
    [
        (0, 0.1, 0.1),
        (5, 0.55, 0.55),
        (10, 0.8, 1.0),
        (30, 0.4, 0.5),
        (50, 0.0, 0.0),  # the boundary belongs to the earlier cycle
        (51, 0.2 + 0.4 * 19 / 20, 0.2 + 0.2 * (1 + 0.9876883)),
        (60, 0.4, 0.4),
        (70, 0.2, 0.2),
        (999, 0.2, 0.2),  # after the last cycle its end stays
    ],
)
def test_cycles(step: int, linear: float, cosine: float) -> None:
    assert LinearCycles(**CYCLES)(step) == pytest.approx(linear, abs=1e-7)
    assert CosineCycles(**CYCLES)(step) == pytest.approx(cosine, abs=1e-7)


def test_torch_takes_a_schedule_as_it_is() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2.0)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, WarmUpCosine(2, 0.0, 1.0, 0.0, 4))
    rates = []
    for _ in range(5):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    assert rates == pytest.approx([0.0, 1.0, 2.0, 1.0, 0.0])
    assert constant(7) == 1.0


@pytest.mark.parametrize(
    ("target", "params", "message"),
    [
        ("torch.optim.lr_scheduler.StepLR", {}, "StepLR' is not known; expected ldm.lr_scheduler"),
        (COSINE, {"warm_up_steps": 5}, "do not fit: .*missing"),
        (COSINE, {"warm_up_steps": 5, "lr_min": "low"}, "could not convert"),
        (LINEAR, ONES | {"cycle_lengths": [1.0, 2.0]}, "one entry per cycle"),
        (LINEAR, ONES, "shorter than its cycle"),
        (CYCLIC_COSINE, {key: [] for key in CYCLES}, "one entry per cycle"),
        (
            COSINE,
            {"warm_up_steps": 9, "lr_min": 0, "lr_max": 1, "lr_start": 0, "max_decay_steps": 9},
            "end after the warm-up",
        ),
    ],
)
def test_schedules_that_cannot_be(target: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongConfig, match=message):
        schedule_from_config(target, params)
