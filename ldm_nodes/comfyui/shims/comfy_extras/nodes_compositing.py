"""`comfy_extras.nodes_compositing`: compositing."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "PorterDuffImageComposite", "SplitImageWithAlpha", "JoinImageWithAlpha",
)  # fmt: skip
