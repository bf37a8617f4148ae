"""Everything that is wrong with a graph, found at once and told in ComfyUI's terms; and what of it can run.

ComfyUI validates by recursion and stops at the depth of Python's stack; here every walk is a loop, and the work is
linear in the size of the graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from ..settings import Folders
from .errors import Problem, PromptRejected
from .node_check import NodeCheck, Surroundings
from .prompt import Link, Prompt, PromptNode
from .registry import Registry, did_you_mean
from .sockets import Scan
from .spec import NodeSpec
from .walk import followers_of, in_order, reachable, ring, sources_first

SHOWN_OF_CYCLE = 12


@dataclass(frozen=True)
class Validation:
    """What a look at a graph found.

    Attributes:
        literals: node id to its constants as the node will receive them, for all nodes that the wanted targets need.
        links: node id to its wires.
        sources: node id to the nodes that it is wired to, each once.
        order: all these nodes, sources first; without what is in or behind a cycle.
        targets: the wanted nodes that can run; nothing upstream of them is at fault.
        invalid_targets: the wanted nodes that cannot.
        problems: everything found.
    """

    literals: Mapping[str, Mapping[str, Any]]
    links: Mapping[str, Mapping[str, Link]]
    sources: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]
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
    specs = {name: registry.get(name) for name in {node.class_type: None for node in prompt.nodes.values()}}
    unknown = [
        _unknown_class(key, node, registry) for key, node in prompt.nodes.items() if specs[node.class_type] is None
    ]
    wanted = _wanted(prompt, specs, targets)
    if not wanted:
        raise PromptRejected((*unknown, _no_outputs(targets)))
    sources, order = _upstream(prompt, wanted)
    around = Surroundings(prompt, specs, folders, Scan(folders), sources, dict.fromkeys(wanted))
    literals, links, problems = dict[str, Any](), dict[str, Any](), list[Problem]()
    for node_id in sources:
        if (spec := specs[prompt.nodes[node_id].class_type]) is not None:
            check = NodeCheck(node_id, spec, around).run()
            literals[node_id], links[node_id] = check.literals, check.links
            problems += check.problems
    found = _judge(around, order, literals, links, problems)
    if unknown or not found.targets:
        raise PromptRejected((*unknown, *found.problems), found.invalid_targets)
    return found


def _wanted(prompt: Prompt, specs: Mapping[str, NodeSpec | None], targets: Sequence[str] | None) -> tuple[str, ...]:
    if targets is not None:
        return tuple(dict.fromkeys(node_id for node_id in targets if node_id in prompt.nodes))
    ends = {name for name, spec in specs.items() if spec is not None and spec.output_node}
    return tuple(node_id for node_id, node in prompt.nodes.items() if node.class_type in ends)


def _upstream(prompt: Prompt, wanted: tuple[str, ...]) -> tuple[dict[str, tuple[str, ...]], list[str] | None]:
    """Look which nodes the wanted ones need.

    Returns:
        these nodes in the order of the text, each with the nodes that it is wired to; and the same nodes, sources
        first, or None if some wait for each other.
    """
    nodes, sources = prompt.nodes, dict[str, tuple[str, ...]]()
    for node_id, node in nodes.items():
        values = node.inputs.values()
        sources[node_id] = tuple({value[0]: None for value in values if type(value) is Link and value[0] in nodes})
    order = in_order(wanted, sources)
    needed = reachable(wanted, sources.__getitem__) if order is None else set(order)
    if len(needed) < len(sources):
        sources = {node_id: sources[node_id] for node_id in nodes if node_id in needed}
    return sources, order


def _judge(
    around: Surroundings,
    order: list[str] | None,
    literals: dict[str, Any],
    links: dict[str, Any],
    problems: list[Problem],
) -> Validation:
    rings = _rings(around.sources) if order is None else []
    faulty = {problem.node_id for problem in problems if problem.node_id is not None}.union(*rings)
    tainted = reachable(faulty, followers_of(around.sources).__getitem__) if faulty else frozenset()
    return Validation(
        literals=literals,
        links=links,
        sources=around.sources,
        order=tuple(sources_first(around.sources, around.sources.__getitem__) if order is None else order),
        targets=tuple(node_id for node_id in around.wanted if node_id not in tainted),
        invalid_targets=tuple(node_id for node_id in around.wanted if node_id in tainted),
        problems=(*problems, *(_cycle(around.prompt, nodes) for nodes in rings)),
    )


def _rings(sources: Mapping[str, tuple[str, ...]]) -> list[list[str]]:
    """Return a cycle of every knot of nodes that wait for each other."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((source, node_id) for node_id, behind in sources.items() for source in behind)
    knots = [knot for knot in nx.strongly_connected_components(graph) if _is_cyclic(graph, knot)]
    place = {node_id: index for index, node_id in enumerate(sources)}
    return [_ring(graph, knot, min(knot, key=place.__getitem__)) for knot in knots]


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
    return ring(start, lambda node_id: next(source for source in graph.predecessors(node_id) if source in knot))


def _cycle(prompt: Prompt, nodes: list[str]) -> Problem:
    shown = nodes if len(nodes) <= SHOWN_OF_CYCLE else [*nodes[: SHOWN_OF_CYCLE - 1], "…"]
    way = " → ".join([*shown, nodes[0]])
    node = prompt.nodes[nodes[0]]
    return Problem(
        "exception_during_validation",
        "Exception when validating node",
        f"Dependency cycle detected: {way}",
        node_id=nodes[0],
        title=node.title,
        class_type=node.class_type,
        remedy="Cut one of these wires: a node cannot wait for itself.",
        extra_info={"nodes": nodes, "exception_type": "RecursionError", "traceback": []},
        sentence=f"Dependency cycle detected ({way})",
    )
