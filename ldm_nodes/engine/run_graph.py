"""The graph of a run: the nodes of a plan, and those that nodes have put in their own place while it ran."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from .dynamic_prompt import DynamicPrompt, Place
from .errors import BadNode
from .plan import Plan
from .prompt import BadLink, Link, PromptNode, read_link
from .registry import Registry, did_you_mean
from .spec import NodeSpec
from .walk import ring, sources_first


@dataclass(frozen=True)
class Limits:
    """How far a run may grow beyond its plan.

    Attributes:
        depth: how many expansions may lie within each other; a loop nests once per round.
        nodes: how many nodes expansions may add in all.
    """

    depth: int = 10_000
    nodes: int = 1_000_000


class Deadlock(BadNode):
    """Nodes of a run that wait for each other; `ring` names them."""

    def __init__(self, ring: list[str]) -> None:
        super().__init__(ring)
        self.ring = ring


class RunGraph:
    """The nodes of a run, as written and as wired.

    Attributes:
        plan: where it began.
        nodes: node id to the node as written.
        specs: node id to what the engine knows of its class.
        literals: node id to its constants.
        links: node id to its wires.
        sources: node id to the nodes that it is wired to, each once.
        targets: the nodes run for their own sake.
        dynamic: the same graph as JSON, with who put in whom.
    """

    def __init__(self, plan: Plan, registry: Registry, limits: Limits) -> None:
        self.plan = plan
        self.nodes: dict[str, PromptNode] = dict(plan.prompt.nodes)
        self.literals: dict[str, Mapping[str, Any]] = dict(plan.literals)
        self.links: dict[str, Mapping[str, Link]] = dict(plan.links)
        self.sources: dict[str, tuple[str, ...]] = dict(plan.sources)
        self.targets: dict[str, None] = dict.fromkeys(plan.targets)
        self.dynamic = DynamicPrompt(cache(plan.to_json))
        self._registry, self._limits = registry, limits
        self._classes = {name: registry[name] for name in {self.nodes[node_id].class_type for node_id in plan.order}}
        self.specs: dict[str, NodeSpec] = {
            node_id: self._classes[self.nodes[node_id].class_type] for node_id in plan.order
        }
        self._depths: dict[str, int] = {}

    def node(self, node_id: str) -> PromptNode:
        """Return a node as written."""
        return self.nodes[node_id]

    def spec(self, node_id: str) -> NodeSpec:
        """Return what the engine knows of a node's class."""
        return self.specs[node_id]

    def can_grow(self) -> bool:
        """Say whether a node of the plan may expand."""
        return any(spec.expands for spec in self._classes.values())

    def expand(
        self, parent_id: str, graph: Mapping[str, Any], wanted: Iterable[str]
    ) -> tuple[list[str], tuple[Place, ...]]:
        """Put a graph in the place of a node.

        Args:
            parent_id: the node that returned it.
            graph: nodes in API format, some of which may be wired to nodes that are there already. As in ComfyUI it is
                not validated: constants go in as they are, of any type, and undeclared ones are dropped.
            wanted: the nodes whose results the node's own result is made of.

        Returns:
            the nodes to run that were not there before, sources first; and where the new ones stand.

        Raises:
            BadNode: when the graph is malformed, takes an id that is taken, names a class or a node that is not there,
                or is one too many.
            Deadlock: when it waits for itself.
        """
        self._check_limits(parent_id, graph)
        places = tuple(self._add(parent_id, node_id, entry) for node_id, entry in graph.items())
        fresh = list(self._bind([*(place.node_id for place in places), *wanted]))
        order = sources_first(fresh, self.sources.__getitem__)
        if len(order) < len(fresh):
            left = dict.fromkeys(fresh)
            for node_id in order:
                del left[node_id]
            raise Deadlock(
                ring(next(iter(left)), lambda node_id: next(one for one in self.sources[node_id] if one in left))
            )
        return order, places

    def _check_limits(self, parent_id: str, graph: Mapping[str, Any]) -> None:
        depth = self._depths.get(parent_id, 0) + 1
        if depth > self._limits.depth:
            raise BadNode(
                f"Expansions lie within each other more than {self._limits.depth:,} deep. "
                "The node expands into itself again and again, or a loop does not end."
            )
        if len(self._depths) + len(graph) > self._limits.nodes:
            raise BadNode(f"Expansions have added more than {self._limits.nodes:,} nodes. A loop may not end.")
        self._depths.update(dict.fromkeys(graph, depth))

    def _add(self, parent_id: str, node_id: str, entry: Any) -> Place:
        if node_id in self.nodes:
            raise BadNode(f"The expansion has a node {node_id!r}, but that id is taken. Take ids from a graph builder.")
        if not isinstance(entry, Mapping) or not isinstance(entry.get("class_type"), str):
            raise BadNode(f"Node {node_id!r} of the expansion has no class_type.")
        name = entry["class_type"]
        if name not in self._registry:
            advice = did_you_mean(self._registry.suggestions(name))
            raise BadNode(f"The expansion has a node of the class {name!r}, which does not exist. {advice}".strip())
        inputs = {key: read_link(value) or value for key, value in entry.get("inputs", {}).items()}
        self.nodes[node_id] = PromptNode(name, inputs, {"_meta": entry["_meta"]} if "_meta" in entry else {})
        return self.dynamic.add_ephemeral_node(node_id, entry, parent_id, entry.get("override_display_id"))

    def _bind(self, node_ids: Iterable[str]) -> Iterator[str]:
        """Wire nodes, and those of the prompt that they lead to and that the plan had no need of."""
        pending = list(node_ids)
        while pending:
            node_id = pending.pop()
            if node_id in self.links:
                continue
            if node_id not in self.nodes:
                raise BadNode(f"The expansion is wired to node {node_id!r}, which does not exist.")
            node, spec = self.nodes[node_id], self._spec_of(node_id)
            self.specs[node_id] = spec
            self.links[node_id] = node.links
            self.sources[node_id] = tuple({link.node_id: None for link in node.links.values()})
            self.literals[node_id] = {
                name: value.value if isinstance(value, BadLink) else value
                for name, value in node.inputs.items()
                if name in spec.inputs and not isinstance(value, Link)
            }
            pending.extend(self.sources[node_id])
            yield node_id

    def _spec_of(self, node_id: str) -> NodeSpec:
        name = self.nodes[node_id].class_type
        if name not in self._classes:
            self._classes[name] = self._registry[name]
        return self._classes[name]
