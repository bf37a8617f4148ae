"""Guiders: how several prompts become one prediction, and a run of a sampler under it. What the GUIDER wire carries.

    guider = CFGGuider(model)
    guider.set_conds(positive, negative)
    guider.set_cfg(7.0)
    latent = guider.sample(noise, latent, NamedSampler("euler"), sigmas, seed=1)

Names and signatures are ComfyUI's: community packs derive guiders of their own and override `predict_noise`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any, Protocol

import torch

from .checks import check_conditioning, check_latent, check_levels, check_mask, check_result
from .conditioning import Conditioning, entries
from .guidance import Options, Prompts, combined, guide
from .named_sampler import NamedSampler
from .projection import perpendicular
from .run import Draws, Run, SamplerOptions

if TYPE_CHECKING:
    from typing import Self

    from torch import Tensor

    from .conditioning import Entry
    from .denoiser import DiffusionModel

Report = Callable[[int, "Tensor", "Tensor", int], Any]
"""Called after each step with its index, the clean latent and the latent in the network's scale, and the steps."""


class Sampler(Protocol):
    """What a guider runs; see `named_sampler.NamedSampler.sample` for the arguments."""

    def sample(
        self,
        model_wrap: Any,
        sigmas: Tensor,
        extra_args: Mapping[str, Any],
        callback: Report | None,
        noise: Tensor,
        latent_image: Tensor | None = None,
        denoise_mask: Tensor | None = None,
        disable_pbar: bool = False,
    ) -> Tensor:
        """Return the latent after the last step, in the network's scale."""
        ...


class CFGGuider:
    """Classifier-free guidance of a positive and a negative prompt.

    Attributes:
        model_patcher: the model.
        model_options: what patches do; in a run, those of the run.
        original_conds: the prompts, by name.
        conds: in a run, their entries.
        cfg: the guidance scale.
        inner_model: in a run, what patches are given as the model.
    """

    names: tuple[str, ...] = ("positive", "negative")
    """The prompts in the order of their numbers."""

    def __init__(self, model_patcher: DiffusionModel) -> None:
        self.model_patcher = model_patcher
        self.model_options: Options = model_patcher.model_options
        self.original_conds: dict[str, Conditioning] = {}
        self.conds: dict[str, tuple[Entry, ...]] = {}
        self.cfg = 1.0
        self.inner_model: Any = None
        self._prompts: Prompts | None = None
        self._draws: Draws | None = None

    def set_conds(self, positive: Conditioning, negative: Conditioning) -> None:
        """Set both prompts."""
        self.inner_set_conds({"positive": positive, "negative": negative})

    def inner_set_conds(self, conds: Mapping[str, Conditioning]) -> None:
        """Set the prompts by name."""
        self.original_conds = {name: list(prompt) for name, prompt in conds.items()}

    def set_cfg(self, cfg: float) -> None:
        """Set the guidance scale."""
        self.cfg = cfg

    def __call__(self, x: Tensor, sigma: Tensor, model_options: Options, seed: int | None = None) -> Tensor:
        """Return the clean latent under guidance; what samplers call."""
        return self.predict_noise(x, sigma, model_options, seed)

    def predict_noise(self, x: Tensor, timestep: Tensor, model_options: Options, seed: int | None = None) -> Tensor:
        """Return the clean latent under guidance (not the noise: the name is ComfyUI's).

        Args:
            x: (B, C, H, W) in sigma space.
            timestep: (B,) sigmas.
            model_options: the options of the run.
            seed: of the run.
        """
        return guide(self.prompts, x, timestep, self.cfg, model_options)

    def sample(
        self,
        noise: Tensor,
        latent_image: Tensor,
        sampler: Sampler,
        sigmas: Tensor,
        denoise_mask: Tensor | None = None,
        callback: Report | None = None,
        disable_pbar: bool = False,
        seed: int | None = None,
    ) -> Tensor:
        """Run a sampler under this guider.

        Args:
            noise: (B, C, h, w) unit start noise, or zeros.
            latent_image: (B, C, h, w) as the autoencoder has it.
            sampler: what takes the steps.
            sigmas: (S + 1,) noise levels.
            denoise_mask: mask of any size, 1 where to sample; None samples everywhere.
            callback: told of each step; an exception that it raises ends the run.
            disable_pbar: not used; progress is told by `callback`.
            seed: of the steps' draws, where `with_draws` has not said where they come from.

        Returns:
            (B, C, h, w) the sampled latent as the autoencoder takes it; `latent_image` where there is no step to take.

        Raises:
            SamplingError: If an input cannot work, or the result is not finite.
        """
        model = self.model_patcher
        check_latent(model, latent_image)
        check_mask(denoise_mask)
        check_levels(sigmas)
        for name, prompt in self.original_conds.items():
            check_conditioning(model, name, prompt)
        if len(sigmas) < 2:
            return latent_image
        with torch.no_grad():
            latent = (latent_image * model.scale_factor).to(model.device, torch.float32)
            levels, given = sigmas.float().cpu(), noise.to(latent)
            run = run_under(self, latent, given, self._draws or Draws(seed or 0), mask=denoise_mask, sigmas=levels)
            sampled = _last_latent(run, sampler, levels, callback) / model.scale_factor
            check_result(sampled)
            return sampled if sampled.is_meta else sampled.to(latent_image)

    @property
    def prompts(self) -> Prompts:
        """What predicts for each prompt, in a run."""
        if self._prompts is None:
            raise RuntimeError("A guider predicts during its run: call `sample`.")
        return self._prompts

    def with_draws(self, draws: Draws) -> Self:
        """Return a copy whose runs take the draws of steps from there."""
        guider = copy(self)
        guider._draws = draws
        return guider

    def prepared(self, latent_shape: torch.Size) -> Self:
        """Return a copy that is ready to predict for latents (B, C, H, W) of one run."""
        ready = copy(self)
        model = self.model_patcher
        ready.conds = entries(model, self.original_conds, latent_shape)
        ready.inner_model = model.model
        ready._prompts = Prompts(model, tuple(ready.conds.get(name, ()) for name in self.names))
        return ready


