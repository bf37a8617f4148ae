"""Writing a graph that takes a node's place: ids that nobody else has, and that are the same every time."""

from __future__ import annotations

from typing import Any


class BuiltNode:
    """A node of a graph under construction.

    Attributes:
        node_id: its id.
        class_type: its class.
        inputs: input name to constant or link.
        display_id: the node that the editor shows in its stead, if not the one that is expanded.
    """

    def __init__(self, node_id: str, class_type: str, inputs: dict[str, Any]) -> None:
        self.node_id = node_id
        self.class_type = class_type
        self.inputs = inputs
        self.display_id: str | None = None

    def out(self, slot: int) -> list[Any]:
        """Return the link from an output."""
        return [self.node_id, slot]

    def to_json(self) -> dict[str, Any]:
        """Return the node in API format."""
        node: dict[str, Any] = {"class_type": self.class_type, "inputs": self.inputs}
        return node if self.display_id is None else {**node, "override_display_id": self.display_id}


class GraphBuilder:
    """A graph under construction.

    Args:
        prefix: what every id begins with; `Context.graph_builder()` gives one that is unique in the run.

    Example:
        >>> graph = GraphBuilder("7.0.0.")
        >>> doubled = graph.node("Sum", a=["3", 0], b=["3", 0])
        >>> graph.finalize(), doubled.out(0)
        ({'7.0.0.1': {'class_type': 'Sum', 'inputs': {'a': ['3', 0], 'b': ['3', 0]}}}, ['7.0.0.1', 0])
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._nodes: dict[str, BuiltNode] = {}

    def node(self, class_type: str, node_id: str | None = None, /, **inputs: Any) -> BuiltNode:
        """Add a node; without an id of its own it is numbered. A node that exists already is returned as it is."""
        name = self._prefix + (str(len(self._nodes) + 1) if node_id is None else node_id)
        return self._nodes.setdefault(name, BuiltNode(name, class_type, inputs))

    def finalize(self) -> dict[str, dict[str, Any]]:
        """Return the graph in API format, for `NodeOutput(expand=...)`."""
        return {node_id: node.to_json() for node_id, node in self._nodes.items()}
