"""`comfy_execution.utils`: which node is at work."""

from __future__ import annotations

from typing import NamedTuple

from ...executing import executing


class ExecutionContext(NamedTuple):
    """A run, its node at work, and which of the node's calls it is."""

    prompt_id: str
    node_id: str
    list_index: int | None


def get_executing_context() -> ExecutionContext | None:
    """Return which node is at work, None where none is."""
    context = executing()
    return None if context is None else ExecutionContext(context.run_id, context.node_id, context.call_index)
