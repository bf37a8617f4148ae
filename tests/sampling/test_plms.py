from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from ldm_nodes.sampling.ddim import DDIMPlan
from ldm_nodes.sampling.errors import SamplingError
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from ldm_nodes.sampling.plms import ADAMS_BASHFORTH, adams_bashforth, plms
from ldm_nodes.sampling.steps import KnownRegion, final
from ldm_nodes.sampling.timesteps import ddim_timesteps
from tests.sampling.gaussian import START, Gaussian, order

if TYPE_CHECKING:
    from torch import Tensor

SD = NoiseSchedule.stable_diffusion()
DATA = Gaussian()
PREDICT = DATA.predictor(lambda t: SD.alphas_cumprod[int(t)].item())


def plan(steps: int, eta: float = 0.0) -> DDIMPlan:
    return DDIMPlan.of(SD, ddim_timesteps(steps), eta)


def error(steps: int) -> float:
    levels = plan(steps)
    exact = DATA.flow(START, levels.alphas[-1], levels.alphas_prev[0])
    return (final(plms(PREDICT, START, levels)) - exact).abs().max().item()


def test_it_follows_the_probability_flow_at_second_order_or_better() -> None:
    assert order(error, 10, 100) > 2


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_adams_bashforth_integrates_polynomials_exactly(n: int) -> None:
    """n values of a polynomial of degree n - 1, at 0, -1, ..., give its integral from 0 to 1."""
    coefficients = [1.0, -2.0, 3.0, -4.0][:n]
    values = [torch.tensor(sum(c * (-i) ** k for k, c in enumerate(coefficients))) for i in range(n)]
    integral = sum(c / (k + 1) for k, c in enumerate(coefficients))
    assert adams_bashforth(values).item() == pytest.approx(integral, abs=1e-5)
    assert sum(ADAMS_BASHFORTH[n - 1]) == pytest.approx(1)


@pytest.mark.parametrize("steps", [1, 2, 3, 50, 999, 1000])
def test_one_call_more_than_steps(steps: int) -> None:
    asked: list[int] = []

    def predict(x: Tensor, t: Tensor) -> Tensor:
        asked.append(int(t))
        return PREDICT(x, t)

    taken = list(plms(predict, START, plan(steps)))
    assert len(taken) == steps
    assert len(asked) == steps + 1
    assert min(asked) >= 0
    assert asked[1] == asked[min(2, steps)]


def test_noise_is_refused() -> None:
    with pytest.raises(SamplingError, match="PLMS is deterministic"):
        final(plms(PREDICT, START, plan(10, eta=0.5)))


def test_a_known_region_needs_noise() -> None:
    with pytest.raises(SamplingError, match="a known region is noised at each step"):
        final(plms(PREDICT, START, plan(5), known=KnownRegion(START, torch.ones_like(START), SD)))


def test_predictions_can_be_quantised() -> None:
    end = [step.x0 for step in plms(PREDICT, START, plan(5), quantize=torch.round)]
    assert all(torch.equal(x0, x0.round()) for x0 in end)
