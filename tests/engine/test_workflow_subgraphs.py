"""Nodes that become a subgraph and a subgraph that becomes its nodes again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.engine.canvas_editing import settled
from ldm_nodes.engine.errors import PromptRejected
from ldm_nodes.engine.subgraph_collapse import collapse
from ldm_nodes.engine.subgraph_expand import expand
from ldm_nodes.engine.workflow import Workflow

from .editor import CATALOGUE, Json, document, node, sampling, socket, subgraph, wire
from .test_workflow_drawing import documents

PROPERTY = settings(deadline=None, max_examples=60)


def _settled(data: Json) -> Workflow:
    """Return a document in which the outputs tell the same wires as the table."""
    found = Workflow.parse(data)
    return Workflow.parse(Workflow(settled(found.canvas), found.subgraphs, found.nested).to_json())


@st.composite
def rerouted(draw: st.DrawFn) -> Json:
    """Draw a document of version 0.4 or 1 whose wires may run through reroute points."""
    data = draw(documents())
    points: list[Json] = [{"id": index, "pos": [index, 0]} for index in range(1, 5)]
    for point in points[1:]:
        if draw(st.booleans()):
            point["parentId"] = draw(st.integers(1, point["id"] - 1))
    parents = {link[0]: draw(st.none() | st.integers(1, 4)) for link in data["links"]}
    if draw(st.booleans()):
        extensions = [{"id": key, "parentId": point} for key, point in parents.items() if point]
        return {**data, "extra": {"reroutes": points, "linkExtensions": extensions}}
    links = [{**wire(*link), **({"parentId": parents[link[0]]} if parents[link[0]] else {})} for link in data["links"]]
    return {**data, "version": 1, "links": links, "reroutes": points, "state": {"lastNodeId": 9, "lastLinkId": 99}}


def _only_new(before: Workflow, after: Workflow) -> Any:
    (new,) = [key for key in after.canvas.nodes if key not in before.canvas.nodes]
    return new


@PROPERTY
@given(rerouted(), st.data())
def test_what_is_expanded_is_what_was_collapsed(data: Json, choice: st.DataObject) -> None:
    before = _settled(data)
    chosen = choice.draw(st.sets(st.sampled_from(sorted(before.canvas.nodes, key=str)), min_size=1))
    collapsed = collapse(before, chosen, "Part")
    assert chosen.isdisjoint(collapsed.canvas.nodes)
    read = Workflow.parse(json.dumps(collapsed.to_json()))
    assert read == collapsed
    assert expand(read, _only_new(before, collapsed), CATALOGUE) == before


@PROPERTY
@given(documents(), st.data())
def test_a_subgraph_runs_as_its_nodes_did(data: Json, choice: st.DataObject) -> None:
    before = Workflow.parse(data)
    chosen = choice.draw(st.sets(st.sampled_from(sorted(before.canvas.nodes, key=str)), min_size=1))
    collapsed = collapse(before, chosen, "Part")
    prefix = f"{_only_new(before, collapsed)}:"
    written = json.dumps(collapsed.to_prompt(CATALOGUE).prompt.to_json()).replace(f'"{prefix}', '"')
    assert json.loads(written) == before.to_prompt(CATALOGUE).prompt.to_json()


def test_what_a_subgraph_looks_like() -> None:
    collapsed = collapse(Workflow.parse(sampling()), [6, 3], "Part")
    (definition,) = collapsed.subgraphs.values()
    assert [(item["name"], item["type"]) for item in definition.inputs] == [
        ("model", "MODEL"), ("clip", "CLIP"), ("latent", "LATENT"),
    ]  # fmt: skip
    assert [(item["name"], item["linkIds"]) for item in definition.outputs] == [("LATENT", [5])]
    instance = collapsed.canvas.nodes[100]
    assert (instance.type, instance.title) == (definition.id, "Part")
    assert [slot.link for slot in instance.inputs] == [1, 2, 4]
    assert collapsed.to_json()["last_node_id"] == 100


def test_an_output_that_feeds_two_nodes_is_one_socket() -> None:
    data = sampling()
    data["nodes"].append(node(10, "SaveImage", ["two"], [socket("images", "LATENT", 6)]))
    data["links"].append([6, 3, 0, 10, 0, "LATENT"])
    collapsed = collapse(Workflow.parse(data), [3], "Part")
    assert [slot.links for slot in collapsed.canvas.nodes[100].outputs] == [(5, 6)]


def _instances() -> Json:
    definition = subgraph(
        "latent",
        [node(1, "Empty", [100, 200, 1], [socket("width", "INT", 1, widget=True)], [("LATENT", [2])])],
        [wire(1, -10, 0, 1, 0, "INT"), wire(2, 1, 0, -20, 0, "LATENT")],
        [("width", "INT")],
        [("LATENT", "LATENT")],
    )
    saves = [node(3, "SaveImage", ["a"], [socket("images", "LATENT", 1)])]
    instances = [node(1, "latent", [300], outputs=[("LATENT", [1])]), node(2, "latent", [400], mode=4)]
    return document([*instances, *saves], [[1, 1, 0, 3, 0, "LATENT"]], definitions={"subgraphs": [definition]})


def test_an_instance_leaves_its_values_in_the_nodes() -> None:
    expanded = expand(Workflow.parse(_instances()), 1, CATALOGUE)
    assert expanded.canvas.nodes[1].widget_values == (300, 200, 1)
    assert expanded.to_prompt(CATALOGUE).to_json()["3"]["inputs"]["images"] == ["1", 0]
    assert set(expanded.subgraphs) == {"latent"}


def test_the_last_instance_takes_the_definition_with_it() -> None:
    expanded = expand(expand(Workflow.parse(_instances()), 1, CATALOGUE), 2, CATALOGUE)
    assert not expanded.subgraphs
    bypassed = expanded.canvas.nodes[100]
    assert (bypassed.type, bypassed.mode, bypassed.widget_values) == ("Empty", 4, (400, 200, 1))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda workflow: collapse(workflow, [77], "x"), "no node 77"),
        (lambda workflow: collapse(workflow, [], "x"), "No nodes were named"),
        (lambda workflow: expand(workflow, 3, CATALOGUE), "Node 3 is no instance of a subgraph"),
        (lambda workflow: expand(workflow, 77, CATALOGUE), "Node 77 is no instance of a subgraph"),
    ],
)
def test_what_cannot_be_done_is_told(change: Any, words: str) -> None:
    with pytest.raises(PromptRejected, match=words):
        change(Workflow.parse(_instances()))


def test_a_value_for_a_node_of_unknown_class_is_not_lost_silently() -> None:
    data = _instances()
    data["definitions"]["subgraphs"][0]["nodes"][0]["type"] = "Foreign"
    with pytest.raises(PromptRejected, match=r"Node 1 \(Foreign\) has no field width"):
        expand(Workflow.parse(data), 1, CATALOGUE)
