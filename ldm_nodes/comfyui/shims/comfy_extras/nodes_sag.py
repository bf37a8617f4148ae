"""`comfy_extras.nodes_sag`: self-attention guidance."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "SelfAttentionGuidance",
)  # fmt: skip
