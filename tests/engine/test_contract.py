"""What ComfyUI's contract says of lists, laziness, blocks, expansion, waiting and hidden inputs, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from ldm_nodes.engine.errors import NodeFailed
from ldm_nodes.engine.events import Blocked, Executed, Executing, Expanded, Failed, Progress, Succeeded
from ldm_nodes.engine.run_graph import Limits

from .contract_cases import FAILURES, VALUES
from .contract_pack import Bench, graph_of
from .pack import Graph


@pytest.mark.parametrize(("graph", "expected"), [case[1:] for case in VALUES], ids=[case[0] for case in VALUES])
def test_values(graph: Graph, expected: Any) -> None:
    bench = Bench()
    assert bench.value(graph, "x") == expected
    assert isinstance(bench.events[-1], Succeeded)
    again = bench.run(graph, "x")
    assert again.outputs["x"][0] == expected
    assert bench.world.ran == [], "all is reused"


@pytest.mark.parametrize(("graph", "message"), [case[1:] for case in FAILURES], ids=[case[0] for case in FAILURES])
def test_failures(graph: Graph, message: str) -> None:
    bench = Bench()
    with pytest.raises(NodeFailed) as caught:
        bench.run(graph, "x")
    assert message in str(caught.value)
    assert caught.value.problem.node_id == "x"
    assert bench.events[-1] == Failed("r", caught.value.problem)


def test_what_is_not_asked_for_does_not_run() -> None:
    bench = Bench()
    graph = graph_of(
        c=("Const", {"value": True}), low=("Fail", {"value": 1}), high=("Const", {"value": 3}),
        m=("Mix", {"switch": "@c", "low": "@low", "high": "@high"}), out=("Keep", {"value": "@m"}),
    )  # fmt: skip
    result = bench.run(graph)
    assert bench.world.seen == [(True, None, None), (True, None, 3), 3]
    assert bench.world.ran == ["c", "high", "m", "out"]
    assert result.nodes["low"].status == "skipped"
    assert [event.node_id for event in bench.told(Executing)] == ["c", "m", "high", "m", "out"], (
        "told again when resumed"
    )


def test_what_another_node_made_is_there_without_asking() -> None:
    bench = Bench()
    graph = graph_of(
        low=("Const", {"value": 4}), out=("Keep", {"value": "@low"}), late=("Add", {"a": "@low", "b": 0}),
        m=("Mix", {"switch": "@late", "low": "@low", "high": "@low"}), last=("Keep", {"value": "@m"}),
    )  # fmt: skip
    bench.run(graph)
    assert (4, 4, 4) in bench.world.seen


def test_a_message_of_a_blocker_is_told_once_and_ends_nothing() -> None:
    bench = Bench()
    graph = graph_of(
        g=("Gate", {"value": 1, "is_open": False, "message": "closed today"}), a=("Add", {"a": "@g", "b": 1}),
        b=("Add", {"a": "@a", "b": 1}), out=("Keep", {"value": "@b"}), other=("Keep", {"value": 5}),
    )  # fmt: skip
    result = bench.run(graph)
    assert bench.told(Blocked) == [Blocked("r", "a", "Add", "closed today")]
    assert bench.world.seen == [5]
    assert result.ui == {"other": {"text": ["5"]}}
    assert isinstance(bench.events[-1], Succeeded)


def test_ui_of_all_calls_is_joined() -> None:
    result = Bench().run(graph_of(l=("Range", {"count": 3}), out=("Keep", {"value": "@l"})))
    assert result.ui == {"out": {"text": ["0", "1", "2"]}}


def test_what_an_expansion_shows_comes_back_from_the_cache_too() -> None:
    inner = {"n.1": {"class_type": "Keep", "inputs": {"value": 7}, "override_display_id": "9"}}
    graph = graph_of(x=("Expand", {"graph": inner, "result": 1}), out=("Keep", {"value": "@x"}))
    bench = Bench()
    first = bench.run(graph)
    assert first.ui == {"n.1": {"text": ["7"]}, "out": {"text": ["1"]}}, "output nodes in an expansion run"
    assert first.places["n.1"] == ("n.1", "9", "x", "x")
    second = bench.run(graph)
    assert bench.world.ran == []
    assert (second.ui, second.places) == (first.ui, first.places)


def test_expanded_nodes_have_ids_that_are_the_same_every_time() -> None:
    bench = Bench()
    graph = graph_of(x=("FourTimes", {"value": 3}))
    bench.run(graph, "x")
    places = [place for event in bench.told(Expanded) for place in event.places]
    assert [(place.node_id, place.parent_id, place.real_id, place.display_id) for place in places] == [
        ("x.0.0.1", "x", "x", "x"),
        ("x.0.0.2", "x", "x", "x"),
        ("x.0.0.1.0.0.1", "x.0.0.1", "x", "x"),
        ("x.0.0.1.0.0.2", "x.0.0.1", "x", "x"),
        ("x.0.0.2.0.0.1", "x.0.0.2", "x", "x"),
        ("x.0.0.2.0.0.2", "x.0.0.2", "x", "x"),
    ]
    assert [event.node_id for event in bench.told(Executed)][-1] == "x"
    assert bench.run(graph, "x").outputs["x"] == (12,)


def test_nodes_of_an_expansion_are_reused_although_the_parent_runs_again() -> None:
    bench = Bench()
    graph = graph_of(t=("Tick", {}), z=("Const", {"value": 4}), x=("Expand", {
        "graph": {"a": {"class_type": "Const", "inputs": {"value": 8}},
                  "b": {"class_type": "Add", "inputs": {"a": ["a", 0], "b": ["z", 0]}},
                  "c": {"class_type": "Add", "inputs": {"a": ["b", 0], "b": ["t", 0]}}},
        "result": {"__value__": ["c", 0]}, "after": "@t"}))  # fmt: skip
    assert bench.value(graph, "x") == 13
    assert sorted(bench.world.ran) == ["a", "b", "c", "t", "z"]
    assert bench.value(graph, "x") == 14
    assert bench.world.ran == ["t", "c"]


def test_what_cannot_be_cached_runs_once_although_expansions_come_back_to_it() -> None:
    bench = Bench()
    graph = graph_of(
        t=("Tick", {}), a=("Add", {"a": "@t", "b": 0}), x=("Peek", {"value": "@t"}), y=("Peek", {"value": "@t"}),
        out=("Add", {"a": "@x", "b": "@y"}), end=("Add", {"a": "@out", "b": "@a"}),
    )  # fmt: skip
    assert bench.value(graph, "end") == 5
    assert bench.world.ran.count("t") == 1
    assert bench.world.seen == [["t", 0], ["t", 0]]


def test_a_node_that_is_not_idempotent_shares_nothing() -> None:
    bench = Bench()
    graph = graph_of(
        u=("Unique", {"value": 1}), v=("Unique", {"value": 1}), c=("Const", {"value": 1}), d=("Const", {"value": 1}),
        x=("Gather", {"values": "@u"}), y=("Gather", {"values": "@v"}), z=("Add", {"a": "@c", "b": "@d"}),
    )  # fmt: skip
    bench.run(graph, "x", "y", "z")
    assert sorted(bench.world.ran) == ["c", "u", "v", "z"]
    bench.run(graph, "x", "y", "z")
    assert bench.world.ran == [], "it is reused as itself"


def test_a_thousand_rounds_of_a_loop() -> None:
    bench = Bench()
    assert bench.value(graph_of(x=("Count", {"until": 1000, "step": 0, "total": 0})), "x") == 499_500
    assert len(bench.world.ran) == 1000


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(depth=50), "more than 50 deep. The node expands into itself"),
        (Limits(nodes=30), "added more than 30 nodes. A loop may not end"),
    ],
)
def test_a_node_that_expands_into_itself_for_ever(limits: Limits, message: str) -> None:
    bench = Bench(limits)
    with pytest.raises(NodeFailed) as caught:
        bench.run(graph_of(x=("Forever", {"value": 1})), "x")
    assert message in str(caught.value)
    assert caught.value.problem.node_id == "x"
    assert caught.value.problem.class_type == "Forever"


def test_a_failure_inside_an_expansion_is_the_real_node_s() -> None:
    bench = Bench()
    inner = {"n": {"class_type": "Fail", "inputs": {"value": {"a": 1}}}}
    graph = graph_of(a=("Const", {"value": 1}), x=("Expand", {"graph": inner, "result": {"__value__": ["n", 0]}}))
    with pytest.raises(NodeFailed) as caught:
        bench.run(graph, "a", "x")
    problem = caught.value.problem
    assert (problem.node_id, problem.class_type) == ("x", "Fail")
    info = problem.extra_info
    assert info["exception_type"] == "ZeroDivisionError"
    assert info["runtime_node_id"] == "n"
    assert info["current_inputs"] == {"value": ["{'a': 1}"]}
    assert info["current_outputs"] == ["a"]


@pytest.mark.parametrize("wire", ["n", "x"])
def test_nodes_that_wait_for_each_other_are_told_as_comfyui_tells_them(wire: str) -> None:
    bench = Bench()
    inner = {
        "m": {"class_type": "Const", "inputs": {"value": [wire, 0]}, "override_display_id": "shown"},
        "n": {"class_type": "Const", "inputs": {"value": ["m", 0]}},
    }
    with pytest.raises(NodeFailed) as caught:
        bench.run(graph_of(x=("Expand", {"graph": inner, "result": {"__value__": ["n", 0]}})), "x")
    problem = caught.value.problem
    assert problem.node_id in ("shown", "x"), "that of the first node of the cycle that was put in, as it is displayed"
    assert problem.extra_info["exception_type"] == "graph.DependencyCycleError"
    assert problem.extra_info["exception_message"] == "Dependency cycle detected"


def test_coroutines_run_beside_each_other_and_beside_other_nodes() -> None:
    bench = Bench()
    graph = graph_of(
        a=("Await", {"value": 1}), b=("Await", {"value": 2}), c=("Const", {"value": 3}),
        go=("Release", {"value": "@c"}),        x=("Add", {"a": "@a", "b": "@b"}),
    )  # fmt: skip
    result = bench.run(graph, "x", "go")
    assert result.outputs["x"] == (3,)
    order = [(type(event).__name__, event.node_id) for event in bench.events if isinstance(event, Executing | Executed)]
    assert order[:2] == [("Executing", "a"), ("Executing", "b")], "they begin first"
    assert order.index(("Executed", "go")) < order.index(("Executed", "a"))


def test_calls_of_one_coroutine_run_beside_each_other() -> None:
    bench = Bench()
    bench.run(graph_of(l=("Range", {"count": 3}), x=("Later", {"value": "@l"})), "x")
    assert bench.world.ran[1:4] == ["x begins"] * 3
    assert len(bench.told(Progress)) == 3


def test_when_a_node_fails_the_coroutines_are_cancelled() -> None:
    bench = Bench()
    graph = graph_of(a=("Await", {"value": 1}), f=("Fail", {"value": 1}), x=("Add", {"a": "@a", "b": "@f"}))
    with pytest.raises(NodeFailed, match="no"):
        bench.run(graph, "x")


def test_hidden_inputs() -> None:
    bench, extra = Bench(), dict[str, Any](workflow={})
    secrets = {"AUTH_TOKEN_COMFY_ORG": "t", "API_KEY_COMFY_ORG": "k"}
    graph = graph_of(out=("Tell", {"value": 1}))
    bench.run(graph, extra_pnginfo=extra, secrets=secrets)
    (seen,) = bench.world.seen
    assert seen["extra"] is extra
    assert seen["prompt"] is seen["graph"].get_original_prompt()
    assert seen["prompt"] == graph
    assert (seen["unique_id"], seen["token"], seen["key"]) == ("out", "t", "k")
    assert list(bench.executor.registry["Tell"].inputs) == ["value"]
    bench.run({"other": graph["out"]})
    assert len(bench.world.seen) == 1, "a node that knows its id has it in its key"


def test_the_graph_of_a_run_knows_the_nodes_that_were_put_in() -> None:
    bench = Bench()
    inner = {"n": {"class_type": "Tell", "inputs": {"value": 1}, "override_display_id": "d"}}
    bench.run(graph_of(x=("Expand", {"graph": inner, "result": 1})), "x")
    graph = bench.world.seen[0]["graph"]
    assert graph.all_node_ids() == {"x", "n"}
    assert graph.has_node("n")
    assert not graph.has_node("m")
    assert graph.get_node("n") == inner["n"]
    assert graph.get_node("x")["class_type"] == "Expand"
    assert graph.ephemeral_prompt == inner
    with pytest.raises(KeyError, match="no node m"):
        graph.get_node("m")
    assert (graph.get_parent_node_id("n"), graph.get_real_node_id("n"), graph.get_display_node_id("n")) == (
        "x",
        "x",
        "d",
    )
    assert (graph.get_parent_node_id("x"), graph.get_real_node_id("x"), graph.get_display_node_id("x")) == (
        None,
        "x",
        "x",
    )
