"""Add-ons in whole graphs on tiny models: everything that users put between a checkpoint and a sampler."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.foresight import look_ahead
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings
from tests.fakes.addons import save_addons
from tests.fakes.checkpoints import save_checkpoints
from tests.nodes.pairings import Graph, Node, node, painting


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Executor[Runtime]:
    base = tmp_path_factory.mktemp("addons")
    save_checkpoints(base / "models" / "checkpoints", ("sd1", "sdxl"))
    save_addons(base / "models")
    runtime = Runtime(Settings(Folders.under(base), device="cpu", precision="fp32"))
    return Executor(builtin_registry(), runtime.cache, runtime)


def samples(executor: Executor[Runtime], graph: Graph) -> torch.Tensor:
    plan = make_plan(Prompt.parse(graph), executor.registry, executor.runtime.settings.folders, ["sample"])
    assert not plan.problems
    foreseen = look_ahead(plan, executor.registry)
    made: torch.Tensor = executor.run(foreseen.plan).outputs["sample"][0]["samples"]
    assert torch.isfinite(made).all()
    return made


def with_lora(family: str, name: str) -> Graph:
    graph = painting(family)
    names = {"lora_name": f"{family}-{name}.safetensors", "strength_model": 0.8, "strength_clip": 0.8}
    graph["lora"] = node("LoraLoader", "LoRA", model=["model", 0], clip=["text", 1], **names)
    graph["sample"]["inputs"]["model"] = ["lora", 0]
    for prompt in ("wanted", "unwanted"):
        graph[prompt]["inputs"]["clip"] = ["lora", 1]
    return graph


def with_hypernetwork() -> Graph:
    graph = painting("sd1")
    graph["hyper"] = node("HypernetworkLoader", "Hyper", model=["model", 0], hypernetwork_name="hyper.pt", strength=1.0)
    graph["sample"]["inputs"]["model"] = ["hyper", 0]
    return graph


def with_picture() -> Graph:
    graph = painting("sdxl")
    seen: dict[str, Node] = {
        "tower": node("CLIPVisionLoader", "Eye", clip_name="vision.safetensors"),
        "photo": node("EmptyImage", "Photo", width=80, height=64, batch_size=1, color=0xFF8000),
        "seen": node("CLIPVisionEncode", "See", clip_vision=["tower", 0], image=["photo", 0], crop="center"),
        "told": node(
            "unCLIPConditioning", "Tell",
            conditioning=["wanted", 0], clip_vision_output=["seen", 0], strength=1.0, noise_augmentation=0.0,
        ),
    }  # fmt: skip
    graph |= seen
    graph["sample"]["inputs"]["positive"] = ["told", 0]
    return graph


def with_embedding(family: str, name: str) -> Graph:
    graph = painting(family)
    graph["wanted"]["inputs"]["text"] = f"a fox, embedding:{name}"
    return graph


def with_adapter() -> Graph:
    graph = painting("sd1")
    steps: dict[str, Any] = {
        "net": node("ControlNetLoader", "Net", control_net_name="sd1-t2i.safetensors"),
        "hint": node("EmptyImage", "Hint", width=64, height=64, batch_size=1, color=0xFFFFFF),
        "steer": node(
            "ControlNetApply",
            "Steer",
            conditioning=["wanted", 0],
            control_net=["net", 0],
            image=["hint", 0],
            strength=1.0,
        ),
    }
    graph |= steps
    graph["sample"]["inputs"]["positive"] = ["steer", 0]
    return graph


@pytest.mark.parametrize(
    ("family", "graph"),
    [
        ("sd1", with_lora("sd1", "kohya")),
        ("sd1", with_lora("sd1", "peft")),
        ("sdxl", with_lora("sdxl", "kohya")),
        ("sd1", with_hypernetwork()),
        ("sdxl", with_picture()),
        ("sd1", with_embedding("sd1", "one")),
        ("sd1", with_embedding("sd1", "two")),
        ("sdxl", with_embedding("sdxl", "pair")),
    ],
    ids=["lora", "peft", "lora of sdxl", "hypernetwork", "revision", "embedding", "two vectors", "pair of embeddings"],
)
def test_an_addon_changes_the_picture(executor: Executor[Runtime], family: str, graph: Graph) -> None:
    plain = samples(executor, painting(family))
    assert not torch.allclose(samples(executor, graph), plain, rtol=1e-4, atol=1e-4)
    assert torch.equal(samples(executor, painting(family)), plain)


def test_an_adapter_whose_blocks_the_tiny_model_lacks_is_harmless(executor: Executor[Runtime]) -> None:
    assert samples(executor, with_adapter()).shape == (1, 4, 8, 8)
