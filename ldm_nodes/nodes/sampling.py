"""Nodes that denoise latents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Boolean, Choice, Float, Int
from ..engine.spec import node
from ..models.kinds import LatentKind, ModelKind
from ..sampling.tables import PAIR_SAMPLERS, SAMPLERS, SCHEDULERS
from .kinds import CondKind, cond_kind, latent_kind, latent_mark
from .latent_pairing import Notice
from .latent_preview import LatentPreview
from .pairing import check_codebook, check_sampling
from .runtime import Runtime
from .sockets import Cond, Latent, Model

if TYPE_CHECKING:
    from torch import Tensor

Seed = Annotated[int, Int(min=0, max=2**64 - 1, control_after_generate=True)]
Steps = Annotated[int, Int(min=1, max=10_000)]
Scale = Annotated[float, Float(min=0.0, max=100.0, step=0.1, round=0.01)]
SamplerName = Annotated[str, Choice(SAMPLERS)]
SchedulerName = Annotated[str, Choice(SCHEDULERS)]


def _sampled_ahead(
    model: ModelKind | None,
    positive: CondKind | None,
    negative: CondKind | None,
    latent_image: LatentKind | None,
    cfg: float | None,
    sampler_name: str | None,
    notice: Notice,
) -> LatentKind | None:
    guided = cfg is not None and sampler_name is not None and _guides(cfg, sampler_name)
    check_sampling(model, positive, negative if guided else None, latent_image, notice)
    return model.latents if model else None


def _guides(cfg: float, sampler_name: str) -> bool:
    """Say whether the negative conditioning is used."""
    return cfg != 1 or sampler_name in PAIR_SAMPLERS


@node("KSampler", category="sampling", foresee=_sampled_ahead)
def ksampler(
    *,
    model: Model,
    seed: Seed = 0,
    steps: Steps = 20,
    cfg: Scale = 8.0,
    sampler_name: SamplerName,
    scheduler: SchedulerName,
    positive: Cond,
    negative: Cond,
    latent_image: Latent,
    denoise: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 1.0,
    context: Context[Runtime],
) -> Latent:
    """Denoise a latent towards the positive conditioning and away from the negative one.

    Args:
        model: the diffusion model.
        seed: which random start; the same seed gives the same picture.
        steps: how many steps; more is finer and slower.
        cfg: classifier-free guidance scale; 1 ignores the negative conditioning and is twice as fast.
        sampler_name: the solver. `plms`, `ddim_ldm` and the other names at the end are the research code's own.
        scheduler: how the noise levels are spaced. `uniform` is the research code's spacing with exact step counts.
        positive: what to move towards.
        negative: what to move away from.
        latent_image: where to start: an empty latent, or a picture's latent together with `denoise` below 1.
        denoise: how much of the start to replace.
    """
    return _sampled(
        context, model, positive, negative, latent_image,
        seed=seed, steps=steps, cfg=cfg, sampler_name=sampler_name, scheduler=scheduler, denoise=denoise,
    )  # fmt: skip


@node("KSamplerAdvanced", category="sampling", display_name="KSampler (Advanced)", foresee=_sampled_ahead)
def ksampler_advanced(
    *,
    model: Model,
    add_noise: Annotated[str, Choice(("enable", "disable"))],
    noise_seed: Seed = 0,
    steps: Steps = 20,
    cfg: Scale = 8.0,
    sampler_name: SamplerName,
    scheduler: SchedulerName,
    positive: Cond,
    negative: Cond,
    latent_image: Latent,
    start_at_step: Annotated[int, Int(min=0, max=10_000)] = 0,
    end_at_step: Annotated[int, Int(min=0, max=10_000)] = 10_000,
    return_with_leftover_noise: Annotated[str, Choice(("disable", "enable"))],
    context: Context[Runtime],
) -> Latent:
    """Run a window of the steps of a sampling, so that several samplers can share one picture.

    Args:
        model: the diffusion model.
        add_noise: whether to add the start noise; disable it when an earlier sampler left noise.
        noise_seed: which random start.
        steps: how many steps the whole sampling has.
        cfg: classifier-free guidance scale.
        sampler_name: the solver.
        scheduler: how the noise levels are spaced.
        positive: what to move towards.
        negative: what to move away from.
        latent_image: where to start.
        start_at_step: the first step to run.
        end_at_step: the step to stop before.
        return_with_leftover_noise: enable it to hand a latent that is still noisy to the next sampler.
    """
    return _sampled(
        context, model, positive, negative, latent_image,
        seed=noise_seed, steps=steps, cfg=cfg, sampler_name=sampler_name, scheduler=scheduler,
        add_noise=add_noise == "enable", start_step=start_at_step, last_step=end_at_step,
        force_full_denoise=return_with_leftover_noise == "disable",
    )  # fmt: skip


def _sampled(
    context: Context[Runtime],
    model: Model,
    positive: Cond,
    negative: Cond,
    latent: Latent,
    *,
    seed: int,
    cfg: float,
    add_noise: bool = True,
    **steps: Any,
) -> Latent:
    """Sample, and record what made the latent; `steps` are the arguments that say which steps are taken."""
    from ..sampling.errors import SamplingError
    from ..sampling.plan import make_plan
    from ..sampling.sample import sample

    guided = _guides(cfg, steps["sampler_name"])
    unwanted = cond_kind(negative) if guided else None
    check_sampling(model.kind, cond_kind(positive), unwanted, latent_kind(latent), context.notice)
    noise_mode = context.runtime.settings.noise
    timesteps = make_plan(model.model_sampling, **steps).timesteps
    context.record(seed=seed, cfg=cfg, add_noise=add_noise, noise=noise_mode, **steps, timesteps=list(timesteps))

    preview = LatentPreview(context.runtime.settings.preview, model)

    def report(index: int, total: int, x0: Tensor) -> None:
        context.progress(index + 1, total, preview=preview.of(x0))

    try:
        samples = sample(
            model,
            positive=positive,
            negative=negative,
            latent=latent["samples"],
            noise_mask=latent.get("noise_mask"),
            batch_index=latent.get("batch_index"),
            noise_mode=noise_mode,
            options=model.sampler_options,
            callback=report,
            seed=seed,
            cfg=cfg,
            add_noise=add_noise,
            **steps,
        )
    except SamplingError as error:  # the engine then names the node that made the unfit value
        name = "latent_image" if error.input_name == "latent" else error.input_name
        raise InputError(name, received=error.received, expected=error.expected, remedy=error.remedy) from error
    return {**latent, "samples": samples, **latent_mark(model.kind.latents)}


def _options_ahead(model: ModelKind | None, quantize_denoised: bool | None) -> ModelKind | None:
    if model and quantize_denoised:
        check_codebook(model)
    return model


@node("DDIMSamplerOptions", category="sampling", display_name="DDIM Sampler Options", foresee=_options_ahead)
def ddim_sampler_options(
    model: Model,
    *,
    eta: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 0.0,
    temperature: Annotated[float, Float(min=0.0, max=10.0, step=0.01)] = 1.0,
    noise_dropout: Annotated[float, Float(min=0.0, max=0.99, step=0.01)] = 0.0,
    quantize_denoised: Annotated[bool, Boolean()] = False,
) -> Model:
    """Set what the research code's samplers (`ddim_ldm`, `ddpm_ldm`) do beyond the plain deterministic step.

    Args:
        model: the diffusion model; a copy of it carries the options.
        eta: how stochastic DDIM is: 0 is deterministic, 1 is DDPM-like (arXiv 2010.02502, eq. 16).
        temperature: multiplier of the noise of every step.
        noise_dropout: the fraction of that noise to drop.
        quantize_denoised: snap each predicted clean latent to the codebook (VQ models only).
    """
    if quantize_denoised:
        check_codebook(model.kind)
    return model.with_options(
        eta=eta, temperature=temperature, noise_dropout=noise_dropout, quantize_denoised=quantize_denoised
    )
