"""The engine converts documents and prompts as the table says that the editor's own tests read too."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.engine.catalogue import Installed, ObjectInfo
from ldm_nodes.engine.conversion import Conversion, Converter
from ldm_nodes.engine.drawing import draw_workflow
from ldm_nodes.engine.errors import PromptRejected
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.workflow import Workflow
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.settings import Folders

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
TABLE: Json = json.loads((ROOT / "tests" / "fixtures" / "conversion_cases.json").read_text("utf-8"))
CATALOGUE, OUR_NODES = ObjectInfo.parse(TABLE["object_info"]), ObjectInfo.parse(TABLE["our_nodes"])
NOW = datetime(2024, 3, 9, 5, 6, 7)  # noqa: DTZ001, the editor's dates are local


def _converted(document: Json, catalogue: ObjectInfo = CATALOGUE) -> Conversion:
    converter = Converter(catalogue, choose=lambda choices: choices[-1], now=NOW)
    return converter.convert(Workflow.parse(json.dumps(document)))


def _with(prompt: Json, added: Json) -> Json:
    return {key: {**node, "inputs": node["inputs"] | added.get(key, {})} for key, node in prompt.items()}


@pytest.mark.parametrize("case", TABLE["documents"], ids=lambda case: case["name"])
def test_a_document_becomes_the_prompt(case: Json) -> None:
    conversion = _converted(case["document"])
    assert conversion.prompt.to_json() == case["prompt"]
    assert [problem.node_id for problem in conversion.problems] == case["problems"]
    assert [notice.node_id for notice in conversion.notices] == case["notices"]
    assert Workflow.parse(case["document"]).to_json() == case["document"]


@pytest.mark.parametrize("case", TABLE["refused"], ids=lambda case: case["name"])
def test_a_document_without_end_is_refused(case: Json) -> None:
    with pytest.raises(PromptRejected) as raised:
        _converted(case["document"])
    assert [problem.node_id for problem in raised.value.problems] == [case["node"]]


@pytest.mark.parametrize("case", TABLE["prompts"], ids=lambda case: case["name"])
def test_a_prompt_becomes_the_document_and_comes_back(case: Json) -> None:
    document = draw_workflow(Prompt.parse(case["prompt"]), CATALOGUE).to_json()
    assert document == case.get("document", document)
    assert _converted(document).prompt.to_json() == _with(case["prompt"], case["added"])


@pytest.mark.parametrize("name", TABLE["graphs"])
def test_a_graph_that_ships_comes_back(name: str) -> None:
    prompt = json.loads((ROOT / "graphs" / name).read_text("utf-8"))
    document = draw_workflow(Prompt.parse(prompt), OUR_NODES).to_json()
    assert _converted(document, OUR_NODES).prompt.to_json() == _with(prompt, TABLE["graphs"][name])


def test_the_table_knows_every_graph_and_node_that_ships() -> None:
    catalogue = Installed(builtin_registry(), Folders.under(Path("nowhere")))
    graphs = {path.name: json.loads(path.read_text("utf-8")) for path in (ROOT / "graphs").glob("*.json")}
    classes = {node["class_type"] for graph in graphs.values() for node in graph.values()}
    ours = {name: _bare(catalogue.info(name), TABLE["our_nodes"].get(name, {})) for name in classes}
    assert set(TABLE["graphs"]) == set(graphs)
    expected = json.loads(json.dumps(ours))
    assert TABLE["our_nodes"] == expected, "a node has changed: bring our_nodes in the table up to date"


def _bare(info: Any, keys: Json) -> Any:
    """Return those parts of a definition that the table has, without the words for people."""
    return {key: _without_tooltips(info[key]) for key in keys}


def _without_tooltips(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_tooltips(item) for key, item in value.items() if key != "tooltip"}
    return [_without_tooltips(item) for item in value] if isinstance(value, list | tuple) else value
