"""A class written for ComfyUI as a node of ours: its attributes say what it is, its `FUNCTION` is what runs.

A class is asked for its `INPUT_TYPES` when it is loaded, and again for its lists whenever they are needed. Its
instances are kept per node, because packs keep things on `self`.
"""

from __future__ import annotations

import functools
import inspect
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..engine.blocker import ExecutionBlocker
from ..engine.context import Context
from ..engine.errors import BadNode
from ..engine.sockets import Hidden
from ..engine.spec import Hook, InputSpec, NodeOutput, NodeSpec, OutputSpec
from .executing import at_work
from .fields import WrittenSocket, output_field, read_field
from .lending import lend, take_back

CONTEXT = "ldm_nodes context"
"""No Python parameter can be called so."""
CLASS = "foreign_class"
MOST_INSTANCES = 1000
SECTIONS = ("required", "optional")
HIDDEN_KINDS = frozenset(Hidden)


def foreign_spec(name: str, cls: type, *, title: str = "", module: str = "", version: str = "1") -> NodeSpec:
    """Return the node that a class written for ComfyUI is.

    Args:
        name: the class name in graphs.
        cls: the class.
        title: what editors call it.
        module: where it comes from, in ComfyUI's words: `custom_nodes.pack`.
        version: changes with the pack's code, so that no result of other code is used again.

    Raises:
        BadNode: when its attributes do not describe a node; the message says which.
    """
    written = _input_types(name, cls)
    function = getattr(cls, str(getattr(cls, "FUNCTION", "")), None)
    if not callable(function):
        raise BadNode(f"{name}: FUNCTION names {getattr(cls, 'FUNCTION', None)!r}, which is no method of the class.")
    outputs = _outputs(name, cls)
    instances = Instances(cls)
    is_async = inspect.iscoroutinefunction(function)
    return NodeSpec(
        name=name,
        function=_async_caller(name, cls, instances, outputs) if is_async else _caller(name, cls, instances, outputs),
        inputs=_inputs(name, cls, written),
        outputs=outputs,
        category=str(getattr(cls, "CATEGORY", "sd")),
        display_name=title or name,
        description=str(getattr(cls, "DESCRIPTION", "") or ""),
        module=module,
        output_node=bool(getattr(cls, "OUTPUT_NODE", False)),
        version=version,
        not_idempotent=bool(getattr(cls, "NOT_IDEMPOTENT", False)),
        deprecated=bool(getattr(cls, "DEPRECATED", False)),
        experimental=bool(getattr(cls, "EXPERIMENTAL", False)),
        accepts_any=_accepts_any(function, written),
        list_inputs=bool(getattr(cls, "INPUT_IS_LIST", False)),
        is_async=is_async,
        expands=True,
        context_parameter=CONTEXT,
        hidden=_hidden(written),
        needs=_needs(cls, instances),
        fingerprint=_hook(cls, "IS_CHANGED"),
        check=_hook(cls, "VALIDATE_INPUTS"),
    )


class Instances:
    """The instances of a class, one for each node; those that were used least lately are forgotten."""

    def __init__(self, cls: type) -> None:
        self._cls = cls
        self._known: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, node_id: str) -> Any:
        """Return the instance of a node, made when it is first asked for."""
        with self._lock:
            if node_id not in self._known:
                self._known[node_id] = self._cls()
            self._known.move_to_end(node_id)
            while len(self._known) > MOST_INSTANCES:
                self._known.popitem(last=False)
            return self._known[node_id]


@dataclass(frozen=True)
class Result:
    """What a call of a class's function came to, whatever it came as."""

    values: tuple[Any, ...] | ExecutionBlocker
    ui: Mapping[str, Any] | None = None
    expand: Mapping[str, Any] | None = None


def read_result(name: str, returned: Any, count: int) -> NodeOutput[Any]:
    """Take apart what a function returned.

    Raises:
        BadNode: when it is neither a tuple of values, nor a dict with `result`, `ui` or `expand`, nor a blocker.
    """
    found = _result(name, returned, count)
    return NodeOutput(found.values, dict(found.ui or {}), found.expand)


def _result(name: str, returned: Any, count: int) -> Result:
    if isinstance(returned, ExecutionBlocker):
        return Result(returned)
    if hasattr(returned, "block_execution") and hasattr(returned, "result"):  # V3's NodeOutput
        told = returned.ui.as_dict() if hasattr(returned.ui, "as_dict") else returned.ui
        if returned.block_execution is not None:
            return Result(ExecutionBlocker(returned.block_execution or None), told)
        return Result(_values(name, returned.result, count), told, _own_graph(returned.expand))
    if isinstance(returned, Mapping):
        given = returned.get("result", ())
        values = given if isinstance(given, ExecutionBlocker) else _values(name, given, count)
        return Result(values, returned.get("ui"), _own_graph(returned.get("expand")))
    return Result(_values(name, returned, count))


