"""`comfy_execution.graph_utils`: graphs that nodes put in their place."""

from __future__ import annotations

from typing import Any

from ....engine.blocker import ExecutionBlocker
from ....engine.graph_builder import GraphBuilder

__all__ = ["ExecutionBlocker", "GraphBuilder", "is_link"]


def is_link(value: Any) -> bool:
    """Say whether a value is a wire: a list of a node's id and the number of its output."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) in (int, float)
