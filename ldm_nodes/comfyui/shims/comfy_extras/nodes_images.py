"""`comfy_extras.nodes_images`: pictures."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "ImageCrop", "RepeatImageBatch", "ImageFromBatch", "ImageAddNoise", "SaveAnimatedWEBP", "SaveAnimatedPNG",
    "GetImageSize", "ImageRotate", "ImageFlip",
)  # fmt: skip
