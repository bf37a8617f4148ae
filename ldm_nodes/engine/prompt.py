"""The API-format graph as a value: node id to class, constants and links. `Prompt.parse` checks its form only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeGuard

from .errors import Problem, PromptRejected
from .json_text import MAX_DEPTH, read_json, too_deep

WRAPPED = "__value__"
NOTHING: Mapping[str, Any] = {}


class Link(NamedTuple):
    """A wire from an output of another node."""

    node_id: str
    slot: int


@dataclass(frozen=True)
class BadLink:
    """A list that stands where a link should, and is none."""

    value: Any


@dataclass(frozen=True, slots=True)
class PromptNode:
    """One node of a graph as it was written.

    Attributes:
        class_type: the class name.
        inputs: input name to `Link`, `BadLink` or constant; the lists that are constants are unwrapped.
        extra: `_meta` and whatever else stands beside; kept for metadata, never interpreted except for the title.
    """

    class_type: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The title in the editor, or an empty text."""
        meta = self.extra.get("_meta")
        title = meta.get("title") if isinstance(meta, dict) else None
        return title if isinstance(title, str) else ""

    @property
    def links(self) -> dict[str, Link]:
        """The inputs that are wires."""
        return {name: value for name, value in self.inputs.items() if isinstance(value, Link)}

    def to_json(self, literals: Mapping[str, Any]) -> dict[str, Any]:
        """Return the node as JSON, with `literals` in the place of its constants of the same names."""
        inputs = {**self.inputs, **{name: literals[name] for name in self.inputs if name in literals}}
        return {"inputs": {name: _raw(value) for name, value in inputs.items()}, "class_type": self.class_type} | dict(
            self.extra
        )


@dataclass(frozen=True)
class Prompt:
    """A graph in API format: node id to node, in the order of the text."""

    nodes: Mapping[str, PromptNode]

    @classmethod
    def parse(cls, source: str | bytes | Mapping[str, Any]) -> Prompt:
        """Read a graph from JSON text or from what a JSON parser made of it.

        Example:
            >>> Prompt.parse('{"1": {"class_type": "Sum", "inputs": {"a": 2, "b": ["4", 0]}}}').nodes["1"].inputs
            {'a': 2, 'b': Link(node_id='4', slot=0)}

        Raises:
            PromptRejected: when the form is wrong; every node of wrong form is told.
        """
        data = read_json(source) if isinstance(source, str | bytes) else source
        if problem := _wrong_whole(data):
            raise PromptRejected((problem,))
        problems = [problem for node_id, entry in data.items() if (problem := _wrong_entry(node_id, entry))]
        if problems:
            raise PromptRejected(tuple(problems))
        return cls({node_id: _parse_node(entry) for node_id, entry in data.items()})

    def to_json(self, literals: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
        """Return the graph as JSON, with the constants in `literals` (node id, input name) in their places."""
        given = literals or {}
        return {node_id: node.to_json(given.get(node_id, {})) for node_id, node in self.nodes.items()}


def read_link(value: Any) -> Link | None:
    """Return the link that a value is while a graph runs, or None: there, unlike in a prompt, any list may be a value.

    Example:
        >>> read_link(["4", 0]), read_link([4, 0]), read_link(["a", "b"])
        (Link(node_id='4', slot=0), None, None)
    """
    if isinstance(value, Link):
        return value
    return Link(value[0], int(value[1])) if isinstance(value, list) and _is_link(value) else None


def _wrong_whole(data: Any) -> Problem | None:
    if not isinstance(data, Mapping):
        return Problem(
            "invalid_prompt",
            "The graph is not a JSON object",
            received=data,
            expected='an object of nodes: {"1": {"class_type": …, "inputs": {…}}, …}',
        )
    if isinstance(data.get("nodes"), list):
        return Problem(
            "invalid_prompt",
            "This is an editor workflow",
            expected="the API format",
            remedy='In the editor choose "Export (API)" and use the file that it saves.',
        )
    return None


def _wrong_entry(node_id: Any, entry: Any) -> Problem | None:
    if not isinstance(node_id, str):
        return Problem("invalid_prompt", "A node id is not a text", received=node_id, remedy="Put it in quotes.")
    if not isinstance(entry, Mapping) or not isinstance(entry.get("class_type"), str):
        return Problem(
            "invalid_prompt",
            "Cannot execute because a node is missing the class_type property.",
            f"Node ID '#{node_id}'",
            node_id=node_id,
            expected='an object with the node\'s class name under "class_type"',
        )
    if not isinstance(entry.get("inputs", {}), Mapping):
        return _wrong_inputs(node_id, entry, "an object of input names and values")
    if too_deep(dict(entry)):
        return _wrong_inputs(node_id, entry, f"lists and objects at most {MAX_DEPTH - 1} deep")
    return None


def _wrong_inputs(node_id: str, entry: Mapping[str, Any], expected: str) -> Problem:
    return Problem(
        "invalid_prompt",
        "The node's inputs cannot be read",
        node_id=node_id,
        class_type=entry["class_type"],
        received=entry.get("inputs"),
        expected=expected,
    )


def _parse_node(entry: Mapping[str, Any]) -> PromptNode:
    inputs = {name: _parse_value(value) for name, value in entry.get("inputs", {}).items()}
    extra = {name: value for name, value in entry.items() if name not in ("class_type", "inputs")}
    return PromptNode(entry["class_type"], inputs, extra or NOTHING)


def _parse_value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return Link(value[0], int(value[1])) if _is_link(value) else BadLink(value)
    if isinstance(value, dict) and value.keys() == {WRAPPED}:
        return value[WRAPPED]
    return value


def _is_link(value: list[Any] | tuple[Any, ...]) -> TypeGuard[tuple[str, float]]:
    """Say whether a list is `[node id, slot]`; as in ComfyUI the id must be a text, a slot of `0.0` is 0."""
    if len(value) != 2 or not isinstance(value[0], str) or isinstance(value[1], bool):
        return False
    return isinstance(value[1], int) or (isinstance(value[1], float) and value[1].is_integer())


def _raw(value: Any) -> Any:
    if isinstance(value, Link):
        return list(value)
    if isinstance(value, BadLink):
        return value.value
    return {WRAPPED: value} if isinstance(value, list | tuple) else value
