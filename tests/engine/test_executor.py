"""Plans run: once each, in a valid order, with reuse, cancellation and failures that name the culprit."""

from __future__ import annotations

import gc
import time
import weakref
from typing import Annotated, Any

import pytest

from ldm_nodes.engine.cache import OutputCache
from ldm_nodes.engine.context import CancelToken, Context
from ldm_nodes.engine.errors import Cancelled, InputError, NodeFailed
from ldm_nodes.engine.events import (
    Cached,
    Event,
    Executed,
    Executing,
    Explained,
    Failed,
    Interrupted,
    Notice,
    Progress,
    Started,
    Succeeded,
)
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.keys import cache_keys
from ldm_nodes.engine.memory import Memory
from ldm_nodes.engine.plan import Plan, make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.sockets import Socket
from ldm_nodes.engine.spec import NodeOutput, node

from .pack import FOLDERS, Graph, Journal, Number, Text, chain, executor, plan_of

SPLIT_AND_SUM: Graph = {
    "1": {"class_type": "Constant", "inputs": {"value": 42}},
    "2": {"class_type": "Split", "inputs": {"a": ["1", 0]}},
    "3": {"class_type": "Sum", "inputs": {"a": ["2", 0], "b": ["2", 1]}, "_meta": {"title": "Add"}},
    "4": {"class_type": "Show", "inputs": {"value": ["3", 0]}},
}


def _plan_for(runner: Executor[Journal], graph: Graph, targets: list[str] | None = None) -> Plan:
    return make_plan(Prompt.parse(graph), runner.registry, FOLDERS, targets)


def test_values_flow_along_the_wires() -> None:
    result = executor().run(plan_of(SPLIT_AND_SUM))
    assert result.ui == {"4": {"text": ["6"]}}
    assert result.outputs == {"4": ()}
    assert {node_id: record.status for node_id, record in result.nodes.items()} == dict.fromkeys("1234", "ran")
    assert sum(record.seconds for record in result.nodes.values()) <= result.seconds


def _even(name: str, value: Any) -> None:
    if value % 2:
        raise InputError(name, received=str(value), expected="an even number")


@node("Halve", category="test")
def halve(number: Annotated[Any, Socket("NUMBER", admit=_even)]) -> Number:
    return int(number) // 2


def _halving(value: int) -> Graph:
    return {
        "1": {"class_type": "Constant", "inputs": {"value": value}},
        "2": {"class_type": "Halve", "inputs": {"number": ["1", 0]}},
    }


def test_values_may_be_looked_at_before_the_node_meets_them() -> None:
    runner = executor(halve)
    assert runner.run(_plan_for(runner, _halving(42), ["2"])).outputs == {"2": (21,)}
    with pytest.raises(NodeFailed, match=r"node 2 \(Halve\).*Received 41. It came from output 0 of node 1"):
        runner.run(_plan_for(runner, _halving(41), ["2"]))


def test_the_values_of_a_target_come_back() -> None:
    assert executor().run(plan_of(SPLIT_AND_SUM, targets=["2"])).outputs == {"2": (4, 2, "42")}


def test_events_tell_the_run() -> None:
    events: list[Event] = []
    result = executor().run(plan_of(SPLIT_AND_SUM, targets=["3"]), events.append, run_id="r")
    seconds = [result.nodes[node_id].seconds for node_id in "123"]
    assert events == [
        Started("r", ("1", "2", "3")),
        Cached("r", ()),
        Executing("r", "1", "Constant", ""),
        Executed("r", "1", None, seconds[0], False),
        Executing("r", "2", "Split", ""),
        Executed("r", "2", None, seconds[1], False),
        Executing("r", "3", "Sum", "Add"),
        Executed("r", "3", None, seconds[2], False),
        Explained("r", result.explanation),
        Succeeded("r"),
    ]


