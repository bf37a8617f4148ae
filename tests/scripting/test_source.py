"""Graphs as Python source: equal when read back, runnable as it is, and never executed by reading."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldm_nodes.engine.errors import PromptRejected
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.scripting.graph import Graph
from ldm_nodes.scripting.source import RESERVED, to_source
from ldm_nodes.scripting.source_reader import read_source
from tests import golden

GRAPHS = sorted((Path(__file__).parents[2] / "graphs").glob("*.json"))
REGISTRY = builtin_registry()


def _there_and_back(data: dict[str, Any]) -> dict[str, Any]:
    return read_source(to_source(Prompt.parse(data), REGISTRY), REGISTRY).to_json()


def _text(data: Any) -> str:
    return json.dumps(data, sort_keys=True)


@pytest.mark.parametrize("path", GRAPHS, ids=lambda path: path.stem)
def test_every_shared_graph_comes_back_equal(path: Path) -> None:
    data = json.loads(path.read_text())
    assert _text(_there_and_back(data)) == _text(data)


def test_every_graph_that_comfyui_ran_comes_back_equal() -> None:
    prompts = [run["prompt"] for run in golden.load("13_comfyui", "graphs").manifest["runs"]]
    assert len(prompts) > 80
    assert [prompt for prompt in prompts if _text(_there_and_back(prompt)) != _text(prompt)] == []


@pytest.mark.parametrize("path", GRAPHS, ids=lambda path: path.stem)
def test_reading_gives_what_running_gives(path: Path) -> None:
    """The file is a program too: here it is imported, which is what its user would do."""
    source = to_source(Prompt.parse(path.read_text()), REGISTRY)
    namespace: dict[str, Any] = {"__name__": "exported"}
    exec(compile(source, "exported.py", "exec"), namespace)
    assert namespace["build"]().to_json() == json.loads(path.read_text())


def test_an_exported_file_is_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    g = Graph(REGISTRY)
    g.SaveImage(images=g.EmptyImage(width=8, height=8).image, filename_prefix="grey")
    monkeypatch.chdir(tmp_path)
    exec(compile(to_source(g.to_prompt(), REGISTRY), "exported.py", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == f"{Path('output', 'grey_00001_.png')}\n"


def test_source_is_written_for_people() -> None:
    source = to_source(Prompt.parse(GRAPHS[-3].read_text()), REGISTRY)
    assert GRAPHS[-3].stem == "txt2img"
    assert '    prompt = g.CLIPTextEncode(\n        text="red apple on a blue background",\n' in source
    assert (
        '    decode = g.VAEDecode(samples=sample.latent, vae=load_checkpoint.vae, _id="8", _title="Decode")\n' in source
    )
    assert '    g.SaveImage(filename_prefix="txt2img", images=decode.image, _id="9", _title="Save")\n' in source
    assert max(map(len, source.splitlines())) <= 120


def test_the_order_of_the_text_is_kept_as_far_as_wires_allow() -> None:
    data = {
        "9": {"class_type": "ImageInvert", "inputs": {"image": ["2", 0]}},
        "7": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
        "2": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 1}},
    }
    assert list(_there_and_back(data)) == ["7", "2", "9"]


HARD = {
    "1": {"class_type": "No Such Node", "inputs": {"class": True, "a.b": None, "größe": [1, [2.5]], "x": {"y": "'\""}}},
    "a b": {"class_type": "add", "inputs": {"image": ["1", 7]}, "_meta": {"title": "g"}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": 'a "b" \\ \n\t\u2028 \ud800 🦊', "clip": ["1", 0]}},
    "4": {"class_type": "ImageInvert", "inputs": {"image": ["a b", 0]}, "_meta": {"title": "Graph", "more": 1}},
    "5": {"class_type": "ImageInvert", "inputs": {"image": ["4", 0]}, "_meta": {"title": "🦊"}, "is_changed": [0.5]},
    "6": {"class_type": "ImageInvert", "inputs": {"image": ["5", 0]}, "_meta": {"title": "run"}},
    "7": {"class_type": "ImageInvert", "inputs": {"image": ["6", 0]}, "_meta": {"title": "for"}},
    "8": {"class_type": "EmptyImage", "inputs": {"width": "64", "height": 8.0, "batch_size": True, "color": -0}},
}


def test_what_a_typed_call_would_refuse_comes_back_as_it_is() -> None:
    wrong = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 0, "hieght": 3}},
        "2": {"class_type": "VAEDecode", "inputs": {"samples": ["1", 0]}},
        "3": {"class_type": "ImageScaleBy", "inputs": {"image": ["2", 0], "upscale_method": "magic"}},
        "4": {"class_type": "EmptyImage", "inputs": {}},
    }
    assert _text(_there_and_back(wrong)) == _text(wrong)
    assert to_source(Prompt.parse(wrong), REGISTRY).count("add_unchecked") == 4


def test_what_is_hard_to_spell_comes_back_equal() -> None:
    wrapped = json.loads(json.dumps(HARD))
    wrapped["1"]["inputs"]["größe"] = {"__value__": [1, [2.5]]}
    assert _text(_there_and_back(wrapped)) == _text(wrapped)


NAMES = st.text(min_size=1, max_size=8).filter(lambda name: name not in RESERVED)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda inner: st.dictionaries(NAMES, inner, max_size=3) | st.lists(inner, max_size=3).map(lambda v: {"v": v}),
    max_leaves=5,
)


@given(st.dictionaries(NAMES, st.tuples(NAMES, st.dictionaries(NAMES, VALUES, max_size=3), NAMES), max_size=5))
def test_foreign_graphs_come_back_equal(nodes: dict[str, tuple[str, dict[str, Any], str]]) -> None:
    data = {
        node_id: {"class_type": f"Foreign {kind}", "inputs": inputs, "_meta": {"title": title}}
        for node_id, (kind, inputs, title) in nodes.items()
    }
    assert _text(_there_and_back(data)) == _text(data)


def test_ten_thousand_nodes_in_a_row_are_an_ordinary_graph() -> None:
    g = Graph(REGISTRY)
    image = g.EmptyImage(width=8, height=8).image
    for _ in range(9_999):
        image = g.ImageInvert(image=image).image
    assert _there_and_back(g.to_json()) == g.to_json()


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"image": ["9", 0]}, "a wire from an output of a node"),
        ({"image": ["2", 1]}, "a wire from an output of a node"),
        ({"image": ["2", -1]}, "a wire from an output of a node"),
        ({"image": ["1", "x"]}, "a wire, "),
        ({"image": ["1", 0]}, "has a cycle"),
        ({"image": float("nan")}, "finite numbers"),
        ({"_id": 1}, "an input of another name"),
    ],
)
def test_what_calls_cannot_build_is_told(inputs: dict[str, Any], says: str) -> None:
    prompt = Prompt.parse({"1": {"class_type": "ImageInvert", "inputs": inputs}, "2": {"class_type": "EmptyImage"}})
    with pytest.raises(PromptRejected, match=says):
        to_source(prompt, REGISTRY)


def _build(*lines: str) -> str:
    return "\n".join(["def build():", *(f"    {line}" for line in ("g = Graph()", *lines))])


def test_a_person_may_write_such_files_too() -> None:
    text = _build(
        '"""What I always do."""',
        "side = 64",
        "save = g.PreviewImage(images=g.ImageInvert(image=g.EmptyImage(width=side, height=side).image).image)",
        "return g",
    )
    graph = read_source(text, REGISTRY)
    assert [node.class_type for node in graph] == ["EmptyImage", "ImageInvert", "PreviewImage"]
    assert graph["1"].inputs["width"] == 64


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no functions 'build'"),
        ("def build(:", "Line 1: this is not Python"),
        ("\0", "cannot be read as Python|not Python"),
        (_build("import os"), "Line 3: received `import os`"),
        (_build("x = __import__('os').system('true')"), "Line 3: "),
        (_build("g.registry.register()"), "Line 3: "),
        (_build("g._put('1', 2)"), "Line 3: There is no node '_put'"),
        (_build("g.to_json()"), "Line 3: There is no node 'to_json'"),
        (_build("x = g.EmptyImage(width=open('secret'))"), "Line 3: "),
        (_build("x = g.EmptyImage(width=1 + 1)"), r"Line 3: received `1 \+ 1`"),
        (_build("x = [g for g in ()]"), "Line 3: "),
        (_build("x = g.EmptyImage(width=y)"), "Line 3: the name 'y' stands for nothing yet"),
        (_build("x = g.EmptyImage()", "y = x.__class__"), "Line 4: "),
        (_build("x = g.EmptyImage()", "y = x.graph"), "Line 4: 'graph' is no output"),
        (_build("x = g.EmptyImage()", "y = x.outputs[1]"), "Line 4: .* has 1 outputs"),
        (_build("x = 3", "y = x.real"), "Line 4: 3 is no node"),
        (_build("x = g.EmptyImage(width=0)"), "Line 3: EmptyImage, input .width."),
        (_build("x = g.EmptyImage(8)"), "Line 3: EmptyImage takes its inputs by name"),
        (_build("x = g.EmptyImage(width=b'8')"), "Line 3: received b'8'"),
        (_build("x = g.EmptyImage(**{'width': 8, 3: 4})"), "Line 3: a name between"),
        (_build("x = g.EmptyImage(**side)"), r"Line 3: received `\*\*side`"),
        (_build("for i in 'ab':", "    pass"), "Line 3: received `for i"),
        (_build(f"x = {'-' * 3000}1"), "Line 3|recursion"),
        (_build(f"x = {'[' * 80}{']' * 80}"), "Line 3: .* lists at most 64 deep"),
        (_build("x = 1e999"), "Line 3: .* Expected finite numbers"),
        (_build(f"x = {'[' * 3000}{']' * 3000}"), "not Python|recursion|nested"),
        (_build() + "\n" + _build(), "2 functions 'build'"),
    ],
)
def test_nothing_but_adding_nodes_is_read(text: str, says: str) -> None:
    with pytest.raises(PromptRejected, match=says):
        read_source(text, REGISTRY)
