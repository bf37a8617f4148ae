"""`comfy_extras.nodes_pag`: perturbed-attention guidance."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "PerturbedAttentionGuidance",
)  # fmt: skip