def test_a_second_run_reuses_everything_and_shows_it_again() -> None:
    runner, events = executor(), list[Event]()
    first = runner.run(plan_of(SPLIT_AND_SUM))
    runner.runtime.clear()
    second = runner.run(plan_of(SPLIT_AND_SUM), events.append, run_id="r")
    assert runner.runtime == []
    assert second.ui == first.ui
    assert {record.status for record in second.nodes.values()} == {"reused"}
    assert events == [
        Started("r", ("1", "2", "3", "4")),
        Cached("r", ("1", "2", "3", "4")),
        Executed("r", "4", {"text": ["6"]}, 0.0, True),
        Explained("r", second.explanation),
        Succeeded("r"),
    ]


def test_a_change_runs_what_follows_it_only() -> None:
    runner = executor()
    runner.run(plan_of(SPLIT_AND_SUM))
    runner.runtime.clear()
    changed = {**SPLIT_AND_SUM, "3": {"class_type": "Sum", "inputs": {"a": ["2", 1], "b": ["2", 0]}}}
    runner.run(plan_of(changed))
    assert runner.runtime == ["3", "4"]


def test_another_graph_reuses_equal_nodes_under_other_ids() -> None:
    runner = executor()
    runner.run(plan_of(SPLIT_AND_SUM))
    runner.runtime.clear()
    other: Graph = {
        "a": {"class_type": "Constant", "inputs": {"value": 42.0}},
        "b": {"class_type": "Split", "inputs": {"a": ["a", 0]}},
        "c": {"class_type": "Show", "inputs": {"value": ["b", 2]}},
    }
    result = runner.run(plan_of(other))
    assert runner.runtime == ["c"]
    assert result.ui == {"c": {"text": ["42"]}}
    assert [record.status for record in result.nodes.values()] == ["reused", "reused", "ran"]


def test_twins_in_one_graph_run_once() -> None:
    graph: Graph = {
        "1": {"class_type": "Constant", "inputs": {"value": 3}},
        "2": {"class_type": "Constant", "inputs": {"value": 3}},
        "3": {"class_type": "Sum", "inputs": {"a": ["1", 0], "b": ["2", 0]}},
        "4": {"class_type": "Show", "inputs": {"value": ["3", 0]}},
    }
    runner, events = executor(), list[Event]()
    assert runner.run(plan_of(graph), events.append).ui == {"4": {"text": ["6"]}}
    assert runner.runtime == ["1", "3", "4"]
    assert Cached("", ("2",)) in events


def test_without_a_budget_everything_runs_every_time_and_is_right() -> None:
    runner = executor(budget=-1)
    for _ in range(2):
        assert runner.run(plan_of(SPLIT_AND_SUM)).ui == {"4": {"text": ["6"]}}
    assert runner.runtime == list("1234") * 2


def test_what_is_cached_below_hides_what_was_dropped_above() -> None:
    runner, plan = executor(), plan_of(SPLIT_AND_SUM)
    runner.run(plan)
    keys = cache_keys(plan, runner.registry, lambda node_id, message: None)
    runner.cache.memory.drop([keys["1"], keys["2"]])
    runner.runtime.clear()
    result = runner.run(plan)
    assert runner.runtime == []
    assert [record.status for record in result.nodes.values()] == ["skipped", "skipped", "reused", "reused"]


@pytest.mark.parametrize("value", [None, 0, "", [], {}, False])
def test_a_value_that_looks_like_nothing_is_cached_too(value: Any) -> None:
    runs = []

    def empty() -> Number:
        runs.append(1)
        return (value,)

    runner = executor(node("Empty", category="x")(empty))
    plan = _plan_for(runner, {"1": {"class_type": "Empty"}}, ["1"])
    assert runner.run(plan).outputs == runner.run(plan).outputs == {"1": (value,)}
    assert runs == [1]


def test_ten_thousand_nodes_in_a_row() -> None:
    began = time.perf_counter()
    runner = executor(budget=100_000)
    result = runner.run(_plan_for(runner, chain(10_000)))
    assert result.ui == {"end": {"text": ["1"]}}
    assert runner.runtime == [str(index) for index in range(10_000)] + ["end"]
    assert time.perf_counter() - began < 20, "linear work takes about a second; quadratic work minutes"


