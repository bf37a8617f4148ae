"""What must hold for every graph: random acyclic graphs run right, keys see what matters and nothing else."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.engine.keys import Key, cache_keys

from .pack import Graph, executor, plan_of, registry

PROPERTY = settings(deadline=None, max_examples=60)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Draw a graph of constants and sums, each sum fed by nodes before it, and one to three shows."""
    graph: Graph = {"0": {"class_type": "Constant", "inputs": {"value": draw(st.integers(0, 3))}}}
    for index in range(1, draw(st.integers(1, 25))):
        sources = draw(st.lists(st.integers(0, index - 1), max_size=3))
        wires = {name: [str(source), 0] for name, source in zip("abc", sources, strict=False)}
        constant = {"class_type": "Constant", "inputs": {"value": draw(st.integers(0, 3))}}
        graph[str(index)] = {"class_type": "Sum", "inputs": wires} if wires else constant
    for shown in draw(st.lists(st.sampled_from(sorted(graph)), min_size=1, max_size=3, unique=True)):
        graph[f"show {shown}"] = {"class_type": "Show", "inputs": {"value": [shown, 0]}}
    return graph


def _values(graph: Graph) -> dict[str, int]:
    """Return what every constant and sum is worth, worked out without the engine."""
    values: dict[str, int] = {}
    for node_id, node in graph.items():
        if node["class_type"] == "Constant":
            values[node_id] = node["inputs"]["value"]
        elif node["class_type"] == "Sum":
            values[node_id] = sum(values[wire[0]] for wire in node["inputs"].values())
    return values


def _upstream(graph: Graph, node_id: str) -> set[str]:
    wires = [value[0] for value in graph[node_id]["inputs"].values() if isinstance(value, list)]
    return {node_id}.union(*(_upstream(graph, source) for source in wires))


def _shows(graph: Graph) -> list[str]:
    return [node_id for node_id in graph if graph[node_id]["class_type"] == "Show"]


def _renamed(graph: Graph, seed: int) -> tuple[Graph, dict[str, str]]:
    """Return the same graph with other ids, its nodes and their inputs in another order."""
    shuffled = random.Random(seed).sample(sorted(graph), len(graph))
    names = {node_id: f"n{index}" for index, node_id in enumerate(shuffled)}

    def rename(value: Any) -> Any:
        return [names[value[0]], value[1]] if isinstance(value, list) else value

    def inputs(node_id: str) -> dict[str, Any]:
        pairs = reversed(graph[node_id]["inputs"].items())
        return {name: rename(value) for name, value in pairs}

    renamed = {
        names[node_id]: {"class_type": graph[node_id]["class_type"], "inputs": inputs(node_id)} for node_id in shuffled
    }
    return renamed, names


def _keys(graph: Graph) -> dict[str, Key]:
    def warn(node_id: str, message: str) -> None:
        raise AssertionError(message)

    return cache_keys(plan_of(graph), registry(), warn)


@PROPERTY
@given(graphs())
def test_each_needed_node_runs_once_after_its_sources_and_is_right(graph: Graph) -> None:
    runner = executor(budget=-1)
    result = runner.run(plan_of(graph))
    needed = set().union(*(_upstream(graph, node_id) for node_id in _shows(graph)))
    ran = list(runner.runtime)
    assert sorted(ran) == sorted(needed)
    for node_id in ran:
        assert _upstream(graph, node_id) <= set(ran[: ran.index(node_id) + 1])
    values = _values(graph)
    expected = {node_id: {"text": [str(values[graph[node_id]["inputs"]["value"][0]])]} for node_id in _shows(graph)}
    assert result.ui == expected


@PROPERTY
@given(graphs(), st.integers())
def test_keys_do_not_depend_on_names_or_order(graph: Graph, seed: int) -> None:
    renamed, names = _renamed(graph, seed)
    keys, other = _keys(graph), _keys(renamed)
    assert {names[node_id]: key for node_id, key in keys.items()} == other


@PROPERTY
@given(graphs(), st.data())
def test_a_change_reaches_exactly_what_follows_it(graph: Graph, data: st.DataObject) -> None:
    constants = [node_id for node_id in graph if graph[node_id]["class_type"] == "Constant"]
    changed = data.draw(st.sampled_from(constants))
    other = {**graph, changed: {"class_type": "Constant", "inputs": {"value": 999}}}
    before, after = _keys(graph), _keys(other)
    moved = {node_id for node_id in before if before[node_id] != after[node_id]}
    assert moved == {node_id for node_id in before if changed in _upstream(graph, node_id)}


@PROPERTY
@given(graphs(), st.integers(-1, 12))
def test_a_cache_of_any_size_changes_nothing_but_the_work(graph: Graph, budget: int) -> None:
    small, without = executor(budget=budget), executor(budget=-1)
    for _ in range(2):
        assert small.run(plan_of(graph)).ui == without.run(plan_of(graph)).ui
    assert len(small.runtime) <= len(without.runtime)


@PROPERTY
@given(graphs())
def test_equal_keys_mean_equal_values(graph: Graph) -> None:
    keys, values = _keys(graph), _values(graph)
    of_key: dict[Key, int] = {}
    for node_id, value in values.items():
        if node_id in keys:
            assert of_key.setdefault(keys[node_id], value) == value
