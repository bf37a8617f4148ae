"""Tiny control networks and adapters for the tiny checkpoints of `checkpoints.py`, in the layouts of their authors.

`save_controls` writes for each family `<family>.safetensors` (as lllyasviel saves them) and
`<family>-diffusers.safetensors`; besides `sd1-diff.safetensors` (a difference from the model), and the adapters
`sd1-t2i.safetensors` and `sdxl-t2i.safetensors`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from ldm_nodes.models.control_net import ControlNet
from ldm_nodes.models.key_maps import unet_key_map
from ldm_nodes.models.t2i_adapter import AdapterConfig, T2IAdapter
from ldm_nodes.models.weights import without_memory
from tests.fakes.checkpoints import CONFIGS

LLLYASVIEL = "control_model."
ADAPTER = AdapterConfig((64, 64, 64, 64), 3, 1, 1, is_xl=False, joins=(False, False, False, False))


def control_weights(family: str) -> dict[str, Tensor]:
    """Return the weights of a tiny ControlNet under the original names."""
    with without_memory():
        network = ControlNet(CONFIGS[family].unet)
    return _drawn(network)


def to_diffusers(weights: dict[str, Tensor], family: str) -> dict[str, Tensor]:
    """Rename a ControlNet as diffusers saves it."""
    theirs = {target.name: name for name, target in unet_key_map(CONFIGS[family].unet).items()}
    theirs |= {name: key for name, key in theirs.items() if name.startswith("label_emb") and "add" in key}
    return {_diffusers_name(name, theirs): tensor for name, tensor in weights.items()}


def _diffusers_name(name: str, theirs: dict[str, str]) -> str:
    module, _, kind = name.rpartition(".")
    group, _, number = module.partition(".")
    if group == "input_hint_block":
        layer = {0: "conv_in", 14: "conv_out"}.get(int(number), f"blocks.{int(number) // 2 - 1}")
        return f"controlnet_cond_embedding.{layer}.{kind}"
    if group == "zero_convs":
        return f"controlnet_down_blocks.{number.partition('.')[0]}.{kind}"
    return f"controlnet_mid_block.{kind}" if group == "middle_block_out" else theirs[name]


def _drawn(network: nn.Module) -> dict[str, Tensor]:
    draw = torch.Generator().manual_seed(3)
    shapes = {name: parameter.shape for name, parameter in network.named_parameters()}
    return {name: torch.randn(shape, generator=draw).mul_(0.05).half() for name, shape in shapes.items()}


def save_controls(folder: Path, families: Iterable[str] = ("sd1", "sd2", "sdxl")) -> None:
    """Save the control networks of these families."""
    folder.mkdir(parents=True, exist_ok=True)
    for family in families:
        weights = control_weights(family)
        save_file({f"{LLLYASVIEL}{name}": x for name, x in weights.items()}, folder / f"{family}.safetensors")
        save_file(to_diffusers(weights, family), folder / f"{family}-diffusers.safetensors")
    difference = {f"{LLLYASVIEL}{name}": x * 0.1 for name, x in control_weights("sd1").items()}
    save_file({**difference, "difference": torch.zeros(0)}, folder / "sd1-diff.safetensors")
    for name, config in {"sd1-t2i": ADAPTER, "sdxl-t2i": replace(ADAPTER, is_xl=True)}.items():
        with without_memory():
            adapter = T2IAdapter(config)
        save_file(_drawn(adapter), folder / f"{name}.safetensors")
