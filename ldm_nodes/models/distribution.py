"""The distribution that a KL autoencoder gives for the latent (distributions.py of CompVis)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

LOGVAR_RANGE = (-30.0, 20.0)


class DiagonalGaussian:
    """Independent normal distributions, one per latent value.

    Attributes:
        parameters: (B, 2·C, H, W), means then log-variances, as the encoder gave them.
        mean: (B, C, H, W).
        logvar: log-variance, clamped to [-30, 20].
        std: standard deviation; zero if `deterministic`.
        var: variance; zero if `deterministic`.
    """

    def __init__(self, parameters: Tensor, deterministic: bool = False) -> None:
        self.parameters = parameters
        self.deterministic = deterministic
        self.mean, logvar = parameters.chunk(2, dim=1)
        self.logvar = logvar.clamp(*LOGVAR_RANGE)
        self.std = torch.zeros_like(self.mean) if deterministic else torch.exp(0.5 * self.logvar)
        self.var = torch.zeros_like(self.mean) if deterministic else torch.exp(self.logvar)

    def sample(self, generator: torch.Generator | None = None, noise: Tensor | None = None) -> Tensor:
        """Draw a latent (B, C, H, W).

        Args:
            generator: the CPU generator to draw from; by default torch's own. Noise is drawn on the CPU whatever the
                device, so that devices agree.
            noise: standard normal values to use instead of a draw.
        """
        if noise is None:
            noise = torch.randn(self.mean.shape, generator=generator)
        return self.mean + self.std * noise.to(self.parameters)

    def mode(self) -> Tensor:
        """Return the most likely latent, which is the mean."""
        return self.mean

    def kl(self, other: DiagonalGaussian | None = None) -> Tensor:
        """Return the divergence from `other`, by default from the standard normal: (B,), summed over C, H, W."""
        if self.deterministic:
            return self._nothing()
        if other is None:
            terms = self.mean**2 + self.var - 1.0 - self.logvar
        else:
            spread = (self.mean - other.mean) ** 2 / other.var + self.var / other.var
            terms = spread - 1.0 - self.logvar + other.logvar
        return 0.5 * terms.sum(dim=[1, 2, 3])

    def nll(self, sample: Tensor, dims: Sequence[int] = (1, 2, 3)) -> Tensor:
        """Return the negative log-likelihood of `sample` (B, C, H, W), summed over `dims`."""
        if self.deterministic:
            return self._nothing()
        terms = math.log(2.0 * math.pi) + self.logvar + (sample - self.mean) ** 2 / self.var
        return 0.5 * terms.sum(dim=list(dims))

    def _nothing(self) -> Tensor:
        return self.parameters.new_zeros(1)


def normal_kl(mean1: Tensor, logvar1: Tensor, mean2: Tensor | float, logvar2: Tensor | float) -> Tensor:
    """Return the divergence of N(mean1, exp logvar1) from N(mean2, exp logvar2), elementwise."""
    mean2 = torch.as_tensor(mean2).to(mean1)
    logvar2 = torch.as_tensor(logvar2).to(mean1)
    squared = (mean1 - mean2) ** 2 * torch.exp(-logvar2)
    return 0.5 * (-1.0 + logvar2 - logvar1 + torch.exp(logvar1 - logvar2) + squared)
