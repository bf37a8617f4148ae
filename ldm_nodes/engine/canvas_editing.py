"""What keeps a canvas true after its nodes and wires were changed: slots, reroute points and counters follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from .canvas import Canvas, NodeId, OutputSlot, Reroute, WorkflowLink, WorkflowNode
from .errors import Problem, PromptRejected


def settled(canvas: Canvas) -> Canvas:
    """Return the canvas with everything that the table of wires decides made true again."""
    starts: dict[tuple[NodeId, int], list[int]] = {}
    ends: dict[tuple[NodeId, int], int] = {}
    for link in canvas.links.values():
        starts.setdefault((link.origin, link.origin_slot), []).append(link.id)
        ends[link.target, link.target_slot] = link.id
    nodes = {node.id: _with_wires(node, starts, ends) for node in canvas.nodes.values()}
    reroutes = _with_links(canvas)
    return replace(canvas, nodes=nodes, reroutes=reroutes, counters=_counted(canvas))


def _with_wires(
    node: WorkflowNode, starts: Mapping[tuple[NodeId, int], list[int]], ends: Mapping[tuple[NodeId, int], int]
) -> WorkflowNode:
    inputs = tuple(replace(slot, link=ends.get((node.id, index))) for index, slot in enumerate(node.inputs))
    outputs = tuple(_with_starts(slot, starts.get((node.id, index), [])) for index, slot in enumerate(node.outputs))
    return replace(node, inputs=inputs, outputs=outputs)


def _with_starts(slot: OutputSlot, links: list[int]) -> OutputSlot:
    """Tell the output its wires, in the old order and form as long as it is still true."""
    return slot if set(slot.links or ()) == set(links) else replace(slot, links=tuple(links))


def chain(link: WorkflowLink, reroutes: Mapping[int, Reroute]) -> Iterator[int]:
    """Yield the reroute points of a wire, the last first."""
    seen: set[int] = set()
    point = link.parent
    while point is not None and point in reroutes and point not in seen:
        seen.add(point)
        yield point
        point = reroutes[point].parent


def _with_links(canvas: Canvas) -> dict[int, Reroute]:
    through: dict[int, list[int]] = {point: [] for point in canvas.reroutes}
    for link in canvas.links.values():
        for point in chain(link, canvas.reroutes):
            through[point].append(link.id)
    return {
        point: reroute if set(reroute.links) == set(through[point]) else replace(reroute, links=tuple(through[point]))
        for point, reroute in canvas.reroutes.items()
    }


def _counted(canvas: Canvas) -> dict[str, Any]:
    """Raise the counters to the highest ids there are; what was given out once is not given out again."""
    highest = {
        "last_node_id": max((key for key in canvas.nodes if isinstance(key, int)), default=0),
        "last_link_id": max(canvas.links, default=0),
    }
    counters = dict(canvas.counters)
    for key, value in highest.items():
        if _is_count(counters.get(key)):
            counters[key] = max(counters[key], value)
    if isinstance(counters.get("state"), Mapping):
        names = {"lastNodeId": "last_node_id", "lastLinkId": "last_link_id"}
        state = counters["state"]
        raised = {key: max(state[key], highest[name]) for key, name in names.items() if _is_count(state.get(key))}
        counters["state"] = {**state, **raised}
    return counters


def next_node_id(canvas: Canvas) -> int:
    """Return an id that no node of the canvas has or ever had."""
    state = canvas.counters.get("state")
    told = [canvas.counters.get("last_node_id"), state.get("lastNodeId") if isinstance(state, Mapping) else None]
    taken = [key for key in (*canvas.nodes, *told) if isinstance(key, int)]
    return max(taken, default=0) + 1


def kept_or_new(wanted: Iterable[int], taken: Iterable[int]) -> dict[int, int]:
    """Return the ids to use for `wanted`: themselves, or new ones where they are taken."""
    wanted, used = list(wanted), set(taken)
    fresh = max([*wanted, *used, 0]) + 1
    found = {}
    for key in wanted:
        found[key] = key if key not in used else fresh
        fresh += key in used
    return found


def refused(what: str, remedy: str = "") -> PromptRejected:
    """Return the exception for a change that cannot be made."""
    return PromptRejected((Problem("invalid_workflow", what, remedy=remedy),))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
