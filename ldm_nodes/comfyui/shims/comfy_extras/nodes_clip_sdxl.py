"""`comfy_extras.nodes_clip_sdxl`: prompts of SDXL."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "CLIPTextEncodeSDXL", "CLIPTextEncodeSDXLRefiner",
)  # fmt: skip
