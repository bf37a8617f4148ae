"""LoRA: what ComfyUI computes with the same files in four naming styles, strengths and stacks."""

from __future__ import annotations

from pathlib import Path

import pytest

import ldm_nodes
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.models.devices import pick_compute
from ldm_nodes.models.loader import load_checkpoint
from ldm_nodes.models.lora import apply_lora, read_lora
from ldm_nodes.models.text_encoder import TextEncoder
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings
from tests import golden

CASE = golden.load("13_comfyui", "lora")
LORAS = golden.ROOT / "13_comfyui" / "loras"
CHECKPOINT = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints" / "tiny-sd-v1.safetensors"
RUNS = {run["prefix"]: run for run in CASE.manifest["runs"]}
# ComfyUI 0.3.64 finds no UNet layer under PEFT's names; here they mean what they mean to diffusers.
UNLIKE_COMFYUI = {"peft_names_0_8_0_5.latent": "diffusers_0_8_0_5.latent"}


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Executor[Runtime]:
    base = tmp_path_factory.mktemp("loras")
    (base / "models").mkdir()
    (base / "models" / "loras").symlink_to(LORAS)
    runtime = Runtime(Settings(Folders.under(base), device="cpu", precision="fp32"))
    return Executor(builtin_registry(), runtime.cache, runtime)


@pytest.mark.parametrize("name", RUNS)
def test_graph_gives_comfyuis_tensors(executor: Executor[Runtime], name: str) -> None:
    run = RUNS[name]
    targets = [*{node_id: None for node_id, *_ in run["outputs"].values()}]
    plan = make_plan(Prompt.parse(run["prompt"]), executor.registry, executor.runtime.settings.folders, targets)
    assert not plan.problems
    outputs = executor.run(plan).outputs
    for tensor, (node_id, slot, *path) in run["outputs"].items():
        CASE.assert_close(UNLIKE_COMFYUI.get(tensor, tensor), golden.tensor_at(outputs[node_id][slot], path))


def test_merged_weights_are_comfyuis() -> None:
    parts = load_checkpoint(CHECKPOINT, pick_compute("cpu", "fp32"))
    lora = read_lora(LORAS / "tiny_kohya.safetensors")
    model, _, _ = apply_lora(lora, parts.model, parts.conditioner, 0.8, 0.5)
    weights = model.running.state_dict()
    merged = [name for name in CASE.tensors if name.startswith("merged.")]
    assert merged
    for name in merged:
        CASE.assert_close(name, weights[name.removeprefix("merged.")])


@pytest.mark.parametrize("file", ["tiny_kohya.safetensors", "tiny_ldm_names.safetensors", "tiny_diffusers.safetensors"])
def test_as_many_weights_change_as_in_comfyui(file: str) -> None:
    expected = CASE.manifest["files"][file]
    parts = load_checkpoint(CHECKPOINT, pick_compute("cpu", "fp32"))
    model, encoder, leftover = apply_lora(read_lora(LORAS / file), parts.model, parts.conditioner, 1.0, 1.0)
    assert isinstance(encoder, TextEncoder)
    assert model.patched is not None
    assert encoder.readers[0].patched is not None
    assert len(model.patched.patches) == expected["applied_model"]
    assert len(encoder.readers[0].patched.patches) == expected["applied_text"]
    ignored = {name.partition(".")[0] for name in expected["ignored"]}
    assert {*leftover.unknown, *leftover.unfit} == ignored
