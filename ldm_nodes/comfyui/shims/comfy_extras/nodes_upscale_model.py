"""`comfy_extras.nodes_upscale_model`: networks that enlarge pictures."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "UpscaleModelLoader", "ImageUpscaleWithModel",
)  # fmt: skip
