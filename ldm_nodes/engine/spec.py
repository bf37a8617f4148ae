"""What a node is: `@node` turns a typed function into one, and its `NodeSpec` follows from the signature and docstring.

    @node("Add", category="math", outputs=("sum",))
    def add(a: Annotated[int, Int(min=0)], b: int = 1) -> int:
        return a + b

The function stays what it was: `add(1, 2)` is 3. Its docstring becomes the description, the lines below `Args:` the
tooltips. Annotations are read when the spec is first asked for.

What else a signature says: `-> list[Image]` is a list, each member of which goes through the nodes behind on its own; a
node whose parameters are all `list[...]` takes whole lists in one call; an `async def` runs beside the others; an input
with `lazy=True` is made only if the hook `needs` asks for it. A node that returns `NodeOutput(..., expand=graph)` puts
that graph in its own place, which is how loops are made.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, ParamSpec, TypeVar

from .docs import Docstring
from .errors import MISSING, BadNode
from .signature import hidden_kind, is_context, list_member, may_be_none, output_fields, read_field, type_hints
from .sockets import Field, Hidden, IoType, Scan, Socket

P = ParamSpec("P")
R = TypeVar("R")
Hook = Callable[..., Any]


@dataclass(frozen=True)
class NodeOutput(Generic[R]):
    """What a node returns when it has something to show, or puts a graph in its own place.

    A node says so in its signature: `-> NodeOutput[None]`, `-> NodeOutput[Image]`, `-> NodeOutput[tuple[Image, Mask]]`.

    Attributes:
        result: what the function would return otherwise: a value, a tuple of values, or None. With `expand` a value may
            be a link into that graph, `["4", 0]`, or a `Link`.
        ui: lists of things to show under ComfyUI's names, such as `images` or `text`.
        expand: a graph in API format that runs in this node's place; `Context.graph_builder()` helps to write it.
    """

    result: R
    ui: Mapping[str, Any] = field(default_factory=dict)
    expand: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class InputSpec:
    """One input of a node.

    Attributes:
        name: the parameter's name.
        field: its type and range.
        required: a graph must give it, by a wire or a constant.
        default: the parameter's default, or `MISSING`.
        tooltip: its line in the docstring.
    """

    name: str
    field: Field
    required: bool
    default: Any = MISSING
    tooltip: str = ""

    def config(self, scan: Scan) -> tuple[Any, dict[str, Any]]:
        """Return the entry of ComfyUI's INPUT_TYPES: the type and its options."""
        io_type = self.field.io_type(scan)
        options = self.field.options()
        if self.default is not MISSING and self.default is not None:
            options = {"default": self.default} | options
        if self.tooltip:
            options["tooltip"] = self.tooltip
        return (list(io_type) if isinstance(io_type, tuple) else io_type), options


@dataclass(frozen=True)
class OutputSpec:
    """One output of a node: its name, its type, and whether it is a list whose members go on one by one."""

    name: str
    field: Field
    is_list: bool = False

    def io_type(self, scan: Scan) -> IoType:
        """Return the type that wires are compared with."""
        return self.field.io_type(scan)


