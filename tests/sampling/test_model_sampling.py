"""What networks predict and at which levels: identities of each kind, and the levels of distilled models."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ldm_nodes.sampling.errors import SamplingError
from ldm_nodes.sampling.model_sampling import (
    ContinuousLevels,
    DistilledLevels,
    ModelSampling,
    at_the_top,
    continuous_edm,
    continuous_v,
    discrete,
    trained_schedule,
)
from ldm_nodes.sampling.noise_schedule import NoiseSchedule

SD = NoiseSchedule.stable_diffusion()
X0, NOISE = torch.randn(2, 2, 4, 6, 6, generator=torch.Generator().manual_seed(4)).unbind(0)
SIGMA = torch.tensor([3.0, 0.2])
S = SIGMA.reshape(-1, 1, 1, 1)


@pytest.mark.parametrize(
    ("sampling", "output"),
    [
        (discrete(SD, "eps"), NOISE),
        (discrete(SD, "x0"), X0),
        (discrete(SD, "v_prediction"), (NOISE - S * X0) / (1 + S**2).sqrt()),
        (continuous_v(500.0, 0.03), (NOISE - S * X0) / (1 + S**2).sqrt()),
        (continuous_edm("eps", 120.0, 0.002), NOISE),
    ],
)
def test_a_right_output_gives_the_clean_latent_back(sampling: ModelSampling, output: Tensor) -> None:
    torch.testing.assert_close(sampling.calculate_denoised(SIGMA, output, X0 + S * NOISE), X0, rtol=1e-4, atol=1e-4)


def test_edm_preconditioning_is_that_of_its_paper() -> None:
    sampling, d = continuous_edm("edm", 80.0, 0.002), 0.5
    x, out = X0 + S * NOISE, NOISE.flip(0)
    skip, scale = d**2 / (S**2 + d**2), S * d / (S**2 + d**2).sqrt()  # arXiv 2206.00364, table 1
    torch.testing.assert_close(sampling.calculate_denoised(SIGMA, out, x), skip * x + scale * out)
    torch.testing.assert_close(sampling.calculate_input(SIGMA, x), x / (S**2 + d**2).sqrt())
    torch.testing.assert_close(sampling.timestep(SIGMA), SIGMA.log() / 4)


@pytest.mark.parametrize("arctangent", [False, True])
def test_continuous_levels_and_timesteps_are_inverse(arctangent: bool) -> None:
    levels = ContinuousLevels(0.01, 100.0, arctangent)
    torch.testing.assert_close(levels.sigma(levels.timestep(levels.sigmas)), levels.sigmas, rtol=1e-3, atol=0)
    assert levels.percent_to_sigma(0.5) == pytest.approx(1.0, rel=1e-4)
    assert (levels.percent_to_sigma(0.0), levels.percent_to_sigma(1.0)) == (999999999.9, 0.0)


def test_a_distilled_model_knows_fifty_levels() -> None:
    levels = DistilledLevels(SD)
    timesteps = torch.arange(19, 1000, 20)
    torch.testing.assert_close(levels.sigmas, SD.sigmas[timesteps])
    assert torch.equal(levels.timestep(levels.sigmas), timesteps)
    torch.testing.assert_close(levels.sigma(timesteps), levels.sigmas)
    assert levels.timestep(SD.sigmas[[0, 995]]).tolist() == [19, 999]


def test_a_consistency_model_keeps_a_clean_latent_and_trusts_itself_on_a_noisy_one() -> None:
    sampling = discrete(SD, "lcm")
    t = sampling.timestep(SIGMA).float().reshape(-1, 1, 1, 1) * 10
    skip, scale = 0.25 / (t**2 + 0.25), t / (t**2 + 0.25).sqrt()  # arXiv 2310.04378, appendix
    x = X0 + S * NOISE
    torch.testing.assert_close(sampling.calculate_denoised(SIGMA, NOISE, x), skip * x + scale * X0)


def test_zero_terminal_snr_ends_in_noise() -> None:
    assert discrete(SD, "v_prediction", zero_terminal_snr=True).sigma_max == pytest.approx(4518, rel=1e-3)
    assert discrete(SD, "v_prediction").sigma_max == SD.sigma_max


def test_noise_at_the_top_has_the_variance_that_the_network_knows() -> None:
    sampling, top = discrete(SD, "eps"), torch.tensor(SD.sigma_max)
    assert at_the_top(sampling, SD.sigma_max)
    assert not at_the_top(sampling, SD.sigma_max * 0.999)
    torch.testing.assert_close(sampling.noise_scaling(top, NOISE, X0, True), X0 + (1 + top**2).sqrt() * NOISE)
    torch.testing.assert_close(sampling.noise_scaling(SIGMA, NOISE, X0), X0 + S * NOISE)


def test_samplers_of_timesteps_are_refused_where_there_are_none() -> None:
    assert trained_schedule(discrete(SD, "eps"), "plms") is SD
    with pytest.raises(SamplingError, match="plms"):
        trained_schedule(continuous_v(500.0, 0.03), "plms")
