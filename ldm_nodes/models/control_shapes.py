"""Reading a control network's configuration off its file, in the original layout or in that of diffusers."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from .config import UNetConfig
from .errors import UnknownFamily
from .key_maps import unet_key_map

if TYPE_CHECKING:
    from .checkpoint import Checkpoint

PREFIX = "control_model."
HEADS = 8
HEAD_WIDTH = 64
"""Stable Diffusion 1 has 8 heads everywhere; its successors, known by their linear projections, heads of this width."""
_THEIRS = "controlnet_cond_embedding."
_HINTS = {f"{_THEIRS}conv_in": "input_hint_block.0", f"{_THEIRS}conv_out": "input_hint_block.14"} | {
    f"{_THEIRS}blocks.{n}": f"input_hint_block.{2 * n + 2}" for n in range(6)
}


def is_control_net(checkpoint: Checkpoint) -> bool:
    """Tell whether a file holds a ControlNet, in either layout."""
    names = ("zero_convs.0.0.weight", f"{PREFIX}zero_convs.0.0.weight", f"{_THEIRS}conv_in.weight")
    return any(name in checkpoint for name in names)


def control_part(checkpoint: Checkpoint) -> Checkpoint:
    """Return the tensors of a ControlNet under the original names, without prefix.

    Raises:
        UnknownFamily: when a tensor has a name of neither layout.
    """
    if f"{_THEIRS}conv_in.weight" in checkpoint:
        return _renamed(checkpoint)
    return checkpoint.under(PREFIX) if checkpoint.has(PREFIX) else checkpoint


def control_config(part: Checkpoint) -> UNetConfig:
    """Return the configuration of a ControlNet from its tensors under the original names."""
    first, levels = part.shape("input_blocks.0.0.weight"), _levels(part)
    if not first or not part.shape("middle_block.2.out_layers.3.weight"):
        raise UnknownFamily(f"{part.path.name} holds only a part of a ControlNet; expected all of it.")
    context = part.shape("middle_block.1.transformer_blocks.0.attn2.to_k.weight")
    linear = len(part.shape("middle_block.1.proj_in.weight")) == 2
    adm = part.shape("label_emb.0.0.weight")
    depths = tuple(_depth(part, f"input_blocks.{level[0]}.1") for level in levels)
    middle = _depth(part, "middle_block.1")
    return UNetConfig(
        in_channels=first[1],
        out_channels=first[1],
        model_channels=first[0],
        num_res_blocks=tuple(len(level) for level in levels),
        attention_resolutions=tuple(2**n for n, depth in enumerate(depths) if depth),
        channel_mult=tuple(part.shape(f"input_blocks.{v[0]}.0.out_layers.3.weight")[0] // first[0] for v in levels),
        num_classes="sequential" if adm else None,
        adm_in_channels=adm[1] if adm else None,
        num_heads=-1 if linear else HEADS,
        num_head_channels=HEAD_WIDTH if linear else -1,
        use_spatial_transformer=bool(context),
        transformer_depth=tuple(depth or max(middle, 1) for depth in depths),
        transformer_depth_middle=middle or None,
        context_dim=context[1] if context else None,
        legacy=False,
        use_linear_in_transformer=linear,
    )


def family_of(config: UNetConfig) -> str:
    """Return the family of models that a control network was made for."""
    if config.num_classes is not None:
        return "sdxl"
    return "sd2" if config.use_linear_in_transformer else "sd1"


def _levels(part: Checkpoint) -> list[list[int]]:
    """Return the indices of the residual blocks of each level; a downsampler ends a level."""
    levels: list[list[int]] = [[]]
    for index in count(1):
        if f"input_blocks.{index}.0.in_layers.0.weight" in part:
            levels[-1].append(index)
        elif f"input_blocks.{index}.0.op.weight" in part:
            levels.append([])
        else:
            break
    return levels


def _depth(part: Checkpoint, name: str) -> int:
    return next(n for n in count() if f"{name}.transformer_blocks.{n}.norm1.weight" not in part)


def _renamed(checkpoint: Checkpoint) -> Checkpoint:
    """Bring the names of diffusers' `ControlNetModel` into the original layout."""
    key_map = {name: target.name for name, target in unet_key_map(_diffusers_config(checkpoint)).items()}
    tensors = {}
    for name, tensor in checkpoint.tensors.items():
        module, _, kind = name.rpartition(".")
        found = key_map.get(name) or _control_name(module, kind)
        if found is None:
            raise UnknownFamily(f"{checkpoint.path.name} has a tensor {name!r}, which no ControlNet known here has.")
        tensors[found] = tensor
    return replace(checkpoint, tensors=tensors)


def _control_name(module: str, kind: str) -> str | None:
    if module in _HINTS:
        return f"{_HINTS[module]}.{kind}"
    if module == "controlnet_mid_block":
        return f"middle_block_out.0.{kind}"
    name, _, number = module.rpartition(".")
    return f"zero_convs.{number}.0.{kind}" if name == "controlnet_down_blocks" else None


def _diffusers_config(checkpoint: Checkpoint) -> UNetConfig:
    """Return the sizes that names in diffusers' layout depend on: levels, blocks and depths."""
    counts = []
    for level in count():
        found = [n for n in range(64) if f"down_blocks.{level}.resnets.{n}.conv1.weight" in checkpoint]
        if not found:
            break
        counts.append(len(found))
    depths = tuple(_depth(checkpoint, f"down_blocks.{level}.attentions.0") for level in range(len(counts)))
    context = checkpoint.shape("mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight")
    if not counts or not context:
        raise UnknownFamily(f"{checkpoint.path.name} is a ControlNet without attention to a text, which no model has.")
    return UNetConfig(
        in_channels=4,
        out_channels=4,
        model_channels=checkpoint.shape("conv_in.weight")[0],
        num_res_blocks=tuple(counts),
        attention_resolutions=tuple(2**n for n, depth in enumerate(depths) if depth),
        channel_mult=(1,) * len(counts),
        num_head_channels=HEAD_WIDTH,
        use_spatial_transformer=True,
        transformer_depth=tuple(depth or 1 for depth in depths),
        transformer_depth_middle=_depth(checkpoint, "mid_block.attentions.0"),
        context_dim=context[1],
    )
