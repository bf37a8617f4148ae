"""Every sampler against ComfyUI's final latents with the small checkpoint: same prompt, seed and schedule."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from ldm_nodes.sampling.denoiser import denoiser
from ldm_nodes.sampling.sample import sample
from ldm_nodes.sampling.tables import SAMPLERS
from tests.golden import load
from tests.sampling.tiny_model import TinyModel, tiny_model

GOLDEN = load("13_comfyui", "samplers")
NODES = GOLDEN.manifest["prompt"]
RUNS: list[dict[str, Any]] = GOLDEN.manifest["runs"]
CALLS = [run for run in RUNS if run.get("kind") == "model call"]


def _settings(run: dict[str, Any]) -> dict[str, Any]:
    node = NODES[GOLDEN.manifest["sampler_node"]]["inputs"] | run["overrides"].get("sampler", {})
    return {key: node[key] for key in ("seed", "steps", "cfg", "sampler_name", "scheduler", "denoise")}


def _empty_latent(run: dict[str, Any]) -> Tensor:
    node = NODES[GOLDEN.manifest["latent_node"]]["inputs"] | run["overrides"].get("latent", {})
    return torch.zeros(node["batch_size"], 4, node["height"] // 8, node["width"] // 8)


def _sampled(model: TinyModel, run: dict[str, Any]) -> Tensor:
    return sample(
        model,
        positive=[[GOLDEN.tensors["positive"], {}]],
        negative=[[GOLDEN.tensors["negative"], {}]],
        latent=_empty_latent(run),
        **_settings(run),
    )


SAMPLED = [run for run in RUNS if run.get("kind") != "model call" and _settings(run)["sampler_name"] in SAMPLERS]


@pytest.mark.parametrize("run", CALLS, ids=lambda run: run["prefix"])
@pytest.mark.parametrize("prompt", ["positive", "negative"])
def test_single_model_calls_equal_comfyuis(run: dict[str, Any], prompt: str) -> None:
    model = tiny_model()
    denoise = denoiser(model.predict, model.noise_schedule, "eps", {"context": GOLDEN.tensors[prompt]})
    with torch.no_grad():
        x0 = denoise(GOLDEN.tensors[f"{run['prefix']}.x"], torch.tensor([run["sigma"]]))
    GOLDEN.assert_close(f"{run['prefix']}.denoised_{prompt}", x0)


@pytest.mark.parametrize("run", SAMPLED, ids=lambda run: run["prefix"])
def test_latents_equal_comfyuis(run: dict[str, Any]) -> None:
    model = tiny_model()
    if _settings(run)["sampler_name"] not in SAMPLERS:
        pytest.skip()
    latent = _sampled(model, run)
    GOLDEN.assert_close(f"{run['prefix']}.latent", latent)
    assert len(model.calls) == run["model_calls"]
