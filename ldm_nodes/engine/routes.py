"""Where a wire of the editor's document comes from: through reroutes and bypassed nodes, in and out of subgraphs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .canvas import BYPASSED, OFF, SUBGRAPH_INPUT, Canvas, NodeId, Subgraph, WorkflowNode
from .errors import Problem, PromptRejected

if TYPE_CHECKING:
    from .workflow import Workflow

REROUTE, PRIMITIVE = "Reroute", "PrimitiveNode"
VIRTUAL = frozenset({REROUTE, PRIMITIVE, "Note", "MarkdownNote"})
"""Nodes that only the editor knows."""
MAX_NODES = 1_000_000
MAX_NESTING = 64


@dataclass(eq=False)
class Scope:
    """One canvas in its place: the document's own, or the inside of one instance of a subgraph.

    Attributes:
        canvas: what is on it.
        prefix: what the ids of its nodes begin with, `12:` inside node 12.
        parent: the canvas that the instance stands on.
        instance: the node of which this is the inside.
        subgraph: the definition.
        mode: the instance's mode, if it or one around it does not run.
        children: the insides of the instances that stand on it.
    """

    canvas: Canvas
    prefix: str = ""
    parent: Scope | None = None
    instance: WorkflowNode | None = None
    subgraph: Subgraph | None = None
    mode: int = 0
    children: dict[NodeId, Scope] = field(default_factory=dict)

    def id_of(self, node: WorkflowNode) -> str:
        """Return what a prompt calls a node."""
        return f"{self.prefix}{node.id}"

    def mode_of(self, node: WorkflowNode) -> int:
        """Return a node's mode; inside what does not run, nothing runs."""
        return self.mode or node.mode

    @property
    def definitions(self) -> tuple[str, ...]:
        """The subgraphs that this is inside of."""
        found, scope = [], self
        while scope.subgraph is not None and scope.parent is not None:
            found.append(scope.subgraph.id)
            scope = scope.parent
        return tuple(found)


@dataclass(frozen=True)
class Source:
    """An output of a node that a prompt can name."""

    scope: Scope
    node: WorkflowNode
    slot: int


@dataclass(frozen=True)
class Constant:
    """A value that the editor puts in the place of a wire.

    Attributes:
        value: the value.
        scope: where it was given.
        replaces: `%Node.field%` in it is to be replaced.
    """

    value: Any
    scope: Scope
    replaces: bool = False


Place = tuple[int, int, str]
Known = dict[Place, Source | Constant | None]


def open_scopes(workflow: Workflow) -> list[Scope]:
    """Lay all subgraphs open, the document's own canvas first.

    Raises:
        PromptRejected: when a subgraph contains itself, or there are more than `MAX_NODES` nodes in the end.
    """
    scopes, total = [Scope(workflow.canvas)], 0
    for scope in scopes:  # grows while it is walked
        total += len(scope.canvas.nodes)
        if total > MAX_NODES:
            raise _too_large(scope, f"laid open the document has more than {MAX_NODES:,} nodes")
        for node in scope.canvas.nodes.values():
            if subgraph := workflow.subgraphs.get(node.type):
                scope.children[node.id] = _inside(scope, node, subgraph)
        scopes += scope.children.values()
    return scopes


def _inside(scope: Scope, node: WorkflowNode, subgraph: Subgraph) -> Scope:
    around = scope.definitions
    if subgraph.id in around:
        raise _too_large(scope, f"the subgraph {subgraph.name or subgraph.id} contains itself", node)
    if len(around) >= MAX_NESTING:
        raise _too_large(scope, f"subgraphs lie within each other more than {MAX_NESTING} deep", node)
    mode = scope.mode_of(node)
    return Scope(subgraph.canvas, f"{scope.id_of(node)}:", scope, node, subgraph, mode if mode in OFF else 0)


def _too_large(scope: Scope, what: str, node: WorkflowNode | None = None) -> PromptRejected:
    owner = node or scope.instance
    node_id = f"{scope.prefix}{node.id}" if node else scope.prefix.rstrip(":")
    title = owner.title if owner else ""
    return PromptRejected(
        (Problem("invalid_workflow", what[:1].upper() + what[1:], node_id=node_id or None, title=title),)
    )


