"""The editor's documents: read and written unchanged, or refused with one sentence that names the place."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.engine.documents import read_document
from ldm_nodes.engine.errors import PromptRejected
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.workflow import Workflow

from .editor import CATALOGUE, Json, document, node, sampling, socket, subgraph, wire

UNKNOWN = {
    "id": "tile-1", "pack data": {"b": 1.50, "a": [None, {"x": 1e-07}]}, "type": "From another pack", "flags": {},
    "widgets_values": {"z": 1, "a": [1, 2]}, "size": {"0": 210, "1": 58}, "shape": 1,
    "outputs": [{"links": None, "name": "OUT", "type": ["a", "b"], "hue": "red"}],
}  # fmt: skip
REROUTED = {
    "version": 0.4, "links": [[7, 1, 0, 2, 0, "X"]], "nodes": [node(2, "B"), node(1, "A")], "config": {},
    "extra": {
        "ds": {"scale": 0.5}, "linkExtensions": [{"id": 7, "parentId": 3}, {"id": 8, "parentId": 1}],
        "reroutes": [{"id": 3, "parentId": 4, "pos": [1, 2], "linkIds": [7]}, {"id": 4, "linkIds": [7], "pos": [0, 0]}],
    },
    "floatingLinks": [{"id": 1}], "groups": [{"title": "frame", "bounding": [0, 0, 10, 10], "color": "#333"}],
}  # fmt: skip
FORMAT_1 = {
    "nodes": [node(2, "B")], "links": [{"type": "X", "parentId": 5, **wire(1, 2, 0, 2, 0, "X")}], "version": 1,
    "state": {"lastNodeId": 2, "lastLinkId": 1}, "reroutes": [{"id": 5, "pos": [0, 0], "linkIds": [1]}],
}  # fmt: skip
OUTER = {**subgraph("outer", [node(1, "inner")], []), "definitions": {"subgraphs": [subgraph("inner", [], [])]}}
NESTED = document([node(1, "outer")], [], definitions={"note": "kept", "subgraphs": [OUTER]})
NULLS = document([{**node(1, "A"), "mode": None, "inputs": None, "outputs": None}], [], extra=None, groups=None)
DOCUMENTS = [
    sampling(), document([UNKNOWN], []), REROUTED, FORMAT_1, NESTED, NULLS, {"nodes": []}, {"nodes": [], "extra": {}},
    document([], [], definitions={}), document([], [[1, 2, 0, 3, 0]]),
]  # fmt: skip


@pytest.mark.parametrize("data", DOCUMENTS)
def test_what_is_only_read_comes_out_as_it_went_in(data: Json) -> None:
    workflow = Workflow.parse(json.dumps(data))
    assert json.dumps(workflow.to_json()) == json.dumps(data)
    assert Workflow.parse(workflow.to_json()) == workflow


def test_both_formats_are_told_apart() -> None:
    assert isinstance(read_document(json.dumps(sampling())), Workflow)
    assert isinstance(read_document(b'{"3": {"class_type": "Sample", "inputs": {}}}'), Prompt)
    with pytest.raises(PromptRejected, match="not a JSON object"):
        read_document("[]")


def test_reroute_points_mean_the_same_in_both_versions() -> None:
    old, new = Workflow.parse(REROUTED).canvas, Workflow.parse(FORMAT_1).canvas
    assert old.links[7].parent == 3
    assert old.reroutes[3].parent == 4
    assert new.links[1].parent == 5
    assert new.reroutes[5].links == (1,)


def test_definitions_inside_definitions_are_found() -> None:
    workflow = Workflow.parse(NESTED)
    assert set(workflow.subgraphs) == {"outer", "inner"}
    assert workflow.nested == {"inner"}


def test_order_and_counters_do_not_make_documents_different() -> None:
    turned = sampling()
    turned["nodes"].reverse()
    assert Workflow.parse({**turned, "last_link_id": 1000}) == Workflow.parse(sampling())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["nodes"].append(3), ["nodes[5]", "an object"]),
        (lambda d: d["nodes"][0].pop("id"), ["nodes[0]", '"id"']),
        (lambda d: d["nodes"][1].update(type=None), ["node 6", '"type"', "a text"]),
        (lambda d: d["nodes"][1].update(mode="off"), ["node 6", '"mode"', "a whole number"]),
        (lambda d: d["nodes"][1].update(inputs={}), ["node 6", '"inputs"', "a list"]),
        (lambda d: d["nodes"][1]["inputs"][0].update(link="2"), ["node 6", "inputs[0]", '"link"']),
        (lambda d: d["nodes"][1]["outputs"][0].update(links=1), ["node 6", "outputs[0]", '"links"']),
        (lambda d: d["nodes"][3].update(widgets_values="7"), ["node 3", '"widgets_values"', "a list or an object"]),
        (lambda d: d["nodes"].append(d["nodes"][0]), ["nodes", "4", "every id once"]),
        (lambda d: d["links"].append([9, 1]), ["links[5]", "origin id"]),
        (lambda d: d["links"].append(None), ["links[5]"]),
        (lambda d: d["links"].append([1, 4, 0, 3, 0, "MODEL"]), ["links", "1", "every id once"]),
        (lambda d: d["links"].append(["9", 4, 0, 3, 0, "X"]), ["links[5]", '"id"']),
        (lambda d: d.update(groups=[1]), ["groups[0]"]),
        (lambda d: d.update(extra=[]), ['"extra"']),
        (lambda d: d.update(definitions={"subgraphs": [{"id": 4}]}), ["subgraph", '"id"', "a text"]),
        (lambda d: d.update(definitions={"subgraphs": [subgraph("a", [], [])] * 2}), ["subgraphs", "every id once"]),
        (
            lambda d: d.update(definitions={"subgraphs": [subgraph("a", [{"id": 1}], [])]}),
            ["subgraph a", "node 1", '"type"'],
        ),
    ],
)  # fmt: skip
def test_a_wrong_form_is_told_with_its_place(change: Any, words: list[str]) -> None:
    data = copy.deepcopy(sampling())
    change(data)
    with pytest.raises(PromptRejected) as caught:
        Workflow.parse(data)
    (problem,) = caught.value.problems
    assert all(word in str(problem) for word in words), str(problem)
    assert str(problem).count("\n") == 0


def test_a_text_nested_too_deeply_is_refused() -> None:
    deep: Any = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(PromptRejected, match="deep"):
        Workflow.parse(document([node(1, "A", properties={"x": deep})], []))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-30, 30) | st.floats() | st.text(max_size=3) | st.sampled_from(["a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)
_RICH = document(
    [
        *sampling()["nodes"],
        node(20, "a", [5], [socket("steps", "INT", None, widget=True)], [("LATENT", [])]),
        node(21, "Reroute", None, [socket("", "*", 5)], [("*", [])]),
        node(22, "PrimitiveNode", [1, "fixed"], None, [("INT", [])]),
        node(23, "b", ["x"], mode=4),
    ],
    sampling()["links"],
    definitions={
        "subgraphs": [
            subgraph(
                "a",
                [
                    node(1, "Sample", [1, "fixed"], [socket("steps", "INT", 1, widget=True)], [("LATENT", [2])]),
                    node(2, "b"),
                ],
                [wire(1, -10, 0, 1, 0, "INT"), wire(2, 1, 0, -20, 0, "LATENT")],
                [("steps", "INT")],
                [("out", "LATENT")],
            ),
            subgraph("b", [node(1, "Note", ["hello"])], []),
        ]
    },
)  # fmt: skip


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, child in items for found in _paths(child, (*path, key)))]


PATHS = _paths(_RICH)[1:]


@settings(deadline=None, max_examples=120)
@given(st.lists(st.tuples(st.sampled_from(PATHS), _JSON | st.none()), min_size=1, max_size=4))
def test_whatever_is_broken_is_refused_or_converted_and_never_more(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    data = copy.deepcopy(_RICH)
    for path, value in changes:
        _put(data, path, value)
    try:
        workflow = Workflow.parse(data)
        prompt = workflow.to_prompt(CATALOGUE).prompt
    except PromptRejected:
        return
    assert json.dumps(workflow.to_json()) == json.dumps(data)
    assert all(link.node_id in prompt.nodes for item in prompt.nodes.values() for link in item.links.values())


def _put(data: Any, path: tuple[Any, ...], value: Any) -> None:
    """Put a value where it still can be put."""
    for key in path[:-1]:
        inside = isinstance(data, dict) and key in data
        if not inside and not (isinstance(data, list) and isinstance(key, int) and key < len(data)):
            return
        data = data[key]
    if isinstance(data, dict) or (isinstance(data, list) and isinstance(path[-1], int) and path[-1] < len(data)):
        data[path[-1]] = value
