"""The loss of diffusion models, its gradients and optimiser steps, against the original code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from ldm_nodes.models.config import UNetConfig
from ldm_nodes.models.latent_diffusion import LatentDiffusion
from ldm_nodes.models.model_config import ModelConfig
from ldm_nodes.models.unet import UNetModel
from ldm_nodes.models.wrapper import DiffusionWrapper
from ldm_nodes.sampling.ddim import DDIMPlan, ddim
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from ldm_nodes.sampling.steps import final
from ldm_nodes.sampling.timesteps import ddim_timesteps
from ldm_nodes.training.diffusion import DiffusionLoss, Objective, diffusion_loss
from tests.golden import load
from tests.sampling.fakes import Analytic, guided

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ldm_nodes.sampling.denoiser import NoisePredictor
    from tests.golden import Golden

MATHS = load("05_training", "latent_diffusion_maths")
PIXELS = load("05_training", "ddpm_pixel_losses")
V = load("05_training", "v_parameterization_sd2")
VARIANTS = [variant for variant in MATHS.manifest["variants"] if "constructor_overrides" in variant]
SD = NoiseSchedule.stable_diffusion()
# Its gradient is 0: with one channel to a group, normalisation takes away whatever the time embedding adds. The golden
# numbers are the rounding errors of one machine, so ours are held to being no larger.
NOTHING = "model.diffusion_model.time_embed.0.weight"


def wrapper() -> DiffusionWrapper:
    params = MATHS.manifest["config"]["params"]
    unet = UNetModel(UNetConfig.from_params(params["unet_config"]["params"]))
    made = DiffusionWrapper(unet, params["conditioning_key"])
    stored = MATHS.weights()
    made.load_state_dict({k.removeprefix("model."): v for k, v in stored.items() if k.startswith("model.")})
    return made.train()


def objective(overrides: Mapping[str, Any]) -> Objective:
    return Objective(
        prediction=overrides.get("parameterization", "eps"),
        distance=overrides.get("loss_type", "l2"),
        simple_weight=overrides.get("l_simple_weight", 1.0),
        elbo_weight=overrides.get("original_elbo_weight", 0.0),
    )


def latent_loss(
    network: DiffusionWrapper, variant: Mapping[str, Any], logvar: Tensor, dtype: torch.dtype = torch.float32
) -> DiffusionLoss:
    overrides = variant["constructor_overrides"]
    data = {name: MATHS.tensors[name].to(dtype) for name in ("x_start", "noise", "context")}
    schedule = NoiseSchedule.named("linear", 1000, 0.00085, 0.012, v_posterior=overrides.get("v_posterior", 0.0))

    def predict(x: Tensor, t: Tensor) -> Tensor:
        out: Tensor = network(x, t, c_crossattn=[data["context"]])
        return out

    return diffusion_loss(
        predict, schedule, objective(overrides), data["x_start"], MATHS.tensors["t"], data["noise"], logvar
    )


def logvar_of(variant: Mapping[str, Any]) -> Tensor:
    overrides = variant["constructor_overrides"]
    if overrides.get("learn_logvar"):
        return MATHS.tensors["logvar_learned"].clone().requires_grad_()
    return torch.full((1000,), overrides.get("logvar_init", 0.0))


def assert_logged(case: Golden, prefix: str, log: str, loss: DiffusionLoss) -> None:
    case.assert_close(f"{prefix}loss", loss.total.detach())
    for name, value in loss.named().items():
        if f"{prefix}log.{log}/{name}" in case.tensors:
            case.assert_close(f"{prefix}log.{log}/{name}", value)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant["name"])
def test_losses_and_gradients_of_latent_diffusion(variant: dict[str, Any]) -> None:
    name, network, logvar = variant["name"], wrapper(), logvar_of(variant)
    loss = latent_loss(network, variant, logvar)
    assert_logged(MATHS, f"{name}.", "train", loss)
    assert {f"train/{part}" for part in loss.named()} >= set(variant["logged"]) - {"logvar"}
    loss.total.backward()  # type: ignore[no-untyped-call]
    gradients = {f"model.{key}": parameter.grad for key, parameter in network.named_parameters()}
    norm = torch.stack([g.double().norm() for g in gradients.values() if g is not None]).norm()
    MATHS.assert_close(f"{name}.grad_norm", norm)
    for stored in (key for key in MATHS.tensors if key.startswith(f"{name}.grad.model.") and NOTHING not in key):
        gradient = gradients[stored.removeprefix(f"{name}.grad.")]
        assert gradient is not None
        MATHS.assert_close(stored, gradient[: len(MATHS.tensors[stored])])
    if logvar.requires_grad:
        assert logvar.grad is not None
        MATHS.assert_close(f"{name}.grad.logvar", logvar.grad)
        MATHS.assert_close(f"{name}.log.logvar", logvar.detach().mean())


@pytest.mark.parametrize("clip", [True, False])
def test_one_step_back(clip: bool) -> None:
    """The model's prediction, x0 and the posterior that it implies (p_mean_variance of the original)."""
    data, prefix = MATHS.tensors, "p_mean_variance_clip" if clip else "p_mean_variance"
    unet = UNetConfig.from_params(MATHS.manifest["config"]["params"]["unet_config"]["params"])
    model = LatentDiffusion(ModelConfig("ldm-retrieval", unet, None, None, "crossattn"), SD).eval()
    model.model.load_state_dict(wrapper().state_dict())
    x, t = SD.q_sample(data["x_start"], data["t"], data["noise"]), data["t"]
    with torch.no_grad():
        eps = model.apply_model(x, t, data["context"])
    MATHS.assert_close("apply_model", eps)
    x0 = SD.predict_start_from_noise(x, t, eps)
    x0 = x0.clamp(-1, 1) if clip else x0
    MATHS.assert_close(f"{prefix}.x0", x0)
    for name, got in zip(("mean", "variance", "log_variance"), SD.q_posterior(x0, x, t), strict=True):
        MATHS.assert_close(f"{prefix}.{name}", got)


