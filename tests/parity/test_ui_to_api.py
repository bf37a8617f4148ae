"""Templates of the editor: our prompts are the official client's, and every document survives the way to and fro."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ldm_nodes.engine.catalogue import Installed
from ldm_nodes.engine.drawing import draw_workflow
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.subgraph_collapse import collapse
from ldm_nodes.engine.subgraph_expand import expand
from ldm_nodes.engine.workflow import Workflow
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.settings import IMAGE_SUFFIXES, MODEL_KINDS, MODEL_SUFFIXES, Folders
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
    our_catalogue,
    recorded_catalogue,
    templates,
)

PICTURES = [path for path in TEMPLATES if "CheckpointLoaderSimple" in path.read_text("utf-8")]


@needs_recording
@pytest.mark.parametrize("name", DIGESTS if OBJECT_INFO else OF_OUR_NODES)
def test_our_prompt_is_the_official_clients(name: str) -> None:
    path = templates(RECORDED[0])[0].parent / name
    prompt = Workflow.parse(path.read_bytes()).to_prompt(recorded_catalogue()).to_json()
    assert digest(as_the_client_writes(prompt)) == DIGESTS[name]


@needs_templates
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parts[-3][8:]}-{path.name}")
def test_a_template_survives_the_way_to_and_fro(path: Path) -> None:
    text = path.read_text("utf-8")
    workflow = Workflow.parse(text)
    assert json.dumps(workflow.to_json()) == json.dumps(json.loads(text))
    prompt = workflow.to_prompt(our_catalogue()).prompt
    assert Prompt.parse(prompt.to_json()) == prompt
    again = Workflow.parse(json.dumps(draw_workflow(prompt, our_catalogue()).to_json())).to_prompt(our_catalogue())
    assert digest(again.prompt.to_json()) == digest(prompt.to_json())


@needs_templates
@pytest.mark.parametrize("path", PICTURES, ids=lambda path: f"{path.parts[-3][8:]}-{path.name}")
def test_a_template_collapses_and_expands(path: Path) -> None:
    workflow = Workflow.parse(path.read_bytes())
    half = list(workflow.canvas.nodes)[::2]
    collapsed = collapse(workflow, half, "Half")
    (instance,) = collapsed.canvas.nodes.keys() - workflow.canvas.nodes.keys()
    assert expand(collapsed, instance, our_catalogue()) == workflow


@needs_templates
def test_templates_whose_nodes_we_have_are_valid(tmp_path: Path) -> None:
    registry, folders = builtin_registry(), Folders.under(tmp_path)
    faults = {}
    for path in PICTURES:
        prompt = Workflow.parse(path.read_bytes()).to_prompt(Installed(registry, folders)).prompt
        if {node.class_type for node in prompt.nodes.values()} <= set(registry):
            _put_files(prompt, tmp_path)
            conversion = Workflow.parse(path.read_bytes()).to_prompt(Installed(registry, folders))
            faults[path.name] = make_plan(conversion.checked(), registry, folders).problems
    assert faults
    assert not any(faults.values()), faults


def _put_files(prompt: Prompt, base: Path) -> None:
    """Make an empty file of every name that a graph mentions, in every folder where it may be looked for."""
    values = [value for node in prompt.nodes.values() for value in node.inputs.values() if isinstance(value, str)]
    of_models = tuple(f"models/{name}" for names in MODEL_KINDS.values() for name in names)
    suffixes = dict.fromkeys(IMAGE_SUFFIXES, ("input",)) | dict.fromkeys(MODEL_SUFFIXES, of_models)
    for name in values:
        for folder in suffixes.get(Path(name).suffix.lower(), ()):
            path = base / folder / name.replace("\\", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
