"""`comfy_extras.nodes_primitive`: primitives."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "PrimitiveString", "PrimitiveStringMultiline", "PrimitiveInt", "PrimitiveFloat", "PrimitiveBoolean",
)  # fmt: skip
