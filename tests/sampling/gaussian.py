"""A data distribution whose noise prediction and probability-flow solution are known in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from ldm_nodes.sampling.denoiser import NoisePredictor


@dataclass(frozen=True)
class Gaussian:
    """Independent elements, each N(mean, std²)."""

    mean: float = 0.7
    std: float = 0.5

    def variance(self, a: float) -> float:
        return a * self.std**2 + 1 - a

    def predictor(self, level: Callable[[float], float]) -> NoisePredictor:
        """Return the exact noise predictor, where `level(t)` is alphas_cumprod at t."""

        def predict(x: Tensor, t: Tensor) -> Tensor:
            a = level(t[0].item())
            return math.sqrt(1 - a) * (x - math.sqrt(a) * self.mean) / self.variance(a)

        return predict

    def flow(self, x: Tensor, a: float, a_end: float) -> Tensor:
        """Return where the probability-flow ODE (arXiv 2011.13456, eq. 13) takes x from level a to level a_end."""
        spread = math.sqrt(self.variance(a_end) / self.variance(a))
        return math.sqrt(a_end) * self.mean + spread * (x - math.sqrt(a) * self.mean)


START = torch.tensor([-1.3, 0.2, 1.1, 2.0], dtype=torch.float64).reshape(1, 1, 2, 2)


def order(error: Callable[[int], float], coarse: int, fine: int) -> float:
    """Return the order of convergence that the errors with `coarse` and `fine` steps show."""
    return math.log(error(coarse) / error(fine)) / math.log(fine / coarse)
