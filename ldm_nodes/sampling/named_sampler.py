"""A sampler by its name with options: what the SAMPLER wire carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from .model_sampling import at_the_top
from .plan import sigma_steps
from .run import Draws, Run, SamplerOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from .steps import Step


@dataclass(frozen=True)
class NamedSampler:
    """A sigma-space sampler.

    Attributes:
        name: one of `tables.SIGMA_SAMPLERS`.
        options: its keyword arguments, where they differ from its defaults.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def steps(self, run: Run, sigmas: Tensor) -> Iterator[Step]:
        """Take the steps of a run over these sigmas, in the network's scale."""
        return sigma_steps(run, self.name, sigmas, self.options)

    def max_denoise(self, model_wrap: Any, sigmas: Tensor) -> bool:
        """Say whether a run starts at the top of the model's schedule."""
        return at_the_top(model_wrap.inner_model.model_sampling, sigmas[0].item())

    def sample(
        self,
        model_wrap: Any,
        sigmas: Tensor,
        extra_args: Mapping[str, Any],
        callback: Callable[[int, Tensor, Tensor, int], Any] | None,
        noise: Tensor,
        latent_image: Tensor | None = None,
        denoise_mask: Tensor | None = None,
        disable_pbar: bool = False,
    ) -> Tensor:
        """Sample as ComfyUI's samplers are asked to, under any guider.

        Args:
            model_wrap: the guider in its run; called with (x, sigma, model_options, seed).
            sigmas: (S + 1,) noise levels.
            extra_args: `model_options` and `seed` of the run.
            callback: called after each step with its index, x0, the latent, and the number of steps.
            noise: (B, C, h, w) start noise.
            latent_image: clean latent like it, in the network's scale; None for zeros.
            denoise_mask: 1 where to sample, or None.
            disable_pbar: not used; progress is told by `callback`.
        """
        latent = torch.zeros_like(noise) if latent_image is None else latent_image
        options = {**extra_args.get("model_options", {}), "sample_sigmas": sigmas}
        draws = Draws(extra_args.get("seed") or 0)
        model = model_wrap.model_patcher
        run = Run(model, model_wrap, latent, noise, True, denoise_mask, draws, SamplerOptions(), options)
        for step in self.steps(run, sigmas):
            latent = step.x
            if callback is not None:
                callback(step.index, step.x0, step.x, len(sigmas) - 1)
        return latent
