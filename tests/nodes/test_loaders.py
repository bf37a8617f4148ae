"""Nodes that read files notice when a file of the same name has become another one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

import ldm_nodes
from ldm_nodes.engine.errors import NodeFailed
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime

BUNDLED = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints" / "tiny-sd-v1.safetensors"


@pytest.fixture
def executor(runtime: Runtime) -> Executor[Runtime]:
    return Executor(builtin_registry(), runtime.cache, runtime)


def _run(executor: Executor[Runtime], class_type: str, **inputs: Any) -> tuple[tuple[Any, ...], str]:
    prompt = Prompt.parse({"1": {"class_type": class_type, "inputs": inputs}})
    result = executor.run(make_plan(prompt, executor.registry, executor.runtime.folders, ["1"]))
    return result.outputs["1"], result.nodes["1"].status


def test_a_latent_that_was_saved_anew_is_read_again(executor: Executor[Runtime]) -> None:
    path = executor.runtime.folders.input / "x.latent"
    path.parent.mkdir()
    for value in (1.0, 1.0, 2.0):
        marker = {"latent_format_version_0": torch.empty(0)}
        save_file({"latent_tensor": torch.full((1, 4, 2, 2), value), **marker}, path)
        (latent,), status = _run(executor, "LoadLatent", latent="x.latent")
        assert latent["samples"].unique().tolist() == [value]
    assert _run(executor, "LoadLatent", latent="x.latent")[1] == "reused"
    assert status == "ran"


@pytest.mark.parametrize(
    ("class_type", "kind", "name"),
    [("CheckpointLoaderSimple", "checkpoints", "ckpt_name"), ("VAELoader", "vae", "vae_name")],
)
def test_weights_that_were_trained_on_are_loaded_again(
    executor: Executor[Runtime], class_type: str, kind: str, name: str
) -> None:
    folder = executor.runtime.folders.base / "models" / kind
    folder.mkdir(parents=True)
    for companion in BUNDLED.parent.glob("tiny-sd-v1.*"):
        shutil.copy(companion, folder)
    path = folder / BUNDLED.name
    first = _run(executor, class_type, **{name: path.name})
    assert _run(executor, class_type, **{name: path.name}) == (first[0], "reused")
    weights = load_file(path)
    save_file({**weights, "first_stage_model.encoder.conv_in.bias": torch.ones(32)}, path)
    again, status = _run(executor, class_type, **{name: path.name})
    assert status == "ran"
    assert again[-1].model.encoder.conv_in.bias.unique().tolist() == [1.0]


def test_a_configuration_that_was_edited_beside_its_weights_counts(executor: Executor[Runtime]) -> None:
    folder = executor.runtime.folders.base / "models" / "checkpoints"
    folder.mkdir(parents=True)
    for companion in BUNDLED.parent.glob("tiny-sd-v1.*"):
        shutil.copy(companion, folder)
    assert _run(executor, "CheckpointLoaderSimple", ckpt_name=BUNDLED.name)[0][0].prediction == "eps"
    yaml = folder / "tiny-sd-v1.yaml"
    yaml.write_text(yaml.read_text().replace("  params:\n", "  params:\n    parameterization: v\n", 1))
    assert _run(executor, "CheckpointLoaderSimple", ckpt_name=BUNDLED.name)[0][0].prediction == "v"


def test_the_nodes_say_which_part_a_checkpoint_lacks(executor: Executor[Runtime]) -> None:
    folder = executor.runtime.folders.base / "models" / "checkpoints"
    folder.mkdir(parents=True)
    for companion in BUNDLED.parent.glob("tiny-sd-v1.*"):
        shutil.copy(companion, folder)
    path = folder / BUNDLED.name
    save_file({name: tensor for name, tensor in load_file(path).items() if name.startswith("model.")}, path)
    nodes = {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": path.name}},
        "2": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "3": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1], "text": "a fox"}},
        "4": {"class_type": "VAEDecode", "inputs": {"vae": ["1", 2], "samples": ["2", 0]}},
    }
    for target in ("3", "4"):
        plan = make_plan(Prompt.parse(nodes), executor.registry, executor.runtime.folders, [target])
        with pytest.raises(NodeFailed, match="The checkpoint contains none"):
            executor.run(plan)
