"""Checkpoints that have names and shapes but no numbers, so that full-size models cost nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from ldm_nodes.models.checkpoint import Checkpoint
from ldm_nodes.models.latent_diffusion import LatentDiffusion
from ldm_nodes.models.stored import MappedFile, StoredTensor, contiguous_stride
from ldm_nodes.models.weights import without_memory

if TYPE_CHECKING:
    from ldm_nodes.models.model_config import ModelConfig


@dataclass(frozen=True)
class Shaped(StoredTensor):
    """A tensor of which only the shape matters; loaded, every number is `value`, alternating in sign."""

    value: float = 0.0

    def load(self, dtype: torch.dtype | None = None, device: torch.device | str = "cpu") -> Tensor:
        signs = torch.arange(self.numel).remainder(2).mul(2).sub(1).reshape(self.shape)
        return (self.value * signs).to(dtype or self.dtype)


def shaped(shape: tuple[int, ...], value: float = 0.0) -> Shaped:
    return Shaped(cast("MappedFile", None), 0, torch.float16, shape, contiguous_stride(shape), value)


def checkpoint_of(shapes: dict[str, tuple[int, ...]], **more: tuple[int, ...]) -> Checkpoint:
    tensors: dict[str, StoredTensor] = {name: shaped(shape) for name, shape in (shapes | more).items()}
    return Checkpoint(Path("fake.safetensors"), "safetensors", tensors)


def shapes_of(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}


def hollow(config: ModelConfig) -> LatentDiffusion:
    """Build a model of any size without numbers."""
    schedule = config.betas.schedule()
    with without_memory():
        return LatentDiffusion(config, schedule)
