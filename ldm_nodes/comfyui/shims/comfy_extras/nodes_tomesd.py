"""`comfy_extras.nodes_tomesd`: token merging."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "TomePatchModel",
)  # fmt: skip
