"""`comfy_extras.nodes_align_your_steps`: a schedule."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "AlignYourStepsScheduler",
)  # fmt: skip
