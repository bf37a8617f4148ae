"""`comfy.sample`: sampling by the names of sampler and scheduler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from ....sampling import noise as noise_of
from .samplers import KSampler
from .samplers import sample as sample_with


def prepare_noise(latent_image: Tensor, seed: int, noise_inds: Sequence[int] | None = None) -> Tensor:
    """Return the start noise of a latent, on the CPU."""
    return noise_of.prepare_noise(latent_image.shape, seed, noise_inds).to(latent_image.dtype)


def fix_empty_latent_channels(model: Any, latent_image: Tensor) -> Tensor:
    """Return an empty latent with the model's number of channels; any other latent as it is."""
    channels = model.get_model_object("latent_format").latent_channels
    if latent_image.shape[1] == channels or bool(latent_image.any()):
        return latent_image
    return latent_image.new_zeros(latent_image.shape[0], channels, *latent_image.shape[2:])


def sample(
    model: Any,
    noise: Tensor,
    steps: int,
    cfg: float,
    sampler_name: str,
    scheduler: str,
    positive: Any,
    negative: Any,
    latent_image: Tensor,
    denoise: float = 1.0,
    disable_noise: bool = False,
    start_step: int | None = None,
    last_step: int | None = None,
    force_full_denoise: bool = False,
    noise_mask: Tensor | None = None,
    sigmas: Tensor | None = None,
    callback: Any = None,
    disable_pbar: bool = False,
    seed: int | None = None,
) -> Tensor:
    """Return the sampled latent (B, C, h, w), unscaled, on the CPU."""
    sampler = KSampler(model, steps, model.load_device, sampler_name, scheduler, denoise, model.model_options)
    return sampler.sample(
        noise, positive, negative, cfg, latent_image, start_step, last_step, force_full_denoise, noise_mask, sigmas,
        callback, disable_pbar, seed,
    ).cpu()  # fmt: skip


def sample_custom(
    model: Any,
    noise: Tensor,
    cfg: float,
    sampler: Any,
    sigmas: Tensor,
    positive: Any,
    negative: Any,
    latent_image: Tensor,
    noise_mask: Tensor | None = None,
    callback: Any = None,
    disable_pbar: bool = False,
    seed: int | None = None,
) -> Tensor:
    """Return the latent that a sampler object makes over these noise levels, on the CPU."""
    return sample_with(
        model, noise, positive, negative, cfg, model.load_device, sampler, sigmas, model.model_options, latent_image,
        noise_mask, callback, disable_pbar, seed,
    ).cpu()  # fmt: skip
