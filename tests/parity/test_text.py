"""Text towers and prompts against ComfyUI, the research code and transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import ldm_nodes
from ldm_nodes.models.checkpoint import open_checkpoint
from ldm_nodes.models.config import TextConfig
from ldm_nodes.models.text import TextTower, build_text_tower
from ldm_nodes.models.text_encoder import TextEncoder, build_text_encoder
from tests import golden

CHECKPOINT = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints" / "tiny-sd-v1.safetensors"
TINY = TextConfig("clip", 8, layers=2, heads=2, intermediate=32, activation="quick_gelu")
CASE = golden.load("13_comfyui", "text")
RUNS = CASE.manifest["runs"]


@pytest.fixture(scope="module")
def tower() -> TextTower:
    weights = open_checkpoint(CHECKPOINT).under("cond_stage_model.transformer.")
    tower = build_text_tower(TINY)
    tower.load_state_dict({key: weights.tensor(key, torch.float32) for key in weights.tensors})
    return tower


@pytest.fixture(scope="module")
def encoder(tower: TextTower) -> TextEncoder:
    return build_text_encoder("sd1", [tower], [CASE.folder / "embeddings"])


@pytest.mark.parametrize("run", RUNS, ids=[run["prefix"] for run in RUNS])
def test_prompts_become_comfyuis_tokens(encoder: TextEncoder, run: dict[str, Any]) -> None:
    prefix = run["prefix"]
    chunks = encoder.readers[0].chunks(run["text"], encoder.folders, lambda _: None)
    ids = [[token if isinstance(token, int) else -1 for token, _ in chunk] for chunk in chunks]
    CASE.assert_close(f"{prefix}.ids", torch.tensor(ids))
    CASE.assert_close(f"{prefix}.weights", torch.tensor([[weight for _, weight in chunk] for chunk in chunks]))
    for chunk, place, vector in run.get("embedding_rows", {"at": []})["at"]:
        token = chunks[chunk][place][0]
        assert isinstance(token, Tensor)
        assert token[:3].tolist() == pytest.approx(vector, abs=1e-4)


@pytest.mark.parametrize("run", RUNS, ids=[run["prefix"] for run in RUNS])
def test_prompts_become_comfyuis_conditionings(encoder: TextEncoder, run: dict[str, Any]) -> None:
    layer = run.get("stop_at_clip_layer")
    context, pooled = (encoder if layer is None else encoder.with_layer(layer)).encode(run["text"])
    CASE.assert_close(f"{run['prefix']}.cond", context)
    CASE.assert_close(f"{run['prefix']}.pooled", pooled)
