"""Sampling nodes: unfit parts are refused before the network runs, and the message names who made them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from ldm_nodes.engine.context import CancelToken
from ldm_nodes.engine.errors import Cancelled, NodeFailed
from ldm_nodes.engine.events import Event, Progress
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings

GRAPHS = Path(__file__).parents[2] / "graphs"
Graph = dict[str, Any]


@pytest.fixture
def graph() -> Graph:
    loaded: Graph = json.loads((GRAPHS / "txt2img.json").read_text())
    loaded["5"]["inputs"] |= {"width": 64, "height": 64}
    loaded["3"]["inputs"] |= {"steps": 3}
    return loaded


@pytest.fixture
def executor(runtime: Runtime) -> Executor[Runtime]:
    return Executor(builtin_registry(), runtime.cache, runtime)


def _latent(executor: Executor[Runtime], graph: Graph, node_id: str = "3") -> torch.Tensor:
    folders = executor.runtime.folders
    plan = make_plan(Prompt.parse(graph), executor.registry, folders, [node_id])
    samples: torch.Tensor = executor.run(plan).outputs[node_id][0]["samples"]
    return samples


def test_a_prompt_of_another_family_is_refused_by_name(executor: Executor[Runtime], graph: Graph) -> None:
    graph["20"] = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "tiny-class-v1.safetensors"}}
    graph["3"]["inputs"]["model"] = ["20", 0]
    with pytest.raises(NodeFailed) as caught:
        _latent(executor, graph)
    message = str(caught.value)
    assert 'input "positive"' in message
    assert 'node 6 "Prompt" (CLIPTextEncode)' in message
    assert "mat1" not in message


def test_a_latent_with_other_channels_is_refused_by_name(executor: Executor[Runtime], graph: Graph) -> None:
    graph["20"] = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "tiny-class-v1.safetensors"}}
    graph["21"] = {"class_type": "LoadImage", "inputs": {"image": "example.png"}}
    graph["22"] = {"class_type": "VAEEncode", "inputs": {"pixels": ["21", 0], "vae": ["20", 2]}}
    graph["3"]["inputs"]["latent_image"] = ["22", 0]
    with pytest.raises(NodeFailed, match=r'input "latent_image".*node 22 \(VAEEncode\)'):
        _latent(executor, graph)


@pytest.mark.parametrize("text", ["(fox:nan)", "(fox:1e400)", "(" * 10_000 + "fox" + ")" * 10_000])
def test_a_prompt_without_numbers_is_refused_by_name(executor: Executor[Runtime], graph: Graph, text: str) -> None:
    graph["6"]["inputs"]["text"] = text
    with pytest.raises(NodeFailed, match=r'input "positive".*not finite.*node 6 "Prompt"'):
        _latent(executor, graph)


def test_a_damaged_network_is_told_by_the_name_of_its_loader(executor: Executor[Runtime], graph: Graph) -> None:
    plan = make_plan(Prompt.parse(graph), executor.registry, executor.runtime.folders, ["4"])
    model, _, _ = executor.run(plan).outputs["4"]
    next(model.network.parameters()).data.fill_(torch.nan)
    with pytest.raises(NodeFailed, match=r'input "model".*not finite.*node 4 "Load checkpoint".*fp32'):
        _latent(executor, graph)


def test_a_latent_of_another_autoencoder_is_refused_by_name(executor: Executor[Runtime], graph: Graph) -> None:
    graph["20"] = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "tiny-class-v1.safetensors"}}
    graph["8"]["inputs"] = {"samples": ["5", 0], "vae": ["20", 2]}
    with pytest.raises(NodeFailed, match=r'input "samples".*4 channels.*node 5 "Empty latent".*the 3 channels'):
        _latent(executor, graph, "8")


def test_a_text_prompt_wants_a_text_encoder(executor: Executor[Runtime], graph: Graph) -> None:
    graph["4"]["inputs"]["ckpt_name"] = "tiny-class-v1.safetensors"
    with pytest.raises(NodeFailed, match=r'input "clip".*It came from output 1 of node 4'):
        _latent(executor, graph)


def test_a_class_that_does_not_exist_is_told(executor: Executor[Runtime]) -> None:
    graph = json.loads((GRAPHS / "class_conditional.json").read_text())
    graph["6"]["inputs"]["class_id"] = 5000
    with pytest.raises(NodeFailed, match=r"Expected a class from 0"):
        _latent(executor, graph)


def test_a_run_can_be_stopped_between_steps(executor: Executor[Runtime], graph: Graph) -> None:
    token = CancelToken()
    seen: list[float] = []

    def listen(event: Event) -> None:
        if isinstance(event, Progress):
            seen.append(event.value)
            token.cancel()

    plan = make_plan(Prompt.parse(graph), executor.registry, executor.runtime.folders)
    with pytest.raises(Cancelled):
        executor.run(plan, listen, token)
    assert seen == [1]
    assert not list(executor.runtime.folders.base.rglob("*.png"))


@pytest.mark.parametrize("sampler", ["plms", "euler_ancestral", "dpmpp_2m_sde", "ddpm_ldm"])
def test_per_index_noise_makes_a_batch_of_single_pictures(tmp_path: Path, graph: Graph, sampler: str) -> None:
    settings = Settings(Folders.under(tmp_path), device="cpu", precision="fp32", noise="per_index")
    runtime = Runtime(settings)
    executor = Executor(builtin_registry(), runtime.cache, runtime)
    graph["3"]["inputs"] |= {"sampler_name": sampler, "scheduler": "normal"}
    graph["5"]["inputs"]["batch_size"] = 3
    batch = _latent(executor, graph)
    graph["30"] = {
        "class_type": "LatentFromBatch",
        "inputs": {"samples": ["5", 0], "batch_index": 2, "length": 1},
    }
    graph["3"]["inputs"]["latent_image"] = ["30", 0]
    torch.testing.assert_close(_latent(executor, graph)[0], batch[2], rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("sampler", ["euler", "euler_ancestral", "ddpm", "ddpm_ldm"])
def test_with_per_index_noise_two_samplers_share_one_sampling(tmp_path: Path, graph: Graph, sampler: str) -> None:
    settings = Settings(Folders.under(tmp_path), device="cpu", precision="fp32", noise="per_index")
    runtime = Runtime(settings)
    executor = Executor(builtin_registry(), runtime.cache, runtime)
    shared = {name: graph["3"]["inputs"][name] for name in ("model", "positive", "negative", "cfg", "steps")}
    shared |= {"noise_seed": 5, "sampler_name": sampler, "scheduler": "normal", "steps": 4}

    def stage(latent: str, first: int, last: int) -> Graph:
        window = {"latent_image": [latent, 0], "start_at_step": first, "end_at_step": last}
        ends = {
            "add_noise": "disable" if first else "enable",
            "return_with_leftover_noise": "enable" if last < 4 else "disable",
        }
        return {"class_type": "KSamplerAdvanced", "inputs": shared | window | ends}

    graph |= {"30": stage("5", 0, 4), "31": stage("5", 0, 2), "32": stage("31", 2, 4)}
    torch.testing.assert_close(_latent(executor, graph, "32"), _latent(executor, graph, "30"), rtol=1e-4, atol=1e-4)


def test_options_make_ddim_stochastic(executor: Executor[Runtime], graph: Graph) -> None:
    graph["3"]["inputs"]["sampler_name"] = "ddim_ldm"
    plain = _latent(executor, graph)
    graph["10"] = {
        "class_type": "DDIMSamplerOptions",
        "inputs": {"model": ["4", 0], "eta": 0.0, "temperature": 1.0, "noise_dropout": 0.0, "quantize_denoised": False},
    }
    graph["3"]["inputs"]["model"] = ["10", 0]
    assert torch.equal(_latent(executor, graph), plain)
    graph["10"]["inputs"]["eta"] = 1.0
    assert not torch.allclose(_latent(executor, graph), plain)


def test_guidance_of_one_ignores_the_negative_prompt(executor: Executor[Runtime], graph: Graph) -> None:
    graph["3"]["inputs"]["cfg"] = 1.0
    first = _latent(executor, graph)
    graph["7"]["inputs"]["text"] = "anything else"
    assert torch.equal(_latent(executor, graph), first)
