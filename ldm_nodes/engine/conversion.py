"""From the editor's document to the prompt that the official editor would send.

Subgraphs are laid open (`12:5` is node 5 inside instance 12 of one), nodes that only the editor knows disappear, muted
nodes are left out and bypassed ones are led around, and every field's value is found under its name.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .canvas import KEPT, OFF, Json, WorkflowNode
from .catalogue import Catalogue, NodeDefinition, definition_of
from .errors import Problem, PromptRejected
from .prompt import Link, Prompt, PromptNode
from .routes import VIRTUAL, Constant, Known, Route, Scope, Source, open_scopes
from .text_tokens import Choose, drawn, replaced
from .widget_values import Values, named_values, read_values
from .widgets import Widget, widgets_of

if TYPE_CHECKING:
    from .workflow import Workflow

RENAMED: Mapping[str, str] = {
    "T2IAdapterLoader": "ControlNetLoader",
    "ConditioningAverage ": "ConditioningAverage",
    "SDV_img2vid_Conditioning": "SVD_img2vid_Conditioning",
}
NAMES_FILES = frozenset({
    "SaveImage", "SaveAnimatedWEBP", "SaveAnimatedPNG", "SaveWEBM", "SaveAudio", "SaveGLB", "SaveLatent", "CLIPSave",
    "VAESave", "ModelSave", "LoraSave",
})  # fmt: skip
GROUPS = ("workflow>", "workflow/")
"""What the types of group nodes begin with, which subgraphs have replaced."""
UNKNOWN = "UNKNOWN"
"""What the official editor calls every field of a class that its server does not have."""


@dataclass(frozen=True)
class Conversion:
    """A prompt made of a document, and what was not certain about it.

    Attributes:
        prompt: the graph in API format.
        problems: nodes whose values cannot be told; their fields were filled in the order of the document.
        notices: readings that are the editor's own but need not be what the author saw.
        unknown: the nodes whose class the catalogue does not have, by id.
    """

    prompt: Prompt
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()
    unknown: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """Return the prompt as the official editor writes it, which leaves the class of unknown nodes out."""
        data = self.prompt.to_json()
        for node_id in self.unknown:
            del data[node_id]["class_type"]
        return data

    def checked(self) -> Prompt:
        """Return the prompt if no node's values had to be guessed.

        Raises:
            PromptRejected: if some had to be.
        """
        if self.problems:
            raise PromptRejected(self.problems)
        return self.prompt


@dataclass
class Converter:
    """Makes a prompt of a document.

    Attributes:
        catalogue: knows the classes.
        choose: takes one of the texts in `{a|b}`.
        now: fills the dates in file names.
    """

    catalogue: Catalogue
    choose: Choose = random.choice
    now: datetime = field(default_factory=datetime.now)
    _known: dict[str, tuple[NodeDefinition, tuple[Widget, ...]] | None] = field(default_factory=dict)

    def convert(self, workflow: Workflow) -> Conversion:
        """Convert a document.

        Raises:
            PromptRejected: when a subgraph contains itself, or laid open the document is larger than any graph.
        """
        nodes: dict[str, PromptNode] = {}
        told: dict[bool, list[Problem]] = {True: [], False: []}
        unknown = set()
        ways: Known = {}
        for scope, node in _running(open_scopes(workflow)):
            node_id = scope.id_of(node)
            values = self.values(node)
            inputs = self._inputs(scope, node, values, ways)
            known = self._definition(node.type)
            title = node.title or (known[0].title if known else class_of(node))
            nodes[node_id] = PromptNode(class_of(node), inputs, {"_meta": {"title": title}})
            if known is None:
                unknown.add(node_id)
            if node.type.startswith(GROUPS):
                told[True].append(_group(node_id, node))
            if values.doubt:
                told[values.wrong].append(_doubtful(node_id, node, values))
        kept = {node_id: _without_lost_wires(nodes[node_id], nodes) for node_id in sorted(nodes, key=_reading_order)}
        return Conversion(Prompt(kept), tuple(told[True]), tuple(told[False]), frozenset(unknown))

    def values(self, node: WorkflowNode) -> Values:
        """Return the values of a node's fields, of an unknown class as far as the document names them."""
        known = self._definition(node.type)
        written = node.widget_values
        if isinstance(written, Mapping):
            return named_values(written, known[1] if known else ())
        if known is None:
            return Values({UNKNOWN: _spelled(written[-1])} if written else {})
        recorded = [slot.widget for slot in node.inputs if slot.widget is not None]
        return read_values(written or (), known[1], recorded)

    def _definition(self, written: str) -> tuple[NodeDefinition, tuple[Widget, ...]] | None:
        name = RENAMED.get(written, written)
        if name not in self._known:
            info = self.catalogue.info(name)
            self._known[name] = None if info is None else _with_widgets(definition_of(name, info))
        return self._known[name]

    def _inputs(self, scope: Scope, node: WorkflowNode, values: Values, ways: Known) -> dict[str, Any]:
        inputs = {**_kept(node), **values.by_name}
        for slot in node.inputs:
            found = None if slot.link is None else Route(scope, slot.link, slot.type, known=ways).end()
            if isinstance(found, Source):
                inputs[slot.name] = Link(found.scope.id_of(found.node), found.slot)
            elif isinstance(found, Constant) and slot.widget is not None:
                inputs[slot.name] = self._constant(found)
        return self._with_texts(scope, node, inputs)

    def _constant(self, found: Constant) -> Any:
        if isinstance(found.value, str) and found.replaces:
            return replaced(found.value, lambda name, key: self._value_of(found.scope, name, key), self.now)
        return found.value

    def _with_texts(self, scope: Scope, node: WorkflowNode, inputs: dict[str, Any]) -> dict[str, Any]:
        """Do what the editor does to texts when it sends them."""
        known = self._definition(node.type)
        dynamic = [widget.name for widget in (known[1] if known else ()) if widget.dynamic]
        for name in dynamic:
            if isinstance(inputs.get(name), str):
                inputs[name] = drawn(inputs[name], self.choose)
        prefix = inputs.get("filename_prefix")
        if isinstance(prefix, str) and class_of(node) in NAMES_FILES:
            inputs["filename_prefix"] = replaced(prefix, lambda name, key: self._value_of(scope, name, key), self.now)
        return inputs

    def _value_of(self, scope: Scope, name: str, key: str) -> object | None:
        """Return the value of a field of the first node of this name: its name for replacing, else its title."""
        for node in scope.canvas.nodes.values():
            known = self._definition(node.type)
            title = node.title or (known[0].title if known else class_of(node))
            if node.properties.get("Node name for S&R", title) == name or title == name:
                value: object | None = self.values(node).by_name.get(key)
                return value
        return None


