"""Tiny files of everything that goes with the tiny checkpoints of `checkpoints.py`, in the formats of the real ones.

`save_addons` fills a folder of models as users have them: LoRAs, control networks, adapters, learned embeddings, a
vision tower, a hypernetwork, and an upscaler.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from ldm_nodes.models.clip_vision import VisionConfig, VisionTower
from ldm_nodes.models.weights import without_memory
from tests.fakes.checkpoints import CLIP, OPEN
from tests.fakes.controls import save_controls
from tests.fakes.loras import save_loras

VISION = VisionConfig(width=64, layers=3, intermediate=64, patch=14, positions=257, projection=OPEN.hidden_size)
RRDB_WIDTH, RRDB_GROWTH = 8, 4


def save_addons(models: Path) -> None:
    """Save all of them below a folder `models`, each kind where ComfyUI looks for it."""
    save_loras(models / "loras")
    save_controls(models / "controlnet")
    save_embeddings(models / "embeddings")
    save_vision(models / "clip_vision")
    save_hypernetworks(models / "hypernetworks")
    save_upscalers(models / "upscale_models")


def save_embeddings(folder: Path) -> None:
    """Save `one.pt` (AUTOMATIC1111's), `two.safetensors` (two vectors), both for sd1, and `pair.safetensors` (SDXL)."""
    folder.mkdir(parents=True, exist_ok=True)
    first, second = _draw(2, CLIP.hidden_size), _draw(2, OPEN.hidden_size)
    torch.save({"string_to_token": {"*": 265}, "string_to_param": {"*": first[:1]}, "name": "one"}, folder / "one.pt")
    save_file({"emb_params": first}, folder / "two.safetensors")
    save_file({"clip_l": first, "clip_g": second}, folder / "pair.safetensors")


def save_vision(folder: Path) -> None:
    """Save `vision.safetensors`, whose embeddings are as wide as the pooled texts of the tiny SDXL."""
    folder.mkdir(parents=True, exist_ok=True)
    with without_memory():
        tower = VisionTower(VISION)
    save_file(_drawn({name: tuple(p.shape) for name, p in tower.named_parameters()}), folder / "vision.safetensors")


def save_hypernetworks(folder: Path) -> None:
    """Save `hyper.pt`, for the contexts of sd1."""
    folder.mkdir(parents=True, exist_ok=True)
    width = CLIP.hidden_size
    shapes = {"linear.0.weight": (2 * width, width), "linear.0.bias": (2 * width,)}
    shapes |= {"linear.2.weight": (width, 2 * width), "linear.2.bias": (width,)}
    pair = [_drawn(shapes), _drawn(shapes)]
    torch.save(
        {width: pair, "layer_structure": [1, 2, 1], "activation_func": "relu", "name": "hyper"}, folder / "hyper.pt"
    )


def save_upscalers(folder: Path, scale: int = 4) -> None:
    """Save `esrgan-4x.safetensors`: an RRDBNet (arXiv 1809.00219) under the names of Real-ESRGAN."""
    folder.mkdir(parents=True, exist_ok=True)
    width, growth = RRDB_WIDTH, RRDB_GROWTH
    convolutions = {"conv_first": (width, 3), "conv_body": (width, width), "conv_hr": (width, width)}
    convolutions |= {"conv_last": (3, width)} | {f"conv_up{n + 1}": (width, width) for n in range(scale // 2)}
    for block in range(1, 4):
        for number in range(1, 6):
            out = width if number == 5 else growth
            convolutions[f"body.0.rdb{block}.conv{number}"] = (out, width + (number - 1) * growth)
    shapes: dict[str, tuple[int, ...]] = {f"{name}.weight": (*sizes, 3, 3) for name, sizes in convolutions.items()}
    shapes |= {f"{name}.bias": (sizes[0],) for name, sizes in convolutions.items()}
    save_file(_drawn(shapes), folder / f"esrgan-{scale}x.safetensors")


def _draw(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape))) * 0.05


def _drawn(shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    return {name: _draw(*shape) for name, shape in shapes.items()}
