"""Everything that is wrong with a graph, found at once and told in ComfyUI's terms; and what of it can run.

ComfyUI validates by recursion and stops at the depth of Python's stack; here every walk is a loop. Where its codes name
an accident of its own (a dangling link is an exception there, a cycle is a recursion error), the code stays, since
clients know it, and the message says what is the matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from ..settings import Folders
from .errors import Problem, PromptRejected
from .node_check import NodeCheck, Surroundings
from .prompt import Link, Prompt, PromptNode
from .registry import Registry, did_you_mean
from .sockets import Scan
from .walk import reachable

SHOWN_OF_CYCLE = 12


@dataclass(frozen=True)
class Validation:
    """What a look at a graph found.

    Attributes:
        graph: the nodes that the wanted targets need, with an edge from each to its consumers.
        literals: node id to its constants as the node will receive them.
        links: node id to its wires.
        targets: the wanted nodes that can run; nothing upstream of them is at fault.
        invalid_targets: the wanted nodes that cannot.
        problems: everything found.
    """

    graph: nx.DiGraph[str]
    literals: Mapping[str, Mapping[str, Any]]
    links: Mapping[str, Mapping[str, Link]]
    targets: tuple[str, ...]
    invalid_targets: tuple[str, ...]
    problems: tuple[Problem, ...]


def validate(prompt: Prompt, registry: Registry, folders: Folders, targets: Sequence[str] | None = None) -> Validation:
    """Look at every node that the targets need, and at the class name of every other.

    Args:
        prompt: the graph.
        registry: the nodes that there are.
        folders: where file choices look.
        targets: the nodes wanted; default are all output nodes.

    Raises:
        PromptRejected: when nothing can run: a class is unknown anywhere, or there is no target, or none is valid.
    """
    nodes = prompt.nodes
    unknown = [_unknown_class(key, node, registry) for key, node in nodes.items() if node.class_type not in registry]
    wanted = _wanted(prompt, registry, targets)
    if not wanted:
        raise PromptRejected((*unknown, _no_outputs(targets)))
    around = Surroundings(prompt, registry, folders, Scan(folders))
    needed = _upstream(prompt, wanted)
    checks = [NodeCheck(node_id, around).run() for node_id in needed if nodes[node_id].class_type in registry]
    found = _judge(prompt, checks, wanted)
    if unknown or not found.targets:
        raise PromptRejected((*unknown, *found.problems), found.invalid_targets)
    return found


def _wanted(prompt: Prompt, registry: Registry, targets: Sequence[str] | None) -> tuple[str, ...]:
    if targets is not None:
        return tuple(dict.fromkeys(node_id for node_id in targets if node_id in prompt.nodes))
    classes = {node_id: registry.get(node.class_type) for node_id, node in prompt.nodes.items()}
    return tuple(node_id for node_id, spec in classes.items() if spec is not None and spec.output_node)


def _upstream(prompt: Prompt, wanted: tuple[str, ...]) -> list[str]:
    """Return the wanted nodes and all that they need, in the order of the text."""

    def sources(node_id: str) -> Iterator[str]:
        links = prompt.nodes[node_id].links.values()
        return (link.node_id for link in links if link.node_id in prompt.nodes)

    needed = reachable(wanted, sources)
    return [node_id for node_id in prompt.nodes if node_id in needed]


def _judge(prompt: Prompt, checks: list[NodeCheck], wanted: tuple[str, ...]) -> Validation:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(check.node_id for check in checks)
    for check in checks:
        graph.add_edges_from((link.node_id, check.node_id) for link in check.links.values())
    knots = [knot for knot in nx.strongly_connected_components(graph) if _is_cyclic(graph, knot)]
    faulty = {check.node_id for check in checks if check.problems}.union(*knots)
    tainted = reachable(faulty, graph.successors)
    problems = [problem for check in checks for problem in check.problems]
    place = {node_id: index for index, node_id in enumerate(graph)}
    return Validation(
        graph=graph,
        literals={check.node_id: check.literals for check in checks},
        links={check.node_id: check.links for check in checks},
        targets=tuple(node_id for node_id in wanted if node_id not in tainted),
        invalid_targets=tuple(node_id for node_id in wanted if node_id in tainted),
        problems=(*problems, *(_cycle(prompt, _ring(graph, knot, min(knot, key=place.__getitem__))) for knot in knots)),
    )


def _is_cyclic(graph: nx.DiGraph[str], knot: set[str]) -> bool:
    return len(knot) > 1 or any(graph.has_edge(node_id, node_id) for node_id in knot)


def _unknown_class(node_id: str, node: PromptNode, registry: Registry) -> Problem:
    advice = did_you_mean(registry.suggestions(node.class_type))
    return Problem(
        "invalid_prompt",
        f"Cannot execute because node {node.class_type} does not exist.",
        f"Node ID '#{node_id}'",
        node_id=node_id,
        title=node.title,
        class_type=node.class_type,
        expected="the class of a node that is installed here",
        remedy=advice or "Install the pack that it comes from, or take the node out.",
    )


def _no_outputs(targets: Sequence[str] | None) -> Problem:
    asked = "" if targets is None else f" None of the nodes asked for is in it: {', '.join(targets) or 'none asked'}."
    return Problem(
        "prompt_no_outputs",
        "Prompt has no outputs",
        remedy=f"Add a node that saves or shows something, such as SaveImage.{asked}",
    )


def _ring(graph: nx.DiGraph[str], knot: set[str], start: str) -> list[str]:
    """Return a cycle within a knot: against the wires there is always a way on, and one day it comes round."""
    seen: dict[str, int] = {}
    node_id = start
    while node_id not in seen:
        seen[node_id] = len(seen)
        node_id = next(source for source in graph.predecessors(node_id) if source in knot)
    return list(seen)[seen[node_id] :][::-1]


def _cycle(prompt: Prompt, ring: list[str]) -> Problem:
    shown = ring if len(ring) <= SHOWN_OF_CYCLE else [*ring[: SHOWN_OF_CYCLE - 1], "…"]
    node = prompt.nodes[ring[0]]
    return Problem(
        "exception_during_validation",
        "Dependency cycle detected",
        " → ".join([*shown, ring[0]]),
        node_id=ring[0],
        title=node.title,
        class_type=node.class_type,
        remedy="Cut one of these wires: a node cannot wait for itself.",
        extra_info={"nodes": ring},
    )
