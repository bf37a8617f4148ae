"""`comfy_extras.nodes_freelunch`: FreeU."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "FreeU", "FreeU_V2",
)  # fmt: skip
