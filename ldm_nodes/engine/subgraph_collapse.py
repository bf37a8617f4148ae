"""Several nodes become one: their wires to each other move into a subgraph, those to the outside become its sockets.

Nodes and wires keep their ids inside, so that `subgraph_expand.py` can put everything back where it was.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, replace
from typing import Any

from .canvas import (
    SUBGRAPH_INPUT,
    SUBGRAPH_OUTPUT,
    Canvas,
    InputSlot,
    Json,
    NodeId,
    OutputSlot,
    Reroute,
    Subgraph,
    WorkflowLink,
    WorkflowNode,
)
from .canvas_editing import chain, next_node_id, refused, settled
from .workflow import Workflow

COUNTS = ("lastGroupId", "lastNodeId", "lastLinkId")
Sockets = list[list[WorkflowLink]]
"""For each socket of the new node, the wires of the old canvas that go through it."""


@dataclass(frozen=True)
class _Cut:
    """How the wires of a canvas lie to the nodes that are collapsed."""

    inside: dict[int, WorkflowLink]
    entering: Sockets
    leaving: Sockets
    outside: dict[int, WorkflowLink]


def collapse(workflow: Workflow, node_ids: Collection[NodeId], name: str) -> Workflow:
    """Return the document with these nodes in a new subgraph, and one instance of it in their place.

    Args:
        workflow: the document.
        node_ids: nodes of its canvas; every input and output that a wire crosses becomes a socket of the new node.
        name: what the subgraph is called.

    Raises:
        PromptRejected: if there is no such node.
    """
    canvas, chosen = workflow.canvas, set(node_ids)
    if missing := [str(key) for key in node_ids if key not in canvas.nodes]:
        raise refused(f"There is no node {', '.join(missing)} to collapse")
    if not chosen:
        raise refused("No nodes were named to collapse")
    cut = _cut(canvas, chosen)
    new_id = next_node_id(canvas)
    subgraph = _subgraph(canvas, chosen, cut, name, _new_uuid(workflow, new_id, name))
    instance = _instance(canvas, chosen, cut, subgraph, new_id)
    changed = settled(replace(canvas, nodes=_replaced(canvas, chosen, instance), **_outer(canvas, cut, new_id)))
    return replace(workflow, canvas=changed, subgraphs={**workflow.subgraphs, subgraph.id: subgraph})


def _cut(canvas: Canvas, chosen: set[NodeId]) -> _Cut:
    inside, outside = {}, {}
    entering, leaving = [], []
    for link in canvas.links.values():
        ends = (link.origin in chosen, link.target in chosen)
        if ends == (True, True):
            inside[link.id] = link
        elif ends == (False, True):
            entering.append(link)
        elif ends == (True, False):
            leaving.append(link)
        else:
            outside[link.id] = link
    by_source = _grouped(entering, lambda link: (link.origin, link.origin_slot, link.parent))
    return _Cut(inside, by_source, _grouped(leaving, lambda link: (link.origin, link.origin_slot)), outside)


def _grouped(links: list[WorkflowLink], key: Callable[[WorkflowLink], Hashable]) -> Sockets:
    found: dict[Hashable, list[WorkflowLink]] = {}
    for link in links:
        found.setdefault(key(link), []).append(link)
    return list(found.values())


def _lowest(links: list[WorkflowLink]) -> WorkflowLink:
    return min(links, key=lambda link: link.id)


def _subgraph(canvas: Canvas, chosen: set[NodeId], cut: _Cut, name: str, subgraph_id: str) -> Subgraph:
    links = {link.id: _object(link) for link in cut.inside.values()}
    for index, group in enumerate(cut.entering):
        links |= {
            link.id: replace(_object(link), origin=SUBGRAPH_INPUT, origin_slot=index, parent=None) for link in group
        }
    for index, group in enumerate(cut.leaving):
        link = _lowest(group)
        links[link.id] = replace(_object(link), target=SUBGRAPH_OUTPUT, target_slot=index, parent=None)
    points = {point for link in cut.inside.values() for point in chain(link, canvas.reroutes)}
    inner = Canvas(
        nodes={key: node for key, node in canvas.nodes.items() if key in chosen},
        links=links,
        reroutes={point: canvas.reroutes[point] for point in canvas.reroutes if point in points},
        counters={
            "state": {"lastGroupId": 0, "lastNodeId": 0, "lastLinkId": 0, "lastRerouteId": max(points, default=0)}
        },
        data=_definition_data(),
    )
    inputs = _sockets([_input_socket(canvas, group) for group in cut.entering])
    outputs = _sockets([_output_socket(canvas, group) for group in cut.leaving])
    return Subgraph(subgraph_id, name, inputs, outputs, settled(inner))


def _definition_data() -> dict[str, Any]:
    return {
        "version": 1,
        "revision": 0,
        "config": {},
        "inputNode": {"id": SUBGRAPH_INPUT, "bounding": [0, 0, 120, 60]},
        "outputNode": {"id": SUBGRAPH_OUTPUT, "bounding": [0, 0, 120, 60]},
        "widgets": [],
    }


def _object(link: WorkflowLink) -> WorkflowLink:
    """Write a wire as subgraphs do."""
    return replace(link, data={}) if isinstance(link.data, tuple) else link


def _input_socket(canvas: Canvas, group: list[WorkflowLink]) -> dict[str, Any]:
    slots = canvas.nodes[group[0].target].inputs
    slot = slots[group[0].target_slot] if 0 <= group[0].target_slot < len(slots) else None
    made = slot.type if slot else "*"
    return {"name": slot.name if slot else made, "type": made, "linkIds": [link.id for link in group]}


def _output_socket(canvas: Canvas, group: list[WorkflowLink]) -> dict[str, Any]:
    slots = canvas.nodes[group[0].origin].outputs
    slot = slots[group[0].origin_slot] if 0 <= group[0].origin_slot < len(slots) else None
    made = slot.type if slot else "*"
    return {"name": (slot.name if slot else "") or made, "type": made, "linkIds": [_lowest(group).id]}


def _sockets(found: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Give every socket a name and an id of its own."""
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for socket in found:
        name = socket["name"]
        while socket["name"] in taken:
            counts[name] = counts.get(name, 0) + 1
            socket["name"] = f"{name}_{counts[name]}"
        taken.add(socket["name"])
    return tuple(
        {"id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{index} {socket['name']}")), **socket}
        for index, socket in enumerate(found)
    )


