"""What building a graph hands out: nodes, and wires that leave them."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from ..engine.registry import close_names, did_you_mean

if TYPE_CHECKING:
    from ..engine.sockets import IoType
    from ..engine.spec import NodeSpec
    from .graph import Graph

Kind = TypeVar("Kind", covariant=True)


@dataclass(frozen=True, eq=False, repr=False)
class Wire(Generic[Kind]):
    """An output of a node, to be given to an input of another; `Kind` is its type's name for type checkers.

    Attributes:
        graph: the graph that it is of.
        node_id: the node that it leaves.
        slot: which output.
        io_type: what it carries; `*` where that is not known.
    """

    graph: Graph
    node_id: str
    slot: int
    io_type: IoType = "*"

    def __repr__(self) -> str:
        return f"<{self.io_type} of {self.graph.describe(self.node_id)}>"


@dataclass(frozen=True, eq=False, repr=False)
class NodeHandle:
    """A node of a graph. Its outputs are attributes under their names, `model` as well as `MODEL`.

    Attributes:
        graph: the graph that it is in.
        node_id: its id there.
    """

    graph: Graph
    node_id: str

    @property
    def class_type(self) -> str:
        """The class of the node."""
        return self.graph.node(self.node_id).class_type

    @property
    def title(self) -> str:
        """The title in the editor, or an empty text."""
        return self.graph.node(self.node_id).title

    @property
    def inputs(self) -> dict[str, Any]:
        """What enters the node: constants, and wires as `Link`."""
        return dict(self.graph.node(self.node_id).inputs)

    @property
    def outputs(self) -> Outputs:
        """The outputs by number; the only way to those of a class that is not installed."""
        return Outputs(self.graph, self.node_id)

    def set(self, **inputs: Any) -> None:
        """Replace inputs, checked as when the node was added.

        Raises:
            TypeError: for a name that the class does not have, or a wire that does not fit.
            ValueError: for a constant that the input does not take.
        """
        self.graph.change(self.node_id, inputs)

    def __repr__(self) -> str:
        return f"<{self.graph.describe(self.node_id)}>"


@dataclass(frozen=True, eq=False, repr=False)
class AnyNode(NodeHandle):
    """A node of which type checkers do not know the class, so that its outputs may have any name."""

    def __getattr__(self, name: str) -> Wire[Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        spec = self.graph.registry.get(self.class_type)
        names = output_names(spec) if spec else ()
        if name.lower() not in names:
            _no_output(self, name, names)
        return self.outputs[names.index(name.lower())]

    def __dir__(self) -> Iterable[str]:
        spec = self.graph.registry.get(self.class_type)
        return [*super().__dir__(), *(output_names(spec) if spec else ())]


@dataclass(frozen=True)
class Outputs:
    """The outputs of a node by number."""

    graph: Graph
    node_id: str

    def __getitem__(self, slot: int) -> Wire[Any]:
        """Return the wire that leaves output `slot`, counted from 0.

        Raises:
            IndexError: when the class has fewer outputs.
        """
        types = self.graph.output_types(self.node_id)
        if types is None:
            return Wire(self.graph, self.node_id, slot)
        if not 0 <= slot < len(types):
            raise IndexError(f"{self.graph.describe(self.node_id)} has {len(types)} outputs; received number {slot}.")
        return Wire(self.graph, self.node_id, slot, types[slot])


def output_names(spec: NodeSpec) -> tuple[str, ...]:
    """Return the attribute names of a class's outputs, in lower case."""
    return tuple(identifier(output.name).lower() for output in spec.outputs)


def identifier(text: str) -> str:
    """Return a text as a name that Python takes.

    Example:
        >>> identifier("Load checkpoint"), identifier("2nd mask"), identifier("from")
        ('Load_checkpoint', '_2nd_mask', 'from_')
    """
    name = re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_") or "_"
    if name[0].isdigit():
        return f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) or keyword.iskeyword(name.lower()) else name


def is_name(text: str) -> bool:
    """Say whether a text can stand in source as the name of a method or a keyword."""
    return identifier(text) == text and not text.startswith("_")


def _no_output(node: NodeHandle, name: str, names: tuple[str, ...]) -> NoReturn:
    advice = did_you_mean(close_names(name.lower(), names))
    known = f"It has {', '.join(names)}." if names else "It has no outputs with names."
    raise AttributeError(f"{node!r} has no output {name!r}. {known} {advice}".strip(), name=name, obj=node)
