"""`comfy_extras.nodes_rebatch`: batches."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "RebatchLatents", "RebatchImages",
)  # fmt: skip
