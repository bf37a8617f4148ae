"""From prompts to documents and back: nodes, wires and values stay; nothing overlaps."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.engine.drawing import draw_workflow, numbered
from ldm_nodes.engine.layout import layered
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.workflow import Workflow

from .editor import CATALOGUE, SAMPLERS, Json, document, node, sampling, socket

PROPERTY = settings(deadline=None, max_examples=60)
MAKES = {"MODEL": ("Load", 0), "CLIP": ("Load", 1), "COND": ("Encode", 0), "LATENT": ("Sample", 0)}
NEEDS: dict[str, dict[str, str]] = {
    "Load": {},
    "Encode": {"clip": "CLIP"},
    "Empty": {},
    "Sample": {"model": "MODEL", "positive": "COND", "latent": "LATENT", "negative": "COND"},
    "SaveImage": {"images": "LATENT"},
    "Foreign": {"anything": "LATENT"},
}
SLOTS = {"Load": ["MODEL", "CLIP", "VAE"], "Encode": ["COND"], "Empty": ["LATENT"], "Sample": ["LATENT"]}
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="{|}/*\\%"), max_size=8)
VALUES: dict[str, st.SearchStrategy[list[Any]]] = {
    "Load": st.tuples(st.sampled_from(["one.safetensors", "folder/two.safetensors"])).map(list),
    "Encode": st.tuples(TEXT).map(list),
    "Empty": st.tuples(*[st.integers(16, 64)] * 3).map(list),
    "Sample": st.tuples(
        st.integers(0, 2**64 - 1), st.just("fixed"), st.integers(1, 100),
        st.floats(0, 100), st.sampled_from(SAMPLERS), st.floats(0, 1),
    ).map(list),
    "SaveImage": st.tuples(TEXT).map(list),
    "Foreign": st.just([]),
}  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """Draw a document of the editor: nodes of known classes and of one that is not, wired by type, circles included."""
    kinds = draw(st.lists(st.sampled_from(sorted(NEEDS)), min_size=1, max_size=9))
    makers = [(index, slot, made) for index, kind in enumerate(kinds) for slot, made in enumerate(SLOTS.get(kind, []))]
    nodes: list[Json] = []
    links: list[list[Any]] = []
    for index, kind in enumerate(kinds):
        inputs: list[Json] = []
        for name, wanted in NEEDS[kind].items():
            fitting = [(origin, slot) for origin, slot, made in makers if made == wanted and origin != index]
            chosen = draw(st.none() | st.sampled_from(fitting)) if fitting else None
            if chosen is not None:
                links.append([len(links) + 1, chosen[0] + 1, chosen[1], index + 1, len(inputs), wanted])
            inputs.append(socket(name, wanted, None if chosen is None else len(links)))
        values = draw(VALUES[kind])
        title = {"title": draw(TEXT)} if draw(st.booleans()) else {}
        nodes.append(node(index + 1, kind, values, inputs, [(made, []) for made in SLOTS.get(kind, [])], **title))
    return document(nodes, links)


def _wires(workflow: Workflow) -> set[tuple[Any, ...]]:
    nodes = workflow.canvas.nodes
    return {
        (link.origin, link.origin_slot, link.target, nodes[link.target].inputs[link.target_slot].name)
        for link in workflow.canvas.links.values()
    }


def _contents(workflow: Workflow) -> dict[Any, Any]:
    return {key: (item.type, tuple(item.widget_values or ())) for key, item in workflow.canvas.nodes.items()}


@PROPERTY
@given(documents())
def test_a_document_that_became_a_prompt_becomes_the_same_document(data: Json) -> None:
    before = Workflow.parse(data)
    after = draw_workflow(before.to_prompt(CATALOGUE).prompt, CATALOGUE)
    assert _contents(after) == _contents(before)
    assert _wires(after) == _wires(before)
    assert Workflow.parse(json.dumps(after.to_json())) == after


_NAMES = st.sampled_from(["file", "text", "clip", "width", "model", "seed", "sampler", "new"])
_INPUTS = st.none() | st.booleans() | st.integers() | TEXT | st.lists(st.integers(), max_size=2)


@PROPERTY
@given(
    st.dictionaries(
        st.sampled_from(["1", "02", "7:3", "x", "90071992547409931", "-4"]),
        st.tuples(st.sampled_from([*NEEDS, "Blend"]), st.dictionaries(_NAMES, _INPUTS), st.integers(0, 3)),
        min_size=1,
    )
)
def test_a_prompt_that_became_a_document_becomes_the_same_prompt(nodes: dict[str, Any]) -> None:
    names = list(nodes)
    data: Json = {}
    for index, (name, (kind, inputs, slot)) in enumerate(nodes.items()):
        wrapped = {key: {"__value__": value} if isinstance(value, list) else value for key, value in inputs.items()}
        data[name] = {"class_type": kind, "inputs": {**wrapped, "anything": [names[index - 1], slot]}}
    prompt = Prompt.parse(data)
    document_of_it = Workflow.parse(json.dumps(draw_workflow(prompt, CATALOGUE).to_json()))
    after = document_of_it.to_prompt(CATALOGUE).prompt
    assert after.nodes.keys() == prompt.nodes.keys()
    for key, item in prompt.nodes.items():
        assert after.nodes[key].class_type == item.class_type
        assert {**after.nodes[key].inputs, **item.inputs} == after.nodes[key].inputs


def test_the_document_looks_as_the_editor_expects_it() -> None:
    prompt = Workflow.parse(sampling()).to_prompt(CATALOGUE).prompt
    data = draw_workflow(prompt, CATALOGUE).to_json()
    (sampler,) = [item for item in data["nodes"] if item["id"] == 3]
    assert sampler["widgets_values"] == [7, "fixed", 20, 8.0, "heun", 1.0]
    sockets = [(item["name"], item.get("widget"), item.get("shape")) for item in sampler["inputs"]]
    assert sockets[:4] == [
        ("model", None, None),
        ("positive", None, None),
        ("latent", None, None),
        ("negative", None, 7),
    ]
    assert ("seed", {"name": "seed"}, None) in sockets
    assert sampler["properties"] == {"Node name for S&R": "Sample"}
    assert (data["version"], data["last_node_id"], data["last_link_id"]) == (0.4, 9, 5)
    lefts = {item["id"]: item["pos"][0] for item in data["nodes"]}
    assert lefts[4] < lefts[6] < lefts[3] < lefts[9]
    assert lefts[5] == lefts[6]


def test_a_title_of_its_own_stays_and_that_of_the_class_is_not_written() -> None:
    titles = {"1": "mine", "2": "Load a model", "3": ""}
    prompt = Prompt.parse({key: {"class_type": "Load", "_meta": {"title": title}} for key, title in titles.items()})
    drawn = draw_workflow(prompt, CATALOGUE).canvas.nodes
    assert [drawn[key].title for key in (1, 2, 3)] == ["mine", "", ""]


def test_texts_that_were_drawn_from_are_not_drawn_from_again() -> None:
    prompt = Prompt.parse({"1": {"class_type": "Encode", "inputs": {"text": "{a|b}"}}})
    assert draw_workflow(prompt, CATALOGUE).to_prompt(CATALOGUE).prompt.nodes["1"].inputs["text"] == "{a|b}"


def test_ids() -> None:
    assert [numbered(text) for text in ("7", "0", "007", "7:1", "", "٣", "9" * 30)] == [
        7, 0, "007", "7:1", "", "٣", "9" * 30,
    ]  # fmt: skip


@PROPERTY
@given(
    st.integers(1, 25).flatmap(
        lambda count: st.tuples(
            st.lists(st.tuples(st.floats(1, 400), st.floats(1, 400)), min_size=count, max_size=count),
            st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=60),
        )
    )
)
def test_no_two_nodes_overlap(graph: tuple[list[tuple[float, float]], list[tuple[int, int]]]) -> None:
    sizes, wires = dict(enumerate(graph[0])), graph[1]
    places = layered(sizes, wires)
    assert places.keys() == sizes.keys()
    for one, (x, y) in places.items():
        for other, (left, top) in places.items():
            apart = x >= left + sizes[other][0] or left >= x + sizes[one][0]
            assert one == other or apart or y >= top + sizes[other][1] or top >= y + sizes[one][1]


@PROPERTY
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=60))
def test_wires_run_from_left_to_right_where_there_is_no_circle(pairs: list[tuple[int, int]]) -> None:
    wires = [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    places = layered(dict.fromkeys(range(21), (10.0, 10.0)), wires)
    assert all(places[source][0] < places[target][0] for source, target in wires)


def test_a_long_chain_is_laid_out() -> None:
    count = 20_000
    places = layered(dict.fromkeys(range(count), (1.0, 1.0)), [(index, index + 1) for index in range(count - 1)])
    assert len({x for x, _ in places.values()}) == count
