"""One number through every research sampler: eps(x, t) = sin(x) + t / 1000, x = 1, Stable Diffusion's schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from ldm_nodes.sampling.ddim import DDIMPlan, ddim
from ldm_nodes.sampling.dpm_solver import dpm_solver
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from ldm_nodes.sampling.plms import plms
from ldm_nodes.sampling.pndm import f_pndm, s_pndm
from ldm_nodes.sampling.timesteps import ddim_timesteps, leading_timesteps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from ldm_nodes.sampling.denoiser import NoisePredictor
    from ldm_nodes.sampling.steps import Step

SD = NoiseSchedule.stable_diffusion()
ONE = torch.ones(1, 1, 1, 1, dtype=torch.float64)


def by_ddim(predict: NoisePredictor, steps: int) -> Iterator[Step]:
    return ddim(predict, ONE, DDIMPlan.of(SD, ddim_timesteps(steps)))


def by_plms(predict: NoisePredictor, steps: int) -> Iterator[Step]:
    return plms(predict, ONE, DDIMPlan.of(SD, ddim_timesteps(steps)))


def by_s_pndm(predict: NoisePredictor, steps: int) -> Iterator[Step]:
    return s_pndm(predict, ONE, SD.alphas_cumprod, leading_timesteps(steps))


def by_f_pndm(predict: NoisePredictor, steps: int) -> Iterator[Step]:
    return f_pndm(predict, ONE, SD.alphas_cumprod, leading_timesteps(steps))


def by_dpm_solver(predict: NoisePredictor, steps: int) -> Iterator[Step]:
    return dpm_solver(predict, ONE, SD, steps)


# What each returns with 10, 20 and 50 steps, and how many network calls it makes beyond one a step.
EXPECTED = [
    (by_ddim, (-0.46536016, -0.52075986, -0.55122696), 0),
    (by_plms, (-0.20516658, -0.37420686, -0.48519748), 1),
    (by_s_pndm, (-0.18777258, -0.36427835, -0.48117581), 1),
    (by_f_pndm, (-0.22215453, -0.37363186, -0.48285718), 9),
    (by_dpm_solver, (-0.55094426, -0.54140723, -0.55920252), 0),
]

TRAJECTORIES = [
    (
        by_ddim,
        "0.53071817 0.12613019 -0.17250323 -0.37694697 -0.50680695 -0.57649639 -0.59618392 -0.57198485 -0.47065267 "
        "-0.46536016",
    ),
    (
        by_plms,
        "0.66621153 0.35448495 0.13967004 -0.04626388 -0.14804833 -0.22857067 -0.25172213 -0.25859587 -0.20740007 "
        "-0.20516658",
    ),
    (
        by_dpm_solver,
        "0.36333782 -0.03408075 -0.29638394 -0.48990550 -0.62607169 -0.70965621 -0.74425738 -0.73353044 -0.67814341 "
        "-0.55094426",
    ),
    (
        by_f_pndm,
        "0.63746858 0.33647434 0.10651036 -0.06520522 -0.17716471 -0.24640980 -0.27485225 -0.27373047 -0.22476801 "
        "-0.22215453",
    ),
]


def toy(calls: list[float]) -> NoisePredictor:
    def predict(x: Tensor, t: Tensor) -> Tensor:
        calls.append(t[0].item())
        return torch.sin(x) + t.double().reshape(-1, 1, 1, 1) / 1000

    return predict


@pytest.mark.parametrize(("run", "expected", "extra"), EXPECTED, ids=lambda value: getattr(value, "__name__", ""))
def test_final_values_and_network_calls(
    run: Callable[[NoisePredictor, int], Iterator[Step]], expected: tuple[float, ...], extra: int
) -> None:
    for steps, value in zip((10, 20, 50), expected, strict=True):
        calls: list[float] = []
        *_, last = run(toy(calls), steps)
        assert last.x.item() == pytest.approx(value, abs=2e-7)
        assert len(calls) == steps + extra


@pytest.mark.parametrize(("run", "expected"), TRAJECTORIES, ids=lambda value: getattr(value, "__name__", ""))
def test_trajectories(run: Callable[[NoisePredictor, int], Iterator[Step]], expected: str) -> None:
    values = [step.x.item() for step in run(toy([]), 10)]
    assert values == pytest.approx([float(value) for value in expected.split()], abs=2e-7)
