"""Python source read as a graph, without running any of it.

The grammar is that of `source.py`: a function `build` of plain statements: `g = Graph()`, constants, one call per node,
`return g`. Whoever builds a graph with loops and conditions imports his own module and calls his function instead.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from ..engine.errors import Problem, PromptRejected
from ..engine.json_text import MAX_CHARACTERS, MAX_DEPTH, not_finite, too_deep
from ..engine.registry import Registry
from .graph import Graph
from .handles import NodeHandle, Wire

JSON = (str, int, float, bool, list, dict, type(None))
FUNCTION = "build"
GRAMMAR = "g = Graph(), name = constant, name = g.Class(input=constant or node.output, …), or return g"


def read_source(text: str, registry: Registry) -> Graph:
    """Return the graph that the function `build` in a Python text builds; the text is read, never executed.

    Raises:
        PromptRejected: when it is no Python, has no such function, or does anything but add nodes; and when a node is
            not right. The message names the line.
    """
    reader = _Reader(registry)
    for statement in _body(_parsed(text)):
        try:
            reader.read(statement)
        except (TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
            raise _rejected(str(error), statement) from error
    return reader.graph


def _parsed(text: str) -> ast.Module:
    if len(text) > MAX_CHARACTERS:
        raise _rejected(f"The text is longer than {MAX_CHARACTERS >> 20} MiB")
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise _rejected(f"Line {error.lineno}: this is not Python: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise _rejected(f"The text cannot be read as Python: {str(error) or 'it is nested too deeply'}") from error


def _body(module: ast.Module) -> list[ast.stmt]:
    found = [part for part in module.body if isinstance(part, ast.FunctionDef) and part.name == FUNCTION]
    if len(found) != 1:
        raise _rejected(f"The text has {len(found) or 'no'} functions {FUNCTION!r}; expected one that returns a graph")
    return [part for part in found[0].body if not _is_docstring(part)]


class _Unreadable(ValueError):
    """Something that the grammar does not have; the message goes behind the number of the line."""


class _Reader:
    """Reads statements in turn; `names` are the variables so far: constants and nodes."""

    def __init__(self, registry: Registry) -> None:
        self.graph = Graph(registry)
        self.names: dict[str, Any] = {}

    def read(self, statement: ast.stmt) -> None:
        """Take one statement in.

        Raises:
            ValueError: when it does not belong here; and what `Graph` raises.
        """
        match statement:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                self.names[name] = self.value(value)
            case ast.Expr(value=ast.Call() as call):
                self.value(call)
            case ast.Return(value=ast.Name(name)) if self.names.get(name) is self.graph:
                pass
            case _:
                raise _Unreadable(f"received `{_shown(statement)}`. Expected {GRAMMAR}")

    def value(self, node: ast.expr) -> Any:
        """Return what an expression stands for: a constant, a node, or one of its outputs."""
        match node:
            case ast.Name(name):
                return self._named(name)
            case ast.Attribute(value=ast.Name() | ast.Call() as owner, attr=name):
                return _output(self.value(owner), name)
            case ast.Subscript(value=ast.Attribute(value=owner, attr="outputs"), slice=ast.Constant(int(slot))):
                return _node(self.value(owner)).outputs[slot]
            case ast.Call(func=ast.Name("Graph"), args=[], keywords=[]):
                return self.graph
            case ast.Call(func=ast.Attribute(value=ast.Name(name), attr=method)) if self._named(name) is self.graph:
                return self._add(method, node)
            case _:
                return _constant(node)

    def _named(self, name: str) -> Any:
        if name not in self.names:
            raise _Unreadable(f"the name {name!r} stands for nothing yet")
        return self.names[name]

    def _add(self, method: str, call: ast.Call) -> NodeHandle:
        names = [self.value(argument) for argument in call.args]
        inputs = {name: value for keyword in call.keywords for name, value in self._given(keyword)}
        if method in ("add", "add_unchecked"):
            add = self.graph.add if method == "add" else self.graph.add_unchecked
            return add(*names, **inputs)
        self.graph.spec(method)
        if names:
            raise _Unreadable(f"{method} takes its inputs by name")
        return self.graph.add(method, **inputs)

    def _given(self, keyword: ast.keyword) -> Iterator[tuple[str, Any]]:
        """Yield the inputs of `name=value`, or of `**{"name": value}`."""
        match keyword:
            case ast.keyword(arg=str(name), value=value):
                yield name, self.value(value)
            case ast.keyword(arg=None, value=ast.Dict(keys=keys, values=values)):
                for key, value in zip(keys, values, strict=True):
                    if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                        raise _Unreadable("a name between ** and its value is no text")
                    yield key.value, self.value(value)
            case _:
                raise _Unreadable(f"received `**{_shown(keyword.value)}`. Expected names and values in braces")


def _output(owner: Any, name: str) -> Wire[Any]:
    output = getattr(_node(owner), name)
    if not isinstance(output, Wire):
        raise _Unreadable(f"{name!r} is no output of {owner!r}")
    return output


def _node(value: Any) -> NodeHandle:
    if not isinstance(value, NodeHandle):
        raise _Unreadable(f"{value!r} is no node, so it has no outputs")
    return value


def _constant(node: ast.expr) -> Any:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError) as error:
        raise _Unreadable(f"received `{_shown(node)}`. Expected a constant or an output of a node") from error
    if too_deep(value) or not_finite(value):
        raise _Unreadable(f"received `{_shown(node)}`. Expected finite numbers, in lists at most {MAX_DEPTH} deep")
    if not isinstance(value, JSON):
        raise _Unreadable(f"received {value!r}. Expected a text, a number, a list, a dictionary, True, False or None")
    return value


def _shown(node: ast.AST) -> str:
    """Return the first line of a piece of source, or of it what a line holds."""
    return ast.unparse(node).splitlines()[0][:80]


def _is_docstring(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)


def _rejected(message: str, statement: ast.stmt | None = None) -> PromptRejected:
    line = f"Line {statement.lineno}: " if statement else ""
    remedy = "" if statement else "`ldm-nodes export` writes such files."
    return PromptRejected((Problem("invalid_python", f"{line}{message}", remedy=remedy),))
