"""The editor's own code, run by Node: every template survives opening and saving, and means what the engine reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ldm_nodes.engine.conversion import Conversion
from ldm_nodes.engine.drawing import draw_workflow
from ldm_nodes.engine.workflow import Workflow
from tests.templates import (
    DIGESTS,
    OBJECT_INFO,
    OF_OUR_NODES,
    RECORDED,
    TEMPLATES,
    as_the_client_writes,
    digest,
    needs_recording,
    needs_templates,
    recorded_catalogue,
)

from .editors_code import ask_editor, converter, exact
from .node import needs_node

Json = dict[str, Any]
pytestmark = [needs_node, needs_templates]


@pytest.fixture(scope="module")
def infos() -> Json:
    """The node classes that the templates name, as far as there are any."""
    catalogue = recorded_catalogue()
    types = {node["type"] for path in TEMPLATES for node in _nodes(json.loads(path.read_text("utf-8")))}
    return {name: info for name in sorted(types) if (info := catalogue.info(name)) is not None}


@pytest.fixture(scope="module")
def answers(infos: Json) -> list[Json]:
    documents: list[Json] = ask_editor(object_info=infos, documents=[path.read_text("utf-8") for path in TEMPLATES])[
        "documents"
    ]
    return documents


@pytest.fixture(scope="module")
def conversions() -> list[Conversion]:
    engine = converter(recorded_catalogue())
    return [engine.convert(Workflow.parse(path.read_bytes())) for path in TEMPLATES]


def test_a_template_is_saved_as_it_was_opened(answers: list[Json]) -> None:
    read = {path: json.loads(path.read_text("utf-8")) for path in TEMPLATES}
    changed = [
        path.name
        for path, answer in zip(TEMPLATES, answers, strict=True)
        if exact(answer["written"]) != exact(read[path])
    ]
    assert changed == []


def test_the_editor_reads_a_template_as_the_engine_does(answers: list[Json], conversions: list[Conversion]) -> None:
    different = [
        path.name
        for path, answer, conversion in zip(TEMPLATES, answers, conversions, strict=True)
        if exact(answer["prompt"]) != exact(conversion.prompt.to_json())
        or answer["problems"] != [problem.node_id for problem in conversion.problems]
        or answer["notices"] != [notice.node_id for notice in conversion.notices]
    ]
    assert different == []


@needs_recording
def test_the_editors_prompt_is_the_official_clients(answers: list[Json]) -> None:
    found = {}
    for path, answer in zip(TEMPLATES, answers, strict=True):
        if path.parent.parent.name == RECORDED[0].replace("-", "_"):
            nodes = as_the_client_writes(answer["prompt"])
            nodes |= {key: {"inputs": nodes[key]["inputs"]} for key in answer["unknown"]}
            found[path.name] = digest(nodes)
    wanted = {name: DIGESTS[name] for name in (DIGESTS if OBJECT_INFO else OF_OUR_NODES)}
    assert {name: found[name] for name in wanted} == wanted


def test_the_editor_draws_as_the_engine_does(infos: Json, conversions: list[Conversion]) -> None:
    prompts = [conversion.prompt for conversion in conversions if conversion.prompt.nodes]
    drawn = ask_editor(object_info=infos, prompts=[prompt.to_json() for prompt in prompts])["prompts"]
    assert len(drawn) == len(prompts)
    for prompt, document in zip(prompts, drawn, strict=True):
        assert exact(document) == exact(draw_workflow(prompt, recorded_catalogue()).to_json())


def _nodes(document: Json) -> list[Json]:
    subgraphs = document.get("definitions", {}).get("subgraphs", [])
    return [node for canvas in (document, *subgraphs) for node in canvas["nodes"]]
