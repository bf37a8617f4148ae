"""What must hold before a network is asked, and of its answer.

Each check raises a `SamplingError` that names input and remedy.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from .errors import SamplingError
from .tables import SAMPLERS, SCHEDULERS

if TYPE_CHECKING:
    from torch import Tensor

    from .conditioning import Conditioning
    from .denoiser import DiffusionModel

MAX_STEPS = 10_000


def check_settings(sampler_name: str, scheduler: str, steps: int, cfg: float, denoise: float) -> None:
    """Refuse unknown names and numbers out of range."""
    _check_name("sampler_name", sampler_name, SAMPLERS)
    _check_name("scheduler", scheduler, SCHEDULERS)
    if not 1 <= steps <= MAX_STEPS:
        raise SamplingError("steps", str(steps), f"1 to {MAX_STEPS}", "20 to 50 steps are usual.")
    if not math.isfinite(cfg):
        raise SamplingError("cfg", str(cfg), "a finite number", "1 turns guidance off, 5 to 10 are usual.")
    if not 0 <= denoise <= 1:
        raise SamplingError("denoise", str(denoise), "0 to 1", "1 starts from pure noise, 0 changes nothing.")


def _check_name(input_name: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise SamplingError(input_name, repr(name), "one of " + ", ".join(known), "Choose a name of this list.")


def check_latent(model: DiffusionModel, latent: Tensor) -> None:
    """Refuse latents that the model's network cannot take."""
    shape = tuple(latent.shape)
    if latent.ndim != 4:
        raise SamplingError(
            "latent", f"a tensor of shape {shape}", "one of shape (batch, channels, height, width)",
            "Use the output of a node that makes latents.",
        )  # fmt: skip
    if min(shape) < 1:
        raise SamplingError(
            "latent", f"an empty tensor of shape {shape}", "at least one picture of one cell", "Ask for a larger size."
        )
    if shape[1] != model.latent_channels:
        raise SamplingError(
            "latent",
            f"{shape[1]} channels",
            f"the {model.latent_channels} channels of this model",
            "Encode the picture with the VAE that belongs to the model, or use an empty latent made for it.",
        )
    if not _finite(latent):
        raise SamplingError(
            "latent", "values that are not finite", "finite numbers", "The node before it produced NaN or infinity."
        )


def check_conditioning(model: DiffusionModel, input_name: str, conditioning: Conditioning) -> None:
    """Refuse conditionings without entries, without numbers, or made for a model with another context width."""
    if not conditioning:
        raise SamplingError(
            input_name, "no entries", "at least one", "Connect an encoded prompt; it may be empty text."
        )
    if not all(_finite(context) for context, _ in conditioning):
        remedy = "A weight in the prompt is too large, or an embedding in it is damaged."
        raise SamplingError(input_name, "values that are not finite", "finite numbers", remedy)
    if model.context_dim is None:
        return
    for context, _ in conditioning:
        if context.ndim != 3 or context.shape[-1] != model.context_dim:
            raise SamplingError(
                input_name,
                f"a context of shape {tuple(context.shape)}",
                f"width {model.context_dim} in (batch, tokens, width)",
                "Encode the prompt with the text encoder that belongs to the model.",
            )


def check_result(latent: Tensor) -> None:
    """Refuse what a network made of sound inputs if it is not finite: it would become a black picture."""
    if not _finite(latent):
        raise SamplingError(
            "model",
            "a network whose result is not finite",
            "finite numbers",
            "Run it in a wider type (--precision fp32); if that does not help, the file is damaged.",
        )


def check_sigmas(sigmas: Tensor) -> None:
    """Refuse schedules with levels that are not finite."""
    if not torch.isfinite(sigmas).all():
        raise SamplingError(
            "scheduler",
            f"the noise levels {sigmas.tolist()}",
            "finite numbers",
            "Choose another scheduler or more steps.",
        )


def check_levels(sigmas: Tensor) -> None:
    """Refuse lists of noise levels that no sampler can follow."""
    if sigmas.ndim != 1 or not torch.isfinite(sigmas).all() or (len(sigmas) > 1 and (sigmas < 0).any()):
        received = f"a tensor of shape {tuple(sigmas.shape)}" if sigmas.ndim != 1 else f"{sigmas.tolist()}"
        remedy = "Connect a scheduler node, or more steps of one."
        raise SamplingError("sigmas", received, "a list of finite noise levels from 0 upwards", remedy)
    if len(sigmas) > 1 and (sigmas[:-1] == 0).any():
        received = f"{sigmas.tolist()}, which is 0 before its end"
        raise SamplingError("sigmas", received, "levels above 0 but for the last", "Leave the last step out.")


def check_mask(mask: Tensor | None) -> None:
    """Refuse noise masks that are no pictures."""
    if mask is None:
        return
    if mask.ndim not in (2, 3, 4) or mask.numel() == 0:
        received, remedy = f"a tensor of shape {tuple(mask.shape)}", "Connect a mask."
        raise SamplingError("noise_mask", received, "(batch, height, width)", remedy)
    if not _finite(mask):
        remedy = "The node before it produced NaN or infinity."
        raise SamplingError("noise_mask", "values that are not finite", "numbers from 0 to 1", remedy)


def _finite(values: Tensor) -> bool:
    """Say whether all values are numbers; on the meta device there are none to ask."""
    return values.is_meta or bool(torch.isfinite(values).all())
