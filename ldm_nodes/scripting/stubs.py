"""The stub of `methods.py`: what every node takes and gives, in the words of type checkers and editors."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from ..engine.errors import MISSING
from ..engine.registry import Registry
from ..engine.sockets import ANY, Boolean, Choice, Field, Float, Int, String
from ..engine.spec import InputSpec, NodeSpec
from .calls import documentation
from .handles import NodeHandle, identifier, is_name, output_names
from .inputs import io_type
from .source import literal

LINE = 120
SHORT = 4
PLAIN: Mapping[type[Field], str] = {Int: "int", Float: "float", String: "str", Boolean: "bool"}
HEAD = '''# Made by `ldm-nodes nodes --stubs`, which prints it anew; do not edit.
# ruff: noqa: A002, D205, N802
# fmt: off
"""Every node as a method: what it takes, what it gives, what it says of itself."""

from collections.abc import Mapping
from typing import Any, Literal

from ..engine.registry import Registry
from .handles import NodeHandle, Wire
'''


def stub(registry: Registry) -> str:
    """Return the text of `methods.pyi` for the nodes that there are, in the order of their names."""
    specs = [registry[name] for name in sorted(registry) if is_name(name)]
    lists = _lists(specs)
    aliases = [f"{name} = {_literal(choices)}" for choices, name in lists.items()]
    handles = _handles(specs)
    classes = [f"class {name}(NodeHandle):\n{body}" for body, name in handles.items() if body]
    methods = [_method(spec, lists, handles[_outputs(spec)]) for spec in specs]
    return "\n".join([HEAD, *aliases, "", *classes, "class NodeMethods:", "    registry: Registry", *methods])


def _lists(specs: Iterable[NodeSpec]) -> dict[tuple[str, ...], str]:
    """Name the long lists of choices after the inputs that first have them."""
    names: dict[tuple[str, ...], str] = {}
    for spec in specs:
        for item in spec.inputs.values():
            choices = _choices(item.field)
            if len(choices) > SHORT and choices not in names:
                name = f"_{identifier(item.name).title().replace('_', '')}"
                names[choices] = name if name not in names.values() else f"{name}Of{identifier(spec.name)}"
    return names


def _handles(specs: Iterable[NodeSpec]) -> dict[str, str]:
    """Name the kinds of handles after what they give; a node that gives nothing has the plain one."""
    names = {"": "NodeHandle"}
    for spec in specs:
        body = _outputs(spec)
        name = f"_{''.join(output.title().replace('_', '') for output in output_names(spec))}"
        if body not in names:
            names[body] = name if name not in names.values() else f"{name}Of{spec.name}"
    return names


def _outputs(spec: NodeSpec) -> str:
    """Declare what a node gives: every output under its name as it is written, and in lower case."""
    wires = dict(zip(output_names(spec), map(_wire, spec.outputs), strict=True))
    spelled = {identifier(output.name): wires[identifier(output.name).lower()] for output in spec.outputs}
    return "".join(f"    {name}: {wire}\n" for name, wire in (wires | spelled).items() if not hasattr(NodeHandle, name))


def _method(spec: NodeSpec, lists: Mapping[tuple[str, ...], str], handle: str) -> str:
    inputs = [_parameter(item, lists) for item in spec.inputs.values() if is_name(item.name)]
    more = ["_id: str | None = None", '_title: str = ""', "_extra: Mapping[str, Any] | None = None"]
    rest = ["**inputs: Any"] if spec.accepts_any or len(inputs) < len(spec.inputs) else []
    parameters = "".join(f"        {parameter},\n" for parameter in ("*", *inputs, *more, *rest))
    doc = textwrap.indent(_docstring(documentation(spec)), " " * 8)
    return f"    def {spec.name}(\n        self,\n{parameters}    ) -> {handle}:\n{doc}\n"


def _parameter(item: InputSpec, lists: Mapping[tuple[str, ...], str]) -> str:
    kind = _kind(item.field, lists)
    optional = not item.required and item.default is None
    text = f"{item.name}: {kind}{' | None' if optional else ''}"
    return text if item.default is MISSING else f"{text} = {literal(item.default)}"


def _kind(field: Field, lists: Mapping[tuple[str, ...], str]) -> str:
    """Say what an input takes: a constant where it is a widget, and a wire in any case."""
    choices = _choices(field)
    if choices:
        return f"{lists.get(choices) or _literal(choices)} | Wire[Any]"
    if isinstance(field, Choice):
        return "str | Wire[Any]"
    wire = _wire(field)
    return f"{PLAIN[type(field)]} | {wire}" if type(field) in PLAIN else wire


def _wire(output: Any) -> str:
    """Return the type of the wires that fit a field."""
    kind = io_type(getattr(output, "field", output))
    if not isinstance(kind, str) or ANY in kind:
        return "Wire[Any]"
    return f"Wire[{_literal(tuple(part.strip() for part in kind.split(',')))}]"


def _choices(field: Field) -> tuple[str, ...]:
    """Return the texts that an input chooses from, or nothing where they are files or no texts."""
    kind = io_type(field)
    return kind if isinstance(kind, tuple) and kind and all(isinstance(name, str) for name in kind) else ()


def _literal(names: tuple[str, ...]) -> str:
    text = f"Literal[{', '.join(map(literal, names))}]"
    if len(text) < LINE // 2:
        return text
    lines = textwrap.wrap(", ".join(map(literal, names)), LINE - 4, break_long_words=False, break_on_hyphens=False)
    return "Literal[\n" + "".join(f"    {line}\n" for line in lines) + "]"


def _docstring(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    lines = [line for part in escaped.splitlines() for line in _wrapped(part)]
    if len(lines) == 1:
        return f'"""{lines[0]}"""'
    return '"""' + "\n".join(lines) + '\n"""'


def _wrapped(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(line, LINE - 14, subsequent_indent=indent and indent + "    ", break_on_hyphens=False) or [""]
