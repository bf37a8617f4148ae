"""Which nodes a loop repeats, and how they are written anew for a round.

The body of a loop is what lies between its start and its end: what the end is made from, as far as that is made from
the start. Everything else is made once and used in every round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.dynamic_prompt import DynamicPrompt
from ..engine.graph_builder import GraphBuilder
from ..engine.prompt import read_link

Inputs = Mapping[str, Any]
Wire = Any
"""`[node id, slot]`, or the constant that stands in its place."""
FromStart = Callable[[int], Wire]
"""Says what stands in a round for an output of the loop's start."""


@dataclass(frozen=True)
class LoopBody:
    """The nodes that a loop repeats.

    Attributes:
        graph: the graph of the run.
        start: the id of the loop's start.
        nodes: the ids of the body, sorted.
    """

    graph: DynamicPrompt
    start: str
    nodes: tuple[str, ...]

    @classmethod
    def between(cls, graph: DynamicPrompt, start: str, ends: Iterable[Wire]) -> LoopBody:
        """Find the nodes from which the wires `ends` come and that depend on `start`."""
        feeds = _feeding(graph, start, ends)
        found, pending = set[str](), [start]
        while pending:
            for node_id in feeds.get(pending.pop(), ()):
                if node_id not in found:
                    found.add(node_id)
                    pending.append(node_id)
        return cls(graph, start, tuple(sorted(found)))

    def write(
        self, builder: GraphBuilder, name: str, from_start: FromStart, before: str = ""
    ) -> Callable[[Wire], Wire]:
        """Write the body for one round.

        Args:
            builder: the graph that it is added to.
            name: of the round; ids begin with it.
            from_start: what the start's outputs are in this round.
            before: what the ids of the body begin with if it was written for the round before.

        Returns:
            A function that says what stands in this round for a wire of the body.
        """
        ids = {node_id: f"{name}.{node_id.removeprefix(before)}" for node_id in self.nodes}
        copies = {
            node_id: builder.node(self.graph.get_node(node_id)["class_type"], copy) for node_id, copy in ids.items()
        }

        def anew(wire: Wire) -> Wire:
            link = read_link(wire)
            if link is None:
                return wire
            if link.node_id == self.start:
                return from_start(link.slot)
            return copies[link.node_id].out(link.slot) if link.node_id in copies else wire

        for node_id, copy in copies.items():
            copy.display_id = self.graph.get_display_node_id(node_id)
            copy.inputs.update((key, anew(value)) for key, value in self._inputs(node_id).items())
        return anew

    def _inputs(self, node_id: str) -> Inputs:
        inputs: Inputs = self.graph.get_node(node_id)["inputs"]
        return inputs


def _feeding(graph: DynamicPrompt, start: str, ends: Iterable[Wire]) -> dict[str, list[str]]:
    """Return which nodes behind `ends` take something from which, without looking behind `start`."""
    feeds: dict[str, list[str]] = {}
    seen = {start}
    pending = _sources(ends)
    while pending:
        node_id = pending.pop()
        if node_id in seen:
            continue
        seen.add(node_id)
        sources = _sources(graph.get_node(node_id)["inputs"].values())
        for source in sources:
            feeds.setdefault(source, []).append(node_id)
        pending += sources
    return feeds


def _sources(wires: Iterable[Wire]) -> list[str]:
    return [link.node_id for wire in wires if (link := read_link(wire)) is not None]
