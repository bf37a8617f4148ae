from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from ldm_nodes.sampling.ddim import ddim_step
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from ldm_nodes.sampling.pndm import f_pndm, fon, pndm_ddim, s_pndm, transfer
from ldm_nodes.sampling.steps import final
from ldm_nodes.sampling.timesteps import ddim_timesteps, leading_timesteps
from tests.sampling.gaussian import START, Gaussian, order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

    from ldm_nodes.sampling.denoiser import NoisePredictor
    from ldm_nodes.sampling.steps import Step

    Sampler = Callable[[NoisePredictor, Tensor, Tensor, Sequence[int]], Iterator[Step]]

ALPHAS = NoiseSchedule.stable_diffusion().alphas_cumprod
DATA = Gaussian()
PREDICT = DATA.predictor(lambda t: ALPHAS[min(int(t) + 1, 999)].item())


def error_of(sampler: Sampler) -> Callable[[int], float]:
    def error(steps: int) -> float:
        timesteps = leading_timesteps(steps)
        exact = DATA.flow(START, ALPHAS[timesteps[-1] + 1].item(), ALPHAS[0].item())
        return (final(sampler(PREDICT, START, ALPHAS, timesteps)) - exact).abs().max().item()

    return error


@pytest.mark.parametrize(("sampler", "least"), [(pndm_ddim, 0.85), (s_pndm, 1.4), (f_pndm, 2.0)])
def test_order_of_convergence(sampler: Sampler, least: float) -> None:
    assert order(error_of(sampler), 10, 100) > least


def test_fon_converges_to_within_its_one_step_differences() -> None:
    error = error_of(fon)
    assert error(10) > 4 * error(20)
    assert error(50) < 5e-3


def test_transfer_is_the_deterministic_ddim_step() -> None:
    eps = torch.full_like(START, 0.3)
    torch.testing.assert_close(transfer(START, eps, 0.2, 0.6), ddim_step(START, eps, 0.2, 0.6)[0])


@pytest.mark.parametrize("sampler", [pndm_ddim, s_pndm, f_pndm, fon])
@pytest.mark.parametrize("steps", [1, 2, 7, 333, 1000])
def test_any_number_of_steps_works(sampler: Sampler, steps: int) -> None:
    timesteps = [max(t - 1, 0) for t in ddim_timesteps(steps)] if steps < 1000 else list(range(1000))
    taken = list(sampler(PREDICT, START, ALPHAS, timesteps))
    assert len(taken) == steps
    assert all(step.x.isfinite().all() and step.x0.isfinite().all() for step in taken)


def test_steps_report_the_clean_latent() -> None:
    for sampler in (pndm_ddim, s_pndm, f_pndm, fon):
        *_, last = sampler(PREDICT, START, ALPHAS, leading_timesteps(50))
        assert (last.x0 - last.x).abs().max() < 0.2
