"""The names that diffusers gives the same parameters, and where each belongs in the original layout.

A map goes from a name in a diffusers folder to a `Target`: the original name, and what to do to the tensor. Networks
never hear of foreign names; `rename` applies a map to a state dict.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from .errors import WrongConfig, WrongWeights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from torch import Tensor

    from .config import AutoencoderConfig, TextConfig, UNetConfig


@dataclass(frozen=True)
class Target:
    """Where a foreign tensor belongs.

    Attributes:
        name: name in the original layout.
        axes: axes of length one to append: a linear layer that the original stores as a convolution of size one.
        transposed: the original stores the transpose.
        part: position in a stack along the first axis, where the original keeps several tensors as one.
    """

    name: str
    axes: int = 0
    transposed: bool = False
    part: int | None = None

    def adapt(self, tensor: Tensor) -> Tensor:
        """Bring a foreign tensor into the original's shape (a part of it, where there is a stack)."""
        if self.transposed:
            tensor = tensor.t()
        missing = 2 + self.axes - tensor.dim() if self.axes else 0
        return tensor.reshape(*tensor.shape, *[1] * missing) if missing > 0 else tensor


KeyMap = dict[str, Target]
Pair = tuple[str, str]  # a foreign module's name, and the original's


def rename(state: Mapping[str, Tensor], key_map: Mapping[str, Target]) -> dict[str, Tensor]:
    """Bring a state dict with foreign names into the original layout; constants (`position_ids`) are left out.

    Raises:
        WrongWeights: a name is not in the map.
    """
    state = {name: tensor for name, tensor in state.items() if not name.endswith("position_ids")}
    unknown = [name for name in state if name not in key_map]
    if unknown:
        raise WrongWeights(f"{len(unknown)} tensors have names that this model does not know, such as {unknown[0]!r}.")
    stacks: dict[str, dict[int, Tensor]] = defaultdict(dict)
    for name, tensor in state.items():
        target = key_map[name]
        stacks[target.name][target.part or 0] = target.adapt(tensor)
    return {
        name: torch.cat([parts[part] for part in sorted(parts)]) if len(parts) > 1 else parts[0]
        for name, parts in stacks.items()
    }


# UNet. A module of diffusers is a level and a position in it; in the original it is one running index.

_RES_BLOCK: tuple[Pair, ...] = (
    ("norm1", "in_layers.0"),
    ("conv1", "in_layers.2"),
    ("time_emb_proj", "emb_layers.1"),
    ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"),
    ("conv_shortcut", "skip_connection"),
)
_AFFINE = ("weight", "bias")
_TRANSFORMER = (
    *(f"{norm}.{kind}" for norm in ("norm1", "norm2", "norm3") for kind in _AFFINE),
    *(f"{attn}.to_{part}.weight" for attn in ("attn1", "attn2") for part in "qkv"),
    *(f"{attn}.to_out.0.{kind}" for attn in ("attn1", "attn2") for kind in _AFFINE),
    *(f"ff.net.{layer}.{kind}" for layer in ("0.proj", "2") for kind in _AFFINE),
)
_UNET_ENDS: tuple[Pair, ...] = (
    ("conv_in", "input_blocks.0.0"),
    ("time_embedding.linear_1", "time_embed.0"),
    ("time_embedding.linear_2", "time_embed.2"),
    ("class_embedding.linear_1", "label_emb.0.0"),
    ("class_embedding.linear_2", "label_emb.0.2"),
    ("class_embedding", "label_emb"),
    ("add_embedding.linear_1", "label_emb.0.0"),
    ("add_embedding.linear_2", "label_emb.0.2"),
    ("conv_norm_out", "out.0"),
    ("conv_out", "out.2"),
)


def unet_key_map(config: UNetConfig) -> KeyMap:
    """Return the map for a `UNet2DConditionModel` of the same architecture.

    Names that some configurations lack (a class embedding, a widening shortcut) are in the map as well.

    Raises:
        WrongConfig: the network has no cross-attention; diffusers builds such ones otherwise.
    """
    if not config.use_spatial_transformer or config.resblock_updown:
        raise WrongConfig("Only UNets with cross-attention and plain resampling have a counterpart in diffusers.")
    key_map = _affine((*_UNET_ENDS, *_mid_blocks(config), *_down_blocks(config), *_up_blocks(config)))
    for foreign, original, depth in _transformers(config):
        for block in range(depth):
            inner = f"transformer_blocks.{block}"
            key_map |= {f"{foreign}.{inner}.{name}": Target(f"{original}.{inner}.{name}") for name in _TRANSFORMER}
    return key_map


