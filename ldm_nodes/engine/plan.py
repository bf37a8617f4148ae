"""A graph bound to a registry and found valid: what the executor runs. A value that can be pickled and sent away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import networkx as nx

from ..settings import Folders
from .errors import Problem, PromptRejected
from .prompt import Link, Prompt, PromptNode
from .registry import Registry
from .validate import validate
from .walk import followers_of, reachable


@dataclass(frozen=True)
class Plan:
    """What will run, and with what.

    Attributes:
        prompt: the graph as it was written, nodes that nothing needs included.
        literals: node id to its constants, converted, for the nodes that the targets need.
        links: node id to its wires.
        sources: node id to the nodes that it is wired to, each once.
        targets: the nodes that are run for their own sake.
        order: all nodes that the targets need, sources first.
        problems: why the other targets do not run. A caller that wants all or nothing looks here.
        invalid_targets: those other targets.
        folders: where files are.
    """

    prompt: Prompt
    literals: Mapping[str, Mapping[str, Any]]
    links: Mapping[str, Mapping[str, Link]]
    sources: Mapping[str, tuple[str, ...]]
    targets: tuple[str, ...]
    order: tuple[str, ...]
    problems: tuple[Problem, ...]
    invalid_targets: tuple[str, ...]
    folders: Folders

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """The nodes that the targets need, with an edge from each to its consumers; free of cycles."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.order)
        graph.add_edges_from((source, node_id) for node_id in self.order for source in self.sources[node_id])
        return graph

    def node(self, node_id: str) -> PromptNode:
        """Return a node as it was written."""
        return self.prompt.nodes[node_id]

    def to_json(self) -> dict[str, Any]:
        """Return the whole graph in API form, with the constants as they were converted."""
        return self.prompt.to_json(self.literals)

    def without(self, faulty: Collection[str], problems: Sequence[Problem]) -> Plan:
        """Return what is left when these nodes may not run, and what their problems are.

        Raises:
            PromptRejected: when no target is left.
        """
        tainted = reachable(faulty, followers_of(self.sources).__getitem__)
        found = (*self.problems, *problems)
        invalid = (*self.invalid_targets, *(node_id for node_id in self.targets if node_id in tainted))
        targets = tuple(node_id for node_id in self.targets if node_id not in tainted)
        if not targets:
            raise PromptRejected(found, invalid)
        return replace(self._for(targets), problems=found, invalid_targets=invalid)

    def _for(self, targets: tuple[str, ...]) -> Plan:
        """Return the plan for some of its targets."""
        left = reachable(targets, self.sources.__getitem__)
        order = tuple(node_id for node_id in self.order if node_id in left)
        return replace(
            self,
            literals={node_id: self.literals[node_id] for node_id in order},
            links={node_id: self.links[node_id] for node_id in order},
            sources={node_id: self.sources[node_id] for node_id in order},
            targets=targets,
            order=order,
        )


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
    plan = Plan(
        prompt=prompt,
        literals=found.literals,
        links=found.links,
        sources=found.sources,
        targets=found.targets,
        order=found.order,
        problems=found.problems,
        invalid_targets=found.invalid_targets,
        folders=folders,
    )
    return plan._for(found.targets) if found.invalid_targets else plan
