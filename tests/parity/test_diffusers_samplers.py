"""DDIM, PLMS and F-PNDM against the installed diffusers' schedulers, driven by the same analytic network.

diffusers computes its schedule in float32 throughout, ours is rounded once: that is the difference allowed for.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch

from ldm_nodes.sampling.ddim import DDIMPlan, ddim
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from ldm_nodes.sampling.plms import plms
from ldm_nodes.sampling.pndm import f_pndm
from ldm_nodes.sampling.steps import final
from ldm_nodes.sampling.timesteps import leading_timesteps
from tests.sampling.fakes import Analytic, RecordedNoise

diffusers = pytest.importorskip("diffusers")

SD = NoiseSchedule.stable_diffusion()
CONFIG = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "set_alpha_to_one": False,
    "timestep_spacing": "leading",
}
PARAMETERS = {
    "analytic.a": torch.tensor([0.9, 0.7, 1.0, 0.8]),
    "analytic.b": torch.tensor([0.1, -0.2, 0.15, 0.05]),
    "analytic.d": torch.tensor([0.05, 0.1, -0.1, 0.0]),
}
GENERATOR = torch.Generator().manual_seed(0)
X = torch.randn(2, 4, 6, 8, generator=GENERATOR)
DRAWS = torch.randn(50, 2, 4, 6, 8, generator=GENERATOR)


def drive(scheduler: Any, steps: int, **options: Any) -> torch.Tensor:
    """Run a scheduler of diffusers to its end; `draws` are its per-step noises."""
    draws = options.pop("draws", None)
    network, x = Analytic(PARAMETERS), X
    scheduler.set_timesteps(steps)
    for i, t in enumerate(scheduler.timesteps):
        if draws is not None:
            options["variance_noise"] = draws[i]
        x = scheduler.step(network(x, t.repeat(len(x))), t, x, **options).prev_sample
    return x


def close(got: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("steps", [1, 7, 20, 50])
def test_ddim(steps: int, eta: float) -> None:
    scheduler = diffusers.DDIMScheduler(**CONFIG, clip_sample=False, steps_offset=1)
    plan = DDIMPlan.of(SD, leading_timesteps(steps, offset=1), eta)
    ours = final(ddim(Analytic(PARAMETERS), X, plan, noise=RecordedNoise(DRAWS)))
    close(ours, drive(scheduler, steps, eta=eta, draws=DRAWS if eta > 0 else None))


@pytest.mark.parametrize("steps", [10, 20, 50])
def test_plms_is_pndm_without_runge_kutta(steps: int) -> None:
    scheduler = diffusers.PNDMScheduler(**CONFIG, skip_prk_steps=True, steps_offset=1)
    ours = final(plms(Analytic(PARAMETERS), X, DDIMPlan.of(SD, leading_timesteps(steps, offset=1))))
    close(ours, drive(scheduler, steps))


@pytest.mark.parametrize("steps", [10, 20, 50])
def test_f_pndm_is_pndm_with_runge_kutta(steps: int) -> None:
    scheduler = diffusers.PNDMScheduler(**CONFIG, skip_prk_steps=False, steps_offset=0)
    # diffusers reads the level of time t at index t, the paper's code at t + 1.
    alphas_cumprod = torch.cat([SD.alphas_cumprod[:1], SD.alphas_cumprod])
    ours = final(f_pndm(Analytic(PARAMETERS), X, alphas_cumprod, leading_timesteps(steps)))
    close(ours, drive(scheduler, steps))