@dataclass(frozen=True)
class NodeSpec:
    """Everything the engine knows of a node.

    Attributes:
        name: the class name in graphs.
        function: what runs; called with keywords only.
        inputs: by name, in the order of the signature.
        outputs: in the order of the returned tuple.
        category: the menu path, separated by `/`.
        display_name: what the editor calls it.
        description: the docstring without its sections.
        module: where the function is defined.
        output_node: running it is an end in itself, so it is a target of every run.
        version: part of the cache key; raise it when the same inputs give another result than before.
        not_idempotent: each node of this class has a result of its own, never shared with its equals.
        deprecated: still works, should not be used in new graphs.
        experimental: may change.
        accepts_any: takes inputs that it does not declare (`**inputs`).
        list_inputs: called once with a list for every input, not once for every member.
        is_async: the function is an `async def`; other nodes run while it waits.
        expands: it may return a graph that takes its place.
        loose_outputs: the number of values that it returns is not checked; absent ones are None.
        context_parameter: the parameter that receives the `Context`, if any.
        hidden: parameters that are no inputs, and which of the values named in `Hidden` each receives.
        needs: called with the inputs that it names, None for a lazy one that has not been made; returns the names of
            those that the node wants, and is called again when they are there, until it wants nothing new.
        fingerprint: called with the constants that it names, None for wires; its result is part of the cache key and
            NaN means "run every time". A parameter `folders` receives the folders.
        check: called likewise before anything runs; returns True, or a sentence that says what is wrong. The inputs
            that it names are not tested against range and list, and if it names `input_types` it receives the types of
            the wires and answers for them.
        foresee: called likewise before anything runs, with what the hooks of the nodes before it returned in place of
            the wires (`foresight.py`); returns what can be told of each output, or raises `InputError`.
    """

    name: str
    function: Callable[..., Any]
    inputs: Mapping[str, InputSpec]
    outputs: tuple[OutputSpec, ...]
    category: str = ""
    display_name: str = ""
    description: str = ""
    module: str = ""
    output_node: bool = False
    version: str = "1"
    not_idempotent: bool = False
    deprecated: bool = False
    experimental: bool = False
    accepts_any: bool = False
    list_inputs: bool = False
    is_async: bool = False
    expands: bool = False
    loose_outputs: bool = False
    context_parameter: str | None = None
    hidden: Mapping[str, str] = field(default_factory=dict)
    needs: Hook | None = None
    fingerprint: Hook | None = None
    check: Hook | None = None
    foresee: Hook | None = None

    @functools.cached_property
    def lazy(self) -> frozenset[str]:
        """The inputs that are made only on demand."""
        return frozenset(name for name, item in self.inputs.items() if item.field.lazy)

    @functools.cached_property
    def raw(self) -> frozenset[str]:
        """The inputs that receive a wire in place of what comes along it."""
        return frozenset(name for name, item in self.inputs.items() if item.field.raw_link)

    @functools.cached_property
    def weak(self) -> frozenset[str]:
        """The inputs whose wires do not make the node behind them run."""
        return self.lazy | self.raw

    @functools.cached_property
    def admissions(self) -> tuple[tuple[str, Callable[[str, Any], None]], ...]:
        """The inputs whose values are looked at before the function is called, and by what."""
        fields = ((name, item.field) for name, item in self.inputs.items())
        return tuple(
            [(name, found.admit) for name, found in fields if isinstance(found, Socket) and found.admit is not None]
        )

    @functools.cached_property
    def list_slots(self) -> frozenset[int]:
        """The numbers of the outputs that are lists."""
        return frozenset(slot for slot, output in enumerate(self.outputs) if output.is_list)

    @functools.cached_property
    def has_identity(self) -> bool:
        """Whether its result is a node's own, so that the id is part of the cache key."""
        return self.not_idempotent or Hidden.UNIQUE_ID in self.hidden.values()


@dataclass(frozen=True)
class Declaration:
    """What `@node` was told, beside what the function itself tells."""

    category: str
    display_name: str
    outputs: tuple[str, ...]
    output_node: bool
    version: str
    not_idempotent: bool
    deprecated: bool
    experimental: bool
    expands: bool
    needs: Hook | None
    fingerprint: Hook | None
    check: Hook | None
    foresee: Hook | None


