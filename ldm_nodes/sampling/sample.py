"""`sample`: what the KSampler nodes call. From prompts, a latent and a seed to a denoised latent."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from .checks import check_conditioning, check_latent, check_mask, check_settings, check_sigmas
from .conditioning import Conditioning, entries
from .guidance import EntryPair
from .research import research_steps
from .run import Draws, Run, SamplerOptions
from .schedules import sampling_sigmas, window
from .tables import DROP_PENULTIMATE, FRESH_MASK_NOISE, PAIR_SAMPLERS, RESEARCH_SAMPLERS, sigma_sampler
from .timeline import make_timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .denoiser import DiffusionModel
    from .noise import NoiseMode
    from .noise_schedule import NoiseSchedule
    from .steps import Step

# The part of sampling in which SA-Solver adds noise.
NOISY_FROM, NOISY_TO = 0.2, 0.8

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
        SamplingError: If an input cannot work; the network has not been asked yet.
    """
    check_settings(sampler_name, scheduler, steps, cfg, denoise)
    latent = _fitted(model, latent)
    check_latent(model, latent)
    check_mask(noise_mask)
    guiding = cfg != 1 or sampler_name in PAIR_SAMPLERS
    check_conditioning(model, "positive", positive)
    if guiding:
        check_conditioning(model, "negative", negative)
    total, steps_of = _planned(
        model, sampler_name, scheduler, steps, denoise, start_step, last_step, force_full_denoise
    )
    if total == 0:
        return latent
    with torch.no_grad():
        draws = Draws(seed, noise_mode, batch_index)
        scaled = (latent * model.scale_factor).to(model.device, torch.float32)
        positives, negatives = entries(model, positive, negative if guiding else (), scaled.shape)
        run = Run(
            model=model,
            entries=EntryPair(model, negatives, positives),
            cfg=cfg,
            latent=scaled,
            noise=draws.start(scaled) if add_noise else torch.zeros_like(scaled),
            add_noise=add_noise,
            mask=noise_mask,
            draws=draws,
            options=options or SamplerOptions(),
        )
        result = scaled
        for step in steps_of(run):
            result = step.x
            if callback is not None:
                callback(step.index, max(total, step.index + 1), step.x0 / model.scale_factor)
        return (result / model.scale_factor).to(latent)


def _planned(
    model: DiffusionModel,
    sampler_name: str,
    scheduler: str,
    steps: int,
    denoise: float,
    start_step: int | None,
    last_step: int | None,
    force_full_denoise: bool,
) -> tuple[int, Callable[[Run], Iterator[Step]]]:
    """Return the number of steps to run, and what runs them."""
    if sampler_name in RESEARCH_SAMPLERS:
        line = make_timeline(
            model.noise_schedule, scheduler, steps, denoise, start_step, last_step,
            fractional=sampler_name == "dpm_solver",
        )  # fmt: skip
        return line.count, lambda run: research_steps(run, sampler_name, line, force_full_denoise)
    sigmas = sampling_sigmas(model.noise_schedule, scheduler, steps, denoise, sampler_name in DROP_PENULTIMATE)
    sigmas = window(sigmas, start_step, last_step, force_full_denoise)
    check_sigmas(sigmas)
    return max(len(sigmas) - 1, 0), lambda run: sigma_steps(run, sampler_name, sigmas)


def sigma_steps(run: Run, name: str, sigmas: Tensor) -> Iterator[Step]:
    """Run a sigma-space sampler over these sigmas."""
    function = sigma_sampler(name)
    mask_noise = run.draws.fresh(run.latent) if name in FRESH_MASK_NOISE else run.noise
    denoise = run.pair(mask_noise) if name in PAIR_SAMPLERS else run.denoiser(mask_noise)
    x = noised(run.model.noise_schedule, run.latent, run.noise, sigmas[0].item())
    steps: Iterator[Step] = function(denoise, x, sigmas, **keywords(run, name, function, sigmas))
    return steps


def noised(schedule: NoiseSchedule, latent: Tensor, noise: Tensor, sigma: float) -> Tensor:
    """Return the latent at the first noise level.

    At the schedule's largest level or above, the noise alone is given the variance that the network was trained with.
    """
    at_the_top = sigma > schedule.sigma_max or math.isclose(sigma, schedule.sigma_max, rel_tol=1e-5)
    return latent + noise * (math.sqrt(1 + sigma**2) if at_the_top else sigma)


def keywords(run: Run, name: str, function: Callable[..., Any], sigmas: Tensor) -> dict[str, Any]:
    """Return what a sampler asks for by the names of its parameters: draws, and the options that are set."""
    accepted = signature(function).parameters
    given = run.options.given_to(name, accepted)
    if "noise" in accepted:
        given["noise"] = run.draws.steps()
    if "noisy_between" in accepted:
        to_sigma = run.model.noise_schedule.percent_to_sigma
        given["noisy_between"] = (to_sigma(NOISY_FROM), to_sigma(NOISY_TO))
    if "motion" in accepted:
        given["motion"] = run.draws.motion(run.latent, sigmas)
    return given


def _fitted(model: DiffusionModel, latent: Tensor) -> Tensor:
    """Return an empty latent with the model's number of channels; any other latent as it is."""
    if latent.ndim != 4 or latent.shape[1] == model.latent_channels or latent.any():
        return latent
    return latent.new_zeros(latent.shape[0], model.latent_channels, *latent.shape[2:])
