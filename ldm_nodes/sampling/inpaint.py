"""Inpainting with a mask: the network sees the known part of the picture at the current noise level in every call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .conditioning import per_picture, resized
from .denoiser import expand

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from .denoiser import TimedDenoiser
    from .guidance import PairDenoiser


@dataclass(frozen=True)
class KnownPart:
    """The part of a picture that sampling keeps.

    Attributes:
        latent: (B, C, h, w) the clean latent of the picture.
        noise: (B, C, h, w) unit noise that is put on it.
        mask: (B or 1, 1, h, w) 1 where to sample, 0 where to keep, between in soft edges.
        at_level: Changes the mask from one noise level (B,) to the next, or None.
    """

    latent: Tensor
    noise: Tensor
    mask: Tensor
    at_level: Callable[[Tensor, Tensor], Tensor] | None = None

    @classmethod
    def of(
        cls,
        latent: Tensor,
        noise: Tensor,
        mask: Tensor,
        at_level: Callable[[Tensor, Tensor], Tensor] | None = None,
    ) -> KnownPart:
        """Build it from a mask of any size and batch: (H, W), (B, H, W) or (B, 1, H, W)."""
        cells = resized(mask, (latent.shape[-2], latent.shape[-1])).to(latent)
        return cls(latent, noise, per_picture(cells, len(latent)), at_level)

    def at(self, sigma: Tensor) -> KnownPart:
        """Return the known part at the noise level `sigma` (B,)."""
        if self.at_level is None:
            return self
        return replace(self, mask=self.at_level(sigma, self.mask), at_level=None)

    def before(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Replace the known part of a noisy latent by the known latent at the noise level `sigma` (B,)."""
        return x * self.mask + (self.latent + self.noise * expand(sigma, x)) * (1 - self.mask)

    def after(self, x0: Tensor) -> Tensor:
        """Replace the known part of a clean latent."""
        return x0 * self.mask + self.latent * (1 - self.mask)


def inpainted(denoise: TimedDenoiser, known: KnownPart) -> TimedDenoiser:
    """Keep the known part of the picture in what the denoiser sees and in what it returns."""

    def inner(x: Tensor, sigma: Tensor, t: Tensor | None = None) -> Tensor:
        now = known.at(sigma)
        return now.after(denoise(now.before(x, sigma), sigma, t))

    return inner


def inpainted_pair(pair: PairDenoiser, known: KnownPart) -> PairDenoiser:
    """Keep the known part in what both prompts see, and in the second of the two predictions."""

    def inner(x: Tensor, sigma: Tensor, t: Tensor | None = None) -> tuple[Tensor, Tensor]:
        now = known.at(sigma)
        negative, x0 = pair(now.before(x, sigma), sigma, t)
        return negative, now.after(x0)

    return inner
