"""Start noise as a value: what the NOISE wire carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from .noise import NoiseMode, prepare_noise

if TYPE_CHECKING:
    from torch import Tensor

    from .denoiser import DiffusionModel


@dataclass(frozen=True)
class RandomNoise:
    """Noise of a seed.

    Attributes:
        seed: 0 to 2**64 - 1.
        mode: how draws are keyed; see `noise.py`.
    """

    seed: int
    mode: NoiseMode = "comfyui"

    def generate_noise(self, input_latent: Mapping[str, Any]) -> Tensor:
        """Return the start noise of a latent (`samples`, `batch_index`), on the CPU."""
        return prepare_noise(input_latent["samples"].shape, self.seed, input_latent.get("batch_index"), self.mode)


@dataclass(frozen=True)
class NoNoise:
    """No start noise, for latents that are noisy already."""

    seed: int = 0

    def generate_noise(self, input_latent: Mapping[str, Any]) -> Tensor:
        """Return zeros like a latent."""
        return torch.zeros(input_latent["samples"].shape)


def noised(model: DiffusionModel, latent: Tensor, noise: Tensor, sigmas: Tensor) -> Tensor:
    """Return a latent (B, C, h, w) with the noise that lies between the first and the last level.

    Both are as the autoencoder has them; what is not finite becomes 0.
    """
    amount = (sigmas[0] - sigmas[-1]).abs() if len(sigmas) > 1 else sigmas[0]
    scaled = model.model_sampling.noise_scaling(amount, noise, latent * model.scale_factor)
    return (scaled / model.scale_factor).nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)
