"""Stand-ins for tests: an analytic network, recorded noise, and guidance in three lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from ldm_nodes.sampling.model_sampling import ModelSampling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from torch import Tensor

    from ldm_nodes.sampling.denoiser import NoisePredictor, Prediction
    from ldm_nodes.sampling.noise_schedule import NoiseSchedule


@dataclass
class RecordedNoise:
    """A `NoiseSource` that replays the draws of another program, in order."""

    draws: Iterable[Tensor]

    def __post_init__(self) -> None:
        self._draws = iter(self.draws)

    def draw(self, x: Tensor, step: int) -> Tensor:
        noise = next(self._draws)
        assert noise.shape == x.shape
        return noise


@dataclass
class Analytic:
    """The golden data's noise model: a formula instead of a network. It notes the timesteps it is asked about."""

    parameters: Mapping[str, Tensor]
    context: Tensor | None = None
    asked: list[float] = field(default_factory=list)

    def __call__(self, x: Tensor, t: Tensor) -> Tensor:
        self.asked.append(float(t[0]))
        a, b, d = (self.parameters[f"analytic.{name}"].reshape(1, -1, 1, 1) for name in "abd")
        tau = (t.float() / 1000).reshape(-1, 1, 1, 1)
        eps = a * x + b * torch.sin(6 * tau) * torch.tanh(x) + d * torch.cos(3 * tau)
        if self.context is None:
            return eps
        return eps + 0.25 * self.context.mean(dim=(1, 2)).reshape(-1, 1, 1, 1) * x.roll(1, dims=-1)


def guided(positive: NoisePredictor, negative: NoisePredictor, scale: float) -> NoisePredictor:
    """Classifier-free guidance (arXiv 2207.12598): one call when the scale is 1."""

    def predict(x: Tensor, t: Tensor) -> Tensor:
        if scale == 1:
            return positive(x, t)
        away = negative(x, t)
        return away + scale * (positive(x, t) - away)

    return predict


class Unpatched:
    """What a `DiffusionModel` of the tests has where no node has changed it."""

    noise_schedule: NoiseSchedule
    prediction: Prediction

    @property
    def model_sampling(self) -> ModelSampling:
        return ModelSampling(self.noise_schedule, self.prediction)

    @property
    def model_options(self) -> Mapping[str, Any]:
        return {}

    @property
    def model(self) -> Any:
        return self
