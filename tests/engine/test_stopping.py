"""A run stops when asked: between nodes, between the calls of one node, inside a node, while coroutines are awaited."""

from __future__ import annotations

import threading
from typing import Annotated, Any

import pytest

from ldm_nodes.engine.context import CancelToken, Context
from ldm_nodes.engine.coroutines import Tasks
from ldm_nodes.engine.errors import Cancelled
from ldm_nodes.engine.events import Event, Executing, Failed, Interrupted, Progress
from ldm_nodes.engine.sockets import Socket
from ldm_nodes.engine.spec import node

from .contract_pack import Bench, World, graph_of

Value = Annotated[Any, Socket("*")]


@node("CancelAt", category="x")
def cancel_at(value: Value, token: Value, *, context: Context[World]) -> Value:
    context.runtime.ran.append(f"call {value}")
    if value == 1:
        token.cancel()
    return value


@node("Stubborn", category="x")
async def stubborn(value: Value, *, context: Context[World]) -> Value:
    for _ in range(100):
        context.progress(1, 2)
    return value


@node("RaisesCancelled", category="x")
def raises_cancelled(value: Value) -> Value:
    raise Cancelled


def _bench() -> Bench:
    bench = Bench()
    bench.executor.registry.register(cancel_at, stubborn, raises_cancelled)
    return bench


def test_between_the_calls_of_one_node() -> None:
    bench, token = _bench(), CancelToken()
    graph = graph_of(l=("Range", {"count": 5}), x=("CancelAt", {"value": "@l", "token": token}))
    with pytest.raises(Cancelled):
        bench.run(graph, "x", token=token)
    assert bench.world.ran == ["l", "call 0", "call 1"]
    assert bench.events[-1] == Interrupted("r", "x")


def test_while_coroutines_are_awaited() -> None:
    bench, token = _bench(), CancelToken()
    timer = threading.Timer(0.05, token.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        bench.run(graph_of(x=("Await", {"value": 1})), "x", token=token)
    assert bench.events[-1] == Interrupted("r", "x")
    assert [thread.name for thread in threading.enumerate() if thread.name == "ldm-nodes async"] == []


def test_inside_a_coroutine() -> None:
    bench, token, events = _bench(), CancelToken(), list[Event]()
    graph = graph_of(x=("Stubborn", {"value": 1}))
    plan = bench.plan(graph, "x")

    def listen(event: Event) -> None:
        events.append(event)
        if isinstance(event, Progress):
            token.cancel()

    with pytest.raises(Cancelled):
        bench.executor.run(plan, listen, token, run_id="r")
    assert [type(event) for event in events].count(Progress) == 1
    assert events[-1] == Interrupted("r", "x")


def test_a_node_may_stop_the_run_itself() -> None:
    bench = _bench()
    with pytest.raises(Cancelled):
        bench.run(graph_of(x=("RaisesCancelled", {"value": 1}), y=("Keep", {"value": "@x"})))
    assert bench.events[-1] == Interrupted("r", "x")
    assert not bench.told(Failed)
    assert bench.run(graph_of(y=("Keep", {"value": 1}))).ui, "the next run is not stopped"


def test_what_was_finished_is_kept() -> None:
    bench = _bench()
    graph = graph_of(c=("Const", {"value": 1}), x=("RaisesCancelled", {"value": "@c"}))
    for _ in range(2):
        with pytest.raises(Cancelled):
            bench.run(graph, "x")
    assert bench.world.ran == []
    assert [event.node_id for event in bench.told(Executing)] == ["x"]


def test_tasks_that_end_are_taken_once() -> None:
    tasks = Tasks()
    assert tasks.take() is None
    tasks.start("a", [lambda: 1, lambda: 2])
    tasks.wait(CancelToken())
    taken = tasks.take()
    assert taken is not None
    assert (taken[0], taken[1].result()) == ("a", [1, 2])
    assert (tasks.take(), len(tasks), tasks.first) == (None, 0, None)
    tasks.close()