@dataclass
class Route:
    """The way of one wire, followed from its end to its beginning.

    Attributes:
        scope: the canvas on which the way is now.
        link: the wire on it that is to be followed.
        wanted: the type of the socket at the end.
        standing: the value that the instance just left has, which counts if the ones around it have none.
        known: where ways that were followed before came from; each is followed once.
    """

    scope: Scope
    link: int
    wanted: str = "*"
    standing: Constant | None = None
    known: Known = field(default_factory=dict)

    def end(self) -> Source | Constant | None:
        """Return what the wire brings; None where it comes from nowhere or runs in a circle."""
        passed: dict[Place, None] = {}
        found: Route | Source | Constant | None = self
        while found is self:
            place = (id(self.scope), self.link, self.wanted)
            if place in passed:
                found = None
            elif self.standing is None and place in self.known:
                found = self.known[place]
            else:
                if self.standing is None:
                    passed[place] = None
                found = self._step()
        end = found if isinstance(found, Source | Constant) else None
        self.known.update(dict.fromkeys(passed, end))
        return end

    def _step(self) -> Route | Source | Constant | None:
        """Go one wire back; return itself where the way goes on."""
        wire = self.scope.canvas.links.get(self.link)
        if wire is None:
            return None
        if wire.origin == SUBGRAPH_INPUT and self.scope.subgraph is not None:
            return self._out(wire.origin_slot)
        self.standing = None
        node = self.scope.canvas.nodes.get(wire.origin)
        if node is None:
            return None
        if self.scope.mode_of(node) == BYPASSED:
            return self._around(node, wire.origin_slot)
        if (inside := self.scope.children.get(node.id)) is not None:
            return self._into(inside, wire.origin_slot)
        if node.type in VIRTUAL:
            return self._through(node, wire.origin_slot)
        return Source(self.scope, node, wire.origin_slot)

    def _on(self, link: int | None, scope: Scope | None = None) -> Route | None:
        if link is None:
            return None
        self.link, self.scope = link, scope or self.scope
        return self

    def _into(self, inside: Scope, slot: int) -> Route | None:
        """Go on inside an instance, at the node that makes this output."""
        wire = inside.canvas.into_outputs.get(slot)
        return self._on(wire.id if wire else None, inside)

    def _out(self, slot: int) -> Route | Constant | None:
        """Go on outside an instance, at the wire into this input; or take the value that the instance has for it."""
        scope = self.scope
        if scope.parent is None or scope.instance is None or scope.subgraph is None:
            return None
        if not 0 <= slot < len(scope.subgraph.inputs):
            return None
        name = str(scope.subgraph.inputs[slot]["name"])
        if (found := promoted_value(scope.instance, scope.subgraph, name)) is not None:
            self.standing = Constant(found[0], scope.parent)
        socket = scope.instance.input(name)
        return self.standing if socket is None or socket.link is None else self._on(socket.link, scope.parent)

    def _through(self, node: WorkflowNode, slot: int) -> Route | Constant | None:
        if node.type == PRIMITIVE:
            values = node.widget_values
            replaces = bool(node.properties.get("Run widget replace on values"))
            return Constant(values[0], self.scope, replaces) if isinstance(values, tuple) and values else None
        return self._on(node.inputs[slot].link if 0 <= slot < len(node.inputs) else None)

    def _around(self, node: WorkflowNode, slot: int) -> Route | None:
        """Go on at the input of a bypassed node that takes the place of this output."""
        index = passing_input(node, slot, self.wanted)
        if index is None:
            return None
        return self._on(node.inputs[index].link)


def promoted_value(instance: WorkflowNode, subgraph: Subgraph, name: str) -> tuple[Any] | None:
    """Return the value, in a tuple, that an instance has for one of the widgets that stand on it, if it has its own."""
    values = instance.widget_values
    if isinstance(values, tuple):
        place = subgraph.promoted.get(name, len(values))
        return (values[place],) if place < len(values) else None
    return (values[name],) if values and name in values else None


def passing_input(node: WorkflowNode, slot: int, wanted: str) -> int | None:
    """Return which input of a bypassed node stands in for its output `slot`, where a `wanted` value is expected."""
    inputs = node.inputs
    made = node.outputs[slot].type if 0 <= slot < len(node.outputs) else "*"
    is_there = 0 <= slot < len(inputs)
    if wanted == "*":
        return (slot if is_there else 0) if inputs else None
    if is_there and matches(inputs[slot].type, made) and matches(inputs[slot].type, wanted):
        return slot
    same = [index for index, socket in enumerate(inputs) if socket.type == wanted]
    near = [index for index, item in enumerate(inputs) if matches(item.type, made) and matches(item.type, wanted)]
    return next(iter([*same, *near]), None)


def matches(first: str, second: str) -> bool:
    """Say whether two wire types have a value in common, as the editor sees it.

    Example:
        >>> matches("IMAGE,MASK", "mask"), matches("*", "MODEL"), matches("MODEL", "CLIP")
        (True, True, False)
    """
    one, other = ({part.strip().lower() for part in text.split(",")} for text in (first, second))
    return "*" in one | other or not one.isdisjoint(other)
