"""An autoencoder as nodes see it: pictures to latents and back, whatever memory and number type allow.

Pictures are (B, H, W, 3) float32 from 0 to 1 on the CPU, latents (B, C, h, w) as the autoencoder gives them, unscaled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from .autoencoder import AutoencoderKL, VQModelInterface
from .devices import PRECISIONS, Compute, is_out_of_memory, on_cpu
from .distribution import DiagonalGaussian
from .errors import ModelError
from .kinds import UNKNOWN, Origin, VaeKind
from .part_kinds import vae_kind
from .tiles import averaged_tilings

if TYPE_CHECKING:
    from pathlib import Path

    from .quantize import VectorQuantizer

Notice = Callable[[str], None]

# What to try next where numbers overflow: half precision ends at 65504.
WIDER: dict[torch.dtype, torch.dtype] = {torch.float16: torch.bfloat16, torch.bfloat16: torch.float32}
# Tiles used when memory runs out: latent cells with their overlap for decoding, pixels for encoding.
DECODE_TILE, DECODE_OVERLAP = 64, 16
ENCODE_TILE, ENCODE_OVERLAP = 512, 64


def _ignore(_: str) -> None:
    """Take a notice that nobody asked for."""


@dataclass(frozen=True, eq=False)
class FirstStage:
    """The value on the VAE wire.

    Attributes:
        model: the autoencoder. It moves to a wider number type for good when its own turns out too narrow.
        compute: where it runs, and the type it started in.
        origin: the model that it belongs to, as far as known.
        scale_factor: that model's multiplier of its latents, if known.
        path: the file that holds the weights as they were stored, if there is one; training starts from it.
    """

    model: AutoencoderKL | VQModelInterface
    compute: Compute
    origin: Origin = UNKNOWN
    scale_factor: float | None = None
    path: Path | None = None

    @property
    def kind(self) -> VaeKind:
        """What must fit it."""
        return vae_kind(self.model.config, self.origin, self.scale_factor)

    @property
    def latent_channels(self) -> int:
        """Channels of a latent."""
        return self.model.config.embed_dim

    @property
    def downscale_ratio(self) -> int:
        """Side of a picture divided by that of its latent."""
        return self.model.config.downscale

    @property
    def codebook(self) -> VectorQuantizer | None:
        """The codebook of a VQ autoencoder."""
        return self.model.quantize if isinstance(self.model, VQModelInterface) else None

    @torch.no_grad()
    def decode(self, latent: Tensor, notice: Notice = _ignore) -> Tensor:
        """Turn latents into pictures, one at a time; in tiles if memory does not suffice.

        Args:
            latent: (B, C, h, w), unscaled.
            notice: is told of a change of number type or of tiling.

        Raises:
            ModelError: when the latent has another number of channels, or holds numbers that are not finite.
        """
        self._check(latent.shape[1], self.latent_channels, "latent")
        parts = [
            self._whole_or_tiled(self._decode, one, DECODE_TILE, DECODE_OVERLAP, self.downscale_ratio, notice)
            for one in torch.split(latent, 1)
        ]
        return _to_pixels(torch.cat(parts))

    @torch.no_grad()
    def sketch(self, latent: Tensor, side: int) -> Tensor:
        """Turn the first latent, made small, into a picture for a quick look. The autoencoder stays as it is.

        Args:
            latent: (B, C, h, w), unscaled.
            side: the most cells on a side; cells of larger latents are averaged.

        Returns:
            (H, W, 3) on the CPU; where numbers overflow it is grey.
        """
        self._check(latent.shape[1], self.latent_channels, "latent")
        step = -(-max(latent.shape[-2:]) // side)
        small = F.avg_pool2d(latent[:1].float(), step, ceil_mode=True)
        return _to_pixels(self._decode(small).nan_to_num(0.0))[0]

    @torch.no_grad()
    def decode_tiled(self, latent: Tensor, tile: int, overlap: int, notice: Notice = _ignore) -> Tensor:
        """Turn latents into pictures tile by tile; `tile` and `overlap` in latent cells."""
        self._check(latent.shape[1], self.latent_channels, "latent")
        return _to_pixels(self._tiled(self._decode, latent, tile, overlap, self.downscale_ratio, notice))

    @torch.no_grad()
    def encode(self, pixels: Tensor, notice: Notice = _ignore) -> Tensor:
        """Turn pictures into latents; sides are cut centrally to multiples of `downscale_ratio`.

        A Gaussian latent is its mode, as in ComfyUI; a VQ latent is taken before the codebook.

        Args:
            pixels: (B, H, W, 3).
            notice: as in `decode`.
        """
        pictures = self._to_network(pixels)
        parts = [
            self._whole_or_tiled(self._encode, one, ENCODE_TILE, ENCODE_OVERLAP, 1 / self.downscale_ratio, notice)
            for one in torch.split(pictures, 1)
        ]
        return torch.cat(parts)

    @torch.no_grad()
    def encode_tiled(self, pixels: Tensor, tile: int, overlap: int, notice: Notice = _ignore) -> Tensor:
        """Turn pictures into latents tile by tile; `tile` and `overlap` in pixels."""
        return self._tiled(self._encode, self._to_network(pixels), tile, overlap, 1 / self.downscale_ratio, notice)

    def _decode(self, latent: Tensor) -> Tensor:
        return on_cpu(self.model.decode(latent.float().to(self.compute.device)))

    def _encode(self, pictures: Tensor) -> Tensor:
        encoded = self.model.encode(pictures.to(self.compute.device))
        return on_cpu(encoded.mode() if isinstance(encoded, DiagonalGaussian) else encoded)

    def _whole_or_tiled(
        self, function: Callable[[Tensor], Tensor], x: Tensor, tile: int, overlap: int, scale: float, notice: Notice
    ) -> Tensor:
        try:
            return self._finite(function, x, notice)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        notice("Memory does not suffice for the whole picture at once; the autoencoder works in tiles.")
        return self._tiled(function, x, tile, overlap, scale, notice)

    def _tiled(
        self, function: Callable[[Tensor], Tensor], x: Tensor, tile: int, overlap: int, scale: float, notice: Notice
    ) -> Tensor:
        return averaged_tilings(lambda part: self._finite(function, part, notice), x, tile, overlap, scale)

    def _finite(self, function: Callable[[Tensor], Tensor], x: Tensor, notice: Notice) -> Tensor:
        """Run `function`, in wider and wider number types until the result is finite."""
        result = function(x)
        while not _is_finite(result):
            wider = WIDER.get(self.model.dtype)
            if wider is None or not _is_finite(x):
                what = "a picture or latent" if not _is_finite(x) else "weights"
                raise ModelError(f"The autoencoder has {what} with NaN or infinity in it; nothing came out.")
            notice(
                f"The autoencoder overflowed in {PRECISIONS[self.model.dtype]} and goes on in {PRECISIONS[wider]}, "
                "which is slower and takes more memory."
            )
            self.model.to(wider)
            result = function(x)
        return result

    def _to_network(self, pixels: Tensor) -> Tensor:
        """Return pictures (B, H, W, C) cut to what the network can halve, as (B, C, H, W) from -1 to 1."""
        self._check(pixels.shape[-1], self.model.config.in_channels, "picture")
        height, width = (side - side % self.downscale_ratio for side in pixels.shape[1:3])
        if not height or not width:
            raise ModelError(
                f"The picture has {pixels.shape[2]}x{pixels.shape[1]} pixels; this autoencoder needs "
                f"{self.downscale_ratio} on each side."
            )
        top, left = (pixels.shape[1] - height) // 2, (pixels.shape[2] - width) // 2
        return pixels[:, top : top + height, left : left + width].float().movedim(-1, 1) * 2 - 1

    @staticmethod
    def _check(channels: int, expected: int, what: str) -> None:
        if channels != expected:
            raise ModelError(
                f"The {what} has {channels} channels and the autoencoder takes {expected}: "
                "they belong to models of different families."
            )


def _to_pixels(decoded: Tensor) -> Tensor:
    return ((decoded + 1) / 2).clamp(0, 1).movedim(1, -1).contiguous()


def _is_finite(x: Tensor) -> bool:
    return x.is_meta or bool(x.isfinite().all())
