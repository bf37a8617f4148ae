"""Graphs of any size work, or are refused with a word about why.

No clock is looked at here: what took the square of these sizes would take hours.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.errors import NodeFailed, PromptRejected
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.rejection import MOST_TOLD, node_errors
from ldm_nodes.engine.run_graph import Limits
from ldm_nodes.engine.sockets import Socket
from ldm_nodes.engine.spec import NodeOutput, node

from .contract_pack import Bench, World, graph_of
from .pack import FOLDERS, Graph, Number, chain, executor, plan_of, registry


@node("Bundle", category="x", output=True)
def bundle(**wires: Number) -> NodeOutput[None]:
    return NodeOutput(None, {"text": [len(wires)]})


def _bundle(links: int) -> Graph:
    inputs = {f"wire {index}": ["1", 0] for index in range(links)}
    return {"1": {"class_type": "Constant", "inputs": {"value": 1}}, "2": {"class_type": "Bundle", "inputs": inputs}}


def test_a_hundred_thousand_links_into_one_node() -> None:
    assert executor(bundle).run(plan_of(_bundle(100_000), bundle)).ui == {"2": {"text": [100_000]}}


@pytest.mark.slow
def test_a_million_links() -> None:
    text = json.dumps(_bundle(1_000_000))
    catalogue = Registry(*(registry()[name] for name in registry()), bundle)
    assert len(make_plan(Prompt.parse(text), catalogue, FOLDERS).links["2"]) == 1_000_000


@pytest.mark.slow
def test_a_chain_of_a_hundred_thousand_nodes_is_planned() -> None:
    plan = plan_of(chain(100_000))
    assert len(plan.order) == 100_001
    assert plan.order[-1] == "end"


def test_a_cycle_of_twenty_thousand_nodes_is_told() -> None:
    graph = chain(20_000)
    graph["0"] = {"class_type": "Sum", "inputs": {"a": ["19999", 0]}}
    with pytest.raises(PromptRejected) as caught:
        plan_of(graph)
    (problem,) = caught.value.problems
    assert "Dependency cycle detected" in problem.details
    assert len(problem.details) < 300


def test_every_fault_of_ten_thousand_nodes_is_found_and_clients_are_told_enough_of_them() -> None:
    graph = chain(10_000)
    for index in range(1, 10_000):
        graph[str(index)]["inputs"]["b"] = ["gone", 0]
    prompt = Prompt.parse(graph)
    with pytest.raises(PromptRejected) as caught:
        make_plan(prompt, registry(), FOLDERS)
    problems = caught.value.problems
    assert len(problems) == 9_999
    assert {problem.code for problem in problems} == {"exception_during_inner_validation"}
    told = node_errors(problems, caught.value.invalid_outputs, prompt)
    assert len(told) == MOST_TOLD
    assert told["5"]["dependent_outputs"] == ["end"]


@pytest.mark.slow
def test_a_loop_of_nine_thousand_rounds() -> None:
    bench = Bench()
    assert bench.value(graph_of(x=("Count", {"until": 9000, "step": 0, "total": 0})), "x") == 40_495_500


@pytest.mark.slow
def test_the_default_limits_stop_a_loop_without_end() -> None:
    bench = Bench()
    with pytest.raises(NodeFailed, match=r"more than 10,000 deep\. The node expands into itself"):
        bench.run(graph_of(x=("Forever", {"value": 1})), "x")


@node("Explode", category="x", expands=True)
def explode(value: Annotated[Any, Socket("*")], *, context: Context[World]) -> NodeOutput[Number]:
    graph = context.graph_builder()
    parts = [graph.node("Explode", value=index) for index in range(10)]
    return NodeOutput(parts[0].out(0), expand=graph.finalize())


def test_a_node_that_grows_sideways_is_stopped_too() -> None:
    bench = Bench(Limits(nodes=5000))
    bench.executor.registry.register(explode)
    everything = {"1": {"class_type": "Explode", "inputs": {"value": 1}}}
    with pytest.raises(NodeFailed, match=r"Expansions have added more than 5,000 nodes|more than 10,000 deep"):
        bench.run(everything, "1")


@pytest.mark.parametrize("number", ["NaN", "1e999", "-Infinity", "9" * 400])
def test_numbers_that_are_not_finite_are_refused_by_name(number: str) -> None:
    text = json.dumps({"1": {"class_type": "Show", "inputs": {"value": 5}}}).replace("5", number)
    with pytest.raises(PromptRejected, match=r'node 1 \(Show\), input "value": .*not a finite number'):
        make_plan(Prompt.parse(text), registry(), FOLDERS)
