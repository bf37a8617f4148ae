"""Schedules, posteriors and the sigma mapping, against the original code and ComfyUI."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
import torch

from ldm_nodes.sampling.noise import prepare_noise
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from tests.golden import load

if TYPE_CHECKING:
    from torch import Tensor

REGISTERED = load("04_schedule", "register_schedule")
SIGMAS = load("13_comfyui", "sigmas")
NOISE = load("13_comfyui", "noise")
MATHS = load("05_training", "latent_diffusion_maths")
V = load("05_training", "v_parameterization_sd2")


def values(schedule: NoiseSchedule) -> dict[str, Tensor]:
    return {
        **asdict(schedule),
        "lvlb_eps": schedule.lvlb_weights("eps"),
        "lvlb_x0": schedule.lvlb_weights("x0"),
    }


def build(args: dict[str, Any], v_posterior: float = 0.0) -> NoiseSchedule:
    if "given_betas" in args:
        return NoiseSchedule.from_betas(args["given_betas"], v_posterior)
    return NoiseSchedule.named(
        args["beta_schedule"],
        args["timesteps"],
        args["linear_start"],
        args["linear_end"],
        args["cosine_s"],
        v_posterior,
    )


@pytest.mark.parametrize("run", REGISTERED.manifest["runs"], ids=lambda run: run["prefix"])
def test_every_buffer_of_the_registered_schedules(run: dict[str, Any]) -> None:
    prefix = run["prefix"] + "."
    ours = values(build(run["args"]))
    names = [
        n.removeprefix(prefix) for n in REGISTERED.tensors if n.startswith(prefix) and not n.startswith(prefix + "v0")
    ]
    assert len(names) >= 13
    for name in names:
        REGISTERED.assert_close(prefix + name, ours[name])


@pytest.mark.parametrize(
    "run", [r for r in REGISTERED.manifest["runs"] if "v_posterior_variant" in r], ids=lambda run: run["prefix"]
)
def test_the_posterior_variance_mixes_in_beta(run: dict[str, Any]) -> None:
    v = run["v_posterior_variant"]
    prefix = f"{run['prefix']}.v{v}."
    ours = values(build(run["args"], v))
    names = [n.removeprefix(prefix) for n in REGISTERED.tensors if n.startswith(prefix)]
    assert len(names) >= 2
    for name in names:
        REGISTERED.assert_close(prefix + name, ours[name])


def test_diffusion_and_its_posteriors() -> None:
    schedule, data = NoiseSchedule.stable_diffusion(), MATHS.tensors
    x0, t, noise = data["x_start"], data["t"], data["noise"]
    x = schedule.q_sample(x0, t, noise)
    MATHS.assert_close("q_sample", x)
    for name, got in zip(("q_mean", "q_variance", "q_log_variance"), schedule.q_mean_variance(x0, t), strict=True):
        MATHS.assert_close(name, got)
    for name, got in zip(("mean", "variance", "log_variance_clipped"), schedule.q_posterior(x0, x, t), strict=True):
        MATHS.assert_close(f"q_posterior.{name}", got)
    MATHS.assert_close("predict_start_from_noise", schedule.predict_start_from_noise(x, t, data["eps_pred"]))
    MATHS.assert_close("predict_eps_from_xstart", schedule.predict_noise_from_start(x, t, x0))
    MATHS.assert_close("prior_bpd", schedule.prior_bits(x0))


def test_v_parameterisation() -> None:
    schedule, data = NoiseSchedule.stable_diffusion(), V.tensors
    x0, t, noise = data["x_start"], data["t"], data["noise"]
    x, v = schedule.q_sample(x0, t, noise), schedule.v_target(x0, t, noise)
    V.assert_close("x_t", x)
    V.assert_close("v", v)
    V.assert_close("x0_from_v", schedule.predict_start_from_v(x, t, v))
    V.assert_close("eps_from_v", schedule.predict_noise_from_v(x, t, v))
    V.assert_close("lvlb_weights", schedule.lvlb_weights("v"))


def test_the_sigma_mapping_is_comfyuis() -> None:
    schedule, data = NoiseSchedule.stable_diffusion(), SIGMAS.tensors
    SIGMAS.assert_close("model.sigmas", schedule.sigmas)
    SIGMAS.assert_close("model.log_sigmas", schedule.log_sigmas)
    SIGMAS.assert_close("sigma_to_timestep", schedule.timestep(data["sigma_in"]))
    SIGMAS.assert_close("timestep_to_sigma", schedule.sigma(data["timestep_in"]))
    percents = [round(p, 4) for p in data["percent"].tolist()]
    SIGMAS.assert_close("percent_to_sigma", torch.tensor([schedule.percent_to_sigma(p) for p in percents]))


@pytest.mark.parametrize("run", NOISE.manifest["runs"], ids=lambda run: run["prefix"])
def test_the_start_noise_is_comfyuis(run: dict[str, Any]) -> None:
    shape = run.get("shape") or run["latent_shape"]
    NOISE.assert_close(run["prefix"], prepare_noise(shape, run["seed"], run.get("batch_index")))
