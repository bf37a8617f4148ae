"""What an editor's document is made of: canvases of nodes, wires, groups and reroute points, and subgraphs of them.

Whatever is not understood, nodes of unknown packs above all, is kept as it was: `data` holds the keys that have no
attribute of their own, `order` all keys in the order in which they were written.

What a document says in two ways (a wire is told by the table of wires and by the slots) is compared once, by the table:
two canvases are equal when they mean the same and look the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

NodeId = int | str
Json = Mapping[str, Any]

MUTED, BYPASSED = 2, 4
OFF = frozenset({MUTED, BYPASSED})
SUBGRAPH_INPUT, SUBGRAPH_OUTPUT = -10, -20
"""The nodes that stand inside a subgraph for its inputs and its outputs."""
KEPT = "ldm_nodes inputs"
"""The property under which a node keeps the inputs of a prompt that the editor has no place for."""


@dataclass(frozen=True)
class InputSlot:
    """A socket at a node's left side.

    Attributes:
        link: the wire that ends here.
        data: what else was written.
        order: the keys as they were written.
    """

    link: int | None
    data: Json
    order: tuple[str, ...] = field(default=(), compare=False)

    @property
    def name(self) -> str:
        """The input's name."""
        return str(self.data["name"])

    @property
    def type(self) -> str:
        """The wire type; a list of choices is `COMBO`."""
        return type_name(self.data.get("type"))

    @property
    def widget(self) -> str | None:
        """The widget that this socket replaces while a wire is in it."""
        widget = self.data.get("widget")
        name = widget.get("name") if isinstance(widget, Mapping) else None
        return name if isinstance(name, str) else None


@dataclass(frozen=True)
class OutputSlot:
    """A socket at a node's right side.

    Attributes:
        data: what else was written.
        order: the keys as they were written.
        links: the wires that start here, as the node itself tells them.
    """

    data: Json
    links: tuple[int, ...] | None = field(default=None, compare=False)
    order: tuple[str, ...] = field(default=(), compare=False)

    @property
    def name(self) -> str:
        """The output's name."""
        return str(self.data.get("name", ""))

    @property
    def type(self) -> str:
        """The wire type."""
        return type_name(self.data.get("type"))


@dataclass(frozen=True)
class WorkflowNode:
    """A node as it stands on the canvas.

    Attributes:
        id: a number; a text where a legacy group or an API prompt named it so.
        type: the class, an editor-only type, or the id of a subgraph.
        mode: `MUTED`, `BYPASSED`, or any other number for a node that runs.
        inputs: the sockets at the left.
        outputs: the sockets at the right.
        widget_values: in the order of the widgets; of some packs an object of names and values.
        data: what else was written.
        order: the keys as they were written.
    """

    id: NodeId
    type: str
    mode: int = 0
    inputs: tuple[InputSlot, ...] = ()
    outputs: tuple[OutputSlot, ...] = ()
    widget_values: tuple[Any, ...] | Json | None = None
    data: Json = field(default_factory=dict)
    order: tuple[str, ...] = field(default=(), compare=False)

    @property
    def title(self) -> str:
        """The title that somebody gave it, or an empty text."""
        title = self.data.get("title")
        return title if isinstance(title, str) else ""

    @property
    def properties(self) -> Json:
        """What the editor and packs remember of it."""
        found = self.data.get("properties")
        return found if isinstance(found, Mapping) else {}

    @cached_property
    def _inputs_by_name(self) -> dict[str, InputSlot]:
        return {slot.name: slot for slot in reversed(self.inputs)}

    def input(self, name: str) -> InputSlot | None:
        """Return the first socket called `name`."""
        return self._inputs_by_name.get(name)


