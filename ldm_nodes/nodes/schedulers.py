"""Nodes that make and change lists of noise levels (SIGMAS), over which custom samplers step."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from ..engine.errors import InputError
from ..engine.sockets import Boolean, Choice, Float, Int
from ..engine.spec import node
from .sampling import SchedulerName, Steps
from .sockets import Model, Sigmas

SCHEDULERS = "sampling/custom_sampling/schedulers"
SIGMAS = "sampling/custom_sampling/sigmas"

Denoise = Annotated[float, Float(min=0.0, max=1.0, step=0.01)]
Level = Annotated[float, Float(min=0.0, max=5000.0, step=0.01, round=False)]
Power = Annotated[float, Float(min=0.0, max=100.0, step=0.01, round=False)]
Shape = Annotated[float, Float(min=0.0, max=50.0, step=0.01, round=False)]

LARGEST, SMALLEST = 14.614642, 0.0291675
"""The noise levels of Stable Diffusion 1."""


@node("BasicScheduler", category=SCHEDULERS)
def basic_scheduler(model: Model, *, scheduler: SchedulerName, steps: Steps = 20, denoise: Denoise = 1.0) -> Sigmas:
    """Return the noise levels of a scheduler for a model.

    Args:
        model: whose noise levels they are.
        scheduler: how they are spaced.
        steps: how many steps.
        denoise: the last part of the schedule, 1 for all of it; below 0.01 there is no step.
    """
    from ..sampling.schedules import sampling_sigmas

    return sampling_sigmas(model.model_sampling, scheduler, steps, denoise)


@node("KarrasScheduler", category=SCHEDULERS)
def karras_scheduler(
    *, steps: Steps = 20, sigma_max: Level = LARGEST, sigma_min: Level = SMALLEST, rho: Power = 7.0
) -> Sigmas:
    """Return noise levels equally spaced in sigma^(1/rho)."""
    from ..sampling.sigma_lists import karras

    _check_ends(sigma_max, sigma_min)
    _check_above_zero("rho", rho)
    return karras(steps, sigma_max, sigma_min, rho)


@node("ExponentialScheduler", category=SCHEDULERS)
def exponential_scheduler(*, steps: Steps = 20, sigma_max: Level = LARGEST, sigma_min: Level = SMALLEST) -> Sigmas:
    """Return noise levels equally spaced in the logarithm."""
    from ..sampling.sigma_lists import polyexponential

    _check_ends(sigma_max, sigma_min)
    return polyexponential(steps, sigma_max, sigma_min)


@node("PolyexponentialScheduler", category=SCHEDULERS)
def polyexponential_scheduler(
    *, steps: Steps = 20, sigma_max: Level = LARGEST, sigma_min: Level = SMALLEST, rho: Power = 1.0
) -> Sigmas:
    """Return noise levels whose logarithms fall as a power; with rho 1 they are equally spaced."""
    from ..sampling.sigma_lists import polyexponential

    _check_ends(sigma_max, sigma_min)
    return polyexponential(steps, sigma_max, sigma_min, rho)


@node("LaplaceScheduler", category=SCHEDULERS)
def laplace_scheduler(
    *,
    steps: Steps = 20,
    sigma_max: Level = LARGEST,
    sigma_min: Level = SMALLEST,
    mu: Annotated[float, Float(min=-10.0, max=10.0, step=0.1, round=False)] = 0.0,
    beta: Annotated[float, Float(min=0.0, max=10.0, step=0.1, round=False)] = 0.5,
) -> Sigmas:
    """Return quantiles of a Laplace distribution of log sigma; the last is not 0, so some noise is left."""
    from ..sampling.sigma_lists import laplace

    return laplace(steps, sigma_max, sigma_min, mu, beta)


@node("VPScheduler", category=SCHEDULERS)
def vp_scheduler(
    *,
    steps: Steps = 20,
    beta_d: Level = 19.9,
    beta_min: Level = 0.1,
    eps_s: Annotated[float, Float(min=0.0, max=1.0, step=0.0001, round=False)] = 0.001,
) -> Sigmas:
    """Return the levels of the continuous variance-preserving process at equal times."""
    from ..sampling.sigma_lists import variance_preserving

    sigmas = variance_preserving(steps, beta_d, beta_min, eps_s)
    if not sigmas.isfinite().all():
        received, expected = f"{beta_d}, which makes levels that are no numbers", "a smaller one"
        raise InputError("beta_d", received=received, expected=expected, remedy="19.9 is usual.")
    return sigmas


@node("BetaSamplingScheduler", category=SCHEDULERS)
def beta_sampling_scheduler(model: Model, *, steps: Steps = 20, alpha: Shape = 0.6, beta: Shape = 0.6) -> Sigmas:
    """Return noise levels at the quantiles of a beta distribution over timesteps.

    Args:
        model: whose noise levels they are.
        steps: how many steps.
        alpha: below 1, more steps late.
        beta: below 1, more steps early.
    """
    from ..sampling.schedules import beta as beta_levels
    from ..sampling.sigma_lists import with_zero

    _check_above_zero("alpha", alpha)
    _check_above_zero("beta", beta)
    return with_zero(beta_levels(model.model_sampling, steps, alpha, beta).float())


@node("SDTurboScheduler", category=SCHEDULERS)
def sd_turbo_scheduler(
    model: Model, *, steps: Annotated[int, Int(min=1, max=10)] = 1, denoise: Denoise = 1.0
) -> Sigmas:
    """Return the levels of the ten timesteps on which SD Turbo and SDXL Turbo were distilled."""
    from ..sampling.sigma_lists import sd_turbo

    return sd_turbo(model.model_sampling, steps, denoise)


@node("AlignYourStepsScheduler", category=SCHEDULERS)
def align_your_steps_scheduler(
    *, model_type: Annotated[str, Choice(("SD1", "SDXL", "SVD"))], steps: Steps = 10, denoise: Denoise = 1.0
) -> Sigmas:
    """Return the schedule that was optimised for a family of models (arXiv 2404.14507)."""
    from ..sampling.sigma_lists import align_your_steps

    return align_your_steps(model_type, steps, denoise)


@node("SplitSigmas", category=SIGMAS, outputs=("high_sigmas", "low_sigmas"))
def split_sigmas(sigmas: Sigmas, *, step: Annotated[int, Int(min=0, max=10_000)] = 0) -> tuple[Sigmas, Sigmas]:
    """Cut a list at a step; the level there ends the first part and begins the second."""
    from ..sampling.sigma_lists import split

    return split(sigmas, step)


@node("SplitSigmasDenoise", category=SIGMAS, outputs=("high_sigmas", "low_sigmas"))
def split_sigmas_denoise(sigmas: Sigmas, *, denoise: Denoise = 1.0) -> tuple[Sigmas, Sigmas]:
    """Cut a list so that the second part has `denoise` of the steps."""
    from ..sampling.sigma_lists import split_by_denoise

    return split_by_denoise(sigmas, denoise)


@node("FlipSigmas", category=SIGMAS)
def flip_sigmas(sigmas: Sigmas) -> Sigmas:
    """Turn a list round, to go from a picture to its noise; a 0 at its start becomes 0.0001."""
    from ..sampling.sigma_lists import flipped

    return flipped(sigmas)


@node("SetFirstSigma", category=SIGMAS)
def set_first_sigma(
    sigmas: Sigmas, *, sigma: Annotated[float, Float(min=0.0, max=20_000.0, step=0.001, round=False)] = 136.0
) -> Sigmas:
    """Set the first level of a list."""
    from ..sampling.sigma_lists import with_first

    return with_first(sigmas, sigma)


@node("ExtendIntermediateSigmas", category=SIGMAS)
def extend_intermediate_sigmas(
    sigmas: Sigmas,
    *,
    steps: Annotated[int, Int(min=1, max=100)] = 2,
    start_at_sigma: Annotated[float, Float(min=-1.0, max=20_000.0, step=0.01, round=False)] = -1.0,
    end_at_sigma: Annotated[float, Float(min=0.0, max=20_000.0, step=0.01, round=False)] = 12.0,
    spacing: Annotated[str, Choice(("linear", "cosine", "sine"))],
) -> Sigmas:
    """Divide steps of a list into several.

    Args:
        sigmas: the list.
        steps: how many steps become of one.
        start_at_sigma: the largest level whose step is divided; -1 for no limit.
        end_at_sigma: the smallest.
        spacing: how the new levels lie between the old ones.
    """
    from ..sampling.sigma_lists import extended

    how = cast("Literal['linear', 'cosine', 'sine']", spacing)
    return extended(sigmas, steps, start_at_sigma, end_at_sigma, how)


@node("SamplingPercentToSigma", category=SIGMAS, outputs=("sigma_value",))
def sampling_percent_to_sigma(
    model: Model,
    *,
    sampling_percent: Annotated[float, Float(min=0.0, max=1.0, step=0.0001)] = 0.0,
    return_actual_sigma: Annotated[bool, Boolean()] = False,
) -> float:
    """Return the noise level at a part of the sampling.

    Args:
        model: whose noise levels they are.
        sampling_percent: 0 is the start, 1 the end.
        return_actual_sigma: at both ends, give the model's own levels, not those that mean "everything" and "nothing".
    """
    sampling = model.model_sampling
    if return_actual_sigma and sampling_percent in (0.0, 1.0):
        return float(sampling.sigma_max if sampling_percent == 0 else sampling.sigma_min)
    return sampling.percent_to_sigma(sampling_percent)


def _check_ends(sigma_max: float, sigma_min: float) -> None:
    _check_above_zero("sigma_max", sigma_max)
    _check_above_zero("sigma_min", sigma_min)


def _check_above_zero(name: str, value: float) -> None:
    if value <= 0:
        remedy = "The default is usual."
        raise InputError(name, received=str(value), expected="a number above 0", remedy=remedy)
