"""Nodes that sample with sampler, noise levels, guidance and noise each chosen apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Boolean
from ..engine.spec import node
from ..models.kinds import LatentKind, ModelKind
from .kinds import CondKind, cond_kind, latent_kind, latent_mark
from .latent_pairing import Notice, check_start
from .latent_preview import LatentPreview
from .pairing import check_sampling
from .runtime import Runtime
from .sampling import Scale, Seed
from .sockets import Cond, Guider, Latent, Model, Noise, Sampler, Sigmas

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

CUSTOM = "sampling/custom_sampling"
NOISE = "sampling/custom_sampling/noise"
INPUTS = {"latent": "latent_image", "noise_mask": "latent_image", "sampler": "sampler", "sigmas": "sigmas"}
"""The inputs from which what a run complains of came."""
GUIDED: Mapping[str, str] = {}
"""The same for what comes with the guider, where it is an input."""
UNGUIDED: Mapping[str, str] = {"positive": "positive", "negative": "negative", "model": "model"}
"""The same where the node has the parts of a guider itself."""


def _sampled_ahead(
    model: ModelKind | None,
    positive: CondKind | None,
    negative: CondKind | None,
    latent_image: LatentKind | None,
    cfg: float | None,
    notice: Notice,
) -> tuple[LatentKind | None, LatentKind | None]:
    check_sampling(model, positive, negative if cfg != 1 else None, latent_image, notice)
    latents = model.latents if model else None
    return latents, latents


@node("SamplerCustom", category=CUSTOM, outputs=("output", "denoised_output"), foresee=_sampled_ahead)
def sampler_custom(
    *,
    model: Model,
    add_noise: Annotated[bool, Boolean()] = True,
    noise_seed: Seed = 0,
    cfg: Scale = 8.0,
    positive: Cond,
    negative: Cond,
    sampler: Sampler,
    sigmas: Sigmas,
    latent_image: Latent,
    context: Context[Runtime],
) -> tuple[Latent, Latent]:
    """Denoise a latent with a sampler over a list of noise levels.

    Args:
        model: the diffusion model.
        add_noise: whether to add the start noise.
        noise_seed: which random start.
        cfg: classifier-free guidance scale; 1 ignores the negative conditioning.
        positive: what to move towards.
        negative: what to move away from.
        sampler: what takes the steps.
        sigmas: the noise levels between which they go.
        latent_image: where to start.
    """
    from ..sampling.guiders import CFGGuider
    from ..sampling.noise_values import NoNoise, RandomNoise

    kinds = cond_kind(positive), cond_kind(negative) if cfg != 1 else None
    check_sampling(model.kind, *kinds, latent_kind(latent_image), context.notice)
    guider = CFGGuider(model)
    guider.set_conds(positive, negative)
    guider.set_cfg(cfg)
    mode = context.runtime.settings.noise
    noise: Noise = RandomNoise(noise_seed, mode) if add_noise else NoNoise(noise_seed)
    context.record(seed=noise_seed, cfg=cfg, add_noise=add_noise, noise=mode, sigmas=sigmas.tolist())
    return _sampled(context, guider, noise, sampler, sigmas, latent_image, UNGUIDED)


def _advanced_ahead(
    guider: ModelKind | None, latent_image: LatentKind | None, notice: Notice
) -> tuple[LatentKind | None, LatentKind | None]:
    if guider and latent_image:
        check_start(guider.latents, latent_image, notice)
    latents = guider.latents if guider else None
    return latents, latents


@node("SamplerCustomAdvanced", category=CUSTOM, outputs=("output", "denoised_output"), foresee=_advanced_ahead)
def sampler_custom_advanced(
    noise: Noise, guider: Guider, sampler: Sampler, sigmas: Sigmas, latent_image: Latent, *, context: Context[Runtime]
) -> tuple[Latent, Latent]:
    """Denoise a latent with noise, guidance, sampler and noise levels each chosen apart.

    Args:
        noise: the start noise.
        guider: how prompts make one prediction.
        sampler: what takes the steps.
        sigmas: the noise levels between which they go.
        latent_image: where to start.
    """
    context.record(seed=noise.seed, noise=context.runtime.settings.noise, sigmas=sigmas.tolist())
    return _sampled(context, guider, noise, sampler, sigmas, latent_image)


def _sampled(
    context: Context[Runtime],
    guider: Guider,
    noise: Noise,
    sampler: Sampler,
    sigmas: Sigmas,
    latent: Latent,
    origins: Mapping[str, str] = GUIDED,
) -> tuple[Latent, Latent]:
    """Sample, and return what came out and the last clean latent that was predicted."""
    from ..sampling.errors import SamplingError
    from ..sampling.guiders import CFGGuider
    from ..sampling.run import Draws
    from ..sampling.sample import fitted

    model = cast("Model", guider.model_patcher)
    start = {**latent, "samples": fitted(model, latent["samples"])}
    preview = LatentPreview(context.runtime.settings.preview, model)
    last: list[Tensor] = []

    def report(index: int, x0: Tensor, _: Tensor, total: int) -> None:
        last[:] = [x0 / model.scale_factor]
        context.progress(index + 1, total, preview=preview.of(last[0]))

    if isinstance(guider, CFGGuider):
        guider = guider.with_draws(Draws(noise.seed, context.runtime.settings.noise, latent.get("batch_index")))
    try:
        samples = guider.sample(
            noise.generate_noise(start), start["samples"], sampler, sigmas,
            denoise_mask=latent.get("noise_mask"), callback=report, disable_pbar=True, seed=noise.seed,
        )  # fmt: skip
    except SamplingError as error:
        name = INPUTS.get(error.input_name, origins.get(error.input_name, "guider"))
        told = {"received": error.received, "expected": error.expected, "remedy": error.remedy}
        raise InputError(name, **told) from error
    mark = latent_mark(model.kind.latents)
    output = {**start, "samples": samples, **mark}
    return output, {**output, "samples": last[0].to(samples)} if last else output


@node("RandomNoise", category=NOISE)
def random_noise(*, noise_seed: Seed = 0, context: Context[Runtime]) -> Noise:
    """Return the start noise of a seed."""
    from ..sampling.noise_values import RandomNoise

    return RandomNoise(noise_seed, context.runtime.settings.noise)


@node("DisableNoise", category=NOISE)
def disable_noise() -> Noise:
    """Add no start noise: for latents that are noisy already."""
    from ..sampling.noise_values import NoNoise

    return NoNoise()


def _noised_ahead(model: ModelKind | None, latent_image: LatentKind | None, notice: Notice) -> LatentKind | None:
    if model and latent_image:
        check_start(model.latents, latent_image, notice)
    return model.latents if model else None


@node("AddNoise", category="_for_testing/custom_sampling/noise", foresee=_noised_ahead)
def add_noise(model: Model, noise: Noise, sigmas: Sigmas, latent_image: Latent) -> Latent:
    """Add the noise that lies between the first and the last level of a list.

    Args:
        model: whose scale the noise has.
        noise: which noise.
        sigmas: the levels; of a single one, its noise. An empty list adds none.
        latent_image: what to add it to.
    """
    from ..sampling.noise_values import noised

    if not len(sigmas):
        return latent_image
    samples = noised(model, latent_image["samples"], noise.generate_noise(latent_image), sigmas)
    return {**latent_image, "samples": samples}
