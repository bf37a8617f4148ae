"""Small pictures of an unfinished latent: one linear map from latent channels to colours, without the decoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

MAX_SIDE = 512


@dataclass(frozen=True)
class Colours:
    """A linear map from a latent, times the model's scale factor, to RGB in -1..1.

    Attributes:
        scale: the scale factor of the family that the rows were fitted for.
        rows: per latent channel, its share of red, green and blue.
    """

    scale: float
    rows: tuple[tuple[float, float, float], ...]


FAMILIES: Mapping[str, Colours] = {
    "sd1": Colours(
        0.18215,
        ((0.3444, 0.1385, 0.0670), (0.1247, 0.4027, 0.1494), (-0.3192, 0.2513, 0.2103), (-0.1307, -0.1874, -0.7445)),
    ),
    "sdxl": Colours(
        0.13025,
        ((0.3816, 0.4930, 0.5320), (-0.3753, 0.1631, 0.1739), (0.1770, 0.3588, -0.2048), (-0.4350, -0.2644, -0.4289)),
    ),
}
"""Least-squares fits published on discuss.huggingface.co (thread 23204: erucipe, keturn, torridgristle) and, for SDXL,
by StAlKeR7779 in InvokeAI. SD 2 shares the autoencoder of SD 1."""


def latent_to_rgb(samples: Tensor, family: str = "sd1") -> NDArray[np.uint8]:
    """Sketch the first latent of a batch, one pixel per latent cell.

    Args:
        samples: (B, C, h, w), unscaled as on a LATENT wire. Channel numbers that the family does not have (the 3 of
            VQ models, which resemble colours) show their first three channels, stretched over the range they use.
        family: `sd1` (also for SD 2) or `sdxl`; others are shown like `sd1`.

    Returns:
        uint8 (h, w, 3), longest side at most 512; values that are no numbers are mid-grey.
    """
    step = -(-max(samples.shape[-2:]) // MAX_SIDE)
    latent = samples[0, :, ::step, ::step].detach().float().cpu().nan_to_num(0.0, 0.0, 0.0)
    colours = FAMILIES.get(family, FAMILIES["sd1"])
    if len(latent) == len(colours.rows):
        rgb = torch.einsum("chw,cr->hwr", latent * colours.scale, torch.tensor(colours.rows))
    else:
        rgb = _stretched(latent[[min(channel, len(latent) - 1) for channel in range(3)]]).movedim(0, -1)
    levels: NDArray[np.uint8] = ((rgb + 1) * 127.5).clamp(0, 255).to(torch.uint8).numpy()
    return levels


def _stretched(channels: Tensor) -> Tensor:
    """Spread each channel of (C, h, w) over -1..1."""
    low, high = channels.amin(dim=(1, 2), keepdim=True), channels.amax(dim=(1, 2), keepdim=True)
    return (channels - low) / (high - low).clamp(min=1e-6) * 2 - 1
