"""`comfy.latent_formats`: how the network's latents and the autoencoder's differ."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from ....imaging.preview import FAMILIES


class LatentFormat:
    """A scale, and how latents are drawn for a quick look."""

    scale_factor = 1.0
    latent_channels = 4
    latent_dimensions = 2
    latent_rgb_factors: Any = None
    latent_rgb_factors_bias: Any = None
    taesd_decoder_name: str | None = None

    def process_in(self, latent: Tensor) -> Tensor:
        """Return an autoencoder's latent as the network knows it."""
        return latent * self.scale_factor

    def process_out(self, latent: Tensor) -> Tensor:
        """Return a network's latent as the autoencoder knows it."""
        return latent / self.scale_factor


class SD15(LatentFormat):
    """Stable Diffusion 1 and 2."""

    latent_rgb_factors = [list(row) for row in FAMILIES["sd1"].rows]  # noqa: RUF012 - packs read a list
    taesd_decoder_name = "taesd_decoder"

    def __init__(self, scale_factor: float = 0.18215) -> None:
        self.scale_factor = scale_factor


class SDXL(LatentFormat):
    """SDXL."""

    scale_factor = 0.13025
    latent_rgb_factors = [list(row) for row in FAMILIES["sdxl"].rows]  # noqa: RUF012 - packs read a list
    taesd_decoder_name = "taesdxl_decoder"


class SD3(LatentFormat):
    """Stable Diffusion 3, for tests of types."""

    latent_channels = 16
    scale_factor, shift_factor = 1.5305, 0.0609

    def process_in(self, latent: Tensor) -> Tensor:
        """Return an autoencoder's latent as the network knows it."""
        return (latent - self.shift_factor) * self.scale_factor

    def process_out(self, latent: Tensor) -> Tensor:
        """Return a network's latent as the autoencoder knows it."""
        return latent / self.scale_factor + self.shift_factor


class Flux(SD3):
    """Flux, for tests of types."""

    scale_factor, shift_factor = 0.3611, 0.1159


def format_of(family: str, scale_factor: float, channels: int) -> LatentFormat:
    """Return the format of a model of ours."""
    found: LatentFormat = SDXL() if family.startswith("sdxl") else SD15() if family.startswith("sd") else LatentFormat()
    found.scale_factor, found.latent_channels = scale_factor, channels
    return found