def test_ten_thousand_nodes_side_by_side() -> None:
    graph: Graph = {str(index): {"class_type": "Show", "inputs": {"value": index}} for index in range(10_000)}
    assert len(executor(budget=100_000).run(plan_of(graph)).ui) == 10_000


# failures


@node("Broken", category="x")
def broken(value: Number, *, context: Context[Journal]) -> Number:
    raise context.runtime.error  # type: ignore[attr-defined]


BROKEN: Graph = {
    "1": {"class_type": "Constant", "inputs": {"value": 7}, "_meta": {"title": "Seven"}},
    "2": {"class_type": "Broken", "inputs": {"value": ["1", 0]}, "_meta": {"title": "Mine"}},
    "3": {"class_type": "Show", "inputs": {"value": ["2", 0]}},
}


def _fail(error: BaseException) -> tuple[NodeFailed, list[Event]]:
    runner, events = executor(broken), list[Event]()
    vars(runner.runtime)["error"] = error
    with pytest.raises(NodeFailed) as caught:
        runner.run(_plan_for(runner, BROKEN), events.append, run_id="r")
    return caught.value, events


def test_an_exception_of_a_node_names_the_node() -> None:
    failure, events = _fail(ZeroDivisionError("division by zero"))
    assert str(failure) == 'node 2 "Mine" (Broken): division by zero.'
    assert failure.problem.code == "node_failed"
    assert failure.problem.extra_info["exception_type"] == "ZeroDivisionError"
    assert "raise context.runtime.error" in failure.problem.extra_info["traceback"][-1]
    assert isinstance(failure.__cause__, ZeroDivisionError)
    assert events[-1] == Failed("r", failure.problem)


def test_an_exception_without_a_text_is_told_by_its_name() -> None:
    assert _fail(AssertionError())[0].problem.message == "AssertionError"


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 10 bytes."),
        RuntimeError("MPS backend out of memory"),
    ],
)
def test_running_out_of_memory_comes_with_advice(error: Exception) -> None:
    failure, _ = _fail(error)
    assert failure.problem.code == "out_of_memory"
    assert str(failure).startswith('node 2 "Mine" (Broken): Memory ran out')
    assert "smaller" in failure.problem.remedy


def test_another_runtime_error_is_not_out_of_memory() -> None:
    assert _fail(RuntimeError("a shape is wrong"))[0].problem.code == "node_failed"


def test_a_bad_input_names_its_producer() -> None:
    graph: Graph = {
        "1": {"class_type": "Constant", "inputs": {"value": 7}, "_meta": {"title": "Seven"}},
        "2": {"class_type": "Picky", "inputs": {"value": ["1", 0]}, "_meta": {"title": "Mine"}},
    }
    with pytest.raises(NodeFailed) as caught:
        executor().run(plan_of(graph, targets=["2"]))
    assert str(caught.value) == (
        'node 2 "Mine" (Picky), input "value": The node cannot use this value. Received 7. '
        'It came from output 0 of node 1 "Seven" (Constant). Expected at most 5. Count less.'
    )
    assert caught.value.problem.code == "bad_input"


def test_a_bad_constant_has_no_producer() -> None:
    @node("Constantly", category="x", output=True)
    def constantly(value: int) -> None:
        from ldm_nodes.engine.errors import InputError

        raise InputError("value", received="5", expected="6")

    runner = executor(constantly)
    with pytest.raises(NodeFailed, match=r"cannot use this value\. Received 5\. Expected 6\.$"):
        runner.run(_plan_for(runner, {"1": {"class_type": "Constantly", "inputs": {"value": 5}}}))


