"""Porter-Duff compositing of two pictures with transparency (Porter and Duff 1984, doi:10.1145/800031.808606).

The modes and their formulas are those of Android's `PorterDuff.Mode`, on colours that are multiplied by their alpha.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from .errors import ImagingError

Mode = Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
"""Source colour, source alpha, destination colour, destination alpha → colour, alpha; colours premultiplied."""

INVISIBLE = 1e-5
"""Alpha up to which a pixel has no colour."""


def composite(
    source: Tensor, source_alpha: Tensor, destination: Tensor, destination_alpha: Tensor, mode: str
) -> tuple[Tensor, Tensor]:
    """Return colour (B, H, W, 3) and alpha (B, H, W, 1) of a source over, in, out of … a destination.

    Args:
        source: (B, H, W, 3), not multiplied by its alpha.
        source_alpha: (B, H, W, 1), 1 is opaque.
        destination: as `source`.
        destination_alpha: as `source_alpha`.
        mode: one of `MODES`.

    Raises:
        ImagingError: for an unknown mode.
    """
    if mode not in MODES:
        raise ImagingError(f"Porter-Duff modes are {', '.join(MODES)}; got {mode!r}.")
    colour, alpha = MODES[mode](source * source_alpha, source_alpha, destination * destination_alpha, destination_alpha)
    shown = torch.where(alpha > INVISIBLE, colour / alpha, torch.zeros_like(colour))
    return shown.clamp(0, 1), alpha


def _union(a: Tensor, b: Tensor) -> Tensor:
    return a + b - a * b


def _overlaid(s: Tensor, sa: Tensor, d: Tensor, da: Tensor) -> Tensor:
    return torch.where(2 * d < da, 2 * s * d, sa * da - 2 * (da - d) * (sa - s))


MODES: Mapping[str, Mode] = {
    "ADD": lambda s, sa, d, da: ((s + d).clamp(0, 1), (sa + da).clamp(0, 1)),
    "CLEAR": lambda s, sa, d, da: (torch.zeros_like(d), torch.zeros_like(da)),
    "DARKEN": lambda s, sa, d, da: ((1 - da) * s + (1 - sa) * d + torch.minimum(s, d), _union(sa, da)),
    "DST": lambda s, sa, d, da: (d, da),
    "DST_ATOP": lambda s, sa, d, da: (sa * d + (1 - da) * s, sa),
    "DST_IN": lambda s, sa, d, da: (d * sa, sa * da),
    "DST_OUT": lambda s, sa, d, da: ((1 - sa) * d, (1 - sa) * da),
    "DST_OVER": lambda s, sa, d, da: (d + (1 - da) * s, da + (1 - da) * sa),
    "LIGHTEN": lambda s, sa, d, da: ((1 - da) * s + (1 - sa) * d + torch.maximum(s, d), _union(sa, da)),
    "MULTIPLY": lambda s, sa, d, da: (s * d, sa * da),
    "OVERLAY": lambda s, sa, d, da: (_overlaid(s, sa, d, da), _union(sa, da)),
    "SCREEN": lambda s, sa, d, da: (s + d - s * d, _union(sa, da)),
    "SRC": lambda s, sa, d, da: (s, sa),
    "SRC_ATOP": lambda s, sa, d, da: (da * s + (1 - sa) * d, da),
    "SRC_IN": lambda s, sa, d, da: (s * da, sa * da),
    "SRC_OUT": lambda s, sa, d, da: ((1 - da) * s, (1 - da) * sa),
    "SRC_OVER": lambda s, sa, d, da: (s + (1 - sa) * d, sa + (1 - sa) * da),
    "XOR": lambda s, sa, d, da: ((1 - da) * s + (1 - sa) * d, (1 - da) * sa + (1 - sa) * da),
}
