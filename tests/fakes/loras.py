"""Tiny LoRAs for the tiny checkpoints of `checkpoints.py`, under the names that trainers write.

`save_loras` writes for each family `<family>-kohya.safetensors`, which changes the UNet and the text towers, and
`<family>-peft.safetensors`, which changes the UNet alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from ldm_nodes.models.config import TextConfig, UNetConfig
from ldm_nodes.models.key_maps import text_key_map, unet_key_map
from ldm_nodes.models.text import build_text_tower
from ldm_nodes.models.unet import UNetModel
from ldm_nodes.models.weights import without_memory
from tests.fakes.checkpoints import CONFIGS

Shape = tuple[int, ...]
RANK, ALPHA = 2, 1.0


def layers(config: UNetConfig | TextConfig) -> dict[str, Shape]:
    """Return the weights that LoRAs change (attention, feed-forward, convolutions) by their names in diffusers."""
    with without_memory():
        network = UNetModel(config) if isinstance(config, UNetConfig) else build_text_tower(config)
    shapes = {name: tuple(parameter.shape) for name, parameter in network.named_parameters()}
    key_map = unet_key_map(config) if isinstance(config, UNetConfig) else text_key_map(config)
    found = {}
    for foreign, target in key_map.items():
        shape = shapes.get(target.name, ())
        if (
            foreign.endswith(".weight")
            and len(shape) > 1
            and "embedding" not in foreign
            and "projection" not in foreign
        ):
            rows = shape[0] if target.part is None else shape[0] // 3
            found[foreign.removesuffix(".weight")] = (rows, *shape[1:])
    return {name: shape for name, shape in found.items() if isinstance(config, UNetConfig) or "text_model" in name}


def factors(shape: Shape, seed: int) -> tuple[Tensor, Tensor]:
    """Return `down` and `up` of a change of a weight of this shape."""
    draw = torch.Generator().manual_seed(seed)
    up = (shape[0], RANK, *[1] * (len(shape) - 2))
    down, up_values = torch.randn(RANK, *shape[1:], generator=draw), torch.randn(up, generator=draw)
    return down * 0.3, up_values * 0.3


def kohya(prefix: str, shapes: Mapping[str, Shape]) -> dict[str, Tensor]:
    """Return a LoRA under kohya's names, such as `lora_unet_mid_block_attentions_0_proj_in.lora_up.weight`."""
    made = {}
    for seed, (name, shape) in enumerate(shapes.items()):
        module = f"{prefix}_{name.replace('.', '_')}"
        made[f"{module}.lora_down.weight"], made[f"{module}.lora_up.weight"] = factors(shape, seed)
        made[f"{module}.alpha"] = torch.tensor(ALPHA)
    return made


def peft(prefix: str, shapes: Mapping[str, Shape]) -> dict[str, Tensor]:
    """Return a LoRA under PEFT's names, such as `unet.mid_block.attentions.0.proj_in.lora_A.weight`."""
    made = {}
    for seed, (name, shape) in enumerate(shapes.items()):
        made[f"{prefix}.{name}.lora_A.weight"], made[f"{prefix}.{name}.lora_B.weight"] = factors(shape, seed)
    return made


def save_loras(folder: Path, families: Iterable[str] = ("sd1", "sd2", "sdxl")) -> None:
    """Save the LoRAs of these families."""
    folder.mkdir(parents=True, exist_ok=True)
    for family in families:
        config = CONFIGS[family]
        assert isinstance(config.conditioner, tuple)
        unet, towers = layers(config.unet), config.conditioner
        prefixes = ("lora_te",) if len(towers) == 1 else ("lora_te1", "lora_te2")
        texts = (kohya(prefix, layers(tower)) for prefix, tower in zip(prefixes, towers, strict=True))
        parts = [kohya("lora_unet", unet), *texts]
        save_file({key: x for part in parts for key, x in part.items()}, folder / f"{family}-kohya.safetensors")
        save_file(peft("unet", unet), folder / f"{family}-peft.safetensors")