def class_of(node: WorkflowNode) -> str:
    """Return the class of a node, by its present name."""
    return RENAMED.get(node.type, node.type)


def _kept(node: WorkflowNode) -> Json:
    """Return the inputs for which the editor had no place when the document was made of a prompt."""
    found = node.properties.get(KEPT)
    if not isinstance(found, Mapping):
        return {}
    return Prompt.parse({"": {"class_type": "", "inputs": found}}).nodes[""].inputs


def _with_widgets(definition: NodeDefinition) -> tuple[NodeDefinition, tuple[Widget, ...]]:
    return definition, widgets_of(definition)


def _spelled(value: Any) -> Any:
    """Return a value as the editor shows it in a field of which it knows nothing."""
    is_plain = isinstance(value, str | int | float)
    return value if is_plain else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _running(scopes: list[Scope]) -> Iterator[tuple[Scope, WorkflowNode]]:
    """Yield the nodes that a prompt contains."""
    for scope in scopes:
        for node in scope.canvas.nodes.values():
            if node.type not in VIRTUAL and node.id not in scope.children and scope.mode_of(node) not in OFF:
                yield scope, node


def _without_lost_wires(node: PromptNode, nodes: Mapping[str, Any]) -> PromptNode:
    """Leave out the inputs whose source is not in the prompt: it is muted."""
    lost = [name for name, link in node.links.items() if link.node_id not in nodes]
    if not lost:
        return node
    return PromptNode(
        node.class_type, {name: node.inputs[name] for name in node.inputs if name not in lost}, node.extra
    )


def _reading_order(node_id: str) -> tuple[bool, int, str]:
    """Sort numbers first, as every JavaScript client does."""
    is_number = node_id.isdecimal() and node_id.isascii()
    return not is_number, int(node_id) if is_number and len(node_id) < 20 else 0, "" if is_number else node_id


def _group(node_id: str, node: WorkflowNode) -> Problem:
    remedy = "Open the document in the official editor, turn the group node into a subgraph and save it again."
    message = "This is a group node of older editors, which is not read"
    return Problem("group_node", message, node_id=node_id, title=node.title, class_type=node.type, remedy=remedy)


def _doubtful(node_id: str, node: WorkflowNode, values: Values) -> Problem:
    remedy = "Open the document in the editor, check this node and save it again."
    return Problem(
        "ambiguous_widgets",
        f"The values of this node's fields are not certain: {values.doubt}",
        node_id=node_id,
        title=node.title,
        class_type=node.type,
        received=list(node.widget_values or ()),
        expected=", ".join(f"{name}={value!r}" for name, value in _some(values.by_name)),
        remedy=remedy,
    )


def _some(values: Json) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in list(values.items())[:12] if not isinstance(value, str) or len(value) < 40]
