"""From the editor's documents to prompts: what disappears, what is led around, which value goes where."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ldm_nodes.engine import routes
from ldm_nodes.engine.conversion import Conversion, Converter
from ldm_nodes.engine.errors import PromptRejected
from ldm_nodes.engine.routes import matches, passing_input
from ldm_nodes.engine.workflow import Workflow

from .editor import CATALOGUE, Json, document, node, sampling, socket, subgraph, wire


def _converted(data: Json) -> Conversion:
    now = datetime(2024, 3, 9, 5, 6, 7, tzinfo=UTC)
    converter = Converter(CATALOGUE, choose=lambda choices: choices[-1], now=now)
    return converter.convert(Workflow.parse(data))


def _inputs(data: Json) -> dict[str, Any]:
    return {key: item["inputs"] for key, item in _converted(data).to_json().items()}


def _of(data: Json, node_id: int) -> Json:
    found: Json = next(item for item in data["nodes"] if item["id"] == node_id)
    return found


def test_a_whole_document() -> None:
    assert _converted(sampling()).to_json() == {
        "3": {
            "inputs": {
                "seed": 7, "steps": 20, "cfg": 8.0, "sampler": "heun", "strength": 1.0,
                "model": ["4", 0], "positive": ["6", 0], "latent": ["5", 0],
            },
            "class_type": "Sample",
            "_meta": {"title": "Sample"},
        },
        "4": {"inputs": {"file": "one.safetensors"}, "class_type": "Load", "_meta": {"title": "Load a model"}},
        "5": {
            "inputs": {"width": 512, "height": 768, "batch_size": 1},
            "class_type": "Empty",
            "_meta": {"title": "Empty"},
        },
        "6": {"inputs": {"text": "a fox", "clip": ["4", 1]}, "class_type": "Encode", "_meta": {"title": "Encode"}},
        "9": {
            "inputs": {"filename_prefix": "fox", "images": ["3", 0]},
            "class_type": "SaveImage",
            "_meta": {"title": "SaveImage"},
        },
    }  # fmt: skip
    assert list(_inputs(sampling())) == ["3", "4", "5", "6", "9"]


def test_notes_frames_and_reroutes_disappear() -> None:
    data = sampling()
    data["nodes"] += [
        node(20, "Note", ["hello"]),
        node(21, "MarkdownNote", ["# hello"]),
        node(22, "Reroute", None, [socket("", "*", 5)], [("*", [10])]),
        node(23, "Reroute", None, [socket("", "*", 10)], [("*", [11])]),
    ]
    data["links"][4:] = [[5, 3, 0, 22, 0, "*"], [10, 22, 0, 23, 0, "*"], [11, 23, 0, 9, 0, "LATENT"]]
    _of(data, 9)["inputs"][0]["link"] = 11
    data["extra"] = {"reroutes": [{"id": 1, "linkIds": [11]}], "linkExtensions": [{"id": 11, "parentId": 1}]}
    data["groups"] = [{"title": "frame", "bounding": [0, 0, 9, 9]}]
    assert _inputs(data) == _inputs(sampling())


def _with_primitive(values: list[Any], properties: Json | None = None) -> Json:
    data = sampling()
    data["nodes"].append(node(30, "PrimitiveNode", values, None, [("INT", [12])], properties=properties or {}))
    _of(data, 3)["inputs"].append(socket("steps", "INT", 12, widget=True))
    data["links"].append([12, 30, 0, 3, 4, "INT"])
    return data


def test_a_primitive_gives_its_value_to_the_field() -> None:
    assert _inputs(_with_primitive([33, "fixed"]))["3"]["steps"] == 33
    assert "30" not in _inputs(_with_primitive([33, "fixed"]))


def test_a_primitive_may_name_the_field_of_another_node() -> None:
    text = "%Empty.width% wide, %Nobody.x% and %date:yy-M%"
    replaced = _inputs(_with_primitive([text], {"Run widget replace on values": True}))
    assert replaced["3"]["steps"] == "512 wide, %Nobody.x% and 24-3"
    assert _inputs(_with_primitive([text]))["3"]["steps"] == text


def test_a_primitive_gives_nothing_to_what_is_no_field() -> None:
    data = _with_primitive([33])
    del _of(data, 3)["inputs"][4]["widget"]
    assert _inputs(data)["3"]["steps"] == 20


def test_a_wire_wins_over_the_field_that_it_enters() -> None:
    data = sampling()
    _of(data, 6)["inputs"].append(socket("text", "STRING", 13, widget=True))
    data["links"].append([13, 40, 0, 6, 1, "STRING"])
    data["nodes"].append(node(40, "Unknown text", outputs=[("STRING", [13])]))
    assert _inputs(data)["6"] == {"text": ["40", 0], "clip": ["4", 1]}


def test_what_is_muted_is_left_out_with_the_wires_that_leave_it() -> None:
    data = sampling()
    _of(data, 6)["mode"] = 2
    inputs = _inputs(data)
    assert set(inputs) == {"3", "4", "5", "9"}
    assert "positive" not in inputs["3"]


def test_what_is_bypassed_is_led_around_by_type() -> None:
    data = sampling()
    _of(data, 3)["mode"] = 4
    assert _inputs(data)["9"]["images"] == ["5", 0]


def test_where_no_input_can_take_the_place_of_a_bypassed_output_there_is_no_wire() -> None:
    data = sampling()
    _of(data, 6)["mode"] = 4
    inputs = _inputs(data)
    assert "positive" not in inputs["3"]
    assert set(inputs) == {"3", "4", "5", "9"}


@pytest.mark.parametrize(
    ("inputs", "output", "wanted", "chosen"),
    [
        (["MODEL", "CLIP"], "CLIP", "CLIP", 1),
        (["CLIP", "CLIP"], "CLIP", "CLIP", 0),
        (["MODEL", "*"], "CLIP", "CLIP", 1),
        (["IMAGE", "MASK,IMAGE"], "MASK", "mask", 1),
        (["IMAGE"], "LATENT", "LATENT", None),
        (["IMAGE", "MASK"], "LATENT", "*", 0),
        ([], "LATENT", "*", None),
    ],
)
def test_which_input_stands_in_for_a_bypassed_output(
    inputs: list[str], output: str, wanted: str, chosen: int | None
) -> None:
    data = node(1, "A", None, [socket(str(index), made) for index, made in enumerate(inputs)], [(output, [])])
    found = Workflow.parse(document([data], [])).canvas.nodes[1]
    assert passing_input(found, 0, wanted) == chosen


def test_types_match_as_in_the_editor() -> None:
    assert matches("float, INT", "Int")
    assert not matches("IMAGE", "MASK")


def test_wires_in_a_circle_bring_nothing() -> None:
    data = document(
        [
            node(1, "Reroute", None, [socket("", "*", 1)], [("*", [2])]),
            node(2, "Reroute", None, [socket("", "*", 2)], [("*", [1, 3])]),
            node(3, "SaveImage", ["x"], [socket("images", "LATENT", 3)]),
        ],
        [[1, 2, 0, 1, 0, "*"], [2, 1, 0, 2, 0, "*"], [3, 2, 0, 3, 0, "*"]],
    )
    assert _inputs(data) == {"3": {"filename_prefix": "x"}}


def _latent(subgraph_id: str = "latent") -> Json:
    """Return a subgraph that makes a latent of a width that stands on its instances."""
    return subgraph(
        subgraph_id,
        [
            node(1, "Empty", [100, 200, 1], [socket("width", "INT", 1, widget=True)], [("LATENT", [2])]),
            node(2, "Note", ["inside"]),
        ],
        [wire(1, -10, 0, 1, 0, "INT"), wire(2, 1, 0, -20, 0, "LATENT")],
        [("width", "INT")],
        [("LATENT", "LATENT")],
    )


def _instances(*instances: Json, definitions: list[Json] | None = None) -> Json:
    """Return a document in which every instance is saved by a node whose id is ten times its own."""
    saves = [node(item["id"] * 10, "SaveImage", ["x"], [socket("images", "LATENT", item["id"])]) for item in instances]
    links = [[item["id"], item["id"], 0, item["id"] * 10, 0, "LATENT"] for item in instances]
    return document([*instances, *saves], links, definitions={"subgraphs": definitions or [_latent()]})


def test_every_instance_of_a_subgraph_has_values_of_its_own() -> None:
    data = _instances(node(1, "latent", [300]), node(2, "latent", [400]), node(3, "latent", []))
    inputs = _inputs(data)
    widths = {key: value["width"] for key, value in inputs.items() if "width" in value}
    assert widths == {"1:1": 300, "2:1": 400, "3:1": 100}
    assert inputs["10"]["images"] == ["1:1", 0]
    assert set(inputs) == {"1:1", "2:1", "3:1", "10", "20", "30"}


def test_a_wire_into_an_instance_goes_on_inside() -> None:
    data = _instances(node(1, "latent", [300], [socket("width", "INT", 50, widget=True)]))
    data["nodes"].append(node(8, "Unknown number", outputs=[("INT", [50])]))
    data["links"].append([50, 8, 0, 1, 0, "INT"])
    assert _inputs(data)["1:1"]["width"] == ["8", 0]
    data["nodes"][-1] = node(8, "PrimitiveNode", [64, "fixed"], outputs=[("INT", [50])])
    assert _inputs(data)["1:1"]["width"] == 64


def test_subgraphs_inside_subgraphs() -> None:
    outer = subgraph(
        "outer",
        [node(5, "latent", [300], [socket("width", "INT", 1, widget=True)], [("LATENT", [2])])],
        [wire(1, -10, 0, 5, 0, "INT"), wire(2, 5, 0, -20, 0, "LATENT")],
        [("size", "INT")],
        [("LATENT", "LATENT")],
    )
    data = _instances(node(1, "outer", [700]), node(2, "outer"), definitions=[outer, _latent()])
    inputs = _inputs(data)
    assert inputs["10"]["images"] == ["1:5:1", 0]
    assert (inputs["1:5:1"]["width"], inputs["2:5:1"]["width"]) == (700, 300)


@pytest.mark.parametrize("mode", [2, 4])
def test_nothing_runs_inside_an_instance_that_does_not(mode: int) -> None:
    data = _instances(node(1, "latent", [300], mode=mode))
    assert _inputs(data) == {"10": {"filename_prefix": "x"}}


def test_a_bypassed_instance_is_led_around() -> None:
    data = _instances(node(1, "latent", [300], [socket("before", "LATENT", 60)], [("LATENT", [1])], mode=4))
    data["nodes"].append(node(8, "Empty", [16, 16, 1], outputs=[("LATENT", [60])]))
    data["links"].append([60, 8, 0, 1, 0, "LATENT"])
    assert _inputs(data)["10"]["images"] == ["8", 0]


def test_a_subgraph_that_contains_itself_is_an_error() -> None:
    one, other = subgraph("one", [node(4, "other")], []), subgraph("other", [node(5, "one")], [])
    with pytest.raises(PromptRejected, match=r"node 1:4:5: The subgraph One contains itself"):
        _converted(document([node(1, "one")], [], definitions={"subgraphs": [one, other]}))


def test_subgraphs_that_multiply_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "MAX_NODES", 10_000)
    levels = [subgraph(f"s{index}", [node(n, f"s{index + 1}") for n in range(10)], []) for index in range(20)]
    with pytest.raises(PromptRejected, match="more than 10,000 nodes"):
        _converted(document([node(1, "s0")], [], definitions={"subgraphs": levels}))


def test_subgraphs_in_each_other_without_end_are_an_error() -> None:
    levels = [subgraph(f"s{index}", [node(1, f"s{index + 1}")], []) for index in range(200)]
    with pytest.raises(PromptRejected, match="more than 64 deep"):
        _converted(document([node(1, "s0")], [], definitions={"subgraphs": levels}))


def test_texts_are_drawn_from_as_the_editor_does() -> None:
    data = sampling()
    _of(data, 6)["widgets_values"] = ["a {red|blue} fox // with a hat"]
    assert _inputs(data)["6"]["text"] == "a blue fox "


def test_file_names_name_dates_and_fields() -> None:
    data = sampling()
    _of(data, 9)["widgets_values"] = ["%date:yyyy-MM-dd_hh.mm.ss%/%Sample.seed%_%My latent.width%_%width%"]
    _of(data, 5)["title"] = "My latent"
    assert _inputs(data)["9"]["filename_prefix"] == "2024-03-09_05.06.07/7_512_%width%"


def test_unknown_classes_stay_as_far_as_the_document_names_their_values() -> None:
    data = sampling()
    data["nodes"].append(node(50, "Foreign", ["a", {"b": 1}], [socket("latent", "LATENT", 70)]))
    data["nodes"].append(node(51, "Foreign too", {"size": 3, "name": "x"}))
    data["links"].append([70, 5, 0, 50, 0, "LATENT"])
    conversion = _converted(data)
    assert conversion.unknown == {"50", "51"}
    assert conversion.prompt.nodes["50"].class_type == "Foreign"
    written = conversion.to_json()
    assert written["50"] == {"inputs": {"UNKNOWN": '{"b":1}', "latent": ["5", 0]}, "_meta": {"title": "Foreign"}}
    assert written["51"]["inputs"] == {"size": 3, "name": "x"}


def test_classes_that_were_renamed_are_found() -> None:
    assert _converted(document([node(1, "T2IAdapterLoader", ["x"])], [])).to_json()["1"] == {
        "inputs": {"name": "x"}, "class_type": "ControlNetLoader", "_meta": {"title": "ControlNetLoader"},
    }  # fmt: skip


def test_lists_are_wrapped_so_that_they_are_no_wires() -> None:
    data = document([node(1, "Foreign", {"points": [1, 2]})], [])
    assert _converted(data).to_json()["1"]["inputs"] == {"points": {"__value__": [1, 2]}}


def test_a_path_is_spelled_as_the_list_has_it() -> None:
    assert (
        _inputs(document([node(1, "Load", ["folder\\two.safetensors"])], []))["1"]["file"] == "folder/two.safetensors"
    )


def test_a_node_whose_values_are_a_guess_is_told() -> None:
    data = sampling()
    _of(data, 5)["widgets_values"] = [32, 48]
    (notice,) = _converted(data).notices
    assert str(notice).startswith("node 5 (Empty): The values of this node's fields are not certain: the document")
    assert (_inputs(data)["5"]["width"], _inputs(data)["5"]["height"]) == (32, 48)
    assert _converted(data).checked() == _converted(data).prompt
    _of(data, 5)["widgets_values"] = ["x", 512, 768]
    with pytest.raises(PromptRejected, match=r"node 5 \(Empty\).*another type"):
        _converted(data).checked()


def test_group_nodes_of_older_editors_are_told() -> None:
    with pytest.raises(PromptRejected, match=r"node 1 \(workflow>Mine\): This is a group node.*subgraph"):
        _converted(document([node(1, "workflow>Mine")], [])).checked()
