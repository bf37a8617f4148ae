"""Reading the `config.json` files of a diffusers folder as configurations of ours.

The words differ: widths are given per level instead of as multiples, `attention_head_dim` holds the number of heads,
and attention is part of a block's class name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .config import AutoencoderConfig, TextConfig, UNetConfig
from .errors import WrongConfig
from .sizes import brief, whole, whole_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Json = Mapping[str, Any]

_PAD_TOKENS = {"quick_gelu": 49407, "gelu": 0}  # OpenAI's towers pad with the end token, open_clip's with "!"


def unet_config(json: Json) -> UNetConfig:
    """Read the configuration of a `UNet2DConditionModel`.

    Raises:
        WrongConfig: a field is missing, or asks for something that the original UNet does not have.
    """
    widths = _widths(json, "UNet2DConditionModel")
    attends = [
        "CrossAttn" in kind for kind in _blocks(_field(json, "down_block_types", "UNet2DConditionModel"), widths)
    ]
    only_cross: bool | Sequence[bool] = json.get("only_cross_attention", False)
    classes, vector = _classes(json)
    heads, head_width = _heads(json, widths)
    return UNetConfig(
        in_channels=json.get("in_channels", 4),
        out_channels=json.get("out_channels", 4),
        model_channels=widths[0],
        num_res_blocks=_numbers(json.get("layers_per_block", 2)),
        attention_resolutions=tuple(2**level for level in reversed(range(len(attends))) if attends[level]),
        channel_mult=tuple(width // widths[0] for width in widths),
        num_heads=heads,
        num_head_channels=head_width,
        use_spatial_transformer=True,
        transformer_depth=_numbers(json.get("transformer_layers_per_block", 1)),
        context_dim=json.get("cross_attention_dim", 1280),
        legacy=False,
        use_linear_in_transformer=bool(json.get("use_linear_projection", False)),
        disable_self_attentions=None if isinstance(only_cross, bool) else tuple(only_cross),
        num_classes=classes,
        adm_in_channels=vector,
    )


def autoencoder_config(json: Json) -> AutoencoderConfig:
    """Read the configuration of an `AutoencoderKL` or a `VQModel`.

    Raises:
        WrongConfig: a field is missing.
    """
    widths = _widths(json, "autoencoder")
    attends = ["Attn" in kind for kind in _blocks(json.get("down_block_types", []), None)]
    latent = json.get("latent_channels", 4)
    codebook = json.get("num_vq_embeddings")
    return AutoencoderConfig(
        embed_dim=latent if json.get("vq_embed_dim") is None else json["vq_embed_dim"],
        z_channels=latent,
        ch=widths[0],
        ch_mult=tuple(width // widths[0] for width in widths),
        num_res_blocks=json.get("layers_per_block", 1),
        attn_resolutions=tuple(256 >> level for level, attending in enumerate(attends) if attending),
        in_channels=json.get("in_channels", 3),
        out_ch=json.get("out_channels", 3),
        attn_type="vanilla" if json.get("mid_block_add_attention", True) else "none",
        double_z=codebook is None,
        n_embed=codebook,
    )


def text_config(json: Json) -> TextConfig:
    """Read the configuration of a `CLIPTextModel` or `CLIPTextModelWithProjection`.

    Raises:
        WrongConfig: a field is missing, or the activation is not one of CLIP's.
    """
    activation = json.get("hidden_act", "quick_gelu")
    if str(activation) not in _PAD_TOKENS:
        raise WrongConfig(f"hidden_act is {brief(activation)}; expected {' or '.join(_PAD_TOKENS)}.")
    projects = any("WithProjection" in name for name in json.get("architectures") or [])
    return TextConfig(
        layout="clip",
        hidden_size=_field(json, "hidden_size", "text encoder"),
        layers=_field(json, "num_hidden_layers", "text encoder"),
        heads=_field(json, "num_attention_heads", "text encoder"),
        intermediate=_field(json, "intermediate_size", "text encoder"),
        activation=activation,
        projection=json.get("projection_dim", 512) if projects else None,
        pad_token=_PAD_TOKENS[activation],
        vocab_size=json.get("vocab_size", 49408),
        max_length=json.get("max_position_embeddings", 77),
    )


def _field(json: Json, name: str, what: str) -> Any:
    if name not in json:
        raise WrongConfig(f"The config.json has no {name!r}; it is not that of a {what}.")
    return json[name]


def _numbers(value: Any) -> Any:
    """Return a number or a list of numbers as configurations hold them, which check it."""
    return tuple(value) if isinstance(value, list) else value


def _widths(json: Json, what: str) -> tuple[int, ...]:
    """Return the channels of every level, which are multiples of the first."""
    widths = whole_numbers(_field(json, "block_out_channels", what), "block_out_channels", 1, 1 << 16)
    if any(width % widths[0] for width in widths):
        raise WrongConfig(f"block_out_channels is {list(widths)}; expected multiples of the first.")
    return widths


def _blocks(kinds: Any, widths: Sequence[int] | None) -> list[str]:
    """Return the class names of the blocks on the way down, one for each level."""
    if not isinstance(kinds, list | tuple) or not all(isinstance(kind, str) for kind in kinds):
        raise WrongConfig("down_block_types is no list of names.")
    if widths is not None and len(kinds) != len(widths):
        raise WrongConfig(f"down_block_types has {len(kinds)} entries; expected one for each of {len(widths)} levels.")
    return list(kinds)


def _heads(json: Json, widths: Sequence[int]) -> tuple[int, int]:
    """Return the number of heads and their width: one is the same everywhere, the other is -1."""
    heads = json.get("num_attention_heads") or json.get("attention_head_dim", 8)
    if not isinstance(heads, list | tuple):
        return whole(heads, "attention_head_dim", 1, 1 << 12), -1
    heads = whole_numbers(heads, "attention_head_dim", 1, 1 << 12)
    if len(heads) != len(widths):
        raise WrongConfig(
            f"attention_head_dim has {len(heads)} entries; expected one for each of {len(widths)} levels."
        )
    head_widths = {width // count for width, count in zip(widths, heads, strict=True)}
    if len(head_widths) != 1:
        raise WrongConfig(f"attention_head_dim is {list(heads)}; expected heads of one width on every level.")
    return -1, head_widths.pop()


def _classes(json: Json) -> tuple[Any, int | None]:
    """Return `num_classes` and the width of the class vector."""
    kind = json.get("class_embed_type") or json.get("addition_embed_type")
    if kind in ("projection", "text_time"):
        return "sequential", _field(json, "projection_class_embeddings_input_dim", "UNet with a class vector")
    if kind is not None:
        raise WrongConfig(f"The class embedding is of type {brief(kind)}; expected 'projection', 'text_time' or none.")
    return json.get("num_class_embeds"), None