@pytest.mark.parametrize(
    ("returned", "count"), [((), 0), ((1, 2, 3), 3), (1, 1), (None, 0), (NodeOutput(5), 1), (NodeOutput(None), 0)]
)
def test_a_wrong_number_of_values_is_told(returned: Any, count: int) -> None:
    def two() -> tuple[Number, Number]:
        return returned  # type: ignore[no-any-return]

    runner = executor(node("Two", category="x")(two))
    with pytest.raises(NodeFailed, match=f"returned {count} values where it declares 2 outputs"):
        runner.run(_plan_for(runner, {"1": {"class_type": "Two"}}, ["1"]))


def test_what_finished_before_a_failure_is_kept() -> None:
    runner = executor(broken)
    vars(runner.runtime)["error"] = ValueError("x")
    for _ in range(2):
        with pytest.raises(NodeFailed):
            runner.run(_plan_for(runner, BROKEN))
    assert runner.runtime == ["1"]


# cancelling


@node("Slow", category="x")
def slow(value: Number, *, context: Context[Journal]) -> Number:
    for step in range(100):
        context.progress(step, 100)
    return value


SLOW: Graph = {
    "1": {"class_type": "Constant", "inputs": {"value": 7}},
    "2": {"class_type": "Slow", "inputs": {"value": ["1", 0]}},
    "3": {"class_type": "Show", "inputs": {"value": ["2", 0]}},
}


def test_a_run_is_cancelled_inside_a_node() -> None:
    runner, events, token = executor(slow), list[Event](), CancelToken()

    def listen(event: Event) -> None:
        events.append(event)
        if isinstance(event, Progress) and event.value == 3:
            token.cancel()

    with pytest.raises(Cancelled):
        runner.run(_plan_for(runner, SLOW), listen, token, run_id="r")
    assert events[-3] == Progress("r", "2", 3, 100)
    assert events[-1] == Interrupted("r", "2")


def test_a_run_is_cancelled_between_nodes() -> None:
    runner, events, token = executor(), list[Event](), CancelToken()

    def listen(event: Event) -> None:
        events.append(event)
        if isinstance(event, Executed) and event.node_id == "1":
            token.cancel()

    with pytest.raises(Cancelled):
        runner.run(plan_of(SPLIT_AND_SUM), listen, token, run_id="r")
    assert events[-1] == Interrupted("r", None)
    assert runner.runtime == ["1"]


def test_an_old_wish_to_stop_does_not_stop_the_next_run() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        executor().run(plan_of(SPLIT_AND_SUM), token=token)
    assert executor().run(plan_of(SPLIT_AND_SUM)).ui