@dataclass(frozen=True)
class WorkflowLink:
    """A wire.

    Attributes:
        id: its number.
        origin: the node that it leaves; `SUBGRAPH_INPUT` for an input of the subgraph around it.
        origin_slot: the index of that node's output.
        target: the node that it enters; `SUBGRAPH_OUTPUT` for an output of the subgraph around it.
        target_slot: the index of that node's input.
        type: what it carries; `MISSING` if a list ended before it.
        parent: the last reroute point on its way.
        data: what else was written; a tuple (of what follows the six entries) where it was written as a list.
        order: the keys as they were written.
    """

    id: int
    origin: NodeId
    origin_slot: int
    target: NodeId
    target_slot: int
    type: Any = "*"
    parent: int | None = None
    data: Json | tuple[Any, ...] = ()
    order: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Reroute:
    """A point through which wires are led; it means nothing to a run.

    Attributes:
        id: its number.
        parent: the point before it.
        links: the wires through it, as the point itself tells them.
        data: what else was written.
        order: the keys as they were written.
    """

    id: int
    parent: int | None
    links: tuple[int, ...] = field(default=(), compare=False)
    data: Json = field(default_factory=dict)
    order: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Canvas:
    """One sheet of nodes and wires: the document's own, or the inside of a subgraph.

    Attributes:
        nodes: by id, in the order of the text.
        links: by id, in the order of the text.
        groups: the coloured frames.
        reroutes: the reroute points by id.
        counters: the highest ids given out so far, which are never given out again.
        extensions: which wire goes through which reroute point, as version 0.4 tells it.
        data: what else was written; `extra` and `definitions` without what has an attribute, and only if not empty.
        order: the keys as they were written.
        orders: the keys of `extra` and of `definitions`.
    """

    nodes: Mapping[NodeId, WorkflowNode] = field(default_factory=dict)
    links: Mapping[int, WorkflowLink] = field(default_factory=dict)
    groups: tuple[Json, ...] = ()
    reroutes: Mapping[int, Reroute] = field(default_factory=dict)
    counters: Json = field(default_factory=dict, compare=False)
    extensions: tuple[Json, ...] | None = field(default=None, compare=False)
    data: Json = field(default_factory=dict)
    order: tuple[str, ...] = field(default=(), compare=False)
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)

    @cached_property
    def into_outputs(self) -> dict[int, WorkflowLink]:
        """The wire into each output of the subgraph of which this is the inside, by the output's index."""
        return {link.target_slot: link for link in self.links.values() if link.target == SUBGRAPH_OUTPUT}


@dataclass(frozen=True)
class Subgraph:
    """The definition of a node that is itself a canvas; any number of nodes may be instances of it.

    Attributes:
        id: what its instances have as their type.
        name: what the editor calls it.
        inputs: its inputs as they were written: id, name, type, linkIds.
        outputs: its outputs likewise.
        canvas: what is inside.
    """

    id: str
    name: str
    inputs: tuple[Json, ...]
    outputs: tuple[Json, ...]
    canvas: Canvas

    @cached_property
    def promoted(self) -> dict[str, int]:
        """The inputs that stand for a widget inside, in order: an instance has a value for each, at this place."""
        widgets = set()
        for link in self.canvas.links.values():
            node = self.canvas.nodes.get(link.target) if link.origin == SUBGRAPH_INPUT else None
            if node and 0 <= link.target_slot < len(node.inputs) and node.inputs[link.target_slot].widget is not None:
                widgets.add(link.origin_slot)
        names = [str(found["name"]) for index, found in enumerate(self.inputs) if index in widgets]
        return {name: place for place, name in reversed(list(enumerate(names)))}


def type_name(written: Any) -> str:
    """Return a wire type as a text: lists of choices are `COMBO`, what is empty or no type fits all.

    Example:
        >>> type_name("MODEL"), type_name(["euler", "heun"]), type_name(""), type_name(0)
        ('MODEL', 'COMBO', '*', '*')
    """
    if isinstance(written, list | tuple):
        return "COMBO"
    return written if isinstance(written, str) and written else "*"
