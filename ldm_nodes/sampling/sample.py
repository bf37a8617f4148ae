"""`sample`: what the KSampler nodes call. From prompts, a latent and a seed to a denoised latent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .checks import check_conditioning, check_latent, check_mask, check_result, check_settings
from .conditioning import Conditioning
from .guiders import CFGGuider, run_under
from .plan import Plan, make_plan
from .run import Draws, Run, SamplerOptions
from .tables import PAIR_SAMPLERS

if TYPE_CHECKING:
    from .denoiser import DiffusionModel
    from .noise import NoiseMode

Callback = Callable[[int, int, Tensor], None]
"""Called after each step with its index, the number of steps and the clean latent (B, C, h, w) expected there."""


def sample(
    model: DiffusionModel,
    *,
    positive: Conditioning,
    negative: Conditioning,
    latent: Tensor,
    seed: int,
    steps: int,
    cfg: float,
    sampler_name: str,
    scheduler: str,
    denoise: float = 1.0,
    noise_mask: Tensor | None = None,
    batch_index: Sequence[int] | None = None,
    add_noise: bool = True,
    start_step: int | None = None,
    last_step: int | None = None,
    force_full_denoise: bool = False,
    noise_mode: NoiseMode = "comfyui",
    options: SamplerOptions | None = None,
    callback: Callback | None = None,
) -> Tensor:
    """Denoise a latent from `positive` towards and `negative` away.

    Args:
        model: The loaded model.
        positive: Prompt entries, `[[context, options], ...]`.
        negative: Entries of the negative prompt; with a `cfg` of 1 they are not evaluated.
        latent: (B, C, h, w) as the autoencoder has it; it need not be noisy.
        seed: 0 to 2**64 - 1.
        steps: Number of steps of the schedule.
        cfg: Guidance scale; 1 is no guidance.
        sampler_name: A name of `tables.SAMPLERS`.
        scheduler: A name of `tables.SCHEDULERS`.
        denoise: Part of the schedule to run, 0 to 1: below 1 the last `steps` of `int(steps / denoise)` steps.
        noise_mask: Mask of any size, 1 where to sample; None samples everywhere.
        batch_index: Where each picture stood in the batch it was first drawn in.
        add_noise: Whether start noise is added; without it the latent is taken to be noisy already.
        start_step: First step to run.
        last_step: Step before which to stop.
        force_full_denoise: End in a clean latent even where `last_step` cuts the schedule.
        noise_mode: `comfyui`, or `per_index` for pictures that do not depend on their companions in the batch.
        options: What to change about the sampler.
        callback: Told of each step; an exception that it raises ends the run.

    Returns:
        (B, C, h, w) the sampled latent as the autoencoder takes it, on the device of `latent`.

    Raises:
        SamplingError: If an input cannot work, which is told before the network is asked, or its result is not finite.
    """
    check_settings(sampler_name, scheduler, steps, cfg, denoise)
    latent = fitted(model, latent)
    check_latent(model, latent)
    check_mask(noise_mask)
    guiding = cfg != 1 or sampler_name in PAIR_SAMPLERS
    check_conditioning(model, "positive", positive)
    if guiding:
        check_conditioning(model, "negative", negative)
    plan = make_plan(
        model.model_sampling, sampler_name, scheduler, steps, denoise, start_step, last_step, force_full_denoise
    )
    if not plan.timesteps:
        return latent
    with torch.no_grad():
        draws = Draws(seed, noise_mode, batch_index, start_step or 0)
        scaled = (latent * model.scale_factor).to(model.device, torch.float32)
        guider = CFGGuider(model)
        guider.inner_set_conds({"positive": positive} | ({"negative": negative} if guiding else {}))
        guider.set_cfg(cfg)
        noise = draws.start(scaled) if add_noise else torch.zeros_like(scaled)
        run = run_under(
            guider, scaled, noise, draws, add_noise=add_noise, mask=noise_mask, options=options, sigmas=plan.sigmas
        )
        sampled = _last_latent(run, plan, callback) / model.scale_factor
        check_result(sampled)
        return sampled if sampled.is_meta else sampled.to(latent)  # nothing to bring back from the meta device


def _last_latent(run: Run, plan: Plan, callback: Callback | None) -> Tensor:
    """Take all steps and return the latent after the last, in the network's scale."""
    x = run.latent
    for step in plan.steps(run):
        x = step.x
        if callback is not None:
            total = max(len(plan.timesteps), step.index + 1)  # adaptive samplers take as many as they need
            callback(step.index, total, step.x0 / run.model.scale_factor)
    return x


def fitted(model: DiffusionModel, latent: Tensor) -> Tensor:
    """Return an empty latent with the model's number of channels; any other latent as it is."""
    if latent.ndim != 4 or latent.shape[1] == model.latent_channels or latent.any():
        return latent
    return latent.new_zeros(latent.shape[0], model.latent_channels, *latent.shape[2:])
