"""`comfy_execution.graph_utils`: graphs that nodes put in their place."""

from __future__ import annotations

from typing import Any

from ....engine.blocker import ExecutionBlocker
from ...executing import executing, next_graph


def is_link(value: Any) -> bool:
    """Say whether a value is a wire: a list of a node's id and the number of its output."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) in (int, float)


class Node:
    """A node of a graph under construction."""

    def __init__(self, id: str, class_type: str, inputs: dict[str, Any]) -> None:  # noqa: A002 - packs' word
        self.id, self.class_type, self.inputs = id, class_type, inputs
        self.override_display_id: str | None = None

    def out(self, index: int) -> list[Any]:
        """Return the wire from an output."""
        return [self.id, index]

    def set_input(self, key: str, value: Any) -> None:
        """Give an input a constant or a wire; None takes it away."""
        if value is None:
            self.inputs.pop(key, None)
        else:
            self.inputs[key] = value

    def get_input(self, key: str) -> Any:
        """Return what an input was given, or None."""
        return self.inputs.get(key)

    def set_override_display_id(self, override_display_id: str) -> None:
        """Show the node as another one in editors."""
        self.override_display_id = override_display_id

    def serialize(self) -> dict[str, Any]:
        """Return the node as prompts have it."""
        written: dict[str, Any] = {"class_type": self.class_type, "inputs": self.inputs}
        shown = self.override_display_id
        return written if shown is None else {**written, "override_display_id": shown}


class GraphBuilder:
    """A graph under construction. Its ids belong to the call at work, so that they are the same every time."""

    _default: tuple[str, int, int] = ("", 0, 0)

    def __init__(self, prefix: str | None = None) -> None:
        self.prefix = self.alloc_prefix() if prefix is None else prefix
        self.nodes: dict[str, Node] = {}
        self.id_gen = 1

    @classmethod
    def set_default_prefix(cls, prefix_root: str, call_index: int, graph_index: int = 0) -> None:
        """Set what ids begin with where no node is at work."""
        cls._default = (prefix_root, call_index, graph_index)

    @classmethod
    def alloc_prefix(
        cls, root: str | None = None, call_index: int | None = None, graph_index: int | None = None
    ) -> str:
        """Return what the ids of a new graph begin with."""
        context = executing()
        at_work = cls._default if context is None else (context.node_id, context.call_index, next_graph())
        parts = (
            given if given is not None else own
            for given, own in zip((root, call_index, graph_index), at_work, strict=True)
        )
        return "".join(f"{part}." for part in parts)

    def node(self, class_type: str, id: str | None = None, **kwargs: Any) -> Node:  # noqa: A002 - packs' word
        """Add a node, or return the one with this id."""
        if id is None:
            id, self.id_gen = str(self.id_gen), self.id_gen + 1  # noqa: A001
        return self.nodes.setdefault(self.prefix + id, Node(self.prefix + id, class_type, kwargs))

    def lookup_node(self, id: str) -> Node | None:  # noqa: A002 - packs' word
        """Return the node with this id, or None."""
        return self.nodes.get(self.prefix + id)

    def finalize(self) -> dict[str, Any]:
        """Return the graph as prompts have it."""
        return {name: node.serialize() for name, node in self.nodes.items()}

    def replace_node_output(self, node_id: str, index: int, new_value: Any) -> None:
        """Put a value in the place of an output wherever it goes to; None takes these inputs away."""
        wire = [self.prefix + node_id, index]
        for node in self.nodes.values():
            for key in [key for key, value in node.inputs.items() if value == wire]:
                node.set_input(key, new_value)

    def remove_node(self, id: str) -> None:  # noqa: A002 - packs' word
        """Take a node out."""
        del self.nodes[self.prefix + id]


def add_graph_prefix(graph: dict[str, Any], outputs: list[Any], prefix: str) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """Return a graph and its outputs with other ids."""

    def named(value: Any) -> Any:
        return [prefix + value[0], value[1]] if is_link(value) else value

    renamed = {
        prefix + node_id: {**node, "inputs": {key: named(value) for key, value in node["inputs"].items()}}
        for node_id, node in graph.items()
    }
    return renamed, tuple(named(value) for value in outputs)


__all__ = ["ExecutionBlocker", "GraphBuilder", "Node", "add_graph_prefix", "is_link"]
