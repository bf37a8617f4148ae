"""The research code's samplers under KSampler's rules: schedules, steps to run, masks, and where sampling starts.

They think in timesteps and variance-preserving latents; this file translates on the way in and out. Where the original
programs do the same thing, the result is theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING

import torch

from .continuous import ContinuousSchedule
from .ddim import DDIMPlan, ddim, stochastic_encode
from .ddpm import ddpm
from .denoiser import network_input, noise_predictor
from .dpm_solver import Solver, multistep
from .model_sampling import trained_schedule
from .noise_schedule import NoiseSchedule
from .plms import plms
from .pndm import f_pndm, float32_alphas_cumprod, fon, s_pndm
from .sigma_space import level
from .steps import KnownRegion, Step, score_corrected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from .denoiser import NoisePredictor
    from .run import Run
    from .timeline import Timeline

Research = Callable[["Run", "Timeline"], "Iterator[Step]"]


def research_steps(run: Run, name: str, timeline: Timeline, force_full_denoise: bool) -> Iterator[Step]:
    """Run a research sampler over a timeline; the latents of its steps are in sigma space, as other samplers' are."""
    for step in islice(RESEARCH[name](run, timeline), timeline.count):
        following = timeline.following(step.index)
        x = step.x
        if following is not None and force_full_denoise and step.index == timeline.count - 1:
            x = step.x0
        elif following is not None:
            x = x * (1 + _sigma(run, following) ** 2) ** 0.5
        yield Step(step.index, step.t, x, step.x0)


def _ddim(run: Run, timeline: Timeline) -> Iterator[Step]:
    given = run.options.given_to("ddim_ldm", ("eta", "temperature", "noise_dropout", "quantize", "score_corrector"))
    plan = _plan(run, timeline, given.pop("eta", 0.0))
    predict = _predictor(run, given.pop("score_corrector", None))
    x, known = _encoded(run, timeline, plan), _known(run, _schedule(run))
    return ddim(predict, x, plan.first(timeline.begin), noise=run.draws.steps(), known=known, **given)


def _plms(run: Run, timeline: Timeline) -> Iterator[Step]:
    given = run.options.given_to("plms", ("quantize", "score_corrector"))
    plan = _plan(run, timeline)
    predict = _predictor(run, given.pop("score_corrector", None))
    x, known = _encoded(run, timeline, plan), _known(run, _schedule(run))
    return plms(predict, x, plan.first(timeline.begin), noise=run.draws.steps(), known=known, **given)


def _ddpm(run: Run, timeline: Timeline) -> Iterator[Step]:
    given = run.options.given_to("ddpm_ldm", ("temperature", "noise_dropout", "quantize", "score_corrector"))
    predict = _predictor(run, given.pop("score_corrector", None))
    planned = torch.tensor(timeline.planned, dtype=torch.int64)
    schedule, visited = respaced(_schedule(run), planned), planned.to(run.latent.device)
    x, known = _start(run, timeline), _known(run, schedule)
    return ddpm(
        lambda x, t: predict(x, visited[t]), x, schedule, run.draws.steps(), start=timeline.begin, known=known, **given
    )


def _dpm_solver(run: Run, timeline: Timeline) -> Iterator[Step]:
    schedule = _schedule(run)
    solver = Solver(_masked_predictor(run, "dpm_solver"), ContinuousSchedule.of(schedule))
    times = [(t + 1) / len(schedule) for t in reversed(timeline.remaining)]
    return multistep(solver, _start(run, timeline), [*times, solver.schedule.first])


def _pndm(name: str, method: Callable[..., Iterator[Step]]) -> Research:
    """Return a method of the PNDM paper, whose times count from one step earlier than CompVis' timesteps."""

    def steps(run: Run, timeline: Timeline) -> Iterator[Step]:
        alphas_cumprod = float32_alphas_cumprod(_schedule(run).betas)
        times = [int(t) - 1 for t in timeline.remaining]
        return method(_masked_predictor(run, name), _start(run, timeline), alphas_cumprod, times)

    return steps


RESEARCH: dict[str, Research] = {
    "plms": _plms,
    "ddim_ldm": _ddim,
    "ddpm_ldm": _ddpm,
    "dpm_solver": _dpm_solver,
    "s_pndm": _pndm("s_pndm", s_pndm),
    "f_pndm": _pndm("f_pndm", f_pndm),
    "fon": _pndm("fon", fon),
}


def respaced(schedule: NoiseSchedule, timesteps: Tensor) -> NoiseSchedule:
    """Return the schedule of a process that visits only these ascending timesteps (arXiv 2102.09672, eq. 19)."""
    if len(timesteps) == len(schedule):
        return schedule
    alphas_cumprod = schedule.alphas_cumprod[timesteps.to(schedule.alphas_cumprod.device)].double()
    before = torch.cat([alphas_cumprod.new_ones(1), alphas_cumprod[:-1]])
    return NoiseSchedule.from_betas((1 - alphas_cumprod / before).tolist()).to(schedule.betas.device)


def _schedule(run: Run) -> NoiseSchedule:
    return trained_schedule(run.model.model_sampling, "research")


def _plan(run: Run, timeline: Timeline, eta: float = 0.0) -> DDIMPlan:
    return DDIMPlan.of(_schedule(run), [int(t) for t in timeline.planned], eta)


def _start(run: Run, timeline: Timeline) -> Tensor:
    """Return the latent, noised to the first timestep of the run."""
    sigma = _sigma(run, timeline.planned[timeline.begin - 1])
    x = run.latent + run.noise * ((1 + sigma**2) ** 0.5 if timeline.from_the_top else sigma)
    return network_input(x, level(x, sigma))


def _encoded(run: Run, timeline: Timeline, plan: DDIMPlan) -> Tensor:
    """Return the start of DDIM and PLMS: a picture is noised one step further than the run begins, as CompVis does."""
    if timeline.from_the_top or not run.add_noise:
        return _start(run, timeline)
    return stochastic_encode(run.latent, plan, timeline.begin, run.noise)


def _sigma(run: Run, timestep: float) -> float:
    return _schedule(run).sigma(torch.tensor(timestep)).item()


def _predictor(run: Run, correct: Callable[[Tensor, Tensor, Tensor], Tensor] | None) -> NoisePredictor:
    predict = noise_predictor(run.guided, _schedule(run))
    return predict if correct is None else score_corrected(predict, correct)


def _masked_predictor(run: Run, name: str) -> NoisePredictor:
    """Return the predictor for samplers that know no masks: the known part is put into every call."""
    correct = run.options.given_to(name, ("score_corrector",)).get("score_corrector")
    predict = noise_predictor(run.denoiser(run.noise), _schedule(run))
    return predict if correct is None else score_corrected(predict, correct)


def _known(run: Run, schedule: NoiseSchedule) -> KnownRegion | None:
    """Return the region that samplers keep by themselves."""
    if run.mask is None:
        return None
    return KnownRegion(run.latent, 1 - run.known(run.noise).mask, schedule)
