"""Graphs that are too much, or lie, sent to a server (threats 27 to 30)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.nodes import builtin_registry
from ldm_nodes.server.site import Limits
from tests.server.house import House, serving


@pytest.fixture
def real(tmp_path: Path) -> Iterator[House]:
    """A server with the nodes that ship, whose jobs wait."""
    limits = Limits(upload=64 << 20, nodes=20_000)
    with serving(tmp_path, works=False, registry=builtin_registry(), limits=limits) as house:
        yield house


def _chain(length: int) -> dict[str, Any]:
    """Return a wire through so many nodes."""
    graph: dict[str, Any] = {
        "0": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}}
    }
    for number in range(1, length):
        graph[str(number)] = {
            "class_type": "LatentUpscale",
            "inputs": {
                "samples": [str(number - 1), 0], "upscale_method": "nearest-exact", "width": 64, "height": 64,
                "crop": "disabled",
            },
        }  # fmt: skip
    last = str(length - 1)
    graph["out"] = {"class_type": "SaveLatent", "inputs": {"samples": [last, 0], "filename_prefix": "x"}}
    return graph


def test_line_28_a_chain_of_ten_thousand_nodes_is_an_ordinary_graph(real: House) -> None:
    answer = real.post("/prompt", {"prompt": _chain(10_000)})
    assert answer.status == 200, answer.text[:500]
    assert answer.json["node_errors"] == {}


def test_line_28_a_graph_beyond_the_limit_is_refused(real: House) -> None:
    answer = real.post("/prompt", {"prompt": _chain(20_001)})
    assert answer.status == 400
    assert "20,000" in answer.text


def test_line_28_circles_are_told_and_never_followed(real: House) -> None:
    graph = _chain(100)
    graph["1"]["inputs"]["samples"] = ["99", 0]
    for circle in (
        graph,
        {**_chain(2), "1": {**_chain(2)["1"], "inputs": {**_chain(2)["1"]["inputs"], "samples": ["1", 0]}}},
    ):
        answer = real.post("/prompt", {"prompt": circle})
        assert answer.status == 400
        assert answer.json["error"]["type"] == "prompt_outputs_failed_validation"


def test_line_28_a_subgraph_that_contains_itself_is_told(real: House) -> None:
    inner = {"id": 1, "type": "a", "inputs": [], "outputs": []}
    definition = {
        "id": "a", "name": "A", "nodes": [inner], "links": [], "inputs": [], "outputs": [],
        "inputNode": {"id": -10, "bounding": [0, 0, 1, 1]}, "outputNode": {"id": -20, "bounding": [0, 0, 1, 1]},
    }  # fmt: skip
    document = {"version": 0.4, "nodes": [inner], "links": [], "definitions": {"subgraphs": [definition]}}
    assert real.post("/prompt", {"prompt": document}).status == 400


@pytest.mark.parametrize(
    "value", ["1e400", "NaN", "-Infinity", "10" * 50, "1000000000", "-1", "[]", "{}", "null", '"wide"']
)
@pytest.mark.parametrize("name", ["width", "batch_size"])
def test_line_29_sizes_beyond_all_measure_are_refused_before_anything_is_made(
    real: House, name: str, value: str
) -> None:
    graph = _chain(1)
    graph["0"]["inputs"][name] = "HERE"
    raw = json.dumps({"prompt": graph}).replace('"HERE"', value).encode()
    answer = real.ask("POST", "/prompt", raw=raw)
    assert answer.status == 400, answer.text
    assert real.desk.store.remaining() == 0


def test_line_30_what_a_graph_says_comes_back_as_data(real: House) -> None:
    evil = '<img src=x onerror="alert(1)">'
    graph = {**_chain(1), evil: {"class_type": evil, "inputs": {}, "_meta": {"title": evil}}}
    answer = real.post("/prompt", {"prompt": graph})
    assert answer.status == 400
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_line_30_the_page_puts_texts_of_others_in_as_text(real: House) -> None:
    script = real.get("/page.js").text
    for dangerous in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("):
        assert dangerous not in script