class Node(Generic[P, R]):
    """A function that is a node. Calling it calls the function; `spec` describes it."""

    def __init__(self, name: str, function: Callable[P, R], declaration: Declaration) -> None:
        functools.update_wrapper(self, function)
        self.name = name
        self.function = function
        self._declaration = declaration

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function as if it were no node."""
        return self.function(*args, **kwargs)

    @functools.cached_property
    def spec(self) -> NodeSpec:
        """What the engine knows of this node.

        Raises:
            BadNode: when the signature does not describe one.
        """
        return _read_spec(self.name, self.function, self._declaration)


def node(
    name: str,
    *,
    category: str,
    display_name: str = "",
    outputs: tuple[str, ...] = (),
    output: bool = False,
    version: int | str = 1,
    not_idempotent: bool = False,
    deprecated: bool = False,
    experimental: bool = False,
    expands: bool = False,
    needs: Hook | None = None,
    fingerprint: Hook | None = None,
    check: Hook | None = None,
    foresee: Hook | None = None,
) -> Callable[[Callable[P, R]], Node[P, R]]:
    """Make a node of a typed function.

    Args:
        name: the class name in graphs.
        category: the menu path, separated by `/`.
        display_name: what the editor calls it; default is `name`.
        outputs: names of the outputs; default are their types.
        output: running it is an end in itself.
        version: raise it when the same inputs give another result than before.
        not_idempotent: never share a result between two nodes of this class.
        deprecated: still works, should not be used in new graphs.
        experimental: may change.
        expands: may put a graph in its own place.
        needs: see `NodeSpec`.
        fingerprint: see `NodeSpec`.
        check: see `NodeSpec`.
        foresee: see `NodeSpec`.
    """
    declaration = Declaration(
        category, display_name or name, outputs, output, str(version), not_idempotent, deprecated, experimental,
        expands, needs, fingerprint, check, foresee,
    )  # fmt: skip

    def decorate(function: Callable[P, R]) -> Node[P, R]:
        return Node(name, function, declaration)

    return decorate


def _read_spec(name: str, function: Callable[..., Any], told: Declaration) -> NodeSpec:
    hints = type_hints(function)
    docs = Docstring.parse(inspect.getdoc(function) or "")
    parameters = inspect.signature(function).parameters
    contexts = [parameter for parameter in parameters if is_context(hints.get(parameter))]
    hidden = {parameter: kind for parameter in parameters if (kind := hidden_kind(hints.get(parameter)))}
    inputs = _read_inputs(function, hints, docs, skip=[*contexts, *hidden])
    return NodeSpec(
        name=name,
        function=function,
        inputs=inputs,
        outputs=_read_outputs(name, told.outputs, hints),
        category=told.category,
        display_name=told.display_name,
        description=docs.description,
        module=function.__module__,
        output_node=told.output_node,
        version=told.version,
        not_idempotent=told.not_idempotent,
        deprecated=told.deprecated,
        experimental=told.experimental,
        accepts_any=any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()),
        list_inputs=_takes_lists(name, [hints[key] for key in inputs]),
        is_async=inspect.iscoroutinefunction(function),
        expands=told.expands,
        context_parameter=contexts[0] if contexts else None,
        hidden=hidden,
        needs=told.needs,
        fingerprint=told.fingerprint,
        check=told.check,
        foresee=told.foresee,
    )


def _read_inputs(
    function: Callable[..., Any], hints: Mapping[str, Any], docs: Docstring, skip: list[str]
) -> dict[str, InputSpec]:
    inputs = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in skip or parameter.kind is parameter.VAR_KEYWORD:
            continue
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
            raise BadNode(f"{function.__qualname__}: parameter {name} cannot be given by name, as graphs do.")
        inputs[name] = _read_input(function, parameter, hints, docs.arguments.get(name, ""))
    return inputs


def _read_input(
    function: Callable[..., Any], parameter: inspect.Parameter, hints: Mapping[str, Any], tooltip: str
) -> InputSpec:
    name = parameter.name
    if name not in hints:
        raise BadNode(f"{function.__qualname__}: parameter {name} has no annotation. Say what may enter it.")
    member = list_member(hints[name])
    found = read_field(hints[name] if member is None else member, f"{function.__qualname__}: parameter {name}")
    default = MISSING if parameter.default is parameter.empty else parameter.default
    if member is not None and isinstance(default, list) and len(default) == 1:
        default = default[0]  # a graph gives one value, which arrives as a list of one
    optional = found.optional or default is None or may_be_none(hints[name])
    if optional and default is MISSING:
        raise BadNode(f"{function.__qualname__}: parameter {name} is optional but has no default.")
    return InputSpec(name, found, not optional, default, tooltip)


def _takes_lists(name: str, annotations: list[Any]) -> bool:
    lists = [list_member(annotation) is not None for annotation in annotations]
    if any(lists) and not all(lists):
        raise BadNode(
            f"{name}: some inputs are list[...] and some are not. A node takes lists for all inputs or for none."
        )
    return any(lists)


def _read_outputs(name: str, names: tuple[str, ...], hints: Mapping[str, Any]) -> tuple[OutputSpec, ...]:
    if "return" not in hints:
        raise BadNode(
            f"{name}: the function does not say what it returns. Annotate it; a node without outputs is -> None."
        )
    fields = output_fields(hints["return"], NodeOutput, f"{name}: the return annotation")
    if names and len(names) != len(fields):
        raise BadNode(f"{name}: {len(names)} output names for {len(fields)} outputs.")
    titles = names or tuple(_type_name(found) for found, _ in fields)
    return tuple(OutputSpec(title, found, is_list) for title, (found, is_list) in zip(titles, fields, strict=True))


def _type_name(found: Field) -> str:
    return found.type if hasattr(found, "type") else type(found).__name__.upper()
