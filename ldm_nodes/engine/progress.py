"""How far the nodes of a run are: what its events come to, node by node, in the form of ComfyUI's `progress_state`.

A board belongs to one run, so nothing of it can reach another run's client.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Literal

from .dynamic_prompt import Place
from .events import Event, Executed, Executing, Expanded, Progress


@dataclass(frozen=True)
class NodeProgress:
    """How far a node is.

    Attributes:
        place: where it stands.
        value: steps done.
        total: steps in all.
        state: `running` or `finished`; nodes that have not begun are not on the board.
    """

    place: Place
    value: float = 0.0
    total: float = 1.0
    state: Literal["running", "finished"] = "running"

    def to_json(self, run_id: str) -> dict[str, Any]:
        """Return it as clients receive it."""
        return {
            "value": self.value,
            "max": self.total,
            "state": self.state,
            "node_id": self.place.node_id,
            "prompt_id": run_id,
            "display_node_id": self.place.display_id,
            "parent_node_id": self.place.parent_id,
            "real_node_id": self.place.real_id,
        }


class ProgressBoard:
    """The nodes of one run that have begun.

    Attributes:
        nodes: node id to how far it is, in the order in which they began.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, NodeProgress] = {}
        self._places: dict[str, Place] = {}
        self._texts: dict[str, str] = {}

    def take(self, event: Event) -> bool:
        """Take an event, and say whether it changed how far a node is."""
        match event:
            case Executing(node_id=node_id):
                self._put(event.run_id, node_id, NodeProgress(self.place(node_id)))
            case Progress(node_id=node_id, value=value, total=total):
                self._put(event.run_id, node_id, NodeProgress(self.place(node_id), value, total))
            case Executed(node_id=node_id):
                began = self.nodes.get(node_id) or NodeProgress(self.place(node_id))
                self._put(event.run_id, node_id, replace(began, value=began.total, state="finished"))
            case Expanded(places=places):
                self._places.update((place.node_id, place) for place in places)
                return False
            case _:
                return False
        return True

    def place(self, node_id: str) -> Place:
        """Say where a node stands."""
        return self._places.get(node_id) or Place(node_id, node_id, None, node_id)

    def to_text(self, run_id: str) -> str:
        """Return the whole board as JSON text, as every `progress_state` has it.

        Every node was written when it changed: a board of thousands is told in no time.
        """
        return f'{{"prompt_id": {json.dumps(run_id)}, "nodes": {{{", ".join(self._texts.values())}}}}}'

    def _put(self, run_id: str, node_id: str, node: NodeProgress) -> None:
        self.nodes[node_id] = node
        self._texts[node_id] = f"{json.dumps(node_id)}: {json.dumps(node.to_json(run_id), default=str)}"
