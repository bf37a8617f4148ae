"""A pack of small nodes that do each one thing that the contract speaks of: lists, laziness, blocks, loops, waiting."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from typing import Annotated, Any

from ldm_nodes.engine.blocker import ExecutionBlocker
from ldm_nodes.engine.cache import OutputCache
from ldm_nodes.engine.context import CancelToken, Context
from ldm_nodes.engine.dynamic_prompt import DynamicPrompt
from ldm_nodes.engine.events import Event
from ldm_nodes.engine.executor import Executor, RunResult
from ldm_nodes.engine.memory import Memory, Weight
from ldm_nodes.engine.plan import Plan, make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.run_graph import Limits
from ldm_nodes.engine.sockets import Hidden, Int, Socket
from ldm_nodes.engine.spec import NodeOutput, node

from .pack import FOLDERS, Graph

Value = Annotated[Any, Socket("*")]
Lazy = Annotated[Any, Socket("*", lazy=True)]
Raw = Annotated[Any, Socket("*", raw_link=True)]


class World:
    """The runtime of these tests: what ran, in order, and how often each node did."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.seen: list[Any] = []
        self.counter = 0
        self.release = threading.Event()


Ctx = Context[World]


@node("Const", category="test")
def const(value: Value, *, context: Ctx) -> Value:
    context.runtime.ran.append(context.node_id)
    return value


@node("Add", category="test")
def add(a: Value, b: Value, *, context: Ctx) -> Value:
    context.runtime.ran.append(context.node_id)
    return a + b


@node("Maybe", category="test")
def maybe(value: Value | None = None) -> Value:
    return ["called", value]


@node("Keep", category="test", output=True)
def keep(value: Value, *, context: Ctx) -> NodeOutput[None]:
    context.runtime.ran.append(context.node_id)
    context.runtime.seen.append(value)
    return NodeOutput(None, {"text": [str(value)]})


@node("Range", category="test")
def spread(count: int, *, context: Ctx) -> list[Value]:
    context.runtime.ran.append(context.node_id)
    return list(range(count))


@node("Gather", category="test")
def gather(values: list[Value], start: list[Annotated[int, Int(optional=True)]] | None = None) -> Value:
    return [values, start]


