"""What runs next, and what is let go when."""

from __future__ import annotations

from ldm_nodes.engine.cache import NodeResult
from ldm_nodes.engine.frontier import Frontier

from .pack import Graph, chain, plan_of


def _constant(value: int = 1) -> dict[str, object]:
    return {"class_type": "Constant", "inputs": {"value": value}}


def _sum(*sources: str) -> dict[str, object]:
    return {"class_type": "Sum", "inputs": {name: [source, 0] for name, source in zip("abc", sources, strict=False)}}


def _show(source: str) -> dict[str, object]:
    return {"class_type": "Show", "inputs": {"value": [source, 0]}}


def _drain(frontier: Frontier, outputs: int = 1) -> list[str]:
    order = []
    while (node_id := frontier.take()) is not None:
        frontier.inputs(node_id)
        frontier.finish(node_id, NodeResult((0,) * outputs))
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
    order = _drain(Frontier(plan_of(graph), lambda node_id: None))
    assert order == [f"{name}{branch}" for branch in "12" for name in ("load", "mid", "far", "near", "show")]


def test_targets_come_before_feeders_before_others() -> None:
    graph: Graph = {
        "a": _constant(), "out2": _show("b"), "b": _sum("a"), "out1": _show("a"), "c": _sum("b"), "d": _sum("c"),
        "e": _sum("d"), "out3": _show("e"),
    }  # fmt: skip
    order = _drain(Frontier(plan_of(graph), lambda node_id: None))
    assert order == ["a", "out1", "b", "out2", "c", "d", "e", "out3"]


def test_the_order_is_that_of_the_walk_from_the_targets() -> None:
    graph: Graph = {"y": _constant(2), "x": _constant(1), "s": _sum("x", "y"), "out": _show("s")}
    assert _drain(Frontier(plan_of(graph), lambda node_id: None)) == ["x", "y", "s", "out"]


def test_results_are_let_go_when_the_last_consumer_has_run() -> None:
    frontier = Frontier(
        plan_of({"a": _constant(), "b": _sum("a"), "c": _sum("a", "b"), "out": _show("c")}), lambda _: None
    )
    held = []
    while (node_id := frontier.take()) is not None:
        frontier.finish(node_id, NodeResult((node_id,)))
        held.append({name for name in ("a", "b", "c", "out") if _holds(frontier, name)})
    assert held == [{"a"}, {"a", "b"}, {"c"}, {"out"}]


def test_a_target_is_held_although_others_consume_it() -> None:
    frontier = Frontier(plan_of({"a": _constant(), "b": _sum("a")}, targets=["a", "b"]), lambda _: None)
    _drain(frontier)
    assert frontier.result("a") == NodeResult((0,))


def test_a_node_consumed_twice_by_one_node_is_one_source() -> None:
    frontier = Frontier(plan_of({"a": _constant(), "b": _sum("a", "a"), "out": _show("b")}), lambda _: None)
    assert _drain(frontier) == ["a", "b", "out"]


def test_what_is_known_is_not_run_and_hides_its_sources() -> None:
    known = {"5": NodeResult((42,))}
    frontier = Frontier(plan_of(chain(10)), known.get)
    assert frontier.take() == "6"
    assert frontier.inputs("6") == {"a": 42}


def test_nothing_runs_when_the_targets_are_known() -> None:
    frontier = Frontier(plan_of(chain(10)), lambda node_id: NodeResult(()))
    assert frontier.take() is None
    assert frontier.result("end") == NodeResult(())


def test_demand_may_come_later() -> None:
    plan = plan_of({"a": _constant(), "b": _sum("a"), "out": _show("b"), "late": _sum("a")}, targets=["out"])
    frontier = Frontier(plan, lambda node_id: None)
    frontier.demand(["out"])
    assert _drain(frontier) == ["a", "b", "out"], "what is on its way already is not added twice"
