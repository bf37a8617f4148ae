"""A pack of the older kind: inputs, lists, laziness, blockers, loops, and our nodes by their classes."""

from __future__ import annotations

import pytest

from ldm_nodes.engine.events import Blocked, Executing, Progress

from .bench import LOADED, Bench, node


@pytest.fixture
def v1(bench: Bench) -> Bench:
    bench.load("v1")
    return bench


def test_a_class_is_told_with_all_it_says(v1: Bench) -> None:
    info = v1.registry.object_info(v1.folders)["Everything"]
    assert (info["display_name"], info["experimental"], info["description"]) == ("All of it", True, "Uses everything.")
    assert info["output_name"] == ["twice", "about", "anything"]
    assert info["input"]["required"]["value"] == ["INT", {"default": 1, "min": 0, "max": 16384}]


def test_hidden_values_progress_and_any_type(v1: Bench) -> None:
    graph = {"a": node("Everything", value=21, anything=["b", 0], name="b"), "b": node("Spread", count=1)}
    assert v1.shown(graph, "a", 0) == "42"
    assert v1.shown(graph, "a", 1) == "a Everything a b"
    assert v1.shown(graph, "a", 2) == "0"
    assert (1.0, 2) in [(event.value, event.total) for event in v1.events if isinstance(event, Progress)]


def test_lists_are_spread_and_gathered(v1: Bench) -> None:
    graph = {
        "a": node("Spread", count=3),
        "b": node("Everything", value=["a", 0]),
        "c": node("Gather", values=["b", 0]),
    }
    assert v1.shown(graph, "c", 0) == "0,2,4"


def test_only_the_lazy_input_that_is_wanted_is_made(v1: Bench) -> None:
    graph = {"a": node("Everything", value=1), "b": node("LoadImage", image="example.png")}
    graph["c"] = node("Either", first=True, one=["a", 0], other=["b", 0])
    result = v1.run({**graph, "shown": node("PreviewAny", source=["c", 0])})
    assert result.ui["shown"]["text"] == ["2"]
    assert "b" not in [event.node_id for event in v1.events if isinstance(event, Executing)]


def test_a_blocker_keeps_what_follows_from_running(v1: Bench) -> None:
    result = v1.run({"a": node("Block", value=1), "b": node("PreviewAny", source=["a", 0])})
    assert "b" not in result.ui
    assert [event.message for event in v1.events if isinstance(event, Blocked)] == ["not today"]


def test_a_graph_of_itself_is_a_loop(v1: Bench) -> None:
    assert v1.shown({"a": node("Repeat", value=5, times=3)}, "a", 0) == "40"


def test_models_pass_through_graphs_of_packs(v1: Bench) -> None:
    own = v1.shown({**LOADED, "a": node("Expanded", clip=["model", 1], text="a (red:1.2) square")}, "a", 0)
    assert own == v1.shown(LOADED, "positive", 0)


def test_our_nodes_are_there_as_classes(v1: Bench) -> None:
    inputs = {"clip": ["model", 1], "vae": ["model", 2], "image": ["grey", 0], "text": "a square"}
    graph = {**LOADED, "a": node("Borrow", **inputs), "b": node("VAEEncode", pixels=["grey", 0], vae=["model", 2])}
    assert v1.shown(graph, "a", 1) == v1.shown(graph, "b", 0)


def test_a_class_may_derive_from_one_of_ours(v1: Bench) -> None:
    v1.run({**LOADED, "a": node("Keep", images=["grey", 0])})
    assert (v1.folders.output / "kept_00001_.png").is_file()


def test_paths_are_those_of_the_program(v1: Bench) -> None:
    path = v1.shown({"a": node("Where", name="tiny-sd-v1.safetensors")}, "a", 0)
    assert path.endswith("checkpoints/tiny-sd-v1.safetensors")
