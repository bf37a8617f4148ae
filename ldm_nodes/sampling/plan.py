"""Which timesteps a run visits, and the sampler that visits them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import TYPE_CHECKING, Any

import torch

from .checks import check_sigmas
from .model_sampling import at_the_top, trained_schedule
from .research import research_steps
from .schedules import sampling_sigmas, window
from .steps import Step
from .tables import DROP_PENULTIMATE, FRESH_MASK_NOISE, PAIR_SAMPLERS, RESEARCH_SAMPLERS, sigma_sampler
from .timeline import make_timeline

if TYPE_CHECKING:
    from torch import Tensor

    from .model_sampling import Levels
    from .run import Run

# The part of sampling in which SA-Solver adds noise.
NOISY_FROM, NOISY_TO = 0.2, 0.8


@dataclass(frozen=True)
class Plan:
    """What a sampler is going to do.

    Attributes:
        timesteps: The training timestep at which each step begins, as the network is told it; empty if there is
            nothing to do. Samplers that evaluate the network within a step ask about others too.
        steps: Starts the sampler on a run.
        sigmas: The noise levels between which the steps go, where the sampler thinks in them.
    """

    timesteps: tuple[float, ...]
    steps: Callable[[Run], Iterator[Step]]
    sigmas: Tensor | None = None


def make_plan(
    sampling: Levels,
    sampler_name: str,
    scheduler: str,
    steps: int,
    denoise: float = 1.0,
    start_step: int | None = None,
    last_step: int | None = None,
    force_full_denoise: bool = False,
) -> Plan:
    """Return the plan of a run; the arguments are those of `sample`, and the names must be known.

    Raises:
        SamplingError: If the schedule cannot be made with this number of steps.
    """
    if sampler_name in RESEARCH_SAMPLERS:
        schedule = trained_schedule(sampling, sampler_name)
        line = make_timeline(
            schedule, scheduler, steps, denoise, start_step, last_step, fractional=sampler_name == "dpm_solver"
        )
        visited = tuple(reversed(line.remaining))[: line.count]
        return Plan(visited, lambda run: research_steps(run, sampler_name, line, force_full_denoise))
    sigmas = sampling_sigmas(sampling, scheduler, steps, denoise, sampler_name in DROP_PENULTIMATE)
    sigmas = window(sigmas, start_step, last_step, force_full_denoise)
    check_sigmas(sigmas)
    visited = tuple(sampling.timestep(sigmas[:-1]).tolist())
    return Plan(visited, lambda run: sigma_steps(run, sampler_name, sigmas), sigmas)


def sigma_steps(run: Run, name: str, sigmas: Tensor, options: Mapping[str, Any] | None = None) -> Iterator[Step]:
    """Run a sigma-space sampler over these sigmas; `options` are keyword arguments of its own."""
    function = sigma_sampler(name)
    mask_noise = run.draws.fresh(run.latent) if name in FRESH_MASK_NOISE else run.noise
    denoise = run.pair(mask_noise) if name in PAIR_SAMPLERS else run.denoiser(mask_noise)
    given = keywords(run, name, function, sigmas) | dict(options or {})
    steps: Iterator[Step] = function(denoise, noised(run, sigmas), sigmas, **given)
    return steps


def noised(run: Run, sigmas: Tensor) -> Tensor:
    """Return the latent at the first noise level.

    At the schedule's largest level or above, the noise alone is given the variance that the network was trained with.
    """
    sampling, first = run.model.model_sampling, sigmas[0].item()
    sigma = torch.tensor(first, dtype=torch.float64)
    return sampling.noise_scaling(sigma, run.noise, run.latent, at_the_top(sampling, first)).to(run.latent)


def keywords(run: Run, name: str, function: Callable[..., Any], sigmas: Tensor) -> dict[str, Any]:
    """Return what a sampler asks for by the names of its parameters: draws, and the options that are set."""
    accepted = signature(function).parameters
    given = run.options.given_to(name, accepted)
    if "noise" in accepted:
        given["noise"] = run.draws.steps()
    if "noisy_between" in accepted:
        to_sigma = run.model.model_sampling.percent_to_sigma
        given["noisy_between"] = (to_sigma(NOISY_FROM), to_sigma(NOISY_TO))
    if "motion" in accepted:
        given["motion"] = run.draws.motion(run.latent, sigmas)
    return given
