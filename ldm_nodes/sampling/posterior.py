"""Samplers that draw from the posterior of the forward process, given the clean latent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .sigma_space import intervals, level
from .steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from .denoiser import Denoiser
    from .noise import NoiseSource


def ddpm(denoise: Denoiser, x: Tensor, sigmas: Tensor, *, noise: NoiseSource) -> Iterator[Step]:
    """Draw each level from q(x_next | x, x0) (arXiv 2006.11239, eq. 6 and 7, for any two levels, in sigma space)."""
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        kept = following**2 / sigma**2
        x = x0 + kept * (x - x0)
        if following > 0:
            variance = following**2 * (1 - kept)
            x = x + variance**0.5 * noise.draw(x, i)
        yield Step(i, sigma, x, x0)


def lcm(denoise: Denoiser, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, s_noise: float = 1.0) -> Iterator[Step]:
    """Put fresh noise of the next level on each clean latent: consistency sampling (arXiv 2303.01469, algorithm 1)."""
    for i, sigma, following in intervals(sigmas):
        x0 = denoise(x, level(x, sigma))
        x = x0
        if following > 0:
            x = x0 + s_noise * following * noise.draw(x, i)
        yield Step(i, sigma, x, x0)
