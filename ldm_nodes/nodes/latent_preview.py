"""Pictures of a sampling at work: which way they are drawn, and how often, so that they cost next to nothing.

A latent is looked at and never changed; no random number is drawn. So results are equal bit for bit, drawn or not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..settings import PreviewMethod

if TYPE_CHECKING:
    from torch import Tensor

    from .sockets import Model

SMALLEST, LARGEST = 8, 32
"""Cells on a side of what the autoencoder draws; it begins with the fewest."""
SECONDS = 0.25
"""What a picture shall take at most: as many cells are drawn as this machine can in that time."""
REST = 19
"""How long the autoencoder rests after a picture, in times of what it took: 1 part of 20 goes into pictures."""


class LatentPreview:
    """Draws the latents of one sampling.

    Args:
        method: how. A model whose file has no autoencoder is drawn by the linear map.
        model: whose latents they are.
        clock: the time in seconds.
    """

    def __init__(self, method: PreviewMethod, model: Model, clock: Callable[[], float] = time.perf_counter) -> None:
        self._method, self._model, self._clock = method, model, clock
        self._side, self._rests_until = SMALLEST, float("-inf")

    def of(self, x0: Tensor) -> Callable[[], Any] | None:
        """Return what draws a latent when somebody wants to see it; None where nobody shall.

        Args:
            x0: (B, C, h, w), unscaled.
        """
        if self._method == "none":
            return None
        if self._method == "autoencoder" and self._model.first_stage is not None:
            return lambda: self._decoded(x0)
        return lambda: self._mapped(x0)

    def _mapped(self, x0: Tensor) -> Any:
        from ..imaging.preview import latent_to_rgb

        return latent_to_rgb(x0, self._model.family)

    def _decoded(self, x0: Tensor) -> Any:
        """Return a small picture by the autoencoder; None while it rests."""
        began = self._clock()
        if began < self._rests_until or self._model.first_stage is None:
            return None
        picture = self._model.first_stage.sketch(x0, self._side)
        ended = self._clock()
        took = max(ended - began, 1e-6)
        self._side = max(SMALLEST, min(LARGEST, int(self._side * (SECONDS / took) ** 0.5)))
        self._rests_until = ended + REST * took
        return picture.mul(255).byte().numpy()
