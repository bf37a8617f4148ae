"""From a prompt to a document for the editor: every node with its sockets and fields, in columns.

What the editor has no place for (a constant where its class has only a socket, or no input at all) is kept among the
node's properties, and `conversion.py` takes it from there again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .canvas import KEPT, Canvas, InputSlot, NodeId, OutputSlot, WorkflowLink, WorkflowNode
from .catalogue import Catalogue, InputDefinition, NodeDefinition, definition_of
from .errors import MISSING
from .layout import layered
from .prompt import BadLink, Link, Prompt, PromptNode
from .widgets import Widget, is_widget, widget_type, widgets_of
from .workflow import Workflow

WIDTH = 315.0
TITLE, SLOT, TEXT_AREA = 50.0, 26.0, 140.0
MAX_DIGITS = 15
MAX_OUTPUTS = 1000


@dataclass(frozen=True)
class _Shape:
    """What all nodes of a class share on a canvas.

    Attributes:
        definition: the class; None if the catalogue does not have it.
        sockets: what its inputs are written as, those that are no fields first.
        fields: how many of the sockets belong to fields.
        widgets: its fields.
        shown: the inputs that are fields.
        texts: how many fields are text areas.
    """

    definition: NodeDefinition | None
    sockets: tuple[dict[str, Any], ...] = ()
    fields: int = 0
    widgets: tuple[Widget, ...] = ()
    shown: frozenset[str] = frozenset()
    texts: int = 0

    @classmethod
    def of(cls, definition: NodeDefinition | None) -> _Shape:
        if definition is None:
            return cls(None)
        plain = [item for item in definition.inputs if not is_widget(item)]
        fields = [item for item in definition.inputs if is_widget(item)]
        sockets = (*(_socket(item) for item in plain), *(_socket(item, field=True) for item in fields))
        widgets = widgets_of(definition)
        shown = frozenset(widget.name for widget in widgets if widget.sent)
        texts = sum(1 for item in fields if item.options.get("multiline") and widget_type(item) == "STRING")
        return cls(definition, sockets, len(fields), widgets, shown, texts)


@dataclass(frozen=True)
class _Drawn:
    """A node on the way to the canvas: its sockets, and how many outputs it shows."""

    node: PromptNode
    shape: _Shape
    sockets: tuple[dict[str, Any], ...]
    outputs: tuple[tuple[str, str], ...]


def draw_workflow(prompt: Prompt, catalogue: Catalogue) -> Workflow:
    """Return a document, in version 0.4, from which the same prompt can be made.

    Args:
        prompt: the graph.
        catalogue: knows the node classes; nodes of other classes keep their values by name.
    """
    used = _used_outputs(prompt)
    names = dict.fromkeys(node.class_type for node in prompt.nodes.values())
    shapes = {name: _Shape.of(_definition(name, catalogue)) for name in names}
    drawn = {key: _draw(node, shapes[node.class_type], used.get(key, 0)) for key, node in prompt.nodes.items()}
    links = _links(drawn)
    sizes = {key: _size(item) for key, item in drawn.items()}
    wires = [(link.node_id, key) for key, item in drawn.items() for link in _real(item, drawn).values()]
    places = layered(sizes, wires)
    nodes = {}
    for order, key in enumerate(sorted(drawn, key=places.__getitem__)):
        look = {"pos": list(places[key]), "size": list(sizes[key]), "flags": {}, "order": order}
        nodes[key] = _node(key, drawn, links, look)
    return Workflow(_canvas([nodes[key] for key in drawn], links))


def _definition(name: str, catalogue: Catalogue) -> NodeDefinition | None:
    info = catalogue.info(name)
    return None if info is None else definition_of(name, info)


def _socket(item: InputDefinition, *, field: bool = False) -> dict[str, Any]:
    data: dict[str, Any] = {"name": item.name, "type": item.type}
    if not item.required:
        data["shape"] = 7
    return data | ({"widget": {"name": item.name}} if field else {})


def numbered(node_id: str) -> NodeId:
    """Return what the editor calls a node: a number where the text is one.

    Example:
        >>> numbered("12"), numbered("012"), numbered("12:5")
        (12, '012', '12:5')
    """
    is_number = node_id.isascii() and node_id.isdecimal() and len(node_id) <= MAX_DIGITS
    return int(node_id) if is_number and str(int(node_id)) == node_id else node_id


def _used_outputs(prompt: Prompt) -> dict[str, int]:
    """Return how many outputs of every node wires speak of."""
    used: dict[str, int] = {}
    for node in prompt.nodes.values():
        for link in node.links.values():
            if 0 <= link.slot < MAX_OUTPUTS:
                used[link.node_id] = max(used.get(link.node_id, 0), link.slot + 1)
    return used


def _draw(node: PromptNode, shape: _Shape, used: int) -> _Drawn:
    names = {socket["name"] for socket in shape.sockets}
    more = [{"name": name, "type": "*"} for name in node.links if name not in names]
    outputs = shape.definition.outputs if shape.definition else ()
    return _Drawn(node, shape, (*shape.sockets, *more), (*outputs, *[("*", "*")] * (used - len(outputs))))


def _real(item: _Drawn, drawn: Mapping[str, _Drawn]) -> dict[str, Link]:
    """Return the wires of a node that come from an output there is."""
    links = item.node.links
    return {name: link for name, link in links.items() if link.node_id in drawn and 0 <= link.slot < MAX_OUTPUTS}


def _links(drawn: Mapping[str, _Drawn]) -> dict[tuple[str, str], WorkflowLink]:
    """Return the wires by the node and the input that they enter."""
    links: dict[tuple[str, str], WorkflowLink] = {}
    for key, item in drawn.items():
        real = _real(item, drawn)
        for index, socket in enumerate(item.sockets):
            if (link := real.get(socket["name"])) is not None:
                ends = (numbered(link.node_id), link.slot, numbered(key), index)
                made = drawn[link.node_id].outputs[link.slot][1]
                links[key, socket["name"]] = WorkflowLink(len(links) + 1, *ends, type=made)
    return links


def _node(
    key: str, drawn: Mapping[str, _Drawn], links: Mapping[tuple[str, str], WorkflowLink], look: dict[str, Any]
) -> WorkflowNode:
    item = drawn[key]
    inputs = []
    for socket in item.sockets:
        wire = links.get((key, socket["name"]))
        inputs.append(InputSlot(wire.id if wire else None, socket, ("name", "type", "link")))
    title, definition = item.node.title, item.shape.definition
    is_own = bool(title) and title != (definition.title if definition else item.node.class_type)
    properties: dict[str, Any] = {"Node name for S&R": item.node.class_type}
    if kept := _kept(key, item, links):
        properties |= {KEPT: kept}
    data = {**look, **({"title": title} if is_own else {}), "properties": properties}
    return WorkflowNode(
        id=numbered(key),
        type=item.node.class_type,
        inputs=tuple(inputs),
        outputs=tuple(OutputSlot({"name": name, "type": made}) for name, made in item.outputs),
        widget_values=_values(item),
        data=data,
        order=("id", "type", *look, "mode", "inputs", "outputs"),
    )


def _values(item: _Drawn) -> tuple[Any, ...] | dict[str, Any] | None:
    """Return the values of a node's fields, in their order; of an unknown class by name."""
    constants = {name: value for name, value in item.node.inputs.items() if not isinstance(value, Link | BadLink)}
    if item.shape.definition is None:
        return constants or None
    return tuple(_value(widget, constants) for widget in item.shape.widgets)


