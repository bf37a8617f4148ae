"""Nodes that choose a sampler and set its options (SAMPLER)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from ..engine.errors import InputError
from ..engine.sockets import Boolean, Choice, Float, Int
from ..engine.spec import node
from ..sampling.tables import SIGMA_SAMPLERS
from .sockets import Model, Sampler

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Scale = Callable[[NDArray[Any]], NDArray[Any]]

SAMPLERS = "sampling/custom_sampling/samplers"

Amount = Annotated[float, Float(min=0.0, max=100.0, step=0.01, round=False)]
Device = Annotated[str, Choice(("gpu", "cpu"))]
"""Kept for graphs: noise is always drawn on the CPU here, so that every device gives the same picture."""


def _named(name: str, **options: Any) -> Sampler:
    from ..sampling.named_sampler import NamedSampler

    return NamedSampler(name, options)


@node("KSamplerSelect", category=SAMPLERS)
def ksampler_select(*, sampler_name: Annotated[str, Choice(tuple(SIGMA_SAMPLERS))]) -> Sampler:
    """Choose a sampler by its name, with its own options."""
    return _named(sampler_name)


@node("SamplerEulerAncestral", category=SAMPLERS)
def sampler_euler_ancestral(*, eta: Amount = 1.0, s_noise: Amount = 1.0) -> Sampler:
    """Euler's method with fresh noise at every step.

    Args:
        eta: how much of the step is made of noise; 0 is plain Euler.
        s_noise: the standard deviation of that noise.
    """
    return _named("euler_ancestral", eta=eta, s_noise=s_noise)


@node("SamplerEulerAncestralCFGPP", category=SAMPLERS, display_name="SamplerEulerAncestralCFG++")
def sampler_euler_ancestral_cfg_pp(
    *,
    eta: Annotated[float, Float(min=0.0, max=1.0, step=0.01, round=False)] = 1.0,
    s_noise: Annotated[float, Float(min=0.0, max=10.0, step=0.01, round=False)] = 1.0,
) -> Sampler:
    """Ancestral Euler steps along the negative prompt's noise (CFG++)."""
    return _named("euler_ancestral_cfg_pp", eta=eta, s_noise=s_noise)


@node("SamplerLMS", category=SAMPLERS)
def sampler_lms(*, order: Annotated[int, Int(min=1, max=100)] = 4) -> Sampler:
    """The linear multistep method; `order` is how many past slopes it looks at."""
    return _named("lms", order=order)


@node("SamplerDPMPP_3M_SDE", category=SAMPLERS)
def sampler_dpmpp_3m_sde(*, eta: Amount = 1.0, s_noise: Amount = 1.0, noise_device: Device) -> Sampler:
    """SDE-DPM-Solver++ of order 3; `eta` 0 follows the ODE."""
    return _named(_on("dpmpp_3m_sde", noise_device), eta=eta, s_noise=s_noise)


@node("SamplerDPMPP_2M_SDE", category=SAMPLERS)
def sampler_dpmpp_2m_sde(
    *,
    solver_type: Annotated[str, Choice(("midpoint", "heun"))],
    eta: Amount = 1.0,
    s_noise: Amount = 1.0,
    noise_device: Device,
) -> Sampler:
    """SDE-DPM-Solver++ of order 2; `eta` 0 follows the ODE."""
    return _named(_on("dpmpp_2m_sde", noise_device), eta=eta, s_noise=s_noise, solver=solver_type)


@node("SamplerDPMPP_SDE", category=SAMPLERS)
def sampler_dpmpp_sde(
    *,
    eta: Amount = 1.0,
    s_noise: Amount = 1.0,
    r: Amount = 0.5,
    noise_device: Device,
) -> Sampler:
    """The stochastic DPM-Solver++(2S); `r` is where in the step the second evaluation is."""
    if r == 0:
        raise InputError("r", received="0", expected="a number above 0", remedy="0.5 is usual.")
    return _named(_on("dpmpp_sde", noise_device), eta=eta, s_noise=s_noise, r=r)


@node("SamplerDPMPP_2S_Ancestral", category=SAMPLERS)
def sampler_dpmpp_2s_ancestral(*, eta: Amount = 1.0, s_noise: Amount = 1.0) -> Sampler:
    """DPM-Solver++(2S) with fresh noise at every step."""
    return _named("dpmpp_2s_ancestral", eta=eta, s_noise=s_noise)


