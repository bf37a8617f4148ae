"""A pack of the newer kind: schemas become nodes, coroutines run, results show."""

from __future__ import annotations

import pytest

from ldm_nodes.engine.errors import PromptRejected
from ldm_nodes.engine.events import Blocked, Progress
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt

from .bench import LOADED, Bench, node

JOIN = node("Join3", text="ab", times=3, sign="-")


@pytest.fixture
def v3(bench: Bench) -> Bench:
    assert bench.load("v3").nodes == ("Join3", "Slow3", "Show3", "Stop3")
    return bench


def test_a_schema_is_told_as_comfyui_tells_it(v3: Bench) -> None:
    info = v3.registry.object_info(v3.folders)["Join3"]
    text = {"default": "x", "multiline": True, "tooltip": "what"}
    assert info["input"]["required"]["text"] == ["STRING", text]
    assert info["input"]["required"]["times"] == ["INT", {"default": 2, "min": 1, "max": 5, "display": "slider"}]
    assert info["input"]["required"]["sign"] == ["COMBO", {"multiselect": False, "options": ["+", "-"]}]
    assert info["input"]["optional"]["either"][0] == "INT,FLOAT"
    assert (info["output"], info["output_name"]) == (["STRING", "MINE"], ["joined", "mine"])
    assert info["display_name"] == "Join (V3)"


def test_functions_and_coroutines_run(v3: Bench) -> None:
    result = v3.run({"a": JOIN, "b": node("Slow3", mine=["a", 1])})
    assert result.ui["b"]["text"] == ["a None ['a', 'b']"]
    assert v3.shown({"a": JOIN}, "a", 0) == "ab-ab-ab"
    assert (1, 2) in [(event.value, event.total) for event in v3.events if isinstance(event, Progress)]


def test_inputs_are_checked_by_the_class(v3: Bench) -> None:
    graph = {"a": node("Join3", text="ab", times=4, sign="-"), "b": node("Slow3", mine=["a", 1])}
    with pytest.raises(PromptRejected, match="four is right out"):
        make_plan(Prompt.parse(graph), v3.registry, v3.folders)


def test_pictures_are_shown_from_the_temporary_folder(v3: Bench) -> None:
    ui = v3.run({**LOADED, "a": node("Show3", image=["grey", 0])}).ui["a"]
    (image,) = ui["images"]
    assert (v3.folders.temp / image["subfolder"] / image["filename"]).is_file()


def test_a_node_may_stop_what_follows(v3: Bench) -> None:
    v3.run({"a": node("Stop3", value=1), "b": node("PreviewAny", source=["a", 0])})
    assert [event.message for event in v3.events if isinstance(event, Blocked)] == ["stopped"]
