"""Whatever a document holds, the editor's code and the engine make the same prompt of it, with the same doubts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.engine.catalogue import ObjectInfo
from ldm_nodes.engine.conversion import Conversion
from ldm_nodes.engine.drawing import draw_workflow
from ldm_nodes.engine.workflow import Workflow

from .editors_code import ask_editor, converter, exact
from .node import needs_node
from .random_documents import random_document

pytestmark = needs_node
TABLE = json.loads((Path(__file__).parents[1] / "fixtures" / "conversion_cases.json").read_text("utf-8"))
INFOS = TABLE["our_nodes"] | TABLE["object_info"]
CATALOGUE = ObjectInfo.parse(INFOS)
COUNT = 400
Json = dict[str, Any]


@pytest.fixture(scope="module")
def documents() -> list[Json]:
    return [random_document(seed, INFOS) for seed in range(COUNT)]


@pytest.fixture(scope="module")
def conversions(documents: list[Json]) -> list[Conversion]:
    engine = converter(CATALOGUE)
    return [engine.convert(Workflow.parse(json.dumps(document))) for document in documents]


def test_a_document_becomes_the_same_prompt(documents: list[Json], conversions: list[Conversion]) -> None:
    answers = ask_editor(object_info=INFOS, documents=[json.dumps(document) for document in documents])["documents"]
    for document, answer, conversion in zip(documents, answers, conversions, strict=True):
        assert exact(answer["written"]) == exact(document)
        assert exact(answer["prompt"]) == exact(conversion.prompt.to_json())
        assert answer["problems"] == [problem.node_id for problem in conversion.problems]
        assert answer["notices"] == [notice.node_id for notice in conversion.notices]
    assert sum(len(conversion.prompt.nodes) for conversion in conversions) > COUNT


def test_a_prompt_is_drawn_as_the_same_document(conversions: list[Conversion]) -> None:
    prompts = [conversion.prompt for conversion in conversions if conversion.prompt.nodes]
    drawn = ask_editor(object_info=INFOS, prompts=[prompt.to_json() for prompt in prompts])["prompts"]
    for prompt, document in zip(prompts, drawn, strict=True):
        assert exact(document) == exact(draw_workflow(prompt, CATALOGUE).to_json())