@node("Halves", category="test", outputs=("all", "one"))
def halves(values: list[Value]) -> tuple[list[Value], Value]:
    return [value // 2 for value in values], len(values)


def _mix_needs(switch: Any, low: Any, high: Any, context: Ctx) -> list[str]:
    context.runtime.seen.append((switch, low, high))
    if switch and high is None:
        return ["high"]
    return [] if switch or low is not None else ["low"]


@node("Mix", category="test", needs=_mix_needs)
def mix(switch: Value, low: Lazy, high: Lazy, *, context: Ctx) -> Value:
    context.runtime.ran.append(context.node_id)
    return high if switch else low


@node("Blend", category="test", needs=lambda mask, **images: [
    *(["first"] if mask < 1 else []), *(["second"] if mask > 0 else [])
])  # fmt: skip
def blend(mask: Value, first: Lazy, second: Lazy | None = None) -> Value:
    return [mask, first, second]


@node("Greedy", category="test", needs=lambda: ["nowhere"])
def greedy(nowhere: Lazy | None = None) -> Value:
    return nowhere


@node("Sleepy", category="test")
def sleepy(a: Lazy) -> Value:
    return [a]


@node("Gate", category="test")
def gate(value: Value, is_open: bool, message: str = "") -> Value:
    return value if is_open else ExecutionBlocker(message or None)


@node("GateEach", category="test", outputs=("even", "odd"))
def gate_each(value: Value) -> tuple[Value, Value]:
    return (value, ExecutionBlocker("odd")) if value % 2 == 0 else (ExecutionBlocker(None), value)


@node("WrongList", category="test")
def wrong_list(value: Value) -> list[Value]:
    return value  # type: ignore[no-any-return]


@node("BlockAll", category="test", outputs=("a", "b"))
def block_all(value: Value) -> tuple[Value, Value]:
    return ExecutionBlocker()  # type: ignore[return-value]


@node("Fail", category="test")
def fail(value: Value) -> Value:
    raise ZeroDivisionError("no")


@node("Unique", category="test", not_idempotent=True)
def unique(value: Value, *, context: Ctx) -> Value:
    context.runtime.ran.append(context.node_id)
    return [value, context.node_id]


@node("Tick", category="test", fingerprint=lambda: float("nan"))
def tick(*, context: Ctx) -> Value:
    context.runtime.ran.append(context.node_id)
    context.runtime.counter += 1
    return context.runtime.counter


@node("Twice", category="test", expands=True)
def twice(value: Value, *, context: Ctx) -> NodeOutput[Value]:
    context.runtime.ran.append(context.node_id)
    graph = context.graph_builder()
    first = graph.node("Const", value=value)
    double = graph.node("Add", a=first.out(0), b=first.out(0))
    return NodeOutput(double.out(0), expand=graph.finalize())


@node("FourTimes", category="test", expands=True)
def four_times(value: Value, *, context: Ctx) -> NodeOutput[Value]:
    graph = context.graph_builder()
    once = graph.node("Twice", value=value)
    again = graph.node("Twice", value=once.out(0))
    return NodeOutput(again.out(0), {"text": ["four"]}, expand=graph.finalize())


@node("Count", category="test", expands=True)
def count(until: int, step: int = 0, total: Value = 0, *, context: Ctx) -> NodeOutput[Value]:
    """A loop: as long as `step` is below `until` the node puts one more round in its place."""
    if step >= until:
        return NodeOutput(total)
    graph = context.graph_builder()
    added = graph.node("Add", a=total, b=step)
    rest = graph.node("Count", until=until, step=step + 1, total=added.out(0))
    return NodeOutput(rest.out(0), expand=graph.finalize())


@node("Forever", category="test", expands=True)
def forever(value: int, *, context: Ctx) -> NodeOutput[Value]:
    graph = context.graph_builder()
    return NodeOutput(graph.node("Forever", value=value).out(0), expand=graph.finalize())


@node("Expand", category="test", expands=True)
def expand(graph: Value, result: Value, after: Value | None = None) -> NodeOutput[Value]:
    """Returns whatever expansion a test wants."""
    return NodeOutput(result, expand=graph)


@node("SometimesExpand", category="test", expands=True)
def sometimes(value: Value, *, context: Ctx) -> NodeOutput[Value]:
    if value % 2:
        return NodeOutput(value)
    graph = context.graph_builder()
    return NodeOutput(graph.node("Add", a=value, b=100).out(0), expand=graph.finalize())


@node("Peek", category="test", expands=True)
def peek(value: Raw, *, context: Ctx) -> NodeOutput[Value]:
    """Hands its wire on to a node that it puts in."""
    context.runtime.seen.append(value)
    graph = context.graph_builder()
    return NodeOutput(graph.node("Add", a=value, b=1).out(0), expand=graph.finalize())


@node("Later", category="test")
async def later(value: Value, turns: Annotated[int, Int(optional=True)] = 1, *, context: Ctx) -> Value:
    context.runtime.ran.append(f"{context.node_id} begins")
    for turn in range(turns):
        await asyncio.sleep(0.001)
        context.progress(turn + 1, turns)
    context.runtime.ran.append(f"{context.node_id} ends")
    return value


@node("Await", category="test")
async def awaits(value: Value, *, context: Ctx) -> Value:
    """Ends only when somebody sets `World.release`."""
    while not context.runtime.release.is_set():
        await asyncio.sleep(0.001)
    return value


@node("Release", category="test", output=True)
def release(value: Value, *, context: Ctx) -> None:
    context.runtime.release.set()


@node("FailLater", category="test")
async def fail_later(value: Value) -> Value:
    await asyncio.sleep(0)
    raise OSError("the line is dead")


@node("Tell", category="test", output=True)
def tell(
    value: Value,
    prompt: Annotated[dict[str, Any], Hidden.PROMPT],
    graph: Annotated[DynamicPrompt, Hidden.DYNPROMPT],
    extra: Annotated[dict[str, Any] | None, Hidden.EXTRA_PNGINFO],
    unique_id: Annotated[str, Hidden.UNIQUE_ID],
    token: Annotated[str | None, Hidden.AUTH_TOKEN_COMFY_ORG],
    key: Annotated[str | None, Hidden.API_KEY_COMFY_ORG],
    *,
    context: Ctx,
) -> None:
    context.runtime.seen.append(
        {"prompt": prompt, "graph": graph, "extra": extra, "unique_id": unique_id, "token": token, "key": key}
    )


NODES = (
    const, add, maybe, keep, spread, gather, halves, mix, blend, greedy, sleepy, gate, gate_each, block_all, wrong_list,
    fail, unique, tick, twice, four_times, count, forever, expand, sometimes, peek, later, awaits, release, fail_later,
    tell,
)  # fmt: skip


class Bench:
    """An executor over the pack, with what its runs came to."""

    def __init__(self, limits: Limits | None = None, budget: int = 1 << 20) -> None:
        self.world = World()
        memory = Memory(budget, lambda outputs: Weight(1))
        self.executor = Executor(Registry(*NODES), OutputCache(memory), self.world, limits)
        self.events: list[Event] = []

    def run(self, graph: Graph, *targets: str, token: CancelToken | None = None, **told: Any) -> RunResult:
        """Run a graph and record its events; `targets` stand for the output nodes."""
        self.world.ran.clear()
        self.world.seen.clear()
        self.events.clear()
        return self.executor.run(self.plan(graph, *targets), self.events.append, token, run_id="r", **told)

    def plan(self, graph: Graph, *targets: str) -> Plan:
        """Plan a graph."""
        return make_plan(Prompt.parse(graph), self.executor.registry, FOLDERS, list(targets) or None)

    def value(self, graph: Graph, target: str, slot: int = 0) -> Any:
        """Run a graph for one node, and return what one of its outputs has."""
        return self.run(graph, target).outputs[target][slot]

    def told(self, kind: type[Event]) -> list[Any]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


def graph_of(**nodes: tuple[str, Mapping[str, Any]]) -> Graph:
    """Write a graph: node id to class and inputs; a text such as `"@a.1"` is a wire from output 1 of node a."""
    return {
        node_id: {"class_type": name, "inputs": {key: _wire(value) for key, value in inputs.items()}}
        for node_id, (name, inputs) in nodes.items()
    }


def _wire(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    source, _, slot = value[1:].partition(".")
    return [source, int(slot or 0)]
