"""`comfy_execution.graph`: the graph as it runs."""

from __future__ import annotations

from typing import Any

from ....engine.blocker import ExecutionBlocker
from ....engine.dynamic_prompt import DynamicPrompt
from .graph_utils import is_link

SECTIONS = ("required", "optional", "hidden")


def get_input_info(
    class_def: Any, input_name: str, valid_inputs: Any = None
) -> tuple[Any, str, dict[str, Any]] | tuple[None, None, None]:
    """Return an input's type, its section and its options; None three times where there is no such input."""
    inputs = class_def.INPUT_TYPES() if valid_inputs is None else valid_inputs
    for section in SECTIONS:
        if input_name in inputs.get(section, {}):
            entry = inputs[section][input_name]
            return entry[0], section, entry[1] if len(entry) > 1 else {}
    return None, None, None


__all__ = ["DynamicPrompt", "ExecutionBlocker", "get_input_info", "is_link"]