def test_control_c_is_told_and_goes_on() -> None:
    runner, events = executor(broken), list[Event]()
    vars(runner.runtime)["error"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        runner.run(_plan_for(runner, BROKEN), events.append, run_id="r")
    assert events[-1] == Interrupted("r", "2")


# what a node sees


def test_a_node_sees_the_graph_and_the_client_s_metadata() -> None:
    seen: dict[str, Any] = {}

    @node("Save", category="x", output=True)
    def save(count: int, *, context: Context[Journal]) -> None:
        seen.update(prompt=context.prompt, again=context.prompt, extra=context.extra_pnginfo, node_id=context.node_id)

    runner, extra = executor(save), dict[str, Any](workflow={})
    runner.run(_plan_for(runner, {"7": {"class_type": "Save", "inputs": {"count": "3"}}}), extra_pnginfo=extra)
    assert seen["prompt"] == {"7": {"inputs": {"count": 3}, "class_type": "Save"}}
    assert seen["prompt"] is seen["again"], "packs write into it"
    assert seen["extra"] is extra
    assert seen["node_id"] == "7"


def test_what_nodes_record_travels_with_their_results() -> None:
    heard = []

    @node("Make", category="x")
    def make(name: str, *, context: Context[Journal]) -> Number:
        context.record(made=name)
        return name

    @node("Mix", category="x", not_idempotent=True)
    def mix(a: Number, b: Number, *, context: Context[Journal]) -> Number:
        heard.append(context.heard)
        context.record(mixed=True)
        return a

    graph: Graph = {
        "1": {"class_type": "Make", "inputs": {"name": "x"}},
        "2": {"class_type": "Make", "inputs": {"name": "y"}},
        "3": {"class_type": "Mix", "inputs": {"a": ["1", 0], "b": ["2", 0]}},
        "4": {"class_type": "Mix", "inputs": {"a": ["3", 0], "b": ["1", 0]}},
    }
    runner = executor(make, mix)
    runner.run(_plan_for(runner, graph, ["4"]))
    first, second = {"made": "x"}, {"made": "y"}
    assert heard == [(first, second), (first, second, {"mixed": True})]
    renamed: Graph = {**{node_id: graph[node_id] for node_id in "12"}, "5": graph["3"]}
    runner.run(_plan_for(runner, renamed, ["5"]))
    assert heard[-1] == (first, second), "what came from the cache is told as well"


def test_an_absent_optional_input_takes_the_function_s_default() -> None:
    seen = []

    @node("Opt", category="x", output=True)
    def opt(a: Number | None = None, b: str | None = "default") -> None:
        seen.append((a, b))

    runner = executor(opt)
    plan = _plan_for(runner, {"1": {"class_type": "Opt", "inputs": {"a": None}}})
    assert plan.literals["1"] == {"a": None}
    runner.run(plan)
    assert seen == [(None, "default")]


def test_a_node_taking_anything_gets_undeclared_wires_but_no_undeclared_constants() -> None:
    seen = []

    @node("Any", category="x", output=True)
    def anything(**inputs: Any) -> None:
        seen.append(inputs)

    runner = executor(anything)
    inputs = {"x": ["1", 0], "y": 5}
    graph: Graph = {
        "1": {"class_type": "Constant", "inputs": {"value": 7}},
        "2": {"class_type": "Any", "inputs": inputs},
    }
    runner.run(_plan_for(runner, graph))
    assert seen == [{"x": 7}]


def test_a_fingerprint_that_fails_is_a_notice() -> None:
    def fingerprint(path: str) -> str:
        raise OSError("no such file")

    def read(path: str) -> Text:
        return path

    runner, events = executor(node("Read", category="x", fingerprint=fingerprint)(read)), list[Event]()
    plan = _plan_for(runner, {"1": {"class_type": "Read", "inputs": {"path": "p"}}}, ["1"])
    for _ in range(2):
        assert runner.run(plan, events.append).nodes["1"].status == "ran"
    (first, _) = [event for event in events if isinstance(event, Notice)]
    assert events.index(first) == 1, "nothing is told of a run before it starts"
    assert first.message == "The node's fingerprint failed: no such file. The node will run every time."


def test_values_are_let_go_while_the_run_goes_on() -> None:
    alive: set[int] = set()
    most = []

    class Big:
        def __init__(self) -> None:
            alive.add(id(self))

        def __del__(self) -> None:
            alive.discard(id(self))

    def grow(a: Number | None = None) -> Number:
        big = Big()
        most.append(len(alive))
        return big

    runner: Executor[None] = Executor(
        executor(node("Grow", category="x")(grow)).registry, OutputCache(Memory(-1)), None
    )
    graph: Graph = {"0": {"class_type": "Grow"}}
    graph |= {str(index): {"class_type": "Grow", "inputs": {"a": [str(index - 1), 0]}} for index in range(1, 50)}
    runner.run(make_plan(Prompt.parse(graph), runner.registry, FOLDERS, ["49"]))
    assert max(most) == 2


class _Listener:
    """Hears events, as an object that can be seen to go."""

    def __call__(self, event: Event) -> None: ...


def test_when_a_run_is_over_nothing_holds_who_listened_or_what_was_secret() -> None:
    """What is remembered of runs once held all of eight of them: events, tokens and what clients sent for services."""
    runner, listener, token = executor(), _Listener(), CancelToken()
    gone: list[weakref.ref[Any]] = [weakref.ref(listener), weakref.ref(token)]
    runner.run(_plan_for(runner, SPLIT_AND_SUM), listener, token, secrets={"api_key": "x"})
    del listener, token
    gc.collect()
    assert [ref() for ref in gone] == [None, None]
