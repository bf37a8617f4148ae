"""What runs next, and what is let go when."""

from __future__ import annotations

from collections.abc import Callable

from ldm_nodes.engine.cache import NodeResult, OutputCache
from ldm_nodes.engine.frontier import Frontier
from ldm_nodes.engine.memory import Memory
from ldm_nodes.engine.run_graph import Limits, RunGraph

from .pack import Graph, chain, plan_of, registry


def _constant(value: int = 1) -> dict[str, object]:
    return {"class_type": "Constant", "inputs": {"value": value}}


def _sum(*sources: str) -> dict[str, object]:
    return {"class_type": "Sum", "inputs": {name: [source, 0] for name, source in zip("abc", sources, strict=False)}}


def _show(source: str) -> dict[str, object]:
    return {"class_type": "Show", "inputs": {"value": [source, 0]}}


def _unknown(node_id: str) -> NodeResult | None:
    return None


def _frontier(
    graph: Graph,
    known: Callable[[str], NodeResult | None] = _unknown,
    targets: list[str] | None = None,
) -> Frontier:
    held = OutputCache(Memory(-1)).begin([])
    return Frontier(RunGraph(plan_of(graph, targets=targets), registry(), Limits()), known, held)


def _drain(frontier: Frontier, outputs: int = 1) -> list[str]:
    order = []
    while (node_id := frontier.take()) is not None:
        frontier.inputs(node_id)
        frontier.finish(node_id, NodeResult(((0,),) * outputs))
        order.append(node_id)
    return order


def _holds(frontier: Frontier, node_id: str) -> bool:
    try:
        return bool(frontier.result(node_id))
    except KeyError:
        return False


def test_branches_are_finished_one_by_one() -> None:
    graph: Graph = {
        "load1": _constant(), "load2": _constant(), "mid1": _sum("load1"), "mid2": _sum("load2"),
        "far1": _sum("mid1"), "far2": _sum("mid2"), "near1": _sum("far1"), "near2": _sum("far2"),
        "show1": _show("near1"), "show2": _show("near2"),
    }  # fmt: skip
    order = _drain(_frontier(graph))
    assert order == [f"{name}{branch}" for branch in "12" for name in ("load", "mid", "far", "near", "show")]


def test_targets_come_before_feeders_before_others() -> None:
    graph: Graph = {
        "a": _constant(), "out2": _show("b"), "b": _sum("a"), "out1": _show("a"), "c": _sum("b"), "d": _sum("c"),
        "e": _sum("d"), "out3": _show("e"),
    }  # fmt: skip
    order = _drain(_frontier(graph))
    assert order == ["a", "out1", "b", "out2", "c", "d", "e", "out3"]


def test_the_order_is_that_of_the_walk_from_the_targets() -> None:
    graph: Graph = {"y": _constant(2), "x": _constant(1), "s": _sum("x", "y"), "out": _show("s")}
    assert _drain(_frontier(graph)) == ["x", "y", "s", "out"]


def test_results_are_let_go_when_the_last_consumer_has_run() -> None:
    frontier = _frontier({"a": _constant(), "b": _sum("a"), "c": _sum("a", "b"), "out": _show("c")})
    held = []
    while (node_id := frontier.take()) is not None:
        frontier.finish(node_id, NodeResult(((node_id,),)))
        held.append({name for name in ("a", "b", "c", "out") if _holds(frontier, name)})
    assert held == [{"a"}, {"a", "b"}, {"c"}, {"out"}]


def test_a_target_is_held_although_others_consume_it() -> None:
    frontier = _frontier({"a": _constant(), "b": _sum("a")}, targets=["a", "b"])
    _drain(frontier)
    assert frontier.result("a") == NodeResult(((0,),))


def test_a_node_consumed_twice_by_one_node_is_one_source() -> None:
    frontier = _frontier({"a": _constant(), "b": _sum("a", "a"), "out": _show("b")})
    assert _drain(frontier) == ["a", "b", "out"]


def test_what_is_known_is_not_run_and_hides_its_sources() -> None:
    known = {"5": NodeResult(((42,),))}
    frontier = _frontier(chain(10), known.get)
    assert frontier.take() == "6"
    assert frontier.inputs("6") == {"a": (42,)}


def test_nothing_runs_when_the_targets_are_known() -> None:
    frontier = _frontier(chain(10), lambda node_id: NodeResult(()))
    assert frontier.take() is None
    assert frontier.result("end") == NodeResult(())


def test_a_node_may_wait_for_more() -> None:
    graph: Graph = {"a": _constant(), "b": _sum("a"), "c": _sum("b"), "late": _sum("a", "c"), "out": _show("late")}
    frontier = _frontier(graph, {"c": NodeResult(((1,),))}.get)
    for node_id in ("a", "late"):
        assert frontier.take() == node_id
        frontier.finish(node_id, NodeResult(((1,),)))
    assert frontier.take() == "out"
    frontier.wait("out", ["b", "late"])
    assert frontier.take() == "a", "what was let go is made again"
    frontier.finish("a", NodeResult(((1,),)))
    assert _drain(frontier) == ["b", "out"]
    assert not any(_holds(frontier, node_id) for node_id in ("a", "b", "late")), "what was waited for is let go"
    assert frontier.ring() == []


def test_nodes_that_wait_for_each_other_are_found() -> None:
    frontier = _frontier({"a": _constant(), "b": _sum("a"), "out": _show("b")})
    assert frontier.take() == "a"
    frontier.wait("a", ["out"])
    assert frontier.take() is None
    assert set(frontier.ring()) == {"a", "b", "out"}
