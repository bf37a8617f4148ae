"""One sampling run: model, prompts, latent and noise in the network's coordinates, and where its draws come from."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import torch

from .brownian import BrownianMotion, brownian_motion
from .errors import SamplingError
from .inpaint import KnownPart, inpainted, inpainted_pair
from .noise import MAX_SEED, NoiseMode, NoiseSource, noise_source, prepare_noise

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from torch import Tensor

    from .denoiser import DiffusionModel, TimedDenoiser
    from .guidance import Options, PairDenoiser


# Values that change nothing about a sampler that has no such option.
NEUTRAL = {"eta": 0.0, "s_noise": 1.0, "temperature": 1.0, "noise_dropout": 0.0}


@dataclass(frozen=True)
class SamplerOptions:
    """What may be changed about a sampler; None leaves its own default.

    Attributes:
        eta: Share of fresh noise in each step: 0 is deterministic, 1 the sampler's full noise.
        s_noise: Standard deviation of that noise (sigma-space samplers).
        temperature: Multiplies the noise (DDIM, DDPM of the research code).
        noise_dropout: Share of the noise that is dropped, 0 to 1 (DDIM, DDPM of the research code).
        quantize: Replaces each predicted clean latent, as "quantize_denoised" does by the nearest codebook entries.
        score_corrector: Changes the predicted noise: `(eps, x, t) -> eps`, as classifier guidance does.
    """

    eta: float | None = None
    s_noise: float | None = None
    temperature: float | None = None
    noise_dropout: float | None = None
    quantize: Callable[[Tensor], Tensor] | None = None
    score_corrector: Callable[[Tensor, Tensor, Tensor], Tensor] | None = None

    def __post_init__(self) -> None:
        for name in NEUTRAL:
            value = getattr(self, name)
            if value is not None and not 0 <= value < math.inf:
                raise SamplingError(name, str(value), "a finite number from 0", "Leave it unset for the default.")
        if self.noise_dropout is not None and self.noise_dropout >= 1:
            raise SamplingError("noise_dropout", str(self.noise_dropout), "less than 1", "1 would drop all noise.")

    def given_to(self, sampler: str, accepted: Container[str]) -> dict[str, Any]:
        """Return the options that are set, by name.

        Raises:
            SamplingError: If one is set that the sampler does not have, to more than its neutral value.
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        given = {name: value for name, value in values.items() if value is not None}
        for name in [name for name in given if name not in accepted]:
            value = given.pop(name)
            if value != NEUTRAL.get(name):
                raise SamplingError(
                    name,
                    f"{value} for {sampler!r}",
                    "a sampler with this option",
                    "Unset it or choose another sampler.",
                )
        return given


@dataclass(frozen=True)
class Draws:
    """Where a run's random draws come from.

    Attributes:
        seed: 0 to 2**64 - 1.
        mode: How draws are keyed; see `noise.py`.
        batch_index: Where each picture stood in the batch it was first drawn in, or None.
        first_step: The step of the whole sampling at which the run begins.
    """

    seed: int
    mode: NoiseMode = "comfyui"
    batch_index: Sequence[int] | None = None
    first_step: int = 0

    def start(self, latent: Tensor) -> Tensor:
        """Return the start noise for a latent (B, C, h, w)."""
        return prepare_noise(latent.shape, self.seed, self.batch_index, self.mode).to(latent)

    def fresh(self, latent: Tensor) -> Tensor:
        """Return noise that differs from the start noise: that of the next seed, for the whole batch at once."""
        index = self.batch_index if self.mode == "per_index" else None
        return prepare_noise(latent.shape, (self.seed + 1) & MAX_SEED, index, self.mode).to(latent)

    def steps(self) -> NoiseSource:
        """Return the source of the steps' draws."""
        return noise_source(self.mode, self.seed, self.batch_index, self.first_step)

    def motion(self, latent: Tensor, sigmas: Tensor) -> BrownianMotion:
        """Return the Brownian paths over these sigmas."""
        return brownian_motion(latent, sigmas, self.seed, self.mode, self.batch_index)


class Guide(Protocol):
    """What predicts under guidance: `guiders.CFGGuider` and what packs derive from it."""

    def __call__(self, x: Tensor, sigma: Tensor, model_options: Options, seed: int | None = None) -> Tensor:
        """Return the clean latent (B, C, H, W) under guidance."""
        ...


@dataclass(frozen=True)
class Run:
    """A run in the network's coordinates, on the model's device.

    Attributes:
        model: The loaded model.
        guide: Predicts under guidance.
        latent: (B, C, h, w) clean latent times the model's scale factor.
        noise: (B, C, h, w) unit start noise, or zeros where none is added.
        add_noise: Whether start noise is added.
        mask: Mask of any size, 1 where to sample, or None.
        draws: Source of all draws.
        options: What the user changed about the sampler.
        model_options: What patches do.
    """

    model: DiffusionModel
    guide: Guide
    latent: Tensor
    noise: Tensor
    add_noise: bool
    mask: Tensor | None
    draws: Draws
    options: SamplerOptions
    model_options: Options

    @cached_property
    def guided(self) -> TimedDenoiser:
        """The model under guidance, without regard to the mask."""

        def denoise(x: Tensor, sigma: Tensor, t: Tensor | None = None) -> Tensor:
            return self.guide(x, sigma, _stating(self.model_options, t), self.draws.seed)

        return denoise

    def denoiser(self, mask_noise: Tensor) -> TimedDenoiser:
        """Return the model under guidance; the known part of the picture carries `mask_noise`."""
        if self.mask is None:
            return self.guided
        return inpainted(self.guided, self.known(mask_noise))

    def pair(self, mask_noise: Tensor) -> PairDenoiser:
        """Return a denoiser that gives the negative prompt's x0 and the guided one."""

        def both(x: Tensor, sigma: Tensor, t: Tensor | None = None) -> tuple[Tensor, Tensor]:
            negative = torch.zeros_like(x)

            def note(told: Mapping[str, Any]) -> Tensor:
                nonlocal negative
                negative, guided = told["uncond_denoised"], told["denoised"]
                return guided  # type: ignore[no-any-return]

            options = dict(_stating(self.model_options, t))
            options["sampler_post_cfg_function"] = [*options.get("sampler_post_cfg_function", ()), note]
            options["disable_cfg1_optimization"] = True
            x0 = self.guide(x, sigma, options, self.draws.seed)
            return negative, x0

        if self.mask is None:
            return both
        return inpainted_pair(both, self.known(mask_noise))

    def known(self, noise: Tensor) -> KnownPart:
        """Return the part of the picture that a mask keeps, with the noise that is put on it."""
        assert self.mask is not None
        return KnownPart.of(self.latent, noise, self.mask, self._mask_function())

    def _mask_function(self) -> Callable[[Tensor, Tensor], Tensor] | None:
        function = self.model_options.get("denoise_mask_function")
        if function is None:
            return None
        told = {"model": self.model.model, "sigmas": self.model_options.get("sample_sigmas")}
        return lambda sigma, mask: function(sigma, mask, extra_options=told)


def _stating(options: Options, t: Tensor | None) -> Options:
    """Return the options, with the timestep that a sampler states."""
    return options if t is None else {**options, "timestep": t}
