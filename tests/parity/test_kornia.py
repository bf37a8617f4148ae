"""Edges, morphology and luma against kornia, which ComfyUI's nodes call: recorded pictures."""

from __future__ import annotations

import pytest
import torch

from ldm_nodes.nodes import effects
from tests import golden

CASE = golden.load("14_kornia", "filters")
CALLS = CASE.manifest["calls"]
EDGES = [name for name, call in CALLS.items() if "low" in call]
SHAPES = [name for name, call in CALLS.items() if "operation" in call]


@pytest.mark.parametrize("name", EDGES)
def test_edges(name: str) -> None:
    picture = CASE.tensors["picture"].movedim(1, -1)
    edges = effects.canny(picture, low_threshold=CALLS[name]["low"], high_threshold=CALLS[name]["high"])
    assert edges.shape == picture.shape
    CASE.assert_close(name, edges[..., :1].movedim(-1, 1))
    assert torch.equal(edges[..., 0], edges[..., 2])


@pytest.mark.parametrize("name", SHAPES)
def test_morphology(name: str) -> None:
    picture = CASE.tensors["noise"].movedim(1, -1)
    CASE.assert_close(name, effects.morphology(picture, CALLS[name]["operation"], CALLS[name]["size"]).movedim(-1, 1))


def test_brightness_and_colour_differences() -> None:
    parts = effects.image_rgb_to_yuv(CASE.tensors["noise"].movedim(1, -1))
    assert all(part.shape[-1] == 3 for part in parts)
    CASE.assert_close("yuv", torch.stack([part[..., 0] for part in parts], dim=1))


def test_the_way_back() -> None:
    grey = [part.movedim(1, -1).expand(-1, -1, -1, 3) for part in torch.split(CASE.tensors["any_yuv"], 1, dim=1)]
    CASE.assert_close("rgb", effects.image_yuv_to_rgb(*grey).movedim(-1, 1))
