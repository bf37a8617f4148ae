"""The timesteps of a run."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from ldm_nodes.sampling.plan import make_plan
from ldm_nodes.sampling.research import respaced
from ldm_nodes.sampling.sample import sample
from ldm_nodes.sampling.tables import SCHEDULERS
from ldm_nodes.sampling.timeline import make_timeline, timesteps
from tests.sampling.toy_model import ToyModel, prompt

SD = NoiseSchedule.stable_diffusion()


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("steps", [1, 2, 7, 20, 100, 400])
def test_timesteps_ascend_without_repetition_between_1_and_the_last(scheduler: str, steps: int) -> None:
    found = torch.tensor(timesteps(SD, scheduler, steps))
    assert (found.diff() > 0).all()
    assert found.min() >= 1
    assert found.max() <= 999


@pytest.mark.parametrize("scheduler", ["simple", "karras", "normal", "exponential", "uniform", "quad"])
def test_the_number_of_timesteps_is_kept_where_sigmas_fall_on_the_same(scheduler: str) -> None:
    assert len(timesteps(SD, scheduler, 300)) == 300


def test_a_whole_run() -> None:
    line = make_timeline(SD, "uniform", 4)
    assert line.planned == (1, 251, 501, 751)
    assert line.count == 4
    assert line.from_the_top
    assert [line.following(i) for i in range(4)] == [501, 251, 1, None]


def test_denoise_takes_the_end_of_a_longer_plan() -> None:
    line = make_timeline(SD, "uniform", 2, denoise=0.5)
    assert line.remaining == (1, 251)
    assert not line.from_the_top
    assert make_timeline(SD, "uniform", 2, denoise=0.0).count == 0


def test_a_window_of_the_steps() -> None:
    line = make_timeline(SD, "uniform", 4, start_step=1, last_step=3)
    assert line.remaining == (1, 251, 501)
    assert line.count == 2
    assert make_timeline(SD, "uniform", 4, start_step=4).count == 0
    assert make_timeline(SD, "uniform", 4, start_step=3, last_step=2).count == 0


def test_dpm_solvers_own_spacing_lies_between_the_training_steps() -> None:
    line = make_timeline(SD, "uniform", 20, fractional=True)
    assert line.planned[-1] == 999
    assert line.planned[0] == pytest.approx(49.95)
    assert line.count == 20


def test_a_respaced_process_has_the_levels_of_the_timesteps_it_visits() -> None:
    visited = torch.tensor([1, 251, 501, 751])
    torch.testing.assert_close(respaced(SD, visited).alphas_cumprod, SD.alphas_cumprod[visited])
    assert respaced(SD, torch.arange(1000)) is SD


@pytest.mark.parametrize("name", ["euler", "plms", "dpm_solver"])
def test_a_plan_says_which_timesteps_the_network_will_be_asked_about(name: str) -> None:
    model = ToyModel()
    settings: dict[str, Any] = {"sampler_name": name, "scheduler": "uniform", "steps": 5, "start_step": 1}
    sample(model, positive=prompt(1.0), negative=(), latent=torch.zeros(1, 4, 6, 8), seed=0, cfg=1.0, **settings)
    planned = make_plan(SD, **settings).timesteps
    asked = [t for i, t in enumerate(model.timesteps) if name != "plms" or i != 1]
    assert list(planned) == pytest.approx(asked)
    assert len(planned) == 4
