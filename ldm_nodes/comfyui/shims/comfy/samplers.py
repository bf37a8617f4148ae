"""`comfy.samplers`: samplers and guiders as objects. Start with `CFGGuider`; the mathematics is in `sampling/`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ....sampling import guiders
from ....sampling.inpaint import KnownPart
from ....sampling.noise import MAX_SEED, prepare_noise
from ....sampling.schedules import MAX_PARTIAL_DENOISE, SCHEDULES, window
from ....sampling.tables import DROP_PENULTIMATE, FRESH_MASK_NOISE, SAMPLERS, SCHEDULERS, SIGMA_SAMPLERS
from ...lending import take_back
from .. import guidance
from .k_diffusion import sampling as k_diffusion_sampling

Callback = Callable[[int, Tensor, Tensor, int], Any]
SAMPLER_NAMES: list[str] = list(SAMPLERS)
KSAMPLER_NAMES = SAMPLER_NAMES
SCHEDULER_NAMES: list[str] = list(SCHEDULERS)


class SchedulerHandler(NamedTuple):
    """A schedule of noise levels.

    Attributes:
        handler: returns the levels, with the 0 at the end: `f(model_sampling, steps)`, or
            `f(n=steps, sigma_min=..., sigma_max=...)` where `use_ms` is False.
        use_ms: which of the two.
    """

    handler: Callable[..., Tensor]
    use_ms: bool = True


class LevelTable:
    """A model's noise levels with its smallest and largest as Python's numbers, in which our schedules reckon."""

    def __init__(self, model_sampling: Any) -> None:
        self.sigmas: Tensor = model_sampling.sigmas
        self.sigma_min, self.sigma_max = float(model_sampling.sigma_min), float(model_sampling.sigma_max)
        self.timestep: Callable[[Tensor], Tensor] = model_sampling.timestep
        self.sigma: Callable[[Tensor], Tensor] = model_sampling.sigma
        self.percent_to_sigma: Callable[[float], float] = model_sampling.percent_to_sigma


def _handler(name: str) -> SchedulerHandler:
    def levels(model_sampling: Any, steps: int) -> Tensor:
        found = SCHEDULES[name](LevelTable(model_sampling), steps)
        return torch.cat([found.float().cpu(), torch.zeros(1)])

    return SchedulerHandler(levels)


SCHEDULER_HANDLERS: dict[str, SchedulerHandler] = {name: _handler(name) for name in SCHEDULERS}


def simple_scheduler(model_sampling: Any, steps: int) -> Tensor:
    """Return training levels at equal strides."""
    return SCHEDULER_HANDLERS["simple"].handler(model_sampling, steps)


def ddim_scheduler(model_sampling: Any, steps: int) -> Tensor:
    """Return every so many-th training level."""
    return SCHEDULER_HANDLERS["ddim_uniform"].handler(model_sampling, steps)


def normal_scheduler(model_sampling: Any, steps: int, sgm: bool = False, floor: bool = False) -> Tensor:
    """Return levels at equally spaced steps; with `sgm` those that would reach 0 one step later."""
    return SCHEDULER_HANDLERS["sgm_uniform" if sgm else "normal"].handler(model_sampling, steps)


def beta_scheduler(model_sampling: Any, steps: int, alpha: float = 0.6, beta: float = 0.6) -> Tensor:
    """Return training levels at quantiles of a beta distribution (arXiv 2407.12173)."""
    import numpy as np
    from scipy.special import betaincinv

    levels = model_sampling.sigmas.float().cpu()
    quantiles = betaincinv(alpha, beta, 1 - np.arange(steps) / steps)
    picked = dict.fromkeys(np.rint(quantiles * (len(levels) - 1)).astype(int).tolist())
    return torch.cat([levels[list(picked)], torch.zeros(1)])


def calculate_sigmas(model_sampling: Any, scheduler_name: str, steps: int) -> Tensor:
    """Return the noise levels of a schedule, with the 0 at the end; an unknown name gives `simple`."""
    found = SCHEDULER_HANDLERS.get(scheduler_name) or SCHEDULER_HANDLERS["simple"]
    if found.use_ms:
        return found.handler(model_sampling, steps)
    low, high = float(model_sampling.sigma_min), float(model_sampling.sigma_max)
    return found.handler(n=steps, sigma_min=low, sigma_max=high)


cfg_function = guidance.cfg_function
calc_cond_batch = guidance.calc_cond_batch
sampling_function = guidance.sampling_function


class Sampler:
    """What goes from noise to a latent."""

    def sample(
        self,
        model_wrap: Any,
        sigmas: Tensor,
        extra_args: Mapping[str, Any],
        callback: Callback | None,
        noise: Tensor,
        latent_image: Tensor | None = None,
        denoise_mask: Tensor | None = None,
        disable_pbar: bool = False,
    ) -> Tensor:
        """Return the latent; packs override it."""
        raise NotImplementedError

    def max_denoise(self, model_wrap: Any, sigmas: Tensor) -> bool:
        """Say whether sampling begins with pure noise."""
        largest, first = float(model_wrap.inner_model.model_sampling.sigma_max), float(sigmas[0])
        return first > largest or abs(largest - first) <= 1e-5 * max(largest, first)


class KSamplerX0Inpaint:
    """A guider that keeps the known part of a picture in what the network sees and in what it answers.

    Attributes:
        inner_model: the guider.
        latent_image: the picture's latent.
        noise: what is put on the known part.
        sigmas: the noise levels of the run.
    """

    noise: Tensor
    latent_image: Tensor

    def __init__(self, model: Any, sigmas: Tensor) -> None:
        self.inner_model, self.sigmas = model, sigmas

    def __call__(
        self, x: Tensor, sigma: Tensor, denoise_mask: Tensor | None = None, model_options: Any = None, seed: Any = None
    ) -> Tensor:
        """Return the clean latent expected behind `x` at the levels `sigma` (B,)."""
        options = model_options or {}
        if denoise_mask is None:
            return self._answer(x, sigma, options, seed)
        if change := options.get("denoise_mask_function"):
            denoise_mask = change(sigma, denoise_mask, extra_options={"model": self.inner_model, "sigmas": self.sigmas})
        known = KnownPart.of(self.latent_image, self.noise, denoise_mask)
        return known.after(self._answer(known.before(x, sigma), sigma, options, seed))

    def _answer(self, x: Tensor, sigma: Tensor, options: Mapping[str, Any], seed: Any) -> Tensor:
        found: Tensor = self.inner_model(x, sigma, model_options=options, seed=seed)
        return found


class KSAMPLER(Sampler):
    """A sampler made of a function `f(model, x, sigmas, extra_args, callback, disable, **options)`."""

    def __init__(
        self,
        sampler_function: Callable[..., Tensor],
        extra_options: Mapping[str, Any] | None = None,
        inpaint_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.sampler_function = sampler_function
        self.extra_options, self.inpaint_options = dict(extra_options or {}), dict(inpaint_options or {})

    def sample(
        self,
        model_wrap: Any,
        sigmas: Tensor,
        extra_args: Mapping[str, Any],
        callback: Callback | None,
        noise: Tensor,
        latent_image: Tensor | None = None,
        denoise_mask: Tensor | None = None,
        disable_pbar: bool = False,
    ) -> Tensor:
        """Return the latent."""
        latent = torch.zeros_like(noise) if latent_image is None else latent_image
        extra = {**extra_args, "denoise_mask": denoise_mask}
        model = KSamplerX0Inpaint(model_wrap, sigmas)
        model.latent_image, model.noise = latent, self._mask_noise(noise, extra.get("seed"))
        levels = model_wrap.inner_model.model_sampling
        first = sigmas[0].cpu().double()
        x = levels.noise_scaling(first, noise, latent, self.max_denoise(model_wrap, sigmas)).to(noise)
        total = len(sigmas) - 1
        told = None if callback is None else lambda step: callback(step["i"], step["denoised"], step["x"], total)
        sampled = self.sampler_function(
            model, x, sigmas, extra_args=extra, callback=told, disable=disable_pbar, **self.extra_options
        )
        back: Tensor = levels.inverse_noise_scaling(sigmas[-1], sampled)
        return back

    def _mask_noise(self, noise: Tensor, seed: int | None) -> Tensor:
        if not self.inpaint_options.get("random"):
            return noise
        return prepare_noise(noise.shape, ((seed or 0) + 1) & MAX_SEED).to(noise)


def ksampler(
    sampler_name: str,
    extra_options: Mapping[str, Any] | None = None,
    inpaint_options: Mapping[str, Any] | None = None,
) -> KSAMPLER:
    """Return the sampler of a name: one of ours, or what a pack has put into `k_diffusion_sampling` under it.

    Raises:
        ValueError: for the research code's own samplers, which take no denoiser from outside.
    """
    plain = "euler" if sampler_name == "ddim" else sampler_name
    if plain in SAMPLERS and plain not in SIGMA_SAMPLERS:
        raise ValueError(f"{plain} runs in the node KSampler only; choose one of {', '.join(SIGMA_SAMPLERS)} here.")
    return KSAMPLER(getattr(k_diffusion_sampling, f"sample_{plain}"), extra_options, inpaint_options)


def sampler_object(name: str) -> KSAMPLER:
    """Return the sampler of a name with its usual options."""
    return ksampler(name, inpaint_options={"random": True} if name in FRESH_MASK_NOISE else {})


class CFGGuider(guiders.CFGGuider):
    """Classifier-free guidance over a model; packs override `predict_noise`."""

    def __init__(self, model_patcher: Any) -> None:
        super().__init__(take_back(model_patcher))

    def predict_noise(
        self, x: Tensor, timestep: Tensor, model_options: Mapping[str, Any] | None = None, seed: int | None = None
    ) -> Tensor:
        """Return the clean latent under guidance (not the noise: the name is ComfyUI's)."""
        return super().predict_noise(x, timestep, model_options or {}, seed)


def sample(
    model: Any,
    noise: Tensor,
    positive: Any,
    negative: Any,
    cfg: float,
    device: Any,
    sampler: Sampler,
    sigmas: Tensor,
    model_options: Mapping[str, Any] | None = None,
    latent_image: Tensor | None = None,
    denoise_mask: Tensor | None = None,
    callback: Callback | None = None,
    disable_pbar: bool = False,
    seed: int | None = None,
) -> Tensor:
    """Sample under classifier-free guidance."""
    guider = CFGGuider(model)
    guider.set_conds(positive, negative)
    guider.set_cfg(cfg)
    if model_options is not None:
        guider.model_options = dict(model_options)
    start = torch.zeros_like(noise) if latent_image is None else latent_image
    return guider.sample(noise, start, sampler, sigmas, denoise_mask, callback, disable_pbar, seed)


class KSampler:
    """A schedule with a sampler, by their names; packs read and extend the two lists."""

    SCHEDULERS = SCHEDULER_NAMES
    SAMPLERS = SAMPLER_NAMES
    DISCARD_PENULTIMATE_SIGMA_SAMPLERS = set(DROP_PENULTIMATE)  # noqa: RUF012 - packs extend it

    def __init__(
        self,
        model: Any,
        steps: int,
        device: Any,
        sampler: str | None = None,
        scheduler: str | None = None,
        denoise: float | None = None,
        model_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.model, self.device = model, device
        self.sampler = sampler if sampler in self.SAMPLERS else self.SAMPLERS[0]
        self.scheduler = scheduler if scheduler in self.SCHEDULERS else self.SCHEDULERS[0]
        self.denoise, self.model_options = denoise, dict(model_options or {})
        self.set_steps(steps, denoise)

    def calculate_sigmas(self, steps: int) -> Tensor:
        """Return the noise levels of so many steps."""
        drop = self.sampler in self.DISCARD_PENULTIMATE_SIGMA_SAMPLERS
        found = calculate_sigmas(self.model.get_model_object("model_sampling"), self.scheduler, steps + drop)
        return torch.cat([found[:-2], found[-1:]]) if drop else found

    def set_steps(self, steps: int, denoise: float | None = None) -> None:
        """Set the noise levels: of a `denoise` below 1 the last of more steps."""
        self.steps = steps
        if denoise is None or denoise > MAX_PARTIAL_DENOISE:
            self.sigmas = self.calculate_sigmas(steps).to(self.device)
        elif denoise <= 0:
            self.sigmas = torch.empty(0)
        else:
            self.sigmas = self.calculate_sigmas(int(steps / denoise)).to(self.device)[-(steps + 1) :]

    def sample(
        self,
        noise: Tensor,
        positive: Any,
        negative: Any,
        cfg: float,
        latent_image: Tensor | None = None,
        start_step: int | None = None,
        last_step: int | None = None,
        force_full_denoise: bool = False,
        denoise_mask: Tensor | None = None,
        sigmas: Tensor | None = None,
        callback: Callback | None = None,
        disable_pbar: bool = False,
        seed: int | None = None,
    ) -> Tensor:
        """Sample; a window without steps returns the latent as it is."""
        levels = window(self.sigmas if sigmas is None else sigmas, start_step, last_step, force_full_denoise)
        if len(levels) == 0:
            return torch.zeros_like(noise) if latent_image is None else latent_image
        return sample(
            self.model, noise, positive, negative, cfg, self.device, sampler_object(self.sampler), levels,
            self.model_options or None, latent_image, denoise_mask, callback, disable_pbar, seed,
        )  # fmt: skip


__all__ = ["KSAMPLER", "CFGGuider", "KSampler", "Sampler", "k_diffusion_sampling"]
