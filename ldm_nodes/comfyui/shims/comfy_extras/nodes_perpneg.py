"""`comfy_extras.nodes_perpneg`: perpendicular negative prompts."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "PerpNeg", "PerpNegGuider",
)  # fmt: skip
