"""A `DiffusionModel` whose network is a formula, and prompts for it: fast, and easy to reason about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from ldm_nodes.sampling.conditioning import Conditioning
from ldm_nodes.sampling.denoiser import Conditions, Prediction
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from tests.sampling.fakes import Unpatched

WIDTH = 3


@dataclass
class ToyModel(Unpatched):
    """Predicts the noise that the clean latent "mean of the context" implies; it notes what it is asked.

    The x0 of a prompt is therefore a constant picture, whatever the latent.
    """

    noise_schedule: NoiseSchedule = field(default_factory=NoiseSchedule.stable_diffusion)
    prediction: Prediction = "x0"
    scale_factor: float = 0.5
    latent_channels: int = 4
    context_dim: int | None = WIDTH
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    contexts: list[Tensor] = field(default_factory=list)
    timesteps: list[float] = field(default_factory=list)
    latents: list[Tensor] = field(default_factory=list)

    def predict(self, x: Tensor, t: Tensor, conditions: Conditions, options: Mapping[str, Any] | None = None) -> Tensor:
        self.shapes.append(tuple(x.shape))
        self.contexts.append(conditions["context"])
        self.timesteps.append(float(t[0]))
        self.latents.append(x)
        x0 = conditions["context"].mean(dim=(1, 2)).reshape(-1, 1, 1, 1).expand(x.shape)
        if self.prediction == "x0":
            return x0
        assert self.prediction == "eps"
        a = self.noise_schedule.alphas_cumprod[t.long()].reshape(-1, 1, 1, 1)
        return (x - a.sqrt() * x0) / (1 - a).sqrt()

    def conditions(
        self, context: Tensor, options: Mapping[str, Any], latent_shape: torch.Size, negative: bool
    ) -> dict[str, Tensor]:
        return {"context": context}


def prompt(value: float, tokens: int = 7, **options: Any) -> Conditioning:
    """Return a conditioning of one entry whose clean latent is `value` everywhere."""
    return [[torch.full((1, tokens, WIDTH), value), options]]