class BasicGuider(CFGGuider):
    """One prompt, without guidance."""

    def set_conds(self, positive: Conditioning, negative: Conditioning = ()) -> None:
        """Set the prompt."""
        self.inner_set_conds({"positive": positive})


class DualCFGGuider(CFGGuider):
    """Guidance by two scales among three prompts.

    Regular (arXiv 2211.09800, eq. 3): from the negative to the middle prompt by one, from there to the positive one by
    the other. Nested: from the middle to the positive prompt by the one, then from the negative to that by the other.
    """

    names = ("positive", "negative", "middle")

    def __init__(self, model_patcher: DiffusionModel) -> None:
        super().__init__(model_patcher)
        self.cfg2 = 1.0
        self.nested = False

    def set_cfg(self, cfg: float, cfg2: float = 1.0, nested: bool = False) -> None:
        """Set the scale of the positive against the middle prompt, that of the middle against the negative one."""
        self.cfg, self.cfg2, self.nested = cfg, cfg2, nested

    def predict_noise(self, x: Tensor, timestep: Tensor, model_options: Options, seed: int | None = None) -> Tensor:
        """Return the clean latent under both guidances."""
        positive, negative, middle = self.prompts(x, timestep, model_options)
        sides = self.prompts.sides
        told = {"sigma": timestep, "timestep": timestep, "input": x, "model": self.inner_model}
        told |= {"model_options": model_options, "conds": [sides[2], sides[1]]}
        if self.nested:
            inner = combined(positive, middle, self.cfg, model_options, told | {"conds": [sides[0], sides[2]]})
            return combined(inner, negative, self.cfg2, model_options, told)
        return combined(middle, negative, self.cfg2, model_options, told) + (positive - middle) * self.cfg


class PerpNegGuider(CFGGuider):
    """Guidance away from that part of the negative prompt which the positive one does not want (arXiv 2304.04968)."""

    names = ("positive", "negative", "empty_negative_prompt")

    def __init__(self, model_patcher: DiffusionModel) -> None:
        super().__init__(model_patcher)
        self.neg_scale = 1.0

    def set_cfg(self, cfg: float, neg_scale: float = 1.0) -> None:
        """Set the guidance scale, and how strongly the negative prompt pushes."""
        self.cfg, self.neg_scale = cfg, neg_scale

    def predict_noise(self, x: Tensor, timestep: Tensor, model_options: Options, seed: int | None = None) -> Tensor:
        """Return the clean latent under guidance."""
        positive, negative, empty = self.prompts(x, timestep, model_options)
        x0 = perp_neg(positive, negative, empty, self.cfg, self.neg_scale)
        told = {"sigma": timestep, "timestep": timestep, "input": x, "model": self.inner_model, "cond_scale": self.cfg}
        told |= {"model_options": model_options, "cond_denoised": positive, "uncond_denoised": negative}
        told |= {"cond": self.prompts.sides[0], "uncond": self.prompts.sides[1], "empty_cond_denoised": empty}
        for hook in model_options.get("sampler_post_cfg_function", ()):
            x0 = hook({**told, "denoised": x0})
        return x0


def perp_neg(positive: Tensor, negative: Tensor, empty: Tensor, scale: float, neg_scale: float) -> Tensor:
    """Return empty + scale * (pos - neg_scale * the part of neg that is perpendicular to pos), pos and neg from empty.

    The projection is over the whole batch (arXiv 2304.04968, eq. 8).
    """
    pos, neg = positive - empty, negative - empty
    return empty + scale * (pos - neg_scale * perpendicular(neg, pos))


def run_under(
    guider: CFGGuider,
    latent: Tensor,
    noise: Tensor,
    draws: Draws,
    *,
    add_noise: bool = True,
    mask: Tensor | None = None,
    options: SamplerOptions | None = None,
    sigmas: Tensor | None = None,
) -> Run:
    """Return a run under a guider.

    Args:
        guider: with its prompts; it stays as it is.
        latent: (B, C, h, w) clean latent in the network's scale, on its device.
        noise: unit start noise like it, or zeros.
        draws: source of the draws of steps.
        add_noise: whether start noise is added.
        mask: of any size, 1 where to sample, or None.
        options: what to change about the sampler.
        sigmas: the noise levels that will be visited, which patches are told.
    """
    model_options = {**guider.model_options, "sample_sigmas": sigmas}
    guide = guider.prepared(latent.shape)
    options = options or SamplerOptions()
    return Run(guider.model_patcher, guide, latent, noise, add_noise, mask, draws, options, model_options)


def _last_latent(run: Run, sampler: Sampler, sigmas: Tensor, callback: Report | None) -> Tensor:
    """Take all steps and return the latent after the last, in the network's scale."""
    if not isinstance(sampler, NamedSampler):
        extra = {"model_options": run.model_options, "seed": run.draws.seed}
        return sampler.sample(run.guide, sigmas, extra, callback, run.noise, run.latent, run.mask, True)
    x = run.latent
    for step in sampler.steps(run, sigmas):
        x = step.x
        if callback is not None:
            callback(step.index, step.x0, step.x, max(len(sigmas) - 1, step.index + 1))
    return x
