"""Ways to mix two pictures of one size, pixel by pixel, with ComfyUI's names and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from .errors import ImagingError

Mode = Callable[[Tensor, Tensor], Tensor]


def blend(below: Tensor, above: Tensor, factor: float, mode: str) -> Tensor:
    """Return pictures between `below` (factor 0) and what `mode` makes of both (factor 1), within 0..1.

    Raises:
        ImagingError: for an unknown mode.
    """
    if mode not in MODES:
        raise ImagingError(f"Pictures are blended by one of {', '.join(MODES)}; got {mode!r}.")
    return (below * (1 - factor) + MODES[mode](below, above) * factor).clamp(0, 1)


def _normal(below: Tensor, above: Tensor) -> Tensor:
    return above


def _multiply(below: Tensor, above: Tensor) -> Tensor:
    return below * above


def _screen(below: Tensor, above: Tensor) -> Tensor:
    return 1 - (1 - below) * (1 - above)


def _overlay(below: Tensor, above: Tensor) -> Tensor:
    return torch.where(below <= 0.5, 2 * below * above, 1 - 2 * (1 - below) * (1 - above))


def _soft_light(below: Tensor, above: Tensor) -> Tensor:
    """Lighten or darken by the picture above (W3C Compositing and Blending Level 1, 9.1.9)."""
    root = torch.where(below <= 0.25, ((16 * below - 12) * below + 4) * below, below.clamp(min=0).sqrt())
    darker = below - (1 - 2 * above) * below * (1 - below)
    lighter = below + (2 * above - 1) * (root - below)
    return torch.where(above <= 0.5, darker, lighter)


def _difference(below: Tensor, above: Tensor) -> Tensor:
    """Subtract with the sign, as ComfyUI does; what is negative ends as black."""
    return below - above


MODES: Mapping[str, Mode] = {
    "normal": _normal,
    "multiply": _multiply,
    "screen": _screen,
    "overlay": _overlay,
    "soft_light": _soft_light,
    "difference": _difference,
}
