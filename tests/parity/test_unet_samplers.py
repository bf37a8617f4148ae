"""The research samplers on a small UNet, against the original research code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from ldm_nodes.models.config import UNetConfig
from ldm_nodes.models.unet import UNetModel
from ldm_nodes.sampling.ddim import DDIMPlan, ddim
from ldm_nodes.sampling.dpm_solver import dpm_solver
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from ldm_nodes.sampling.plms import plms
from ldm_nodes.sampling.steps import final
from ldm_nodes.sampling.timesteps import ddim_timesteps
from tests.golden import load
from tests.sampling.fakes import RecordedNoise, guided

if TYPE_CHECKING:
    from torch import Tensor

    from ldm_nodes.sampling.denoiser import NoisePredictor

SD = NoiseSchedule.stable_diffusion()
GOLDEN = load("07_samplers", "unet_samplers")
MATHS = load("05_training", "latent_diffusion_maths")


@pytest.fixture(scope="module")
def unet() -> UNetModel:
    prefix = "model.diffusion_model."
    stored = MATHS.weights()
    network = UNetModel(UNetConfig.from_params(GOLDEN.manifest["config"]["params"]["unet_config"]["params"]))
    network.load_state_dict({k.removeprefix(prefix): v for k, v in stored.items() if k.startswith(prefix)})
    return network.eval()


def with_context(unet: UNetModel, context: Tensor) -> NoisePredictor:
    def predict(x: Tensor, t: Tensor) -> Tensor:
        eps: Tensor = unet(x, t, context=context)
        return eps

    return predict


@pytest.mark.parametrize("run", GOLDEN.manifest["runs"], ids=lambda run: run["output"])
def test_sampler_on_a_network(run: dict[str, Any], unet: UNetModel) -> None:
    data = GOLDEN.tensors
    predict = guided(
        with_context(unet, data["context"]),
        with_context(unet, data["unconditional_context"]),
        run["unconditional_guidance_scale"],
    )
    plan = DDIMPlan.of(SD, ddim_timesteps(run["S"]), run["eta"])
    with torch.no_grad():
        if run["sampler"] == "ddim":
            x = final(ddim(predict, data["x_T"], plan, noise=RecordedNoise(data["noise_eta1"])))
        elif run["sampler"] == "plms":
            x = final(plms(predict, data["x_T"], plan))
        else:
            x = final(dpm_solver(predict, data["x_T"], SD, run["S"]))
    GOLDEN.assert_close(run["output"], x)


@pytest.mark.parametrize("name", ["p_mean_variance", "p_mean_variance_clip"])
def test_the_reverse_step_of_a_network(name: str, unet: UNetModel) -> None:
    data = MATHS.tensors
    t = data["t"]
    x = SD.q_sample(data["x_start"], t, data["noise"])
    with torch.no_grad():
        eps = with_context(unet, data["context"])(x, t)
    MATHS.assert_close("apply_model", eps)
    x0 = SD.predict_start_from_noise(x, t, eps)
    if name.endswith("clip"):
        x0 = x0.clamp(-1, 1)
    mean, variance, log_variance = SD.q_posterior(x0, x, t)
    for part, got in (("mean", mean), ("variance", variance), ("log_variance", log_variance), ("x0", x0)):
        MATHS.assert_close(f"{name}.{part}", got)
