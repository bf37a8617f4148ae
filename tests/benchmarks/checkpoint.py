"""A checkpoint of Stable Diffusion v1's names and sizes with random weights: speed does not ask what they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from safetensors.torch import save_file

from ldm_nodes.models.config import CLIP_L, KL_F8, SD1_UNET
from ldm_nodes.models.latent_diffusion import LatentDiffusion
from ldm_nodes.models.model_config import ModelConfig
from ldm_nodes.models.weights import without_memory

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

SD1 = ModelConfig("sd1", SD1_UNET, KL_F8, (CLIP_L,), "crossattn", scale_factor=0.18215)
TINY = replace(
    SD1,
    unet=replace(SD1_UNET, model_channels=32),
    first_stage=replace(KL_F8, ch=32),
    conditioner=(replace(CLIP_L, layers=1),),
)
CONFIGS = {"sd1": SD1, "tiny": TINY}


def write_checkpoint(path: Path, config: ModelConfig, seed: int = 0) -> None:
    """Write the model of `config` in float16."""
    schedule = config.betas.schedule()
    with without_memory():
        module = LatentDiffusion(config, schedule)
    generator = torch.Generator().manual_seed(seed)
    save_file({name: _random(parameter, generator) for name, parameter in module.named_parameters()}, path)


def _random(like: Tensor, generator: torch.Generator) -> Tensor:
    """Draw a weight that keeps the size of activations; norms and biases are a half."""
    if like.dim() == 1:
        return torch.full(like.shape, 0.5, dtype=torch.float16)
    bound = (like.numel() / like.shape[0]) ** -0.5
    return torch.empty(like.shape).uniform_(-bound, bound, generator=generator).half()
