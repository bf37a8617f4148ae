"""`comfy.ldm.modules.diffusionmodules.openaimodel`: the UNet and its blocks, for packs that test for them."""

from __future__ import annotations

from typing import Any

from .......models.attention import SpatialTransformer
from .......models.blocks import Downsample, ResBlock, Upsample, timestep_embedding
from .......models.unet import TimestepSequential as TimestepEmbedSequential
from .......models.unet import UNetModel


def forward_timestep_embed(
    ts: Any, x: Any, emb: Any, context: Any = None, transformer_options: Any = None, output_shape: Any = None,
    **kwargs: Any,
) -> Any:  # fmt: skip
    """Run layers in a row, each with what it asks for."""
    return ts(x, emb, context, None if output_shape is None else output_shape[2:])


__all__ = [
    "Downsample", "ResBlock", "SpatialTransformer", "TimestepEmbedSequential", "UNetModel", "Upsample",
    "forward_timestep_embed", "timestep_embedding",
]  # fmt: skip
