"""Nodes that say what a model predicts and which noise levels it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from ..engine.errors import InputError
from ..engine.sockets import Boolean, Choice, Float
from ..engine.spec import node
from .foreseeing import same
from .sockets import Model

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..sampling.model_sampling import ModelSampling

ADVANCED = "advanced/model"

Sigma = Annotated[float, Float(min=0.0, max=1000.0, step=0.001, round=False)]


@node("ModelSamplingDiscrete", category=ADVANCED, foresee=same("model"))
def model_sampling_discrete(
    model: Model,
    *,
    sampling: Annotated[str, Choice(("eps", "v_prediction", "lcm", "x0", "img_to_img"))],
    zsnr: Annotated[bool, Boolean()] = False,
) -> Model:
    """Say what a model of training timesteps predicts, where its file does not.

    Args:
        model: the diffusion model.
        sampling: the noise, v, or the clean latent; `lcm` for models and LoRAs of latent consistency; `img_to_img` for
            models whose output is the clean latent whatever comes in.
        zsnr: end the schedule in pure noise, for models that were trained so.
    """
    from ..sampling.model_sampling import discrete

    changed = model.clone()
    changed.add_object_patch("model_sampling", discrete(model.noise_schedule, sampling, zsnr))
    return changed


@node("ModelSamplingContinuousEDM", category=ADVANCED, foresee=same("model"))
def model_sampling_continuous_edm(
    model: Model,
    *,
    sampling: Annotated[str, Choice(("v_prediction", "edm", "edm_playground_v2.5", "eps", "cosmos_rflow"))],
    sigma_max: Sigma = 120.0,
    sigma_min: Sigma = 0.002,
) -> Model:
    """Say that a model knows every noise level between two, and what it predicts.

    Args:
        model: the diffusion model.
        sampling: what it predicts; those of Playground and Cosmos are refused, whose latents are others.
        sigma_max: the largest level.
        sigma_min: the smallest.
    """
    from ..sampling.model_sampling import continuous_edm

    changed = model.clone()
    changed.add_object_patch("model_sampling", _made(continuous_edm, sampling, sigma_max, sigma_min))
    return changed


@node("ModelSamplingContinuousV", category=ADVANCED, foresee=same("model"))
def model_sampling_continuous_v(
    model: Model,
    *,
    sampling: Annotated[str, Choice(("v_prediction",))],
    sigma_max: Sigma = 500.0,
    sigma_min: Sigma = 0.03,
) -> Model:
    """Say that a model predicts v at every noise level between two."""
    from ..sampling.model_sampling import continuous_v

    changed = model.clone()
    changed.add_object_patch("model_sampling", _made(continuous_v, sigma_max, sigma_min))
    return changed


def _made(make: Callable[..., ModelSampling], *settings: Any) -> ModelSampling:
    """Return what `make` makes, or the complaint with the input's name."""
    from ..sampling.errors import SamplingError

    try:
        return make(*settings)
    except SamplingError as error:
        told = {"received": error.received, "expected": error.expected, "remedy": error.remedy}
        raise InputError(error.input_name, **told) from error
