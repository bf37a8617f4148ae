"""The first stages of latent diffusion: with a Gaussian latent, or with a codebook (models/autoencoder.py of CompVis).

Latents here are the autoencoder's own; a diffusion model multiplies them by its scale factor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from .codec import Decoder, Encoder
from .distribution import DiagonalGaussian
from .errors import WrongConfig
from .quantize import Quantized, VectorQuantizer

if TYPE_CHECKING:
    from .config import AutoencoderConfig


class Autoencoder(nn.Module):
    """What all first stages share. They run in the dtype of their weights and answer in the input's.

    Attributes:
        memory_format: layout that pictures and latents are brought to on entry; every block keeps it.
    """

    memory_format = torch.preserve_format

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        moments = 2 if config.n_embed is None else 1
        z_channels = 2 * config.z_channels if config.double_z else config.z_channels
        self.quant_conv = nn.Conv2d(z_channels, moments * config.embed_dim, 1)
        self.post_quant_conv = nn.Conv2d(config.embed_dim, config.z_channels, 1)

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of the weights, in which the network computes."""
        return self.quant_conv.weight.dtype

    def _encode(self, x: Tensor) -> Tensor:
        self._check("picture", x, self.config.in_channels)
        moments: Tensor = self.quant_conv(self.encoder(self._enter(x)))
        return moments.to(x.dtype)

    def _decode(self, z: Tensor) -> Tensor:
        self._check("latent", z, self.config.embed_dim)
        picture: Tensor = self.decoder(self.post_quant_conv(self._enter(z)))
        return picture.to(z.dtype)

    def _enter(self, x: Tensor) -> Tensor:
        return x.to(self.dtype, memory_format=self.memory_format)

    @staticmethod
    def _check(what: str, x: Tensor, channels: int) -> None:
        if x.dim() != 4 or x.shape[1] != channels:
            shape = tuple(x.shape)
            raise ValueError(
                f"The {what} has the shape {shape}; this autoencoder takes (B, {channels}, height, width)."
            )


class AutoencoderKL(Autoencoder):
    """A variational autoencoder: the encoder gives a distribution (arXiv 2112.10752 §3.1)."""

    def encode(self, x: Tensor) -> DiagonalGaussian:
        """Return the distribution of the latent of pictures x (B, in_channels, H, W) in [-1, 1]."""
        return DiagonalGaussian(self._encode(x))

    def decode(self, z: Tensor) -> Tensor:
        """Decode a latent z (B, embed_dim, h, w) as pictures (B, out_ch, f·h, f·w), about [-1, 1]."""
        return self._decode(z)

    def forward(
        self, x: Tensor, sample_posterior: bool = True, generator: torch.Generator | None = None
    ) -> tuple[Tensor, DiagonalGaussian]:
        """Return the reconstruction of x, from a draw or from the mode, and the distribution."""
        posterior = self.encode(x)
        return self.decode(posterior.sample(generator) if sample_posterior else posterior.mode()), posterior


class CodebookAutoencoder(Autoencoder):
    """What the two models with a codebook share."""

    def __init__(self, config: AutoencoderConfig) -> None:
        if config.n_embed is None:
            raise WrongConfig("A VQ autoencoder needs n_embed, the number of entries of its codebook.")
        super().__init__(config)
        self.quantize = VectorQuantizer(
            config.n_embed, config.embed_dim, remap=config.remap, sane_index_shape=config.sane_index_shape
        )

    def encode_to_prequant(self, x: Tensor) -> Tensor:
        """Return the latent (B, embed_dim, h, w) of pictures x (B, in_channels, H, W) before it is quantised."""
        return self._encode(x)

    def decode_code(self, indices: Tensor) -> Tensor:
        """Decode codebook ids (B, h, w) as pictures."""
        return self._decode(self.quantize.get_codebook_entry(indices, (*indices.shape, self.config.embed_dim)))


class VQModel(CodebookAutoencoder):
    """An autoencoder whose latent vectors are entries of a codebook."""

    def encode(self, x: Tensor) -> Quantized:
        """Return the quantised latent of pictures x (B, in_channels, H, W) in [-1, 1], its loss and its ids."""
        quantized: Quantized = self.quantize(self._encode(x))
        return quantized

    def decode(self, quant: Tensor) -> Tensor:
        """Decode a quantised latent (B, embed_dim, h, w) as pictures."""
        return self._decode(quant)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the reconstruction of x and the codebook loss."""
        latent, loss, _ = self.encode(x)
        return self.decode(latent), loss


class VQModelInterface(CodebookAutoencoder):
    """A VQ model as first stage: diffusion works on the latent before the codebook, and decoding quantises it."""

    def encode(self, x: Tensor) -> Tensor:
        """Return the latent (B, embed_dim, h, w) of pictures x, not quantised."""
        return self._encode(x)

    def decode(self, h: Tensor, force_not_quantize: bool = False) -> Tensor:
        """Quantise a latent h (B, embed_dim, h, w), unless told not to, and decode it as pictures."""
        return self._decode(h if force_not_quantize else self.quantize(h).latent)

    def forward(self, x: Tensor) -> Tensor:
        """Return the reconstruction of x through the codebook."""
        return self.decode(self.encode(x))
