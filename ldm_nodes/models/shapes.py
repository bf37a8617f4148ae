"""Reading a network's configuration off the shapes of its tensors: everything but the number of heads is in them."""

from __future__ import annotations

from itertools import count, takewhile
from typing import TYPE_CHECKING, Literal

from .config import AutoencoderConfig, TextConfig, TokenEncoderConfig, UNetConfig
from .errors import UnknownFamily

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .checkpoint import Checkpoint

RESOLUTION = 256  # at which an autoencoder's `attn_resolutions` are stated


def unet_config(part: Checkpoint, *, num_heads: int = -1, num_head_channels: int = -1) -> UNetConfig:
    """Return the configuration of a UNet from its tensors, named as inside `UNetModel`.

    Args:
        part: the checkpoint below `model.diffusion_model.`.
        num_heads: heads of every attention, or -1.
        num_head_channels: width of every head, or -1. One of the two must be known from elsewhere.
    """
    first, levels = part.shape("input_blocks.0.0.weight"), list(_levels(part))
    if not first or not levels or not part.shape("out.2.weight"):
        raise UnknownFamily(f"{part.path.name} holds only a part of a UNet; expected all of it.")
    context = _context_dim(part)
    found = tuple(_depth(part, f"output_blocks.{level[0]}.1") for level in levels)
    depths = tuple(depth or max(found) or 1 for depth in found)  # where nothing attends, any depth will do
    middle = _depth(part, "middle_block.1")
    adm = part.shape("label_emb.0.0.weight")
    out = part.shape("input_blocks.1.0.out_layers.3.weight")[0]
    return UNetConfig(
        in_channels=first[1],
        out_channels=part.shape("out.2.weight")[0],
        model_channels=first[0],
        num_res_blocks=_same(tuple(len(level) - 1 for level in levels)),
        attention_resolutions=tuple(2**n for n, level in enumerate(levels) if _attends(part, level[0])),
        channel_mult=tuple(
            part.shape(f"output_blocks.{level[0]}.0.out_layers.3.weight")[0] // first[0] for level in levels
        ),
        dims=len(first) - 2,
        num_classes=_num_classes(part),
        num_heads=num_heads,
        num_head_channels=num_head_channels,
        use_scale_shift_norm=part.shape("input_blocks.1.0.emb_layers.1.weight")[0] == 2 * out,
        resblock_updown=any(_is_res_block(part, name) for level in levels for name in _resamplers(level[-1])),
        use_spatial_transformer=context is not None,
        transformer_depth=_same(depths),
        transformer_depth_middle=middle if context is not None and middle != depths[-1] else None,
        context_dim=context,
        n_embed=part.shape("id_predictor.1.weight")[0] if "id_predictor.1.weight" in part else None,
        legacy=False,
        disable_self_attentions=_disabled(part, levels, context),
        use_linear_in_transformer=len(part.shape("middle_block.1.proj_in.weight")) == 2,
        adm_in_channels=adm[1] if adm else None,
    )  # fmt: skip


def _levels(part: Checkpoint) -> Iterator[list[int]]:
    """Return the indices of the output blocks of each level, the finest level first; an upsampler ends a level."""
    levels: list[list[int]] = [[]]
    for index in _counted(part, "output_blocks.{}.0.in_layers.0.weight"):
        levels[-1].append(index)
        if any(f"{name}.conv.weight" in part or _is_res_block(part, name) for name in _resamplers(index)):
            levels.append([])
    return reversed([level for level in levels if level])


def _resamplers(index: int) -> tuple[str, str]:
    """Return where output block `index` may have an upsampler: behind its attention, or in its place."""
    return f"output_blocks.{index}.1", f"output_blocks.{index}.2"


def _counted(part: Checkpoint, pattern: str) -> Iterator[int]:
    """Count 0, 1, 2, … as long as the tensor of that number exists."""
    return takewhile(lambda index: pattern.format(index) in part, count())


def _number(part: Checkpoint, pattern: str) -> int:
    return len(list(_counted(part, pattern)))


def _is_res_block(part: Checkpoint, name: str) -> bool:
    return f"{name}.in_layers.0.weight" in part


def _attends(part: Checkpoint, index: int) -> bool:
    return f"output_blocks.{index}.1.norm.weight" in part


def _depth(part: Checkpoint, name: str) -> int:
    return _number(part, name + ".transformer_blocks.{}.norm1.weight")


def _context_dim(part: Checkpoint) -> int | None:
    shape = part.shape("middle_block.1.transformer_blocks.0.attn2.to_k.weight")
    return shape[1] if shape else None


