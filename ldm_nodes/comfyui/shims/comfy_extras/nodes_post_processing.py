"""`comfy_extras.nodes_post_processing`: filters."""

from __future__ import annotations

from typing import Any

from ..nodes import core_classes

__getattr__ = core_classes(
    "ImageBlend", "ImageBlur", "ImageQuantize", "ImageSharpen", "ImageScaleToTotalPixels",
)  # fmt: skip


def gaussian_kernel(kernel_size: int, sigma: float, device: Any = None) -> Any:
    """Return a kernel (n, n) of a Gaussian whose edges are one standard unit from the centre."""
    import torch

    side = torch.linspace(-1, 1, kernel_size, device=device)
    squares = side[:, None] ** 2 + side**2
    kernel = (-squares / (2.0 * sigma * sigma)).exp()
    return kernel / kernel.sum()
