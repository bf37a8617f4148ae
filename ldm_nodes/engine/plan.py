"""A graph bound to a registry and found valid: what the executor runs. A value that can be pickled and sent away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from ..settings import Folders
from .errors import Problem
from .prompt import Link, Prompt, PromptNode
from .registry import Registry
from .validate import validate
from .walk import reachable


@dataclass(frozen=True)
class Plan:
    """What will run, and with what.

    Attributes:
        prompt: the graph as it was written, nodes that nothing needs included.
        graph: the nodes that the targets need, with an edge from each to its consumers. Free of cycles.
        literals: node id to its constants, converted.
        links: node id to its wires.
        targets: the nodes that are run for their own sake.
        order: all nodes of `graph`, sources first.
        problems: why the other targets do not run. A caller that wants all or nothing looks here.
        invalid_targets: those other targets.
        folders: where files are.
    """

    prompt: Prompt
    graph: nx.DiGraph[str]
    literals: Mapping[str, Mapping[str, Any]]
    links: Mapping[str, Mapping[str, Link]]
    targets: tuple[str, ...]
    order: tuple[str, ...]
    problems: tuple[Problem, ...]
    invalid_targets: tuple[str, ...]
    folders: Folders

    def node(self, node_id: str) -> PromptNode:
        """Return a node as it was written."""
        return self.prompt.nodes[node_id]

    def to_json(self) -> dict[str, Any]:
        """Return the whole graph in API form, with the constants as they were converted."""
        return self.prompt.to_json(self.literals)


def make_plan(prompt: Prompt, registry: Registry, folders: Folders, targets: Sequence[str] | None = None) -> Plan:
    """Validate a graph and plan what of it can run.

    Args:
        prompt: the graph.
        registry: the nodes that there are.
        folders: where file choices look.
        targets: the nodes wanted, any of the graph; default are all output nodes.

    Raises:
        PromptRejected: when nothing can run. When only some targets can, the plan is theirs and tells of the others.
    """
    found = validate(prompt, registry, folders, targets)
    graph = found.graph
    if found.invalid_targets:
        graph = graph.subgraph(reachable(found.targets, graph.predecessors)).copy()
    order = tuple(nx.topological_sort(graph))
    return Plan(
        prompt=prompt,
        graph=graph,
        literals={node_id: found.literals[node_id] for node_id in order},
        links={node_id: found.links[node_id] for node_id in order},
        targets=found.targets,
        order=order,
        problems=found.problems,
        invalid_targets=found.invalid_targets,
        folders=folders,
    )
