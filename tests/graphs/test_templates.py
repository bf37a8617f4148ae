"""The editor's templates for Stable Diffusion, run from the document to the picture on tiny stand-ins.

The files that a template names are made for it: models of the right family with the right keys, and pictures. Sides and
steps are reduced. `NOT_RUN` says which templates do not run, and which node classes they want.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ldm_nodes.engine.catalogue import Installed
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.workflow import Workflow
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings
from tests.fakes.checkpoints import save_checkpoints, save_vaes
from tests.fakes.controls import save_controls
from tests.fakes.loras import save_loras
from tests.fakes.parts import save_upscaler, save_vision_tower
from tests.templates import TEMPLATES, needs_templates

CHECKPOINTS = {
    "512-inpainting-ema.safetensors": "sd2-inpaint",
    "DreamShaper_8_pruned.safetensors": "sd1",
    "architecturerealmix_v11.safetensors": "sd1",
    "awpainting_v14.safetensors": "sd1",
    "dreamshaper_8.safetensors": "sd1",
    "interiordesignsuperm_v2.safetensors": "sd1",
    "japaneseStyleRealistic_v20.safetensors": "sd1",
    "majicmixRealistic_v7.safetensors": "sd1",
    "sd_xl_base_1.0.safetensors": "sdxl",
    "sd_xl_refiner_1.0.safetensors": "sdxl-refiner",
    "sd_xl_turbo_1.0_fp16.safetensors": "sdxl",
    "v1-5-pruned-emaonly-fp16.safetensors": "sd1",
    "v2-1_768-ema-pruned.safetensors": "sd2-v",
}
"""The files of Stable Diffusion that templates name, and what each holds."""
NOT_RUN = {
    "gligen_textbox_example.json": {"GLIGENLoader", "GLIGENTextBoxApply"},
    "txt_to_image_to_video.json": {
        "CreateVideo", "ImageOnlyCheckpointLoader", "SVD_img2vid_Conditioning", "SaveVideo", "VideoLinearCFGGuidance"
    },
}  # fmt: skip
"""Templates that do not run, and the node classes that are not there."""
EDITOR_ONLY = {"Note", "MarkdownNote", "Reroute", "PrimitiveNode"}
SHRINK = 4  # of every side
STEPS = 4


def _nodes(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the nodes of a document, those inside subgraphs too."""
    yield from document["nodes"]
    for subgraph in document.get("definitions", {}).get("subgraphs", []):
        yield from subgraph["nodes"]


def _classes(path: Path) -> set[str]:
    document = json.loads(path.read_text("utf-8"))
    inner = {subgraph["id"] for subgraph in document.get("definitions", {}).get("subgraphs", [])}
    return {node["type"] for node in _nodes(document)} - EDITOR_ONLY - inner


def _is_stable_diffusion(path: Path) -> bool:
    nodes = _nodes(json.loads(path.read_text("utf-8")))
    named = [node["widgets_values"][0] for node in nodes if node["type"] == "CheckpointLoaderSimple"]
    return bool(named) and all(name in CHECKPOINTS for name in named)


pytestmark = pytest.mark.slow
PATHS = {path.name: path for path in TEMPLATES if _is_stable_diffusion(path)}


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Executor[Runtime]:
    """Return an executor with every checkpoint that a template names."""
    base = tmp_path_factory.mktemp("templates")
    stock, models = base / "stock", base / "models"
    save_checkpoints(stock, set(CHECKPOINTS.values()))
    for name, family in CHECKPOINTS.items():
        for file in stock.glob(f"{family}.*"):
            _copy(file, models / "checkpoints" / (Path(name).stem + file.name.removeprefix(family)))
    save_vaes(base / "vaes")
    save_loras(base / "loras")
    save_controls(base / "controls")
    runtime = Runtime(Settings(Folders.under(base), device="cpu", precision="fp32"))
    return Executor(builtin_registry(), runtime.cache, runtime)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _supply(base: Path, prompt: dict[str, Any]) -> None:
    """Make the files that the loaders of a prompt name; checkpoints are there."""
    for node in prompt.values():
        inputs = node["inputs"]
        match node["class_type"]:
            case "VAELoader":
                _copy(base / "vaes" / "kl-f8.safetensors", base / "models" / "vae" / inputs["vae_name"])
            case "LoraLoader" | "LoraLoaderModelOnly":
                _copy(next((base / "loras").glob("sd1*.safetensors")), base / "models" / "loras" / inputs["lora_name"])
            case "ControlNetLoader":
                name = inputs["control_net_name"]
                kind = "sd1-t2i" if "t2i" in name.lower() else "sd1"
                _copy(base / "controls" / f"{kind}.safetensors", base / "models" / "controlnet" / name)
            case "UpscaleModelLoader":
                save_upscaler(base / "models" / "upscale_models" / inputs["model_name"])
            case "CLIPVisionLoader":
                save_vision_tower(base / "models" / "clip_vision" / inputs["clip_name"], projection=128)
            case "LoadImage":
                _draw(base / "input" / inputs["image"])


def _draw(path: Path) -> None:
    """Draw a small picture with a hole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 256, (128, 128, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[40:80, 40:80, 3] = 0
    Image.fromarray(pixels, "RGBA").save(path)


SIDES = ("width", "height", "x", "y", "left", "right", "top", "bottom")
LEAST = {"width": 64, "height": 64}


def _reduce(inputs: dict[str, Any]) -> None:
    """Reduce sides and steps; a window of steps keeps its share."""
    for name in SIDES:
        if isinstance(inputs.get(name), int):
            inputs[name] = max(LEAST.get(name, 0), inputs[name] // SHRINK // 8 * 8)
    if isinstance(inputs.get("steps"), int):
        whole = inputs["steps"]
        for name in ("start_at_step", "end_at_step"):
            if isinstance(inputs.get(name), int):
                inputs[name] = round(inputs[name] * STEPS / whole)
        inputs["steps"] = min(STEPS, whole)


@needs_templates
@pytest.mark.parametrize("name", sorted(PATHS.keys() - NOT_RUN.keys()))
def test_a_template_runs_to_its_pictures(executor: Executor[Runtime], name: str) -> None:
    folders = executor.runtime.folders
    catalogue = Installed(executor.registry, folders)
    prompt = Workflow.parse(PATHS[name].read_bytes()).to_prompt(catalogue).to_json()
    _supply(folders.base, prompt)
    for node in prompt.values():
        _reduce(node["inputs"])
        if node["class_type"] == "SaveImage":
            node["inputs"]["filename_prefix"] = Path(name).stem
    plan = make_plan(Prompt.parse(prompt), executor.registry, folders)
    assert not plan.problems
    executor.run(plan)
    saving = [node for node in prompt.values() if node["class_type"] == "SaveImage"]
    pictures = sorted(folders.output.glob(f"{Path(name).stem}_0*.png"))
    assert len(pictures) >= len(saving) > 0
    for picture in pictures:
        with Image.open(picture) as opened:
            assert len(set(opened.convert("L").tobytes())) > 8, "even tiny random weights paint more than a plane"


@needs_templates
def test_every_template_that_does_not_run_wants_only_the_classes_that_are_told() -> None:
    registry = builtin_registry()
    missing = {name: {one for one in _classes(path) if one not in registry} for name, path in PATHS.items()}
    assert NOT_RUN.keys() <= PATHS.keys()
    assert {name: wanted for name, wanted in missing.items() if not wanted <= NOT_RUN.get(name, set())} == {}
