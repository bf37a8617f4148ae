"""Nodes that hold one value, so that it can be wired to several inputs."""

from __future__ import annotations

from typing import Annotated

from ..engine.sockets import Boolean, Float, Int, String
from ..engine.spec import node

LIMIT = 2**63 - 1


@node("PrimitiveString", category="utils/primitive", display_name="String")
def primitive_string(value: Annotated[str, String()]) -> str:
    """Hold a line of text."""
    return value


@node("PrimitiveStringMultiline", category="utils/primitive", display_name="String (Multiline)")
def primitive_string_multiline(value: Annotated[str, String(multiline=True)]) -> str:
    """Hold a text."""
    return value


@node("PrimitiveInt", category="utils/primitive", display_name="Int")
def primitive_int(value: Annotated[int, Int(min=-LIMIT, max=LIMIT, control_after_generate=True)]) -> int:
    """Hold a whole number."""
    return value


@node("PrimitiveFloat", category="utils/primitive", display_name="Float")
def primitive_float(value: Annotated[float, Float(min=-LIMIT, max=LIMIT)]) -> float:
    """Hold a number."""
    return value


@node("PrimitiveBoolean", category="utils/primitive", display_name="Boolean")
def primitive_boolean(value: Annotated[bool, Boolean()]) -> bool:
    """Hold yes or no."""
    return value