def test_a_gradient_that_is_only_rounding() -> None:
    stored = MATHS.tensors[f"eps_l2.grad.{NOTHING}"].abs().max()
    sizes = []
    for dtype in (torch.float32, torch.float64):
        network = wrapper().to(dtype)
        latent_loss(network, VARIANTS[0], torch.zeros(1000), dtype).total.backward()  # type: ignore[no-untyped-call]
        gradient = network.diffusion_model.time_embed[0].weight.grad
        assert isinstance(gradient, torch.Tensor)
        sizes.append(gradient.abs().max())
    assert sizes[0] <= 2 * stored
    assert sizes[1] <= 1e-8 * stored


def test_distances() -> None:
    data = MATHS.tensors
    for distance in ("l1", "l2"):
        errors = Objective(distance=distance).errors(data["x_start"], data["noise"])
        MATHS.assert_close(f"get_loss.{distance}.mean", errors.mean())
        torch.testing.assert_close(errors, MATHS.tensors[f"get_loss.{distance}.elementwise"].mean(dim=(1, 2, 3)))


def test_three_optimiser_steps() -> None:
    network, losses = wrapper(), []
    optimizer = torch.optim.AdamW(network.parameters(), lr=MATHS.manifest["learning_rate"])
    for _ in range(3):
        loss = latent_loss(network, VARIANTS[0], torch.zeros(1000)).total
        losses.append(loss.detach())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    MATHS.assert_close("adamw.losses", torch.stack(losses))
    MATHS.assert_close("adamw.out2_weight", network.diffusion_model.state_dict()["out.2.weight"])


@pytest.mark.parametrize(
    "run", PIXELS.manifest["runs"], ids=lambda run: f"{run['parameterization']}.{run['loss_type']}"
)
def test_losses_of_pixel_diffusion(run: dict[str, str]) -> None:
    data, params = PIXELS.tensors, PIXELS.manifest["config"]["params"]
    schedule = NoiseSchedule.named(params["beta_schedule"], params["timesteps"])
    loss = diffusion_loss(
        Analytic(PIXELS.tensors), schedule, objective(params | run), data["x_start"], data["t"], data["noise"]
    )
    assert loss.gamma is None
    assert_logged(PIXELS, f"{run['parameterization']}.{run['loss_type']}.", "val", loss)


def test_loss_on_v() -> None:
    data = V.tensors
    aim = objective(V.manifest["config"]["params"])
    network = Analytic(data, data["context"])
    loss = diffusion_loss(network, SD, aim, data["x_start"], data["t"], data["noise"], logvar=torch.zeros(1000))
    assert_logged(V, "", "val", loss)


@pytest.mark.parametrize("run", V.manifest["runs"], ids=lambda run: run["output"])
def test_ddim_samples_what_was_trained_on_v(run: dict[str, Any]) -> None:
    data = V.tensors

    def as_noise(context: Tensor) -> NoisePredictor:
        network = Analytic(data, context)
        return lambda x, t: SD.predict_noise_from_v(x, t.long(), network(x, t))

    predict = guided(
        as_noise(data["context"]), as_noise(data["unconditional_context"]), run["unconditional_guidance_scale"]
    )
    plan = DDIMPlan.of(SD, ddim_timesteps(run["S"]), run["eta"])
    V.assert_close(run["output"], final(ddim(predict, data["x_T"], plan)))
