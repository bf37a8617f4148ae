"""The adapters between networks, denoisers and noise predictors."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ldm_nodes.sampling.denoiser import Conditions, Prediction, denoiser, noise_predictor
from ldm_nodes.sampling.noise_schedule import NoiseSchedule

SD = NoiseSchedule.stable_diffusion()


def _case() -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return (
        torch.randn(3, 4, 5, 6, generator=generator),
        torch.randn(3, 4, 5, 6, generator=generator),
        torch.tensor([5, 400, 900]),
    )


@pytest.mark.parametrize("prediction", ["eps", "v", "x0"])
def test_a_perfect_network_of_any_kind_gives_the_clean_latent_and_the_noise(prediction: Prediction) -> None:
    x0, noise, t = _case()
    noisy = SD.q_sample(x0, t, noise)
    outputs = {"eps": noise, "v": SD.v_target(x0, t, noise), "x0": x0}

    def network(x: Tensor, timesteps: Tensor, conditions: Conditions) -> Tensor:
        torch.testing.assert_close(x, noisy, atol=2e-6, rtol=2e-6)
        assert torch.equal(timesteps, t)
        return outputs[prediction]

    denoise = denoiser(network, SD, prediction, {})
    sigma = SD.sigmas[t]
    got = denoise(x0 + sigma.reshape(-1, 1, 1, 1) * noise, sigma)
    torch.testing.assert_close(got, x0, atol=2e-5, rtol=2e-5)
    eps = noise_predictor(denoise, SD)(noisy, t)
    torch.testing.assert_close(eps, noise, atol=2e-4, rtol=2e-4)


def test_fractional_timesteps_reach_the_network_unrounded() -> None:
    asked: list[Tensor] = []

    def network(x: Tensor, timesteps: Tensor, conditions: Conditions) -> Tensor:
        asked.append(timesteps)
        return torch.zeros_like(x)

    t = torch.tensor([949.05, 0.5])
    noise_predictor(denoiser(network, SD, "eps", {}), SD)(torch.zeros(2, 4, 2, 2), t)
    assert torch.equal(asked[0], t)
