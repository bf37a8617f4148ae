"""`comfy_extras.nodes_hypertile`: HyperTile."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "HyperTile",
)  # fmt: skip