def _affine(pairs: Iterable[Pair], axes: int = 0) -> KeyMap:
    """Return the map of the weights and biases of modules; `axes` concerns the weights."""
    key_map = {}
    for foreign, original in pairs:
        key_map[f"{foreign}.weight"] = Target(f"{original}.weight", axes)
        key_map[f"{foreign}.bias"] = Target(f"{original}.bias")
    return key_map


def _res_block(foreign: str, original: str) -> Iterator[Pair]:
    return ((f"{foreign}.{theirs}", f"{original}.{ours}") for theirs, ours in _RES_BLOCK)


def _ends_of_transformer(foreign: str, original: str) -> Iterator[Pair]:
    return ((f"{foreign}.{name}", f"{original}.{name}") for name in ("norm", "proj_in", "proj_out"))


def _first_inputs(config: UNetConfig) -> list[int]:
    """Return the index of the first input block of each level; the block before it resamples."""
    return [1 + sum(count + 1 for count in config.res_blocks[:level]) for level in range(config.levels)]


def _first_outputs(config: UNetConfig) -> list[int]:
    """Return the index of the first output block of each `up_blocks` entry, the lowest resolution first."""
    counts = config.res_blocks[::-1]
    return [sum(count + 1 for count in counts[:position]) for position in range(config.levels)]


def _down_blocks(config: UNetConfig) -> Iterator[Pair]:
    for level, first in enumerate(_first_inputs(config)):
        for i in range(config.res_blocks[level]):
            yield from _res_block(f"down_blocks.{level}.resnets.{i}", f"input_blocks.{first + i}.0")
            if config.attends(level, i):
                yield from _ends_of_transformer(f"down_blocks.{level}.attentions.{i}", f"input_blocks.{first + i}.1")
        last = first + config.res_blocks[level]
        yield f"down_blocks.{level}.downsamplers.0.conv", f"input_blocks.{last}.0.op"


def _mid_blocks(config: UNetConfig) -> Iterator[Pair]:
    yield from _res_block("mid_block.resnets.0", "middle_block.0")
    yield from _ends_of_transformer("mid_block.attentions.0", "middle_block.1")
    yield from _res_block("mid_block.resnets.1", "middle_block.2")


def _up_blocks(config: UNetConfig) -> Iterator[Pair]:
    for position, first in enumerate(_first_outputs(config)):
        level = config.levels - 1 - position
        for i in range(config.res_blocks[level] + 1):
            yield from _res_block(f"up_blocks.{position}.resnets.{i}", f"output_blocks.{first + i}.0")
            if config.attends(level, i):
                yield from _ends_of_transformer(f"up_blocks.{position}.attentions.{i}", f"output_blocks.{first + i}.1")
        last = config.res_blocks[level]
        slot = 2 if config.attends(level, last) else 1
        yield f"up_blocks.{position}.upsamplers.0.conv", f"output_blocks.{first + last}.{slot}.conv"


def _transformers(config: UNetConfig) -> Iterator[tuple[str, str, int]]:
    """Return the foreign name, the original name and the depth of every transformer."""
    yield "mid_block.attentions.0", "middle_block.1", config.middle_depth
    for level, first in enumerate(_first_inputs(config)):
        for i in range(config.res_blocks[level]):
            yield f"down_blocks.{level}.attentions.{i}", f"input_blocks.{first + i}.1", config.depths[level]
    for position, first in enumerate(_first_outputs(config)):
        level = config.levels - 1 - position
        for i in range(config.res_blocks[level] + 1):
            yield f"up_blocks.{position}.attentions.{i}", f"output_blocks.{first + i}.1", config.depths[level]


# Autoencoder.

_VAE_RES_BLOCK = ("norm1", "conv1", "norm2", "conv2")
_VAE_ATTENTION: tuple[Pair, ...] = (
    ("to_q", "q"), ("to_k", "k"), ("to_v", "v"), ("to_out.0", "proj_out"),
    ("query", "q"), ("key", "k"), ("value", "v"), ("proj_attn", "proj_out"),  # older exports
)  # fmt: skip


