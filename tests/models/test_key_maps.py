"""Foreign names: what the maps must refuse, and the configurations of diffusers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from ldm_nodes.models import config, diffusers_config
from ldm_nodes.models.errors import WrongConfig, WrongWeights
from ldm_nodes.models.key_maps import Target, rename, text_key_map, unet_key_map

CROSS, PLAIN = "CrossAttnDownBlock2D", "DownBlock2D"
SDXL: dict[str, Any] = {
    "in_channels": 4, "out_channels": 4, "block_out_channels": [320, 640, 1280], "layers_per_block": 2,
    "down_block_types": [PLAIN, CROSS, CROSS], "attention_head_dim": [5, 10, 20], "cross_attention_dim": 2048,
    "transformer_layers_per_block": [1, 2, 10], "use_linear_projection": True, "addition_embed_type": "text_time",
    "projection_class_embeddings_input_dim": 2816,
}  # fmt: skip


def test_places_of_sd1() -> None:
    key_map = unet_key_map(config.SD1_UNET)
    assert {name: key_map[name].name for name in KNOWN} == KNOWN


KNOWN = {
    "conv_in.weight": "input_blocks.0.0.weight",
    "down_blocks.1.resnets.0.conv_shortcut.bias": "input_blocks.4.0.skip_connection.bias",
    "down_blocks.2.downsamplers.0.conv.weight": "input_blocks.9.0.op.weight",
    "down_blocks.3.resnets.1.time_emb_proj.weight": "input_blocks.11.0.emb_layers.1.weight",
    "up_blocks.0.upsamplers.0.conv.weight": "output_blocks.2.1.conv.weight",
    "up_blocks.1.upsamplers.0.conv.weight": "output_blocks.5.2.conv.weight",
    "up_blocks.3.attentions.2.transformer_blocks.0.attn2.to_k.weight": (
        "output_blocks.11.1.transformer_blocks.0.attn2.to_k.weight"
    ),
}


def test_unknown_names_are_refused() -> None:
    with pytest.raises(WrongWeights, match=r"1 tensors have names .* such as 'conv_between.weight'"):
        rename({"conv_between.weight": torch.zeros(1)}, unet_key_map(config.SD1_UNET))


def test_parts_are_stacked_in_order() -> None:
    key_map = text_key_map(replace(config.OPENCLIP_H, layers=1))
    attention = "text_model.encoder.layers.0.self_attn"
    state = {f"{attention}.{name}_proj.bias": torch.full((2,), n) for name, n in (("v", 3), ("q", 1), ("k", 2))}
    stacked = rename(state, key_map)
    assert {name: value.tolist() for name, value in stacked.items()} == {
        "transformer.resblocks.0.attn.in_proj_bias": [1, 1, 2, 2, 3, 3]
    }


def test_tensors_take_the_originals_shape() -> None:
    matrix = torch.arange(6.0).view(2, 3)
    assert Target("t", axes=2).adapt(matrix).shape == (2, 3, 1, 1)
    assert torch.equal(Target("t", transposed=True).adapt(matrix), matrix.t())


def test_a_unet_without_context_has_no_counterpart() -> None:
    with pytest.raises(WrongConfig, match="cross-attention"):
        unet_key_map(config.CELEBA256_UNET)


def test_sdxl_config_is_the_preset() -> None:
    assert diffusers_config.unet_config(SDXL) == config.SDXL_UNET


def test_sd1_config_has_heads_under_a_misleading_name() -> None:
    json = {
        "block_out_channels": [320, 640, 1280, 1280], "down_block_types": [CROSS, CROSS, CROSS, PLAIN],
        "attention_head_dim": 8, "cross_attention_dim": 768,
    }  # fmt: skip
    assert diffusers_config.unet_config(json) == config.SD1_UNET


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"attention_head_dim": [5, 5, 5]}, "heads of one width"),
        ({"addition_embed_type": "image"}, "type 'image'"),
        ({"projection_class_embeddings_input_dim": ...}, "projection_class_embeddings_input_dim"),
        ({"block_out_channels": ...}, "block_out_channels"),
    ],
)
def test_wrong_unet_configs(changes: dict[str, Any], said: str) -> None:
    json = {key: value for key, value in {**SDXL, **changes}.items() if value is not ...}
    with pytest.raises(WrongConfig, match=said):
        diffusers_config.unet_config(json)


def test_text_configs() -> None:
    json = {
        "hidden_size": 1280, "num_hidden_layers": 32, "num_attention_heads": 20, "intermediate_size": 5120,
        "hidden_act": "gelu", "projection_dim": 1280, "architectures": ["CLIPTextModelWithProjection"],
    }  # fmt: skip
    assert diffusers_config.text_config(json) == replace(config.OPENCLIP_BIGG, layout="clip")
    with pytest.raises(WrongConfig, match="hidden_act is 'relu'"):
        diffusers_config.text_config({**json, "hidden_act": "relu"})