def _instance(canvas: Canvas, chosen: set[NodeId], cut: _Cut, subgraph: Subgraph, new_id: int) -> WorkflowNode:
    inputs = (InputSlot(None, _socket(item, subgraph)) for item in subgraph.inputs)
    outputs = (OutputSlot({"name": item["name"], "type": item["type"]}) for item in subgraph.outputs)
    first = next(node for key, node in canvas.nodes.items() if key in chosen)
    look = {key: first.data[key] for key in ("pos", "order") if key in first.data}
    height = 60 + 26 * max(len(cut.entering), len(cut.leaving))
    data = {**look, "size": [250, height], "flags": {}, "properties": {}, "title": subgraph.name}
    return WorkflowNode(new_id, subgraph.id, 0, tuple(inputs), tuple(outputs), (), data, ("id", "type", *look))


def _socket(item: Json, subgraph: Subgraph) -> dict[str, Any]:
    socket = {"name": item["name"], "type": item["type"]}
    return socket | ({"widget": {"name": item["name"]}} if item["name"] in subgraph.promoted else {})


def _replaced(canvas: Canvas, chosen: set[NodeId], instance: WorkflowNode) -> dict[NodeId, WorkflowNode]:
    """Return the nodes with the new one where the first of the collapsed stood."""
    nodes: dict[NodeId, WorkflowNode] = {}
    for key, node in canvas.nodes.items():
        if key in chosen:
            nodes.setdefault(instance.id, instance)
        else:
            nodes[key] = node
    return nodes


def _outer(canvas: Canvas, cut: _Cut, new_id: int) -> dict[str, Any]:
    """Return the wires and the reroute points that stay on the canvas."""
    links = dict(cut.outside)
    for index, group in enumerate(cut.entering):
        link = _lowest(group)
        links[link.id] = replace(link, target=new_id, target_slot=index)
    for index, group in enumerate(cut.leaving):
        links |= {link.id: replace(link, origin=new_id, origin_slot=index) for link in group}
    return {"links": links, "reroutes": _staying(canvas, cut, links.values())}


def _staying(canvas: Canvas, cut: _Cut, links: Collection[WorkflowLink]) -> dict[int, Reroute]:
    used = {point for link in links for point in chain(link, canvas.reroutes)}
    gone = {point for link in cut.inside.values() for point in chain(link, canvas.reroutes)} - used
    return {point: reroute for point, reroute in canvas.reroutes.items() if point not in gone}


def _new_uuid(workflow: Workflow, new_id: int, name: str) -> str:
    """Return an id that follows from the document, so that the same change gives the same document."""
    seed = f"{workflow.canvas.data.get('id')} {new_id} {name}"
    count, found = 0, str(uuid.uuid5(uuid.NAMESPACE_OID, seed))
    while found in workflow.subgraphs:
        count += 1
        found = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{seed} {count}"))
    return found