def vae_key_map(config: AutoencoderConfig) -> KeyMap:
    """Return the map for an `AutoencoderKL` (or `VQModel`) of the same architecture."""
    pairs = [(name, name) for name in ("quant_conv", "post_quant_conv")]
    pairs += [(f"{half}.conv_in", f"{half}.conv_in") for half in ("encoder", "decoder")]
    pairs += [(f"{half}.conv_norm_out", f"{half}.norm_out") for half in ("encoder", "decoder")]
    pairs += [(f"{half}.conv_out", f"{half}.conv_out") for half in ("encoder", "decoder")]
    attentions = [(f"{half}.mid_block.attentions.0", f"{half}.mid.attn_1") for half in ("encoder", "decoder")]
    for foreign, original, count in _vae_levels(config):
        attentions += [(f"{foreign}.attentions.{i}", f"{original}.attn.{i}") for i in range(count)]
    key_map = _affine((*pairs, *_vae_res_blocks(config), *_vae_resamplers(config)))
    key_map |= _affine((f"{foreign}.group_norm", f"{original}.norm") for foreign, original in attentions)
    for theirs, ours in _VAE_ATTENTION:
        key_map |= _affine(((f"{foreign}.{theirs}", f"{original}.{ours}") for foreign, original in attentions), axes=2)
    return key_map | {"quantize.embedding.weight": Target("quantize.embedding.weight")}


def _vae_levels(config: AutoencoderConfig) -> Iterator[tuple[str, str, int]]:
    """Return the foreign name, the original name and the number of blocks of every level."""
    for level in range(config.levels):
        yield f"encoder.down_blocks.{level}", f"encoder.down.{level}", config.num_res_blocks
        yield f"decoder.up_blocks.{config.levels - 1 - level}", f"decoder.up.{level}", config.num_res_blocks + 1


def _vae_res_blocks(config: AutoencoderConfig) -> Iterator[Pair]:
    blocks = [
        (f"{half}.mid_block.resnets.{i}", f"{half}.mid.block_{i + 1}")
        for half in ("encoder", "decoder")
        for i in (0, 1)
    ]
    for foreign, original, count in _vae_levels(config):
        blocks += [(f"{foreign}.resnets.{i}", f"{original}.block.{i}") for i in range(count)]
    for foreign, original in blocks:
        yield from ((f"{foreign}.{name}", f"{original}.{name}") for name in _VAE_RES_BLOCK)
        yield f"{foreign}.conv_shortcut", f"{original}.nin_shortcut"


def _vae_resamplers(config: AutoencoderConfig) -> Iterator[Pair]:
    for foreign, original, _ in _vae_levels(config):
        kind = "downsample" if foreign.startswith("encoder") else "upsample"
        yield f"{foreign}.{kind}rs.0.conv", f"{original}.{kind}.conv"


# Text towers.

_OPENCLIP_BLOCK: tuple[Pair, ...] = (
    ("layer_norm1", "ln_1"),
    ("layer_norm2", "ln_2"),
    ("mlp.fc1", "mlp.c_fc"),
    ("mlp.fc2", "mlp.c_proj"),
    ("self_attn.out_proj", "attn.out_proj"),
)
_CLIP_BLOCK = (
    "layer_norm1", "layer_norm2", "mlp.fc1", "mlp.fc2",
    "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj",
)  # fmt: skip


def text_key_map(config: TextConfig) -> KeyMap:
    """Return the map for a `CLIPTextModel(WithProjection)` of transformers.

    From version 5 on, transformers saves a `CLIPTextModel` without the prefix `text_model.`; both spellings are known.
    """
    key_map = _clip_text_map(config) if config.layout == "clip" else _openclip_text_map(config)
    return key_map | {name.removeprefix("text_model."): target for name, target in key_map.items()}


def _clip_text_map(config: TextConfig) -> KeyMap:
    modules = [f"text_model.encoder.layers.{n}.{name}" for n in range(config.layers) for name in _CLIP_BLOCK]
    key_map = _affine((name, name) for name in (*modules, "text_model.final_layer_norm"))
    names = ("text_model.embeddings.token_embedding.weight", "text_model.embeddings.position_embedding.weight")
    return key_map | {name: Target(name) for name in (*names, "text_projection.weight")}


def _openclip_text_map(config: TextConfig) -> KeyMap:
    layers = [(f"text_model.encoder.layers.{n}", f"transformer.resblocks.{n}") for n in range(config.layers)]
    key_map = _affine(
        (f"{foreign}.{theirs}", f"{original}.{ours}")
        for foreign, original in layers
        for theirs, ours in _OPENCLIP_BLOCK
    )
    for foreign, original in layers:
        for part, name in enumerate(("q_proj", "k_proj", "v_proj")):
            for kind in _AFFINE:
                target = Target(f"{original}.attn.in_proj_{kind}", part=part)
                key_map[f"{foreign}.self_attn.{name}.{kind}"] = target
    key_map |= _affine([("text_model.final_layer_norm", "ln_final")])
    return key_map | {
        "text_model.embeddings.token_embedding.weight": Target("token_embedding.weight"),
        "text_model.embeddings.position_embedding.weight": Target("positional_embedding"),
        "text_projection.weight": Target("text_projection", transposed=True),
    }
