"""What must hold for every graph of every kind of node: lazy, expanded, asynchronous, blocked, handing wires on."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.engine.events import Executed, Executing

from .contract_pack import Bench, graph_of
from .pack import Graph

PROPERTY = settings(deadline=None, max_examples=40)
KINDS = ("Const", "Add", "Twice", "FourTimes", "Later", "Mix", "Peek")


@st.composite
def graphs(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS) -> Graph:
    """Draw a graph of these kinds of nodes, each fed by nodes before it, whose last node is `x`."""
    graph = graph_of(n0=("Const", {"value": draw(st.integers(0, 3))}))
    for index in range(1, draw(st.integers(1, 16))):

        def wire(index: int = index) -> list[Any]:
            return [f"n{draw(st.integers(max(0, index - 5), index - 1))}", 0]

        kind = draw(st.sampled_from(kinds))
        names = {"Const": (), "Add": ("a", "b"), "Mix": ("switch", "low", "high")}.get(kind, ("value",))
        inputs: dict[str, Any] = {name: wire() for name in names}
        if kind == "Const":
            inputs["value"] = draw(st.integers(0, 3))
        if kind == "Gate":
            inputs |= {"is_open": draw(st.booleans()), "message": ""}
        graph[f"n{index}"] = {"class_type": kind, "inputs": inputs}
    return {**graph, **graph_of(x=("Gather", {"values": f"@n{len(graph) - 1}"}))}


def _worked_out(graph: Graph) -> dict[str, Any]:
    """Work out a graph without the engine: the nodes that must run, and what each is worth."""
    worth: dict[str, Any] = {}

    def value(node_id: str) -> Any:
        if node_id not in worth:
            node = graph[node_id]
            worth[node_id] = work(node["class_type"], node["inputs"])
        return worth[node_id]

    def work(kind: str, inputs: dict[str, Any]) -> Any:
        if kind == "Const":
            return inputs["value"]
        if kind == "Mix":
            return value(inputs["high" if value(inputs["switch"][0]) else "low"][0])
        values = [value(wire[0]) for wire in inputs.values()]
        if kind == "Gather":
            return [values, None]
        results = {"Add": sum(values), "Twice": 2 * values[0], "FourTimes": 4 * values[0], "Peek": values[0] + 1}
        return results.get(kind, values[0])

    value("x")
    return worth


@PROPERTY
@given(graphs())
def test_each_needed_node_runs_once_and_the_value_is_right(graph: Graph) -> None:
    bench, worth = Bench(), _worked_out(graph)
    assert bench.value(graph, "x") == worth["x"]
    done = [event.node_id for event in bench.told(Executed) if event.node_id in graph]
    assert len(done) == len(set(done))
    assert set(done) <= worth.keys()
    work = {(graph[node_id]["class_type"], str(worth[node_id])) for node_id in done}
    assert all((graph[node_id]["class_type"], str(worth[node_id])) in work for node_id in worth), "but for twins"


@PROPERTY
@given(graphs((*KINDS, "Gate")))
def test_sources_are_done_before_what_needs_them(graph: Graph) -> None:
    bench = Bench()
    bench.run(graph, "x")
    done = [event.node_id for event in bench.told(Executed) if event.node_id in graph]
    assert len(done) == len(set(done))
    for place, node_id in enumerate(done):
        node = graph[node_id]
        wires = {name: wire[0] for name, wire in node["inputs"].items() if isinstance(wire, list)}
        strong = {_form(graph, source) for name, source in wires.items() if name not in ("low", "high")}
        assert node["class_type"] == "Peek" or strong <= {_form(graph, one) for one in done[:place]}, "or their twins"


def _form(graph: Graph, node_id: str) -> str:
    """Return what a node and everything behind it is; twins have one form."""
    node = graph[node_id]
    wires = {
        name: _form(graph, value[0]) if isinstance(value, list) else value for name, value in node["inputs"].items()
    }
    return f"{node['class_type']}{wires}"


@PROPERTY
@given(graphs((*KINDS, "Gate")), st.data())
def test_what_runs_again_had_a_change_upstream(graph: Graph, data: st.DataObject) -> None:
    bench = Bench()
    first = bench.value(graph, "x")
    assert bench.value(graph, "x") == first
    assert bench.told(Executing) == [], "nothing changed, so nothing runs"
    changed = data.draw(st.sampled_from([node_id for node_id in graph if graph[node_id]["class_type"] == "Const"]))
    other = {**graph, changed: {"class_type": "Const", "inputs": {"value": 7}}}
    ran_before = {node_id for node_id, record in bench.run(graph, "x").nodes.items() if record.status != "skipped"}
    assert bench.value(other, "x") == Bench().value(other, "x"), "what is reused is what would have been made"
    ran = {event.node_id for event in bench.told(Executing) if event.node_id in graph}
    assert all(changed in _upstream(graph, node_id) or node_id not in ran_before for node_id in ran)


def _upstream(graph: Graph, node_id: str) -> set[str]:
    reached, pending = set[str](), [node_id]
    while pending:
        reached.add(one := pending.pop())
        pending += [wire[0] for wire in graph[one]["inputs"].values() if isinstance(wire, list)]
    return reached
