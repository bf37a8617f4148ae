"""`comfy_execution.progress`: how far the nodes of the run at work are, for packs that tell it themselves."""

from __future__ import annotations

from enum import Enum
from typing import Any

from ....engine.events import Progress
from ...executing import executing


class NodeState(Enum):
    """How far a node is."""

    Pending = "pending"
    Running = "running"
    Finished = "finished"
    Error = "error"


class ProgressRegistry:
    """Tells the progress of nodes of the run at work."""

    def __init__(self) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}

    def ensure_entry(self, node_id: str) -> dict[str, Any]:
        """Return what is known of a node."""
        return self.nodes.setdefault(node_id, {"state": NodeState.Pending, "value": 0.0, "max": 1.0})

    def start_progress(self, node_id: str) -> None:
        """Tell that a node has begun."""
        self.ensure_entry(node_id).update(state=NodeState.Running, value=0.0)

    def update_progress(self, node_id: str, value: float, max_value: float, image: Any = None) -> None:
        """Tell how far a node is, with a look at it: `(format, picture, longest side)`."""
        self.ensure_entry(node_id).update(state=NodeState.Running, value=value, max=max_value)
        context = executing()
        if context is None:
            return
        context.check_cancelled()
        context.emit(Progress(context.run_id, node_id, value, max_value))
        if image is not None:
            context.preview(image[1] if isinstance(image, tuple) else image)

    def finish_progress(self, node_id: str) -> None:
        """Tell that a node is done."""
        self.ensure_entry(node_id).update(state=NodeState.Finished)


def get_progress_state() -> ProgressRegistry:
    """Return what tells progress in the run at work."""
    return ProgressRegistry()
