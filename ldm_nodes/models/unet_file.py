"""A denoising network in a file of its own, under any of the names that such files use, as a part of a whole model."""

from __future__ import annotations

from dataclasses import replace
from itertools import count, takewhile
from typing import TYPE_CHECKING

from .config import UNetConfig
from .errors import UnknownFamily, WrongWeights
from .families import UNET, contents
from .key_maps import unet_key_map

if TYPE_CHECKING:
    from .checkpoint import Checkpoint

MARKS = ("v_pred", "ztsnr", "betas")
"""What a file says of itself by tensors beside its weights (`families.py`)."""
FIRST = "input_blocks.0.0.weight"
FOREIGN = "down_blocks.0.resnets.0.conv1.weight"


def diffusion_part(checkpoint: Checkpoint) -> Checkpoint:
    """Return the denoising network of a file alone, named as in a complete model.

    The file is a complete model, a network under the original names without their prefix, or one of diffusers.

    Raises:
        UnknownFamily: when there is no such network in it.
    """
    marks = {name: checkpoint.tensors[name] for name in MARKS if name in checkpoint}
    if UNET + FIRST in checkpoint:
        part = checkpoint.under(UNET)
    elif FIRST in checkpoint:
        part = replace(checkpoint, tensors={k: v for k, v in checkpoint.tensors.items() if k not in MARKS})
    elif FOREIGN in checkpoint and "conv_in.weight" in checkpoint:
        part = _renamed(checkpoint)
    else:
        raise UnknownFamily(
            f"{checkpoint.path.name} is {contents(checkpoint)}; expected a diffusion model of Stable Diffusion's kind."
        )
    return replace(checkpoint, tensors={UNET + name: tensor for name, tensor in part.tensors.items()} | marks)


def _renamed(checkpoint: Checkpoint) -> Checkpoint:
    """Give a network of diffusers the original names; the tensors are the same."""
    key_map = unet_key_map(_outline(checkpoint))
    unknown = [name for name in checkpoint.tensors if name not in key_map and name not in MARKS]
    if unknown:
        raise WrongWeights(
            f"{checkpoint.path.name} has {len(unknown)} tensors that no UNet of Stable Diffusion has, such as "
            f"{unknown[0]!r}."
        )
    tensors = {key_map[name].name: tensor for name, tensor in checkpoint.tensors.items() if name in key_map}
    return replace(checkpoint, tensors=tensors)


def _outline(part: Checkpoint) -> UNetConfig:
    """Return as much of a diffusers UNet's configuration as its names follow from."""
    levels = range(_number(part, "down_blocks.{}.resnets.0.conv1.weight"))
    attending = tuple(2**level for level in levels if f"down_blocks.{level}.attentions.0.norm.weight" in part)
    depths = (
        _number(part, f"down_blocks.{level}.attentions.0.transformer_blocks.{{}}.norm1.weight") for level in levels
    )
    context = part.shape("mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight")
    width = part.shape("conv_in.weight")[0]
    return UNetConfig(
        in_channels=part.shape("conv_in.weight")[1],
        out_channels=4,
        model_channels=width,
        num_res_blocks=_number(part, "down_blocks.0.resnets.{}.conv1.weight"),
        attention_resolutions=attending,
        channel_mult=tuple(part.shape(f"down_blocks.{n}.resnets.0.conv1.weight")[0] // width for n in levels),
        num_heads=1,
        use_spatial_transformer=bool(context),
        transformer_depth=tuple(depth or 1 for depth in depths),
        transformer_depth_middle=_number(part, "mid_block.attentions.0.transformer_blocks.{}.norm1.weight"),
        context_dim=context[1] if context else None,
    )


def _number(part: Checkpoint, pattern: str) -> int:
    """Count how many tensors of a numbered name there are from 0 on."""
    return sum(1 for _ in takewhile(lambda index: pattern.format(index) in part, count()))
