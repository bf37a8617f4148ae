"""The `config.json` files of strangers: one sentence for whatever no network can be built from."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ldm_nodes.models.diffusers_config import autoencoder_config, text_config, unet_config
from ldm_nodes.models.errors import WrongConfig

UNET: dict[str, Any] = {
    "block_out_channels": [320, 640],
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
    "cross_attention_dim": 768,
}
TEXT: dict[str, Any] = {
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 128,
}


def test_what_is_left_out_has_the_values_of_diffusers() -> None:
    config = unet_config(UNET)
    assert (config.channel_mult, config.num_heads, config.attention_resolutions) == ((1, 2), 8, (1,))
    assert (config.num_res_blocks, config.transformer_depth, config.in_channels) == (2, 1, 4)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"layers_per_block": 10**9}, "num_res_blocks is 1000000000; expected a whole number from 0 to 64"),
        ({"layers_per_block": 2.0}, r"num_res_blocks is 2\.0; expected a whole number"),
        ({"layers_per_block": float("nan")}, "num_res_blocks is nan"),
        ({"layers_per_block": True}, "num_res_blocks is True"),
        ({"layers_per_block": [2]}, "1 entries; expected one for each of the 2 levels"),
        ({"layers_per_block": 64, "transformer_layers_per_block": 128}, "would have 16384 blocks; expected at most"),
        ({"block_out_channels": [-32, 64]}, r"block_out_channels\[0\] is -32; expected a whole number"),
        ({"block_out_channels": float("nan")}, "block_out_channels is nan; expected a list"),
        ({"block_out_channels": []}, r"block_out_channels is \[\]; expected a list of 1"),
        ({"block_out_channels": [32] * 10**5}, "expected a list of 1 to 32"),
        ({"block_out_channels": [64, 96]}, "expected multiples of the first"),
        ({"block_out_channels": [0, 0]}, "expected a whole number from 1"),
        ({"down_block_types": ["DownBlock2D"]}, "1 entries; expected one for each of 2 levels"),
        ({"down_block_types": 7}, "no list of names"),
        ({"attention_head_dim": "x"}, "attention_head_dim is 'x'"),
        ({"attention_head_dim": [5]}, "1 entries; expected one for each of 2 levels"),
        ({"attention_head_dim": [0, 0]}, "expected a whole number from 1"),
        ({"attention_head_dim": [5, 5]}, "heads of one width"),
        ({"cross_attention_dim": [768, 768]}, "context_dim is"),
        ({"in_channels": None}, "in_channels is None"),
        ({"num_class_embeds": -3}, "num_classes is -3"),
    ],
)
def test_wrong_numbers_of_a_unet_are_named(changes: dict[str, Any], said: str) -> None:
    started = time.perf_counter()
    with pytest.raises(WrongConfig, match=said):
        unet_config({**UNET, **changes})
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"layers_per_block": 10**9}, "num_res_blocks is 1000000000"),
        ({"latent_channels": 1e3}, r"embed_dim is 1000\.0"),
        ({"num_vq_embeddings": 0}, "n_embed is 0"),
        ({"down_block_types": None}, "no list of names"),
    ],
)
def test_wrong_numbers_of_an_autoencoder_are_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongConfig, match=said):
        autoencoder_config({"block_out_channels": [32, 64], **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"num_hidden_layers": 10**9}, "layers is 1000000000; expected a whole number from 1 to 256"),
        ({"num_attention_heads": 0}, "heads is 0"),
        ({"num_attention_heads": 5}, "multiple of the 5 heads"),
        ({"hidden_size": "64"}, "hidden_size is '64'"),
        ({"hidden_act": ["gelu"]}, "hidden_act is"),
        ({"max_position_embeddings": -1}, "max_length is -1"),
    ],
)
def test_wrong_numbers_of_a_text_tower_are_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongConfig, match=said):
        text_config({**TEXT, **changes})
