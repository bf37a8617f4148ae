"""A plan is a value: ordered, complete, and able to travel."""

from __future__ import annotations

import pickle

import networkx as nx
import pytest

from ldm_nodes.engine.errors import Problem, PromptRejected

from .pack import chain, executor, plan_of


def test_the_order_puts_sources_first() -> None:
    plan = plan_of(chain(50))
    place = {node_id: index for index, node_id in enumerate(plan.order)}
    assert all(place[source] < place[consumer] for source, consumer in plan.graph.edges)
    assert set(plan.order) == set(plan.graph)


def test_a_pickled_plan_runs() -> None:
    plan = plan_of(chain(5))
    sent = pickle.loads(pickle.dumps(plan))
    assert nx.utils.graphs_equal(sent.graph, plan.graph)
    assert executor().run(sent).ui == executor().run(plan).ui == {"end": {"text": ["1"]}}


def test_the_graph_as_json_has_the_converted_constants() -> None:
    graph = chain(2)
    graph["0"]["inputs"]["value"] = "7"
    graph["unused"] = {"class_type": "Constant", "inputs": {"value": "8"}, "_meta": {"title": "kept"}}
    written = plan_of(graph).to_json()
    assert written["0"]["inputs"] == {"value": 7}
    assert written["unused"] == graph["unused"]
    assert list(written) == list(graph)


def test_what_is_left_without_a_node() -> None:
    graph = {**chain(3), "other": {"class_type": "Show", "inputs": {"value": 5}}}
    plan = plan_of(graph)
    problem = Problem("bad_input", "no", node_id="1")
    left = plan.without({"1"}, [problem])
    assert (left.order, left.targets, left.invalid_targets) == (("other",), ("other",), ("end",))
    assert (left.problems, set(left.literals), set(left.graph)) == ((problem,), {"other"}, {"other"})
    with pytest.raises(PromptRejected) as caught:
        left.without({"other"}, [])
    assert caught.value.invalid_outputs == ("end", "other")
