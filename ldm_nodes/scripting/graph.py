"""A graph that is built in Python: every node is a method, every output an attribute, every mistake an error at once.

Example:
    >>> g = Graph()
    >>> loaded = g.CheckpointLoaderSimple(ckpt_name="emoji-v1.safetensors")
    >>> prompt = g.CLIPTextEncode(text="a red apple", clip=loaded.clip, _title="Prompt")
    >>> sampled = g.KSampler(
    ...     model=loaded.model,
    ...     positive=prompt.conditioning,
    ...     negative=g.CLIPTextEncode(text="", clip=loaded.clip).conditioning,
    ...     latent_image=g.EmptyLatentFor(width=64, height=64, vae=loaded.vae).latent,
    ...     sampler_name="ddim",
    ...     scheduler="normal",
    ...     steps=2,
    ... )
    >>> decoded = g.VAEDecode(samples=sampled.LATENT, vae=loaded.vae)
    >>> len(g), g["Prompt"], decoded.image
    (6, <node 2 "Prompt" (CLIPTextEncode)>, <IMAGE of node 6 (VAEDecode)>)
    >>> g.VAEDecode(sample=sampled.latent, vae=loaded.vae)
    Traceback (most recent call last):
    TypeError: VAEDecode has no input 'sample'. Expected samples, vae. Did you mean samples?
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..engine.errors import named
from ..engine.prompt import Prompt, PromptNode
from ..engine.registry import Registry, did_you_mean
from ..engine.sockets import IoType
from ..engine.spec import NodeSpec
from .handles import AnyNode, NodeHandle, Wire
from .inputs import checked, completed, io_type, unchecked
from .methods import NodeMethods


class Graph(NodeMethods):
    """A graph of nodes, in the order in which they were added.

    `graph.KSampler(...)` adds a node of the class `KSampler`. Its inputs are keywords; what a graph must spell out and
    the call leaves out gets its default. `_id` and `_title` name the node; without them it is numbered.

    Attributes:
        registry: the classes that there are.
        notices: what was not certain when it was made of an editor's document.
    """

    def __init__(self, registry: Registry | None = None) -> None:
        """Begin an empty graph.

        Args:
            registry: the classes that there are; default are all that this package ships.
        """
        self.registry = _builtin() if registry is None else registry
        self.notices: list[str] = []
        self._nodes: dict[str, PromptNode] = {}
        self._next = 1

    @classmethod
    def of(cls, prompt: Prompt, registry: Registry | None = None) -> Graph:
        """Return a graph that exists already, as it is: what is wrong with it is told when it runs."""
        graph = cls(registry)
        for node_id, node in prompt.nodes.items():
            graph._put(node_id, node)
        return graph

    def add(
        self,
        class_type: str,
        /,
        *,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
        **inputs: Any,
    ) -> AnyNode:
        """Add a node of a class that is given by its name, such as one that is no Python name.

        Args:
            class_type: the class.
            _id: the node's id; by default the next number.
            _title: its title in the editor.
            _extra: what else stands beside class and inputs in the JSON.
            inputs: constants, and wires from other nodes.

        Raises:
            ValueError: for a class that does not exist, an id that is taken, or a constant that an input does not take.
            TypeError: for an input that is missing or unknown, or a wire that does not fit.
        """
        spec = self.spec(class_type)
        found = completed(spec, checked(self, spec, inputs))
        return self._put(self._free_id(_id), PromptNode(class_type, found, _beside(_title, _extra)))

    def add_unchecked(
        self,
        class_type: str,
        /,
        *,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
        **inputs: Any,
    ) -> AnyNode:
        """Add a node of a class that need not exist here; see `add`. Its outputs have numbers only: `outputs[0]`."""
        found = unchecked(self, inputs)
        return self._put(self._free_id(_id), PromptNode(class_type, found, _beside(_title, _extra)))

    def change(self, node_id: str, inputs: Mapping[str, Any]) -> None:
        """Replace inputs of a node; see `NodeHandle.set`."""
        node = self.node(node_id)
        spec = self.registry.get(node.class_type)
        found = checked(self, spec, inputs) if spec else unchecked(self, inputs)
        self._nodes[node_id] = replace(node, inputs={**node.inputs, **found})

    def spec(self, class_type: str, error: type[Exception] = ValueError) -> NodeSpec:
        """Return what is known of a class, or raise `error` with the names that look like it."""
        if (spec := self.registry.get(class_type)) is None:
            advice = did_you_mean(self.registry.suggestions(class_type))
            raise error(f"There is no node {class_type!r}. {advice}".strip())
        return spec

    def node(self, node_id: str) -> PromptNode:
        """Return a node as a value of the engine."""
        return self._nodes[node_id]

    def describe(self, node_id: str) -> str:
        """Describe a node in words."""
        node = self._nodes[node_id]
        return named(node_id, node.title, node.class_type)

    def output_types(self, node_id: str) -> tuple[IoType, ...] | None:
        """Return what a node's outputs carry, or None for a class that does not exist here."""
        spec = self.registry.get(self._nodes[node_id].class_type)
        return None if spec is None else tuple(io_type(output.field) for output in spec.outputs)

    def find(self, name: str | NodeHandle | Wire[Any]) -> str:
        """Return the id of the node with this id or title, or of a handle of this graph.

        Raises:
            LookupError: when there is none, or several have the title.
            ValueError: when the handle is of another graph.
        """
        if isinstance(name, NodeHandle | Wire):
            if name.graph is not self:
                raise ValueError(f"{name!r} belongs to another graph. Use its title or its id.")
            return name.node_id
        if name in self._nodes:
            return name
        found = [node_id for node_id, node in self._nodes.items() if node.title == name]
        if len(found) != 1:
            known = ", ".join(map(self.describe, found or list(self._nodes)[:12]))
            raise LookupError(f"{'Several nodes are' if found else 'No node is'} called {name!r}: there are {known}.")
        return found[0]

    def to_prompt(self) -> Prompt:
        """Return the graph as a value of the engine."""
        return Prompt(dict(self._nodes))

    def to_json(self) -> dict[str, Any]:
        """Return the graph in API format, ready for `json.dump`."""
        return self.to_prompt().to_json()

    def __getitem__(self, name: str) -> AnyNode:
        """Return the node with this id or title; see `find`."""
        return AnyNode(self, self.find(name))

    def __iter__(self) -> Iterator[AnyNode]:
        return (AnyNode(self, node_id) for node_id in list(self._nodes))

    def __len__(self) -> int:
        return len(self._nodes)

    def __repr__(self) -> str:
        return f"<Graph of {len(self)} nodes>"

    def _put(self, node_id: str, node: PromptNode) -> AnyNode:
        self._nodes[node_id] = node
        if node_id.isdecimal():
            self._next = max(self._next, int(node_id) + 1)
        return AnyNode(self, node_id)

    def _free_id(self, wanted: str | None) -> str:
        if wanted in self._nodes:
            raise ValueError(f"The id {wanted!r} is taken by {self.describe(wanted)}. Choose another one.")
        return str(self._next) if wanted is None else wanted


def _beside(title: str, extra: Mapping[str, Any] | None) -> dict[str, Any]:
    return {**({"_meta": {"title": title}} if title else {}), **(extra or {})}


def _builtin() -> Registry:
    from ..nodes import builtin_registry

    return builtin_registry()
