"""What all research samplers share: the step they report, the timesteps they hand to a network, the region they keep.

A sampler is a generator of `Step`s. Whoever iterates decides about progress, previews and stopping.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import torch

from .errors import SamplingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torch import Tensor

    from .denoiser import NoisePredictor
    from .noise import NoiseSource
    from .noise_schedule import NoiseSchedule


@dataclass(frozen=True)
class Step:
    """What a sampler knows after a step.

    Attributes:
        index: Number of the step, from 0.
        t: Timestep at which the step began (it may lie between two training steps); in sigma space, the sigma.
        x: The latent after the step, (B, C, h, w).
        x0: The clean latent as this step predicts it, (B, C, h, w).
    """

    index: int
    t: float
    x: Tensor
    x0: Tensor


def final(steps: Iterable[Step]) -> Tensor:
    """Run a sampler to its end and return the last latent.

    Raises:
        ValueError: If the sampler takes no step.
    """
    last = None
    for step in steps:
        last = step
    if last is None:
        raise ValueError("The sampler took no step: give at least one timestep.")
    return last.x


def batch_of(t: float, x: Tensor) -> Tensor:
    """Return the timestep for every picture of x: (B,) int64 for an int, else float32 or the wider dtype of x."""
    dtype = torch.int64 if isinstance(t, int) else torch.promote_types(x.dtype, torch.float32)
    return torch.full((x.shape[0],), t, device=x.device, dtype=dtype)


@dataclass(frozen=True)
class KnownRegion:
    """The part of a picture that sampling must keep (inpainting).

    Attributes:
        x0: The known latent, (B, C, h, w).
        mask: 1 where x0 is kept, 0 where the picture is generated; broadcasts to x0.
        schedule: The schedule by which x0 is noised.
    """

    x0: Tensor
    mask: Tensor
    schedule: NoiseSchedule

    def impose(self, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """Return x with the known region replaced by x0 noised to step t (B,)."""
        return self.schedule.q_sample(self.x0, t, noise) * self.mask + (1 - self.mask) * x


def score_corrected(predict: NoisePredictor, correct: Callable[[Tensor, Tensor, Tensor], Tensor]) -> NoisePredictor:
    """Return a predictor whose noise passes through `correct(eps, x, t)`: classifier guidance and its kin."""

    def corrected(x: Tensor, t: Tensor) -> Tensor:
        return correct(predict(x, t), x, t)

    return corrected


def required(noise: NoiseSource | None, reason: str) -> NoiseSource:
    """Return the source of noise, or say why one is needed."""
    if noise is None:
        raise SamplingError("noise", "no source of noise", f"one, because {reason}", "Pass a NoiseSource.")
    return noise


def dropout(noise: Tensor, draw: Tensor, p: float) -> Tensor:
    """Return the noise with a share p of its elements zeroed and the rest scaled up to keep the mean.

    The normal `draw` chooses the elements, so that no generator but the noise source is asked.
    """
    threshold = NormalDist().inv_cdf(p)
    return noise * (draw > threshold).to(noise.dtype) / (1 - p)
