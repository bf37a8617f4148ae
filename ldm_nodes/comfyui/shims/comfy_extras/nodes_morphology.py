"""`comfy_extras.nodes_morphology`: morphology."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "Morphology", "ImageRGBToYUV", "ImageYUVToRGB",
)  # fmt: skip
