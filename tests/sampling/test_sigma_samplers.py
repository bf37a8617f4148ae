"""Sigma-space samplers on a Gaussian, whose denoiser and whose probability-flow solution are known in closed form."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from ldm_nodes.sampling.brownian import brownian_motion
from ldm_nodes.sampling.noise import SequentialNoise
from ldm_nodes.sampling.schedules import karras_levels
from ldm_nodes.sampling.steps import Step, final
from ldm_nodes.sampling.tables import PAIR_SAMPLERS, SIGMA_SAMPLERS, sigma_sampler
from tests.sampling.gaussian import order

MEAN, STD, HIGH, LOW = 0.7, 0.5, 10.0, 0.1
START = torch.tensor([-20.0, -3.0, 1.0, 14.0], dtype=torch.float64).reshape(1, 1, 2, 2)

ORDERS = {
    "euler": 1, "ddim": 1, "heun": 2, "dpm_2": 2, "lms": 2, "dpmpp_2m": 2, "deis": 2,
    "res_multistep": 2, "uni_pc": 2, "uni_pc_bh2": 2,
}  # fmt: skip
NOISY = [
    "euler_ancestral", "dpm_2_ancestral", "dpmpp_2s_ancestral", "dpmpp_sde", "dpmpp_2m_sde", "dpmpp_2m_sde_heun",
    "dpmpp_3m_sde", "ddpm", "res_multistep_ancestral", "er_sde", "seeds_2", "seeds_3", "sa_solver", "sa_solver_pece",
]  # fmt: skip


def denoise(x: Tensor, sigma: Tensor) -> Tensor:
    s = sigma.reshape(-1, 1, 1, 1)
    return MEAN + STD**2 / (STD**2 + s**2) * (x - MEAN)


def flow(x: Tensor, sigma: float, following: float) -> Tensor:
    return MEAN + (x - MEAN) * math.sqrt((STD**2 + following**2) / (STD**2 + sigma**2))


def run(name: str, x: Tensor, sigmas: Tensor, **options: Any) -> Iterator[Step]:
    function = sigma_sampler(name)
    parameters = function.__code__.co_varnames[: function.__code__.co_argcount + function.__code__.co_kwonlyargcount]
    if "noise" in parameters:
        options["noise"] = SequentialNoise.seeded(3)
    if "motion" in parameters:
        options["motion"] = brownian_motion(x, sigmas, 3)
    if "noisy_between" in parameters:
        options["noisy_between"] = (HIGH, LOW)
    return function(denoise, x, sigmas, **options)


@pytest.mark.parametrize("name", ORDERS)
def test_deterministic_samplers_converge_to_the_exact_flow_at_their_order(name: str) -> None:
    def error(steps: int) -> float:
        sigmas = karras_levels(steps + 1, LOW, HIGH).double()
        exact = flow(START, sigmas[0].item(), sigmas[-1].item())
        return (final(run(name, START, sigmas)) - exact).abs().max().item()

    assert order(error, 40, 80) > ORDERS[name] - 0.35
    assert error(80) < (0.3 if ORDERS[name] == 1 else 0.02)


@pytest.mark.parametrize("name", ["heunpp2", "ipndm", "ipndm_v", "gradient_estimation", "dpm_fast", "dpm_adaptive"])
def test_other_deterministic_samplers_come_close_to_the_exact_flow(name: str) -> None:
    sigmas = karras_levels(61, LOW, HIGH).double()
    got = final(run(name, START, sigmas))
    torch.testing.assert_close(got, flow(START, HIGH, LOW), atol=0.15, rtol=0)


@pytest.mark.parametrize("name", NOISY)
def test_stochastic_samplers_reach_the_data_distribution(name: str) -> None:
    noise = torch.randn(1, 1, 100, 100, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    sigmas = torch.cat([karras_levels(100, LOW, HIGH).double(), torch.zeros(1)])
    x = final(run(name, MEAN + math.sqrt(HIGH**2 + STD**2) * noise, sigmas))
    assert x.mean().item() == pytest.approx(MEAN, abs=0.02)
    assert x.std().item() == pytest.approx(STD, rel=0.06)


def test_lcm_returns_clean_latents_of_the_last_level() -> None:
    noise = torch.randn(1, 1, 50, 50, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    last = list(run("lcm", HIGH * noise, torch.tensor([HIGH, 1.0, 0.0])))[-1]
    assert torch.equal(last.x, last.x0)


@pytest.mark.parametrize(
    ("noisy", "plain"),
    [
        ("euler_ancestral", "euler"),
        ("dpm_2_ancestral", "dpm_2"),
        ("dpmpp_2m_sde", "dpmpp_2m"),
        ("res_multistep_ancestral", "res_multistep"),
    ],
)
def test_without_noise_a_stochastic_sampler_is_its_deterministic_one(noisy: str, plain: str) -> None:
    sigmas = torch.cat([karras_levels(8, LOW, HIGH), torch.zeros(1)])
    torch.testing.assert_close(final(run(noisy, START, sigmas, eta=0.0)), final(run(plain, START, sigmas)))


# The one left out mixes predictions of two latents even where both prompts agree.
@pytest.mark.parametrize("name", sorted(PAIR_SAMPLERS - {"dpmpp_2s_ancestral_cfg_pp"}))
def test_cfg_pp_without_guidance_is_the_plain_sampler(name: str) -> None:
    def pair(x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        x0 = denoise(x, sigma)
        return x0, x0

    sigmas = torch.cat([karras_levels(8, LOW, HIGH), torch.zeros(1)])
    function, options = sigma_sampler(name), {}
    if "ancestral" in name:
        options["noise"] = SequentialNoise.seeded(3)
    got = final(function(pair, START, sigmas, **options))
    torch.testing.assert_close(got, final(run(name.removesuffix("_cfg_pp"), START, sigmas)))


@pytest.mark.parametrize("name", [n for n in SIGMA_SAMPLERS if n not in PAIR_SAMPLERS and n != "dpm_adaptive"])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_few_steps_end_in_finite_latents(name: str, steps: int) -> None:
    sigmas = torch.cat([karras_levels(steps, LOW, HIGH), torch.zeros(1)])
    assert final(run(name, START, sigmas)).isfinite().all()
