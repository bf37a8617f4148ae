"""LoRA nodes: what they refuse before anything runs, and what they tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.foresight import look_ahead
from ldm_nodes.engine.plan import Plan, make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings
from tests.fakes.checkpoints import save_checkpoints
from tests.fakes.loras import save_loras


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Executor[Runtime]:
    base = tmp_path_factory.mktemp("loras")
    save_checkpoints(base / "models" / "checkpoints", ("sd1", "sdxl"))
    save_loras(base / "models" / "loras", ("sd1", "sdxl"))
    runtime = Runtime(Settings(Folders.under(base), device="cpu", precision="fp32"))
    return Executor(builtin_registry(), runtime.cache, runtime)


def graph(checkpoint: str, lora: str, strength: float = 1.0) -> dict[str, Any]:
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": f"{checkpoint}.safetensors"}},
        "2": {
            "class_type": "LoraLoader",
            "inputs": {
                "model": ["1", 0], "clip": ["1", 1], "lora_name": f"{lora}.safetensors",
                "strength_model": strength, "strength_clip": strength,
            },
        },
    }  # fmt: skip


def plan(executor: Executor[Runtime], nodes: dict[str, Any]) -> Plan:
    return make_plan(Prompt.parse(nodes), executor.registry, executor.runtime.settings.folders, ["1", "2"])


def test_a_lora_of_another_family_is_told_before_it_runs(executor: Executor[Runtime]) -> None:
    (problem,) = look_ahead(plan(executor, graph("sd1", "sdxl-kohya")), executor.registry).plan.problems
    assert "made for models whose text embeddings are 192 wide" in str(problem)
    assert "sd1 (sd1.safetensors)" in str(problem)


def test_strength_zero_hands_the_same_objects_on(executor: Executor[Runtime]) -> None:
    outputs = executor.run(plan(executor, graph("sdxl", "sdxl-kohya", 0.0))).outputs
    assert outputs["2"][0] is outputs["1"][0]
    assert outputs["2"][1] is outputs["1"][1]


def test_both_parts_of_sdxl_are_changed(executor: Executor[Runtime], tmp_path: Path) -> None:
    outputs = executor.run(plan(executor, graph("sdxl", "sdxl-kohya"))).outputs
    model, clip = outputs["2"]
    assert len(model.patched.patches) > 10
    assert all(reader.patched is not None for reader in clip.readers)
