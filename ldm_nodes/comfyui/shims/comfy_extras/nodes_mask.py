"""`comfy_extras.nodes_mask`: masks and compositing."""

from __future__ import annotations

from typing import Any

from ..nodes import core_classes

__getattr__ = core_classes(
    "LatentCompositeMasked", "ImageCompositeMasked", "MaskToImage", "ImageToMask", "ImageColorToMask",
    "SolidMask", "InvertMask", "CropMask", "MaskComposite", "FeatherMask", "GrowMask", "ThresholdMask",
    "MaskPreview",
)  # fmt: skip


def composite(
    destination: Any, source: Any, x: int, y: int, mask: Any = None, multiplier: int = 8, resize_source: bool = False
) -> Any:
    """Return (B, C, H, W) with another one over it, at (x, y) in units of cells times `multiplier`."""
    from ....imaging.composite import paste

    return paste(destination, source, (y // multiplier, x // multiplier), mask, fit=resize_source)
