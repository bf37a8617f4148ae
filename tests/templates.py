"""The editor's templates of `comfyui-workflow-templates`, where that is installed, and what the official client makes.

The templates are other people's and are not kept here. What the official client (frontend 1.27.10 on ComfyUI 0.3.64)
makes of 86 of them is kept as digests. Those of `OF_OUR_NODES` are compared by the definitions of our own nodes. To
compare all 86, name a file with the answer of that server's `/object_info`, which is not ours to keep, in
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
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.settings import Folders
from tests.golden import ROOT

DIGESTS: dict[str, str] = json.loads((ROOT / "12_ui_to_api" / "digests.json").read_text())
RECORDED = ("comfyui-workflow-templates", "0.1.95")
OBJECT_INFO = os.environ.get("LDM_NODES_OBJECT_INFO")
OF_OUR_NODES = (
    "area_composition_square_area_for_subject.json", "default.json", "hiresfix_latent_workflow.json",
    "image2image.json", "inpaint_model_outpainting.json", "lora.json", "sdxl_refiner_prompt_example.json",
)  # fmt: skip
OURS_ALONE = {("CheckpointLoaderSimple", "weights")}
"""Inputs that that server's nodes lack."""
SAFE_INTEGER = 2**53


def templates(package: str) -> list[Path]:
    """Return the editor's documents in an installed package."""
    spec = importlib.util.find_spec(package.replace("-", "_"))
    folders = spec.submodule_search_locations if spec else None
    files = sorted(path for folder in folders or () for path in (Path(folder) / "templates").glob("*.json"))
    return [path for path in files if isinstance(data := json.loads(path.read_text("utf-8")), dict) and "nodes" in data]


PACKAGES = [name for name in ("comfyui-workflow-templates", "comfyui-workflow-templates-json") if templates(name)]
TEMPLATES = [path for package in PACKAGES for path in templates(package)]


def _is_recorded() -> bool:
    name, version = RECORDED
    return name in PACKAGES and importlib.metadata.version(name) == version


needs_templates = pytest.mark.skipif(not TEMPLATES, reason="no package of templates is installed")
needs_recording = pytest.mark.skipif(not _is_recorded(), reason=f"needs {'=='.join(RECORDED)}, which was recorded")


@cache
def recorded_catalogue() -> Catalogue:
    """Return the node classes of the recorded server, or ours where nobody named a file with them."""
    return ObjectInfo.parse(Path(OBJECT_INFO).read_bytes()) if OBJECT_INFO else our_catalogue()


@cache
def our_catalogue() -> Catalogue:
    """Return our own node classes, without any files."""
    return Installed(builtin_registry(), Folders.under(Path("nowhere")))


def as_the_client_writes(prompt: Any) -> Any:
    """Return a prompt without the inputs that the recorded server does not have."""
    return {
        node_id: {
            **node,
            "inputs": {
                name: value
                for name, value in node["inputs"].items()
                if (node.get("class_type"), name) not in OURS_ALONE
            },
        }
        for node_id, node in prompt.items()
    }


def digest(prompt: Any) -> str:
    """Return the SHA-256 of a prompt in canonical JSON, without titles, with the numbers that JavaScript has."""
    bare = {key: {name: part for name, part in node.items() if name != "_meta"} for key, node in prompt.items()}
    text = json.dumps(as_in_javascript(bare), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def as_in_javascript(value: Any) -> Any:
    """Return a JSON value with the numbers that JavaScript has."""
    if isinstance(value, dict):
        return {key: as_in_javascript(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_in_javascript(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > SAFE_INTEGER:
        value = float(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value
