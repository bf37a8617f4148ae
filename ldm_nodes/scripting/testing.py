"""Help for tests of nodes: one node, or a small graph, run by the engine without a server, and all that it told.

Example:
    >>> from typing import Annotated
    >>> from ldm_nodes.engine.sockets import Float
    >>> from ldm_nodes.engine.spec import node
    >>> @node("Half", category="examples")
    ... def half(value: Annotated[float, Float(min=0)]) -> float:
    ...     return value / 2
    >>> run_node(half, value=3.0).value
    1.5
    >>> graph = graph_with(half)
    >>> first = graph.Half(value=8.0)
    >>> second = graph.Half(value=first.FLOAT)
    >>> run_graph(graph).node(second).value
    2.0
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

from ..comfyui.foreign import foreign_spec
from ..engine.events import Event, Executing, Notice, Progress
from ..engine.registry import Registry
from ..engine.sockets import Field, Socket
from ..engine.spec import Node, NodeSpec, OutputSpec
from ..nodes import builtin_registry
from .graph import Graph
from .handles import NodeHandle, Wire
from .result import Result
from .session import Session

AnyNode = Node[..., Any] | NodeSpec | type
"""A node of ours, or a class that is written for ComfyUI."""


@dataclass(frozen=True)
class Outcome:
    """What a node came to.

    Attributes:
        values: one for each output; a list where the output is one.
        ui: what it showed, by ComfyUI's names: `images`, `text`.
        progress: the steps that it reported: (done, of how many).
        notices: what it told the user.
    """

    values: tuple[Any, ...]
    ui: Mapping[str, Any]
    progress: tuple[tuple[float, float], ...]
    notices: tuple[str, ...]

    @property
    def value(self) -> Any:
        """The value of a node that has one output.

        Raises:
            ValueError: it has none, or several.
        """
        if len(self.values) != 1:
            raise ValueError(f"The node has {len(self.values)} outputs. Look at `values`.")
        return self.values[0]


@dataclass(frozen=True)
class GraphOutcome:
    """What a graph came to.

    Attributes:
        result: what `ldm_nodes.run` returns.
        ran: the ids of the nodes that ran, in order; those that a graph put in its own place have ids with dots.
        events: everything that was told.
    """

    result: Result
    ran: tuple[str, ...]
    events: tuple[Event, ...]

    def node(self, node: str | NodeHandle | Wire[Any]) -> Outcome:
        """Return what a node came to, by its title, id or handle.

        Raises:
            LookupError: there is none, or its values were not wanted.
        """
        node_id = self.result.graph.find(node)
        told = [event for event in self.events if getattr(event, "node_id", None) == node_id]
        return Outcome(
            values=tuple(self.result[node_id].values),
            ui=self.result.shown.get(node_id, {}),
            progress=tuple((event.value, event.total) for event in told if isinstance(event, Progress)),
            notices=tuple(event.message for event in told if isinstance(event, Notice)),
        )


def run_node(node: AnyNode, /, *, _base_dir: str | PathLike[str] = ".", **inputs: Any) -> Outcome:
    """Run one node as a graph would, with its checks and hooks, and return what it came to.

    Args:
        node: the node.
        _base_dir: the folder of `models/`, `input/` and `output/`, for nodes that read or write files.
        inputs: its inputs. What has a field in the editor is given as a constant and has to be in range; everything
            else arrives as by a wire, and for a node that takes lists is a list.

    Raises:
        PromptRejected: an input is missing, unknown, or not one that the node takes.
        NodeFailed: the node raised.
        ValueError, TypeError: an input is nothing that a graph can give.
    """
    spec = spec_of(node)
    graph = graph_with(spec)
    for name, value in inputs.items():
        item = spec.inputs.get(name)
        if item is not None and (isinstance(item.field, Socket) or (spec.list_inputs and isinstance(value, list))):
            given = _given(f"given as {name}", value, item.field, spec.list_inputs)
            graph.registry.register(given)
            inputs[name] = graph.add(given.name).outputs[0]
    tested = graph.add(spec.name, **inputs)
    return run_graph(graph, tested, base_dir=_base_dir).node(tested)


def run_graph(graph: Graph, *want: str | NodeHandle | Wire[Any], base_dir: str | PathLike[str] = ".") -> GraphOutcome:
    """Run a graph of `graph_with` and return what it came to.

    Args:
        graph: the graph.
        want: nodes whose values are wanted beside those at its ends.
        base_dir: the folder of `models/`, `input/` and `output/`.
    """
    events: list[Event] = []
    result = Session(base_dir, registry=graph.registry).run(graph, want=want, events=events.append)
    ran = tuple(event.node_id for event in events if isinstance(event, Executing))
    return GraphOutcome(result, ran, tuple(events))


def graph_with(*nodes: AnyNode) -> Graph:
    """Return an empty graph that knows some nodes beside those of this package; of one name these."""
    registry: Registry = builtin_registry()
    registry.replace(*map(spec_of, nodes))
    return Graph(registry)


def spec_of(node: AnyNode) -> NodeSpec:
    """Return what the engine knows of a node.

    Raises:
        BadNode: it does not describe one.
    """
    if isinstance(node, Node):
        return node.spec
    return foreign_spec(node.__name__, node) if isinstance(node, type) else node


def _given(name: str, value: Any, field: Field, is_list: bool) -> NodeSpec:
    """Return a node that has a value: what a test puts on a wire."""
    give: Callable[[], Any] = lambda: value  # noqa: E731
    return NodeSpec(name, give, {}, (OutputSpec("value", field, is_list),), not_idempotent=True)
