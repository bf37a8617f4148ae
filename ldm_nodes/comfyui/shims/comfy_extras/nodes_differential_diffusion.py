"""`comfy_extras.nodes_differential_diffusion`: differential diffusion."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "DifferentialDiffusion",
)  # fmt: skip
