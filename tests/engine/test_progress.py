"""What a client sees of how far a run is, and of nobody else's."""

from __future__ import annotations

import json

from ldm_nodes.engine.progress import ProgressBoard

from .contract_pack import Bench, graph_of


def _state(value: float, total: float, state: str, node_id: str, parent_id: str | None = None) -> dict[str, object]:
    real_id = parent_id or node_id
    return {
        "value": value, "max": total, "state": state, "node_id": node_id, "prompt_id": "r",
        "display_node_id": real_id, "parent_node_id": parent_id, "real_node_id": real_id,
    }  # fmt: skip


def _boards(bench: Bench) -> list[dict[str, object]]:
    board = ProgressBoard()
    return [json.loads(board.to_text("r"))["nodes"] for event in bench.events if board.take(event)]


def test_a_node_runs_and_is_finished() -> None:
    bench = Bench()
    bench.run(graph_of(x=("Later", {"value": 1, "turns": 2})), "x")
    assert _boards(bench) == [
        {"x": _state(0, 1, "running", "x")},
        {"x": _state(1, 2, "running", "x")},
        {"x": _state(2, 2, "running", "x")},
        {"x": _state(2, 2, "finished", "x")},
    ]


def test_a_reused_target_is_finished_at_once() -> None:
    bench = Bench()
    graph = graph_of(x=("Keep", {"value": 1}))
    bench.run(graph)
    bench.run(graph)
    assert _boards(bench) == [{"x": _state(1, 1, "finished", "x")}]


def test_nodes_that_were_put_in_tell_where_they_belong() -> None:
    bench = Bench()
    bench.run(graph_of(x=("Twice", {"value": 1})), "x")
    assert _boards(bench)[-1] == {
        "x": _state(1, 1, "finished", "x"),
        "x.0.0.1": _state(1, 1, "finished", "x.0.0.1", "x"),
        "x.0.0.2": _state(1, 1, "finished", "x.0.0.2", "x"),
    }


def test_a_node_that_waits_for_lazy_inputs_begins_again() -> None:
    bench = Bench()
    bench.run(graph_of(two=("Const", {"value": 2}), x=("Mix", {"switch": 1, "low": 0, "high": "@two"})), "x")
    states = [(list(nodes), nodes["x"]["state"]) for nodes in _boards(bench)]  # type: ignore[index]
    assert states == [
        (["x"], "running"),
        (["x", "two"], "running"),
        (["x", "two"], "running"),
        (["x", "two"], "running"),
        (["x", "two"], "finished"),
    ]
