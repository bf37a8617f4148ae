"""What the towers promise beyond their numbers: position ids in files, devices, causality."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from ldm_nodes.models.config import TextConfig
from ldm_nodes.models.text import build_text_tower

CONFIG = TextConfig("clip", 8, layers=2, heads=2, intermediate=16, activation="quick_gelu", vocab_size=50)
LAYOUTS = ["clip", "openclip"]


@pytest.mark.parametrize("ids", [None, torch.arange(77)[None], torch.arange(77.0)[None] + 0.01])
def test_position_ids_may_be_missing_whole_or_broken(ids: torch.Tensor | None) -> None:
    tower = build_text_tower(CONFIG)
    state = tower.state_dict()
    if ids is not None:
        state["text_model.embeddings.position_ids"] = ids
    assert str(tower.load_state_dict(state, strict=True)) == "<All keys matched successfully>"
    assert not list(tower.buffers())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_later_tokens_do_not_change_earlier_vectors(layout: Any) -> None:
    tower = build_text_tower(replace(CONFIG, layout=layout))
    ids = torch.arange(20)[None]
    changed = ids.clone()
    changed[0, 10:] = 40
    (_, first), (_, second) = tower(tower.embed(ids)), tower(tower.embed(changed))
    torch.testing.assert_close(first[:, :10], second[:, :10])
    assert not torch.allclose(first[:, 10:], second[:, 10:])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_a_tower_computes_in_the_type_of_its_weights(layout: Any, dtype: torch.dtype) -> None:
    tower = build_text_tower(replace(CONFIG, layout=layout, projection=4))
    exact = tower.double()(tower.embed(torch.arange(20)[None]))[1]
    tower.to(dtype)
    _, last = tower(tower.embed(torch.arange(20)[None]))
    assert last.dtype == tower.project(last[:, 0]).dtype == dtype
    torch.testing.assert_close(last.double(), exact, rtol=0.05, atol=0.05)
