"""`comfy_extras.nodes_canny`: edges."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "Canny",
)  # fmt: skip
