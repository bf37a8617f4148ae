"""Configurations: the released models, YAML arguments, and what is refused."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from ldm_nodes.models import config
from ldm_nodes.models.config import AutoencoderConfig, UNetConfig
from ldm_nodes.models.errors import WrongConfig

SD1_PARAMS: dict[str, Any] = {
    "image_size": 32, "in_channels": 4, "out_channels": 4, "model_channels": 320, "attention_resolutions": [4, 2, 1],
    "num_res_blocks": 2, "channel_mult": [1, 2, 4, 4], "num_heads": 8, "use_spatial_transformer": True,
    "transformer_depth": 1, "context_dim": 768, "use_checkpoint": True, "legacy": False,
}  # fmt: skip
KL_PARAMS: dict[str, Any] = {
    "embed_dim": 4, "monitor": "val/rec_loss", "lossconfig": {"target": "torch.nn.Identity"},
    "ddconfig": {
        "double_z": True, "z_channels": 4, "resolution": 256, "in_channels": 3, "out_ch": 3, "ch": 128,
        "ch_mult": [1, 2, 4, 4], "num_res_blocks": 2, "attn_resolutions": [], "dropout": 0.0,
    },
}  # fmt: skip


def test_sd1_yaml_is_the_preset() -> None:
    read = UNetConfig.from_params(SD1_PARAMS)
    changed = {"image_size": 32, "use_checkpoint": True}
    assert read == UNetConfig(**{**vars(config.SD1_UNET), **changed})


def test_kl_yaml_is_the_preset() -> None:
    assert AutoencoderConfig.from_params(KL_PARAMS) == config.KL_F8


def test_a_configuration_cannot_change() -> None:
    with pytest.raises(FrozenInstanceError):
        config.SD1_UNET.in_channels = 9  # type: ignore[misc]


def test_repeated_context_widths_are_one() -> None:
    assert UNetConfig.from_params({**SD1_PARAMS, "context_dim": [768]}).context_dim == 768


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"num_heds": 8}, "no argument 'num_heds'"),
        ({"num_heads": -1}, "num_heads or num_head_channels"),
        ({"context_dim": None}, "go together"),
        ({"use_spatial_transformer": False}, "go together"),
        ({"context_dim": [768, 1024]}, "one width"),
        ({"model_channels": 100}, "multiple of 32"),
        ({"dims": 3}, "2 with a spatial transformer"),
        ({"dims": 4}, "expected 1, 2 or 3"),
        ({"num_res_blocks": [2, 2]}, "2 entries; expected one for each of the 4 levels"),
        ({"num_classes": "sequential"}, "needs adm_in_channels"),
        ({"num_classes": "many"}, "'continuous' or 'sequential'"),
        ({"num_res_blocks": 10**9}, "num_res_blocks is 1000000000; expected a whole number from 0 to 64"),
        ({"channel_mult": [1] * 99}, "expected a list of 1 to 32 whole numbers"),
        ({"channel_mult": "1,2"}, "channel_mult is '1,2'"),
        ({"in_channels": "4"}, "in_channels is '4'"),
        ({"num_heads": 0}, "expected at least 1"),
        ({"transformer_depth": float("inf")}, "transformer_depth is inf"),
        ({"context_dim": float("inf")}, "context_dim is inf; expected a whole number"),
        ({"num_classes": [1] * 10**5}, r"num_classes is \(1, 1, .{,60}…; expected a number"),
        ({"dropout": 10**400}, "expected a number from 0 to 1"),
        ({"dropout": float("nan")}, "dropout is nan; expected a number from 0 to 1"),
    ],
)
def test_wrong_unet_arguments(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongConfig, match=said):
        UNetConfig.from_params({**SD1_PARAMS, **changes})


def test_a_missing_argument_is_named() -> None:
    with pytest.raises(WrongConfig, match="model_channels"):
        UNetConfig.from_params({key: value for key, value in SD1_PARAMS.items() if key != "model_channels"})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"chs": 1}, "no argument 'chs'"),
        ({"double_z": False}, "needs double_z"),
        ({"ch": 40}, "multiple of 32"),
        ({"ch_mult": []}, "expected a list of 1 to 32"),
        ({"num_res_blocks": 10**9}, "num_res_blocks is 1000000000"),
        ({"z_channels": -4}, "z_channels is -4"),
        ({"attn_type": "round"}, "expected 'vanilla', 'linear' or 'none'"),
    ],
)
def test_wrong_autoencoder_arguments(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongConfig, match=said):
        AutoencoderConfig.from_params({**KL_PARAMS, "ddconfig": {**KL_PARAMS["ddconfig"], **changes}})


@pytest.mark.parametrize(
    ("given", "meant"), [({"attn_type": "vanilla-xformers"}, "vanilla"), ({"use_linear_attn": True}, "linear")]
)
def test_other_words_for_attention(given: dict[str, Any], meant: str) -> None:
    read = AutoencoderConfig.from_params({**KL_PARAMS, "ddconfig": {**KL_PARAMS["ddconfig"], **given}})
    assert read.attn_type == meant


def test_attention_is_placed_by_the_configured_resolution() -> None:
    assert [config.KL_F32.attends(level) for level in range(6)] == [False] * 4 + [True, True]
    assert config.KL_F32.downscale == 32