def _own_graph(graph: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a graph with our own models among its constants."""
    if graph is None:
        return None
    return {
        node_id: {**node, "inputs": {key: take_back(value) for key, value in node.get("inputs", {}).items()}}
        for node_id, node in graph.items()
    }


def _values(name: str, returned: Any, count: int) -> tuple[Any, ...]:
    if returned is None and count == 0:
        return ()
    if not isinstance(returned, tuple | list):
        raise BadNode(
            f"{name} returned {type(returned).__name__} where it declares {count} outputs. A node returns a tuple with "
            "a value for each of them, such as (image,)."
        )
    return tuple(take_back(value) for value in returned)


def _caller(name: str, cls: type, instances: Instances, outputs: tuple[OutputSpec, ...]) -> Callable[..., Any]:
    def call(**inputs: Any) -> NodeOutput[Any]:
        context: Context[Any] = inputs.pop(CONTEXT)
        with at_work(context), _without_gradients():
            returned = getattr(instances.of(context.node_id), cls.FUNCTION)(**_lent(inputs))  # type: ignore[attr-defined]
        return read_result(name, returned, len(outputs))

    return _named(call, cls)


def _async_caller(name: str, cls: type, instances: Instances, outputs: tuple[OutputSpec, ...]) -> Callable[..., Any]:
    async def call(**inputs: Any) -> NodeOutput[Any]:
        context: Context[Any] = inputs.pop(CONTEXT)
        with at_work(context):
            function = getattr(instances.of(context.node_id), cls.FUNCTION)  # type: ignore[attr-defined]
            returned = await function(**_lent(inputs))
        return read_result(name, returned, len(outputs))

    return _named(call, cls)


def _named(call: Callable[..., Any], cls: type) -> Callable[..., Any]:
    call.__module__, call.__qualname__, call.__name__ = cls.__module__, cls.__qualname__, cls.__name__
    vars(call)[CLASS] = cls
    return call


def class_of(spec: NodeSpec) -> type | None:
    """Return the class that a node was made of; None for a node of ours."""
    found: type | None = getattr(spec.function, CLASS, None)
    return found


def _lent(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs as packs know them: models have ComfyUI's methods there."""
    return {key: lend(value) for key, value in inputs.items()}


@contextmanager
def _without_gradients() -> Iterator[None]:
    """Run as ComfyUI does, without gradients, but leave tensors behind that every other node may use."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    with torch.no_grad():
        yield


def _input_types(name: str, cls: type) -> Mapping[str, Mapping[str, Any]]:
    ask = getattr(cls, "INPUT_TYPES", None)
    if not callable(ask):
        raise BadNode(f"{name}: the class has no method INPUT_TYPES.")
    written = ask()
    if not isinstance(written, Mapping):
        raise BadNode(f"{name}: INPUT_TYPES returned {type(written).__name__}, expected a dict of sections.")
    return written


def _inputs(name: str, cls: type, written: Mapping[str, Mapping[str, Any]]) -> dict[str, InputSpec]:
    found: dict[str, InputSpec] = {}
    for section in SECTIONS:
        for key, entry in dict(written.get(section) or {}).items():
            relist = functools.partial(_list_now, cls, section, key)
            field = read_field(entry, relist, optional=section == "optional", where=f"{name}, input {key}")
            found[str(key)] = InputSpec(str(key), field, required=section == "required")
    for key, kind in _written_hidden(written).items():
        if kind not in HIDDEN_KINDS:  # what only graphs in the place of nodes give
            found[key] = InputSpec(key, WrittenSocket("*", optional=True), required=False)
    return found


def _list_now(cls: type, section: str, key: str) -> tuple[Any, ...]:
    """Return the choices of an input as the class lists them now."""
    entry = cls.INPUT_TYPES()[section][key]  # type: ignore[attr-defined]
    kind = entry[0] if isinstance(entry, list | tuple) and entry else entry
    if isinstance(kind, list | tuple):
        return tuple(kind)
    options = entry[1] if len(entry) > 1 and isinstance(entry[1], Mapping) else {}
    return tuple(options.get("options") or ())


def _outputs(name: str, cls: type) -> tuple[OutputSpec, ...]:
    kinds = tuple(getattr(cls, "RETURN_TYPES", ()))
    names = tuple(getattr(cls, "RETURN_NAMES", None) or kinds)
    lists = tuple(getattr(cls, "OUTPUT_IS_LIST", None) or ())
    found = []
    for slot, kind in enumerate(kinds):
        title = names[slot] if slot < len(names) and isinstance(names[slot], str) else kind
        shown = title if isinstance(title, str) else "COMBO"
        is_list = bool(lists[slot]) if slot < len(lists) else False
        found.append(OutputSpec(shown, output_field(kind, f"{name}, output {slot}"), is_list))
    return tuple(found)


def _hidden(written: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the hidden inputs that there are; V3 writes what each receives as a tuple or a list."""
    return {key: kind for key, kind in _written_hidden(written).items() if kind in HIDDEN_KINDS}


def _written_hidden(written: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    entries = dict(written.get("hidden") or {}).items()
    return {str(key): kind[0] if isinstance(kind, list | tuple) and kind else kind for key, kind in entries}


def _accepts_any(function: Callable[..., Any], written: Mapping[str, Mapping[str, Any]]) -> bool:
    """Say whether a graph may give undeclared inputs: the function takes them, or the dict says yes to all."""
    parameters = inspect.signature(function).parameters.values()
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    optional = written.get("optional")
    return takes_all or (optional is not None and type(optional) is not dict and "any name at all" in optional)


def _hook(cls: type, name: str) -> Hook | None:
    hook = getattr(cls, name, None)
    return hook if callable(hook) else None


def _needs(cls: type, instances: Instances) -> Hook | None:
    """Return the hook for lazy inputs; it is an instance's method, which the engine calls before it knows of a node."""
    method = getattr(cls, "check_lazy_status", None)
    if not callable(method):
        return None
    if inspect.ismethod(method):  # of the class
        return method

    def needs(**inputs: Any) -> Any:
        return method(instances.of(""), **inputs)

    signature = inspect.signature(method)
    needs.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])  # type: ignore[attr-defined]
    return needs
