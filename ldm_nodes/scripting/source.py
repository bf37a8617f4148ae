"""A graph as Python source that people read: one call per node, variables that say what they hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import networkx as nx

from ..engine.errors import Problem, PromptRejected
from ..engine.json_text import not_finite
from ..engine.prompt import BadLink, Link, Prompt, PromptNode
from ..engine.registry import Registry
from .graph import Graph
from .handles import AnyNode, identifier, is_name, output_names

LINE = 120
RESERVED = ("_id", "_title", "_extra")
HEAD = '''"""A graph of ldm_nodes: run this file, or read it with `ldm_nodes.load_graph`, which does not execute it."""

from ldm_nodes import Graph, run


def build() -> Graph:
    """Return the graph."""
    g = Graph()
'''
FOOT = """    return g


if __name__ == "__main__":
    for file in run(build()).files:
        print(file)
"""
LONGEST = 60
TAKEN = frozenset({"g", "run", "build", "Graph"})


def to_source(prompt: Prompt, registry: Registry) -> str:
    """Return Python source that builds the graph; `read_source` reads it back to an equal one.

    Nodes stand in the order of the graph as far as wires allow. Those that a typed call would refuse, such as classes
    that are not installed, are added unchecked.

    Raises:
        PromptRejected: for what calls cannot build: cycles, wires from nowhere, numbers that are not finite.
    """
    _refuse_unwritable(prompt, registry)
    writer = _Writer(prompt, Graph(registry), _variables(prompt))
    return HEAD + "".join(map(writer.statement, _order(prompt))) + FOOT


@dataclass(frozen=True)
class _Writer:
    """Writes the nodes of a graph, sources first.

    Attributes:
        prompt: the graph.
        built: what the calls that were written so far build.
        variables: a name for each node whose outputs are used.
    """

    prompt: Prompt
    built: Graph
    variables: Mapping[str, str]

    def statement(self, node_id: str) -> str:
        """Write one node as `name = g.Class(...)`."""
        node = self.prompt.nodes[node_id]
        accepted = self._is_accepted(node_id, node)
        if accepted and is_name(node.class_type) and not hasattr(Graph, node.class_type):
            called, first = f"g.{node.class_type}", []
        else:
            called, first = f"g.{'add' if accepted else 'add_unchecked'}", [literal(node.class_type)]
        target = f"{self.variables[node_id]} = " if node_id in self.variables else ""
        return _call(f"{target}{called}", [*first, *self._inputs(node), *_naming(node_id, node)])

    def _is_accepted(self, node_id: str, node: PromptNode) -> bool:
        """Say whether a typed call makes exactly this node; it is built in any case."""
        wires = {name: AnyNode(self.built, link.node_id).outputs[link.slot] for name, link in node.links.items()}
        inputs = {**node.inputs, **wires}
        try:
            return self.built.add(node.class_type, _id=node_id, **inputs).inputs == node.inputs
        except (TypeError, ValueError):
            self.built.add_unchecked(node.class_type, _id=node_id, **inputs)
            return False

    def _inputs(self, node: PromptNode) -> Iterable[str]:
        odd = {name: value for name, value in node.inputs.items() if not is_name(name)}
        yield from (f"{name}={self._value(value)}" for name, value in node.inputs.items() if name not in odd)
        if odd:
            yield f"**{{{', '.join(f'{literal(name)}: {self._value(value)}' for name, value in odd.items())}}}"

    def _value(self, value: Any) -> str:
        if not isinstance(value, Link):
            return literal(value)
        spec = self.built.registry.get(self.prompt.nodes[value.node_id].class_type)
        names = output_names(spec) if spec else ()
        by_name = spec is not None and names.index(names[value.slot]) == value.slot
        output = names[value.slot] if by_name else f"outputs[{value.slot}]"
        return f"{self.variables[value.node_id]}.{output}"


def _call(head: str, arguments: list[str]) -> str:
    """Write a call on one line, or with a line for each argument."""
    line = f"    {head}({', '.join(arguments)})\n"
    if len(line) <= LINE + 1:
        return line
    return f"    {head}(\n" + "".join(f"        {argument},\n" for argument in arguments) + "    )\n"


def _naming(node_id: str, node: PromptNode) -> Iterable[str]:
    yield f"_id={literal(node_id)}"
    if node.title and node.extra == {"_meta": {"title": node.title}}:
        yield f"_title={literal(node.title)}"
    elif node.extra:
        yield f"_extra={literal(dict(node.extra))}"


def _variables(prompt: Prompt) -> dict[str, str]:
    """Name the nodes whose outputs are used, by title where there is one, each name once."""
    used = {link.node_id for node in prompt.nodes.values() for link in node.links.values()}
    counts: Counter[str] = Counter(TAKEN)
    variables = {}
    for node_id, node in prompt.nodes.items():
        if node_id in used:
            stem = _variable(node)
            name = stem
            while name in counts:
                counts[stem] += 1
                name = f"{stem}_{counts[stem]}"
            counts[name] += 1
            variables[node_id] = name
    return variables


def _variable(node: PromptNode) -> str:
    """Return a name for what a node makes.

    Example:
        >>> _variable(PromptNode("CLIPTextEncode")), _variable(PromptNode("X", {}, {"_meta": {"title": "A red fox!"}}))
        ('clip_text_encode', 'a_red_fox')
    """
    words = node.title if re.search(r"[A-Za-z]", node.title) else node.class_type
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", words)
    return identifier(identifier(apart[:LONGEST]).lower())


def _order(prompt: Prompt) -> list[str]:
    """Return all nodes, sources first, in the order of the text where wires leave a choice."""
    place = {node_id: index for index, node_id in enumerate(prompt.nodes)}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(prompt.nodes)
    graph.add_edges_from((link.node_id, key) for key, node in prompt.nodes.items() for link in node.links.values())
    try:
        return list(nx.lexicographical_topological_sort(graph, key=place.__getitem__))
    except nx.NetworkXUnfeasible as error:
        message = "The graph has a cycle, which no sequence of calls can build"
        raise PromptRejected((Problem("dependency_cycle", message, remedy="Cut one of its wires."),)) from error


def literal(value: Any) -> str:
    """Return a JSON value as Python writes it, texts in double quotes."""
    if isinstance(value, str) and value.isprintable():
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)


def _refuse_unwritable(prompt: Prompt, registry: Registry) -> None:
    problems = []
    for node_id, node in prompt.nodes.items():
        for name, value in node.inputs.items():
            if expected := _unwritable(prompt, registry, name, value):
                problems.append(
                    Problem(
                        "unwritable_graph",
                        "This cannot be written as Python",
                        node_id=node_id,
                        title=node.title,
                        class_type=node.class_type,
                        input_name=name,
                        received=value.value if isinstance(value, BadLink) else value,
                        expected=expected,
                    )
                )
    if problems:
        raise PromptRejected(tuple(problems))


def _unwritable(prompt: Prompt, registry: Registry, name: str, value: Any) -> str:
    """Say what would be right in the place of `value`, or nothing where it is."""
    if name in RESERVED:
        return f"an input of another name: {', '.join(RESERVED)} are not inputs here"
    if isinstance(value, BadLink):
        return 'a wire, ["4", 0]'
    if isinstance(value, Link):
        source = prompt.nodes.get(value.node_id)
        spec = registry.get(source.class_type) if source else None
        exists = source is not None and value.slot >= 0 and (spec is None or value.slot < len(spec.outputs))
        return "" if exists else "a wire from an output of a node of the graph"
    return "finite numbers" if not_finite(value) else ""