def _num_classes(part: Checkpoint) -> int | Literal["continuous", "sequential"] | None:
    if "label_emb.0.0.weight" in part:
        return "sequential"
    if "label_emb.bias" in part:
        return "continuous"
    return part.shape("label_emb.weight")[0] if "label_emb.weight" in part else None


def _disabled(part: Checkpoint, levels: list[list[int]], context: int | None) -> tuple[bool, ...] | None:
    """Return for each level whether its first attention reads the context too, or None where that is so nowhere."""
    keys = (part.shape(f"output_blocks.{level[0]}.1.transformer_blocks.0.attn1.to_k.weight") for level in levels)
    disabled = tuple(bool(key) and key[1] != key[0] and key[1] == context for key in keys)
    return disabled if any(disabled) else None


def _same(values: tuple[int, ...]) -> int | tuple[int, ...]:
    return values[0] if len(set(values)) == 1 else values


def autoencoder_config(part: Checkpoint) -> AutoencoderConfig:
    """Return the configuration of a first stage from its tensors, named as inside `AutoencoderKL` or `VQModel`."""
    first, latent = part.shape("encoder.conv_in.weight"), part.shape("decoder.conv_in.weight")
    after, moments = part.shape("post_quant_conv.weight"), part.shape("encoder.conv_out.weight")
    if not (first and latent and after and moments and part.shape("decoder.conv_out.weight")):
        raise UnknownFamily(f"{part.path.name} holds only a part of an autoencoder; expected encoder and decoder.")
    levels = list(_counted(part, "encoder.down.{}.block.0.conv1.weight"))
    codes = part.shape("quantize.embedding.weight")
    return AutoencoderConfig(
        embed_dim=after[1],
        z_channels=latent[1],
        ch=first[0],
        ch_mult=tuple(part.shape(f"encoder.down.{level}.block.0.conv1.weight")[0] // first[0] for level in levels),
        num_res_blocks=_number(part, "encoder.down.0.block.{}.conv1.weight"),
        resolution=RESOLUTION,
        attn_resolutions=tuple(RESOLUTION // 2**level for level in levels if part.has(f"encoder.down.{level}.attn.0.")),
        in_channels=first[1],
        out_ch=part.shape("decoder.conv_out.weight")[0],
        double_z=moments[0] == 2 * latent[1],
        attn_type=_attention_type(part),
        resamp_with_conv=len(levels) == 1 or "encoder.down.0.downsample.conv.weight" in part,
        n_embed=codes[0] if codes else None,
    )


def _attention_type(part: Checkpoint) -> Literal["vanilla", "linear", "none"]:
    if "encoder.mid.attn_1.q.weight" in part:
        return "vanilla"
    return "linear" if part.has("encoder.mid.attn_1.") else "none"


def clip_config(part: Checkpoint) -> TextConfig:
    """Return the configuration of a text tower in Hugging Face's layout; heads are 64 wide, as published."""
    width = part.shape("text_model.final_layer_norm.weight")[0]
    return TextConfig(
        layout="clip",
        hidden_size=width,
        layers=_number(part, "text_model.encoder.layers.{}.layer_norm1.weight"),
        heads=max(width // 64, 1),
        intermediate=part.shape("text_model.encoder.layers.0.mlp.fc1.weight")[0],
        activation="quick_gelu",
        projection=part.shape("text_projection.weight")[0] if "text_projection.weight" in part else None,
        vocab_size=part.shape("text_model.embeddings.token_embedding.weight")[0],
        max_length=part.shape("text_model.embeddings.position_embedding.weight")[0],
    )


def openclip_config(part: Checkpoint) -> TextConfig:
    """Return the configuration of a text tower in OpenCLIP's layout."""
    width = part.shape("ln_final.weight")[0]
    return TextConfig(
        layout="openclip",
        hidden_size=width,
        layers=_number(part, "transformer.resblocks.{}.ln_1.weight"),
        heads=max(width // 64, 1),
        intermediate=part.shape("transformer.resblocks.0.mlp.c_fc.weight")[0],
        activation="gelu",
        projection=part.shape("text_projection")[1] if "text_projection" in part else None,
        pad_token=0,
        vocab_size=part.shape("token_embedding.weight")[0],
        max_length=part.shape("positional_embedding")[0],
    )


def token_encoder_config(part: Checkpoint) -> TokenEncoderConfig:
    """Return the configuration of a token encoder in x-transformers' layout."""
    vocabulary, width = part.shape("token_emb.weight")
    return TokenEncoderConfig(
        n_embed=width,
        n_layer=len({key.split(".")[2] for key in part.tensors if key.startswith("attn_layers.layers.")}) // 2,
        vocab_size=vocabulary,
        max_seq_len=part.shape("pos_emb.emb.weight")[0],
    )
