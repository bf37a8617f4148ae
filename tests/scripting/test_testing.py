"""The help for tests of nodes, on nodes of every kind."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from ldm_nodes.comfyui.guest import mappings_of
from ldm_nodes.engine.context import Context
from ldm_nodes.engine.errors import NodeFailed
from ldm_nodes.engine.sockets import Float, Int, Socket
from ldm_nodes.engine.spec import NodeOutput, node
from ldm_nodes.scripting.testing import graph_with, run_graph, run_node

Number = Annotated[Any, Float()]
Thing = Annotated[Any, Socket("THING")]


@node("Half", category="test")
def half(value: Annotated[float, Float(min=0)]) -> float:
    return value / 2


@node("Show", category="test", output=True)
def show(thing: Thing, *, context: Context[Any]) -> NodeOutput[Thing]:
    for step in range(2):
        context.progress(step + 1, 2)
    context.notice("look")
    return NodeOutput(thing, {"text": [str(thing)]})


@node("Longest", category="test")
def longest(texts: list[str], things: list[Thing]) -> tuple[str, int]:
    return max(texts, key=len), len(things)


@node("Pick", category="test", needs=lambda left, right, which: ["left" if which == 0 else "right"])
def pick(
    left: Annotated[Any, Socket("*", lazy=True)],
    right: Annotated[Any, Socket("*", lazy=True)],
    which: Annotated[int, Int(min=0, max=1)],
) -> Thing:
    return left if which == 0 else right


@node("Twice", category="test", expands=True)
def twice(value: float, *, context: Context[Any]) -> NodeOutput[Number]:
    graph = context.graph_builder()
    first = graph.node("Half", value=value)
    return NodeOutput(graph.node("Half", value=first.out(0)).out(0), expand=graph.finalize())


class Foreign:
    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    CATEGORY = "test"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name
        return {"required": {"value": ("INT", {"default": 1})}}

    def run(self, value: int) -> tuple[int]:
        return (value + 1,)


def test_constants_and_wires_are_given_as_each_input_takes_them() -> None:
    assert run_node(half, value=3.0).value == 1.5
    outcome = run_node(show, thing={"any": "value"})
    assert outcome.value == {"any": "value"}
    assert outcome.ui == {"text": ["{'any': 'value'}"]}
    assert outcome.progress == ((1, 2), (2, 2))
    assert outcome.notices == ("look",)
    assert run_node(Foreign, value=4).value == 5


def test_lists_arrive_whole() -> None:
    outcome = run_node(longest, texts=["a", "abc", "ab"], things=[1, 2])
    assert outcome.values == ("abc", 2)
    with pytest.raises(ValueError, match="2 outputs"):
        _ = outcome.value


def test_what_no_graph_can_give_is_refused() -> None:
    with pytest.raises(ValueError, match="value"):
        run_node(half, value=-1.0)
    with pytest.raises(TypeError, match="no input"):
        run_node(half, valve=1.0)
    with pytest.raises(TypeError, match="thing"):
        run_node(show)


def test_a_node_that_raises_is_told_as_in_a_run() -> None:
    with pytest.raises(NodeFailed, match=r"node 3 .Longest.: object of type .NoneType. has no len"):
        run_node(longest, texts=["a", None], things=[])


def test_a_lazy_input_that_is_not_wanted_is_not_made() -> None:
    graph = graph_with(pick, show)
    left = graph.PrimitiveInt(value=1)
    right = graph.PrimitiveInt(value=2)
    chosen = graph.add("Pick", left=left.outputs[0], right=right.outputs[0], which=1)
    outcome = run_graph(graph)
    assert outcome.node(chosen).value == 2
    assert left.node_id not in outcome.ran


def test_a_graph_that_a_node_puts_in_its_place_is_run() -> None:
    graph = graph_with(half, twice)
    doubled = graph.add("Twice", value=12.0)
    outcome = run_graph(graph)
    assert outcome.node(doubled).value == 3.0
    assert len(outcome.ran) == 3
    with pytest.raises(LookupError):
        outcome.node("absent")


def test_inside_comfyui_only_plain_nodes_are_offered() -> None:
    classes, titles = mappings_of([half, show, pick, twice])
    assert list(classes) == list(titles) == ["Half", "Show"]
    assert classes["Show"].RETURN_TYPES == ("LDM_THING",)  # type: ignore[attr-defined]
