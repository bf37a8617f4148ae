"""An instance of a subgraph becomes its nodes again, on the canvas on which it stood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .canvas import OFF, SUBGRAPH_INPUT, SUBGRAPH_OUTPUT, Canvas, NodeId, Reroute, Subgraph, WorkflowLink, WorkflowNode
from .canvas_editing import kept_or_new, next_node_id, refused, settled
from .catalogue import Catalogue, definition_of
from .routes import promoted_value
from .widgets import widgets_of
from .workflow import Workflow


def expand(workflow: Workflow, node_id: NodeId, catalogue: Catalogue) -> Workflow:
    """Return the document with the nodes of a subgraph in the place of one instance of it.

    Nodes and wires keep the ids that they have inside, as far as these are free. A definition that has no instance
    any more is left out.

    Args:
        workflow: the document.
        node_id: the instance, on the document's canvas.
        catalogue: knows where a node lists the value of a field, for the values that the instance has.

    Raises:
        PromptRejected: if there is no such instance, or a value of it belongs to a node of unknown class.
    """
    instance = workflow.canvas.nodes.get(node_id)
    subgraph = workflow.subgraphs.get(instance.type) if instance else None
    if instance is None or subgraph is None:
        raise refused(f"Node {node_id} is no instance of a subgraph")
    opened = _Opened.of(workflow.canvas, instance, subgraph)
    values = dict(_values(instance, subgraph, workflow, catalogue))
    inner = [_placed(node, opened, values, instance) for node in subgraph.canvas.nodes.values()]
    changed = replace(
        workflow.canvas,
        nodes=_inserted(workflow.canvas, instance, inner),
        links={link.id: link for link in opened.links()},
        reroutes=opened.all_reroutes(),
    )
    return _without_unused(replace(workflow, canvas=settled(changed)), subgraph)


@dataclass(frozen=True)
class _Opened:
    """An instance and its inside, with the ids that everything in it gets outside."""

    canvas: Canvas
    instance: WorkflowNode
    subgraph: Subgraph
    nodes: Mapping[NodeId, NodeId]
    wires: Mapping[int, int]
    points: Mapping[int, int]

    @classmethod
    def of(cls, canvas: Canvas, instance: WorkflowNode, subgraph: Subgraph) -> _Opened:
        inner = subgraph.canvas
        free = next_node_id(replace(canvas, nodes={**canvas.nodes, **inner.nodes}))
        nodes: dict[NodeId, NodeId] = {}
        for key in inner.nodes:
            nodes[key] = key
            if key in canvas.nodes and key != instance.id:
                nodes[key], free = free, free + 1
        staying = [link.id for link in canvas.links.values() if link.target != instance.id]
        inward = [link.id for link in inner.links.values() if link.target != SUBGRAPH_OUTPUT]
        others = {point: canvas.reroutes.get(point) for point in inner.reroutes}
        clashing = [point for point, other in others.items() if other is not None and other != inner.reroutes[point]]
        moved = kept_or_new(clashing, [*canvas.reroutes, *inner.reroutes])
        return cls(
            canvas, instance, subgraph, nodes, kept_or_new(inward, staying), {p: moved.get(p, p) for p in others}
        )

    def links(self) -> Iterator[WorkflowLink]:
        """Yield all wires of the canvas that results."""
        for link in self.canvas.links.values():
            if link.origin == self.instance.id and link.target != self.instance.id:
                if (start := self._start_of_output(link.origin_slot)) is not None:
                    yield replace(link, origin=start[0], origin_slot=start[1])
            elif link.target != self.instance.id:
                yield link
        for link in self.subgraph.canvas.links.values():
            if link.target in self.nodes and link.id in self.wires and (found := self._moved(link)) is not None:
                yield found

    def _moved(self, link: WorkflowLink) -> WorkflowLink | None:
        """Return a wire from inside as it is outside."""
        start: tuple[NodeId, int] | None
        outer = None
        if link.origin == SUBGRAPH_INPUT:
            outer = self._into(link.origin_slot)
            start = self._start_of(outer)
        else:
            start = (self.nodes[link.origin], link.origin_slot) if link.origin in self.nodes else None
        if start is None:
            return None
        parent = self.points.get(link.parent) if link.parent is not None else outer.parent if outer else None
        data = link.data if self._in_objects else ()
        moved = replace(link, id=self.wires[link.id], parent=parent, data=data)
        return replace(moved, origin=start[0], origin_slot=start[1], target=self.nodes[link.target])

    @property
    def _in_objects(self) -> bool:
        """Whether the canvas writes its wires as objects."""
        if self.canvas.links:
            return isinstance(next(iter(self.canvas.links.values())).data, Mapping)
        return self.canvas.data.get("version") == 1

    def _into(self, slot: int) -> WorkflowLink | None:
        """Return the wire outside that enters this input."""
        inputs = self.subgraph.inputs
        socket = self.instance.input(str(inputs[slot]["name"])) if 0 <= slot < len(inputs) else None
        return self.canvas.links.get(socket.link) if socket and socket.link is not None else None

    def _start_of(self, outer: WorkflowLink | None) -> tuple[NodeId, int] | None:
        if outer is None:
            return None
        if outer.origin == self.instance.id:  # a wire from the instance to itself
            return self._start_of_output(outer.origin_slot, through=False)
        return outer.origin, outer.origin_slot

    def _start_of_output(self, slot: int, *, through: bool = True) -> tuple[NodeId, int] | None:
        """Return the node and the output that feed this output of the instance."""
        link = self.subgraph.canvas.into_outputs.get(slot)
        if link is None:
            return None
        if link.origin == SUBGRAPH_INPUT:
            return self._start_of(self._into(link.origin_slot)) if through else None
        return (self.nodes[link.origin], link.origin_slot) if link.origin in self.nodes else None

    def all_reroutes(self) -> dict[int, Reroute]:
        """Return the reroute points of both canvases."""
        moved = {
            self.points[point]: replace(
                reroute,
                id=self.points[point],
                parent=None if reroute.parent is None else self.points.get(reroute.parent, reroute.parent),
            )
            for point, reroute in self.subgraph.canvas.reroutes.items()
        }
        return {**self.canvas.reroutes, **moved}


def _placed(
    node: WorkflowNode, opened: _Opened, values: Mapping[NodeId, WorkflowNode], instance: WorkflowNode
) -> WorkflowNode:
    moved = replace(values.get(node.id, node), id=opened.nodes[node.id])
    return replace(moved, mode=instance.mode) if instance.mode in OFF else moved


def _inserted(canvas: Canvas, instance: WorkflowNode, inner: list[WorkflowNode]) -> dict[NodeId, WorkflowNode]:
    nodes: dict[NodeId, WorkflowNode] = {}
    for key, node in canvas.nodes.items():
        nodes |= {item.id: item for item in inner} if key == instance.id else {key: node}
    return nodes


def _values(
    instance: WorkflowNode, subgraph: Subgraph, workflow: Workflow, catalogue: Catalogue
) -> Iterator[tuple[NodeId, WorkflowNode]]:
    """Yield the nodes inside that get a value from the instance, with it."""
    changed: dict[NodeId, WorkflowNode] = {}
    for link in subgraph.canvas.links.values():
        node = changed.get(link.target) or subgraph.canvas.nodes.get(link.target)
        if link.origin != SUBGRAPH_INPUT or node is None or not 0 <= link.target_slot < len(node.inputs):
            continue
        if not 0 <= link.origin_slot < len(subgraph.inputs):
            continue
        name, field = str(subgraph.inputs[link.origin_slot]["name"]), node.inputs[link.target_slot].widget
        socket = instance.input(name)
        if field is None or (socket is not None and socket.link is not None):
            continue
        if (found := promoted_value(instance, subgraph, name)) is not None:
            changed[node.id] = _with_value(node, field, found[0], workflow, catalogue)
    yield from changed.items()


def _with_value(node: WorkflowNode, field: str, value: Any, workflow: Workflow, catalogue: Catalogue) -> WorkflowNode:
    written = node.widget_values
    if isinstance(written, Mapping):
        return replace(node, widget_values={**written, field: value})
    names = _field_names(node, workflow, catalogue)
    if field not in names:
        raise refused(
            f"Node {node.id} ({node.type}) has no field {field} for the value that the subgraph's instance gives it",
            "Install the pack that it comes from, or take a list of node classes that has it.",
        )
    values = list(written or ())
    place = names.index(field)
    values += [None] * (place + 1 - len(values))
    values[place] = value
    return replace(node, widget_values=tuple(values))


def _field_names(node: WorkflowNode, workflow: Workflow, catalogue: Catalogue) -> list[str]:
    """Return the names of a node's fields in the order of their values."""
    if (nested := workflow.subgraphs.get(node.type)) is not None:
        return sorted(nested.promoted, key=nested.promoted.__getitem__)
    info = catalogue.info(node.type)
    return [] if info is None else [widget.name for widget in widgets_of(definition_of(node.type, info))]


def _without_unused(workflow: Workflow, subgraph: Subgraph) -> Workflow:
    """Leave a definition out that nothing is an instance of, unless others are written inside it."""
    canvases = [workflow.canvas, *(found.canvas for found in workflow.subgraphs.values())]
    is_used = any(node.type == subgraph.id for canvas in canvases for node in canvas.nodes.values())
    if is_used or subgraph.id in workflow.nested or "definitions" in subgraph.canvas.data:
        return workflow
    return replace(workflow, subgraphs={key: item for key, item in workflow.subgraphs.items() if key != subgraph.id})