def _value(widget: Widget, constants: Mapping[str, Any]) -> Any:
    if widget.kind == "CONTROL":
        return "fixed"  # so that the next run is the same
    if widget.name not in constants or not widget.sent or widget.fixed:
        return None if widget.default is MISSING else widget.default
    value = constants[widget.name]
    return re.sub(r"([{}])", r"\\\1", value) if widget.dynamic and isinstance(value, str) else value


def _kept(key: str, item: _Drawn, links: Mapping[tuple[str, str], WorkflowLink]) -> dict[str, Any]:
    """Return the inputs that the editor has no place for."""
    shape = item.shape
    kept = {
        name: value
        for name, value in item.node.inputs.items()
        if (key, name) not in links
        and (isinstance(value, Link | BadLink) or (shape.definition is not None and name not in shape.shown))
    }
    inputs: dict[str, Any] = PromptNode(item.node.class_type, kept).to_json({})["inputs"]
    return inputs


def _canvas(nodes: list[WorkflowNode], links: Mapping[tuple[str, str], WorkflowLink]) -> Canvas:
    starts: dict[tuple[NodeId, int], list[int]] = {}
    for link in links.values():
        starts.setdefault((link.origin, link.origin_slot), []).append(link.id)
    numbers = [node.id for node in nodes if isinstance(node.id, int)]
    return Canvas(
        nodes={node.id: _with_wires(node, starts) for node in nodes},
        links={link.id: link for link in links.values()},
        counters={"last_node_id": max(numbers, default=0), "last_link_id": len(links)},
        data={"config": {}, "version": 0.4},
        order=("last_node_id", "last_link_id", "nodes", "links", "groups", "config", "extra", "version"),
    )


def _with_wires(node: WorkflowNode, starts: Mapping[tuple[NodeId, int], list[int]]) -> WorkflowNode:
    outputs = tuple(
        replace(slot, links=tuple(starts.get((node.id, index), ()))) for index, slot in enumerate(node.outputs)
    )
    return replace(node, outputs=outputs)


def _size(item: _Drawn) -> tuple[float, float]:
    """Guess how large the editor draws a node."""
    rows = max(len(item.sockets) - item.shape.fields, len(item.outputs)) + len(item.shape.widgets)
    return WIDTH, TITLE + rows * SLOT + item.shape.texts * TEXT_AREA
