"""What a typed call may give to a node, checked at once, so that a mistake is told on the line that makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.errors import MISSING, Problem
from ..engine.hooks import named_inputs, takes_types
from ..engine.literals import check_literal, describe
from ..engine.prompt import Link
from ..engine.registry import close_names, did_you_mean
from ..engine.sockets import ANY, Choice, Field, IoType, Scan, Socket, fits
from ..engine.spec import InputSpec, NodeSpec
from ..settings import Folders
from .handles import NodeHandle, Wire, output_names

if TYPE_CHECKING:
    from .graph import Graph


def io_type(field: Field) -> IoType:
    """Return the type of a field as wires are compared with it; `*` for lists of files, which differ per machine."""
    return ANY if _lists_files(field) else field.io_type(_no_files())


def checked(graph: Graph, spec: NodeSpec, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs in a graph's terms: wires as `Link`, constants as they came.

    Names of files are not looked for: the graph may be meant for another machine. That is done when it runs.

    Raises:
        TypeError: for a name that the class does not have, or a wire that does not fit.
        ValueError: for a constant that the input does not take.
    """
    for name in inputs:
        if name not in spec.inputs and not spec.accepts_any:
            known = f"Expected {', '.join(spec.inputs) or 'none'}."
            advice = did_you_mean(close_names(name, spec.inputs))
            raise TypeError(f"{spec.name} has no input {name!r}. {known} {advice}".strip())
    return {name: _checked(graph, spec, name, value) for name, value in inputs.items()}


def completed(spec: NodeSpec, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs together with the defaults of those that a graph must spell out.

    Raises:
        TypeError: when one without a default is missing.
    """
    open_inputs = {name: item for name, item in spec.inputs.items() if item.required and name not in inputs}
    missing = [f'"{name}" ({_words(item.field)})' for name, item in open_inputs.items() if _no_default(item)]
    if missing:
        raise TypeError(f"{spec.name} needs also {', '.join(missing)}.")
    return {**inputs, **{name: item.default for name, item in open_inputs.items()}}


def unchecked(graph: Graph, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a class that is not installed in a graph's terms."""
    return {name: _linked(graph, value) if isinstance(value, Wire) else value for name, value in inputs.items()}


def _no_default(item: InputSpec) -> bool:
    return item.default is MISSING or isinstance(item.field, Socket)


def _words(field: Field) -> str:
    return "the name of a file" if _lists_files(field) else describe(field, _no_files())


def _checked(graph: Graph, spec: NodeSpec, name: str, value: Any) -> Any:
    item = spec.inputs.get(name)
    if isinstance(value, NodeHandle):
        raise TypeError(_no_wire(spec, name, value))
    if isinstance(value, Wire):
        link = _linked(graph, value)
        expected = ANY if item is None or takes_types(spec) else io_type(item.field)
        if not fits(value.io_type, expected):
            raise TypeError(f'{spec.name}, input "{name}": received {value!r}. Expected a wire of type {expected}.')
        return link
    if item is not None:
        _check_constant(spec, item, value)
    return value


def _check_constant(spec: NodeSpec, item: InputSpec, value: Any) -> None:
    answered_for = spec.check is not None and item.name in named_inputs(spec.check, spec)
    bounded = not (answered_for or _lists_files(item.field))
    found = check_literal(item, value, _no_files(), bounded, _problem(spec, item.name))
    if isinstance(found, Problem):
        raise ValueError(str(found))  # noqa: TRY004 - the value may have the right type and the wrong size


def _problem(spec: NodeSpec, name: str) -> Callable[..., Problem]:
    def problem(code: str, message: str, details: str = "", **more: Any) -> Problem:
        sentence = f'{spec.name}, input "{name}": {message[0].lower()}{message[1:]}'
        return Problem(code, message, details, sentence=sentence, **more)

    return problem


def _lists_files(field: Field) -> bool:
    return isinstance(field, Choice) and callable(field.source)


def _no_files() -> Scan:
    """Return what reads the lists that need no folder."""
    return Scan(Folders.under(Path()))


def _linked(graph: Graph, wire: Wire[Any]) -> Link:
    if wire.graph is not graph:
        raise ValueError(f"{wire!r} leaves a node of another graph. Add that node to this graph too.")
    return Link(wire.node_id, wire.slot)


def _no_wire(spec: NodeSpec, name: str, node: NodeHandle) -> str:
    found = node.graph.registry.get(node.class_type)
    ways = [f".{output}" for output in output_names(found)] if found else [".outputs[0]"]
    return f'{spec.name}, input "{name}": received {node!r}. Expected one of its outputs: {", ".join(ways) or "none"}.'