@node("SamplerDPMAdaptative", category=SAMPLERS)
def sampler_dpm_adaptative(
    *,
    order: Annotated[int, Int(min=2, max=3)] = 3,
    rtol: Amount = 0.05,
    atol: Amount = 0.0078,
    h_init: Amount = 0.05,
    pcoeff: Amount = 0.0,
    icoeff: Amount = 1.0,
    dcoeff: Amount = 0.0,
    accept_safety: Amount = 0.81,
    eta: Amount = 0.0,
    s_noise: Amount = 1.0,
) -> Sampler:
    """DPM-Solver with steps that follow its error; of the noise levels only the first and the last above 0 count.

    Args:
        order: of the method.
        rtol: the allowed error of a step in parts of the latent.
        atol: the allowed error of a step.
        h_init: the first step, in log sigma.
        pcoeff: proportional part of the control of the step's length,
        icoeff: integral part,
        dcoeff: and differential part.
        accept_safety: how careful it is; a step that asks for a smaller factor is taken again.
        eta: how much noise each step adds.
        s_noise: the standard deviation of that noise.
    """
    if h_init == 0:
        raise InputError("h_init", received="0", expected="a number above 0", remedy="0.05 is usual.")
    return _named(
        "dpm_adaptive", order=order, rtol=rtol, atol=atol, h_init=h_init, pcoeff=pcoeff, icoeff=icoeff,
        dcoeff=dcoeff, accept_safety=accept_safety, eta=eta, s_noise=s_noise,
    )  # fmt: skip


@node("SamplerER_SDE", category=SAMPLERS)
def sampler_er_sde(
    *,
    solver_type: Annotated[str, Choice(("ER-SDE", "Reverse-time SDE", "ODE"))],
    max_stage: Annotated[int, Int(min=1, max=3)] = 3,
    eta: Amount = 1.0,
    s_noise: Amount = 1.0,
) -> Sampler:
    """Extended reverse-time SDE solvers.

    Args:
        solver_type: the authors' noise, that of the reverse-time SDE, or none.
        max_stage: how many past predictions count.
        eta: how stochastic the reverse-time SDE is.
        s_noise: the standard deviation of the noise.
    """
    from ..sampling.er_sde import reverse_time_sde

    if solver_type == "ER-SDE":
        return _named("er_sde", order=max_stage, s_noise=s_noise)
    eta = 0.0 if solver_type == "ODE" else eta
    return _named("er_sde", order=max_stage, s_noise=s_noise if eta else 0.0, scale=reverse_time_sde(eta))


@node("SamplerSASolver", category=SAMPLERS)
def sampler_sa_solver(
    model: Model,
    *,
    eta: Annotated[float, Float(min=0.0, max=10.0, step=0.01, round=False)] = 1.0,
    sde_start_percent: Annotated[float, Float(min=0.0, max=1.0, step=0.001)] = 0.2,
    sde_end_percent: Annotated[float, Float(min=0.0, max=1.0, step=0.001)] = 0.8,
    s_noise: Amount = 1.0,
    predictor_order: Annotated[int, Int(min=1, max=6)] = 3,
    corrector_order: Annotated[int, Int(min=0, max=6)] = 4,
    use_pece: Annotated[bool, Boolean()] = False,
    simple_order_2: Annotated[bool, Boolean()] = False,
) -> Sampler:
    """The stochastic Adams method.

    Args:
        model: whose noise levels the percents mean.
        eta: the share of noise in the part of the sampling that has any.
        sde_start_percent: where that part begins.
        sde_end_percent: where it ends.
        s_noise: the standard deviation of the noise.
        predictor_order: how many predictions the next latent follows from.
        corrector_order: how many predictions correct it; 0 leaves the correction out.
        use_pece: evaluate the corrected latent too, which doubles the work.
        simple_order_2: take the paper's simpler weights where two predictions are used.
    """
    to_sigma = model.model_sampling.percent_to_sigma
    return _named(
        "sa_solver",
        eta=eta,
        noisy_between=(to_sigma(sde_start_percent), to_sigma(sde_end_percent)),
        s_noise=s_noise,
        predictor_order=predictor_order,
        corrector_order=corrector_order,
        evaluate_again=use_pece,
        simple_order_2=simple_order_2,
    )


def _on(name: str, device: str) -> str:
    return name if device == "cpu" else f"{name}_gpu"
