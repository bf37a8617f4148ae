"""Small nodes and graphs for the tests of the engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from ldm_nodes.engine.cache import OutputCache
from ldm_nodes.engine.context import Context
from ldm_nodes.engine.errors import InputError, Problem, PromptRejected
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.memory import Memory, Weight
from ldm_nodes.engine.plan import Plan, make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.sockets import Choice, Float, Int, Socket
from ldm_nodes.engine.spec import NodeOutput, node
from ldm_nodes.settings import Folders

FOLDERS = Folders.under(Path("nowhere"))
Number = Annotated[Any, Socket("NUMBER")]
Text = Annotated[Any, Socket("TEXT")]
Graph = dict[str, dict[str, Any]]


class Journal(list[str]):
    """The runtime of these tests: the ids of the nodes that ran, in order."""


@node("Constant", category="test")
def constant(value: Annotated[int, Int(min=0, max=1000)] = 1, *, context: Context[Journal]) -> Number:
    context.runtime.append(context.node_id)
    return value


@node("Sum", category="test")
def total(a: Number, b: Number | None = None, c: Number | None = None, *, context: Context[Journal]) -> Number:
    context.runtime.append(context.node_id)
    return sum(value for value in (a, b, c) if value is not None)


@node("Split", category="test", outputs=("tens", "ones", "word"))
def split(a: Number, *, context: Context[Journal]) -> tuple[Number, Number, Text]:
    context.runtime.append(context.node_id)
    return a // 10, a % 10, str(a)


@node("Show", category="test", output=True)
def show(value: Annotated[Any, Socket("*")], *, context: Context[Journal]) -> NodeOutput[None]:
    context.runtime.append(context.node_id)
    return NodeOutput(None, {"text": [str(value)]})


@node("Settings", category="test", output=True)
def settings(
    steps: Annotated[int, Int(min=1, max=100)],
    strength: Annotated[float, Float(min=0.0, max=1.0)],
    name: str,
    enabled: bool,
    method: Annotated[str, Choice(("euler", "heun"))],
    file: Annotated[str, Choice(lambda folders: ("sub/a.bin", "b.bin"))],
    extra: Annotated[int, Int(optional=True)] = 7,
) -> NodeOutput[None]:
    shown = [steps, strength, name, enabled, method, file, extra]
    return NodeOutput(None, {"text": shown})


@node("Picky", category="test")
def picky(value: Number) -> Number:
    if value < 0 or value > 5:
        raise InputError("value", received=f"{value}", expected="at most 5", remedy="Count less.")
    return value


def registry() -> Registry:
    return Registry(constant, total, split, show, settings, picky)


def plan_of(graph: Graph, *nodes: Any, targets: list[str] | None = None) -> Plan:
    catalogue = registry()
    catalogue.register(*nodes)
    return make_plan(Prompt.parse(graph), catalogue, FOLDERS, targets)


def problems_of(graph: Graph, *nodes: Any) -> tuple[Problem, ...]:
    """Return what is wrong with a graph of which nothing can run."""
    try:
        plan_of(graph, *nodes)
    except PromptRejected as rejected:
        return rejected.problems
    raise AssertionError("the graph was not rejected")


def executor(*nodes: Any, budget: int = 1000, size_of: Callable[[tuple[Any, ...]], int] = len) -> Executor[Journal]:
    catalogue = registry()
    catalogue.register(*nodes)
    return Executor(catalogue, OutputCache(Memory(budget, lambda outputs: Weight(size_of(outputs)))), Journal())


def chain(length: int) -> Graph:
    """Return `length` sums in a row behind a constant, and a node that shows the end."""
    graph: Graph = {"0": {"class_type": "Constant", "inputs": {"value": 1}}}
    for index in range(1, length):
        graph[str(index)] = {"class_type": "Sum", "inputs": {"a": [str(index - 1), 0]}}
    graph["end"] = {"class_type": "Show", "inputs": {"value": [str(length - 1), 0]}}
    return graph


def settings_node(**changes: Any) -> Graph:
    inputs = {"steps": 5, "strength": 0.5, "name": "x", "enabled": True, "method": "heun", "file": "b.bin"}
    return {"1": {"class_type": "Settings", "inputs": {**inputs, **changes}, "_meta": {"title": "Mine"}}}
