"""The editor's templates: our prompts are those of the official client, and every document survives the way to and fro.

The templates are other people's and are not kept here: they are read from the packages `comfyui-workflow-templates`
and `comfyui-workflow-templates-json` where these are installed. What the official client (frontend 1.27.10 on ComfyUI
0.3.64) makes of 86 of them is kept as digests. Those of `OF_OUR_NODES` are compared by the definitions of our own
nodes. To compare all 86, name a file with the answer of that server's `/object_info`, which is not ours to keep, in
LDM_NODES_OBJECT_INFO.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.engine.catalogue import Catalogue, Installed, ObjectInfo
from ldm_nodes.engine.drawing import draw_workflow
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.subgraph_collapse import collapse
from ldm_nodes.engine.subgraph_expand import expand
from ldm_nodes.engine.workflow import Workflow
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.settings import IMAGE_SUFFIXES, MODEL_KINDS, MODEL_SUFFIXES, Folders
from tests.golden import ROOT

DIGESTS: dict[str, str] = json.loads((ROOT / "12_ui_to_api" / "digests.json").read_text())
RECORDED = ("comfyui-workflow-templates", "0.1.95")
OBJECT_INFO = os.environ.get("LDM_NODES_OBJECT_INFO")
OF_OUR_NODES = (
    "area_composition_square_area_for_subject.json", "default.json", "hiresfix_latent_workflow.json",
    "sdxl_refiner_prompt_example.json",
)  # fmt: skip
OURS_ALONE = {("CheckpointLoaderSimple", "weights")}
"""Inputs that that server's nodes lack."""

SAFE_INTEGER = 2**53


def _templates(package: str) -> list[Path]:
    """Return the editor's documents in an installed package."""
    spec = importlib.util.find_spec(package.replace("-", "_"))
    folders = spec.submodule_search_locations if spec else None
    files = sorted(path for folder in folders or () for path in (Path(folder) / "templates").glob("*.json"))
    return [path for path in files if isinstance(data := json.loads(path.read_text("utf-8")), dict) and "nodes" in data]


PACKAGES = [name for name in ("comfyui-workflow-templates", "comfyui-workflow-templates-json") if _templates(name)]
TEMPLATES = [path for package in PACKAGES for path in _templates(package)]
PICTURES = [path for path in TEMPLATES if "CheckpointLoaderSimple" in path.read_text("utf-8")]


def _is_recorded() -> bool:
    name, version = RECORDED
    return name in PACKAGES and importlib.metadata.version(name) == version


needs_templates = pytest.mark.skipif(not TEMPLATES, reason="no package of templates is installed")
needs_recording = pytest.mark.skipif(not _is_recorded(), reason=f"needs {'=='.join(RECORDED)}, which was recorded")


@cache
def _recorded_catalogue() -> Catalogue:
    return ObjectInfo.parse(Path(OBJECT_INFO).read_bytes()) if OBJECT_INFO else _our_catalogue()


@cache
def _our_catalogue() -> Catalogue:
    return Installed(builtin_registry(), Folders.under(Path("nowhere")))


def _digest(prompt: Any) -> str:
    """Return the SHA-256 of a prompt in canonical JSON, without titles, with the numbers that JavaScript has."""
    bare = {key: {name: part for name, part in node.items() if name != "_meta"} for key, node in prompt.items()}
    text = json.dumps(_as_in_javascript(bare), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _as_in_javascript(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_in_javascript(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_in_javascript(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > SAFE_INTEGER:
        value = float(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


@needs_recording
@pytest.mark.parametrize("name", DIGESTS if OBJECT_INFO else OF_OUR_NODES)
def test_our_prompt_is_the_official_clients(name: str) -> None:
    folder = _templates(RECORDED[0])[0].parent
    prompt = Workflow.parse((folder / name).read_bytes()).to_prompt(_recorded_catalogue()).to_json()
    for node in prompt.values():
        theirs = {
            key: value for key, value in node["inputs"].items() if (node.get("class_type"), key) not in OURS_ALONE
        }
        node["inputs"] = theirs
    assert _digest(prompt) == DIGESTS[name]


@needs_templates
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parts[-3][8:]}-{path.name}")
def test_a_template_survives_the_way_to_and_fro(path: Path) -> None:
    text = path.read_text("utf-8")
    workflow = Workflow.parse(text)
    assert json.dumps(workflow.to_json()) == json.dumps(json.loads(text))
    prompt = workflow.to_prompt(_our_catalogue()).prompt
    assert Prompt.parse(prompt.to_json()) == prompt
    again = Workflow.parse(json.dumps(draw_workflow(prompt, _our_catalogue()).to_json())).to_prompt(_our_catalogue())
    assert _digest(again.prompt.to_json()) == _digest(prompt.to_json())


@needs_templates
@pytest.mark.parametrize("path", PICTURES, ids=lambda path: f"{path.parts[-3][8:]}-{path.name}")
def test_a_template_collapses_and_expands(path: Path) -> None:
    workflow = Workflow.parse(path.read_bytes())
    half = list(workflow.canvas.nodes)[::2]
    collapsed = collapse(workflow, half, "Half")
    (instance,) = collapsed.canvas.nodes.keys() - workflow.canvas.nodes.keys()
    assert expand(collapsed, instance, _our_catalogue()) == workflow


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
