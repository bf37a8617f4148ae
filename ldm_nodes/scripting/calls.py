"""The functions that add nodes: named, documented and with the signature of the class, for `help()` and completion."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..engine.errors import MISSING
from .inputs import io_type

if TYPE_CHECKING:
    from ..engine.spec import InputSpec, NodeSpec
    from .graph import Graph
    from .handles import NodeHandle


def node_call(graph: Graph, spec: NodeSpec) -> Callable[..., NodeHandle]:
    """Return the function that adds a node of one class to a graph."""

    def call(**inputs: Any) -> NodeHandle:
        return graph.add(spec.name, **inputs)

    call.__name__ = call.__qualname__ = spec.name
    call.__doc__ = documentation(spec)
    vars(call)["__signature__"] = _signature(spec)
    return call


def documentation(spec: NodeSpec) -> str:
    """Return the docstring of a class: what it does, and what its inputs mean."""
    lines = [f"    {name}: {item.tooltip}" for name, item in spec.inputs.items() if item.tooltip]
    text = spec.description or spec.display_name
    return "\n".join([text, "", "Args:", *lines]) if lines else text


def _signature(spec: NodeSpec) -> inspect.Signature:
    inputs = [_parameter(item) for item in spec.inputs.values() if item.name.isidentifier()]
    rest = [inspect.Parameter("inputs", inspect.Parameter.VAR_KEYWORD)] if spec.accepts_any else []
    return inspect.Signature([*inputs, *rest])


def _parameter(item: InputSpec) -> inspect.Parameter:
    kind = io_type(item.field)
    default = inspect.Parameter.empty if item.default is MISSING else item.default
    annotation = kind if isinstance(kind, str) else "COMBO"
    return inspect.Parameter(item.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
