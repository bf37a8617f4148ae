from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file

from ldm_nodes.models import config as presets
from ldm_nodes.models.checkpoint import open_checkpoint
from ldm_nodes.models.config import TokenEncoderConfig
from ldm_nodes.models.errors import UnknownFamily
from ldm_nodes.models.families import (
    CONDITIONER,
    FIRST_STAGE,
    UNET,
    V_PREDICTION_SPREAD,
    first_stage_part,
    recognise,
    schedule_of,
)
from ldm_nodes.models.model_config import (
    LDM_BETAS,
    SD_BETAS,
    Betas,
    ClassConfig,
    ModelConfig,
    RescalerConfig,
    SharedFirstStage,
)
from tests.models.fakes import checkpoint_of, hollow, shaped, shapes_of

if TYPE_CHECKING:
    from pathlib import Path

SD1 = ModelConfig("sd1", presets.SD1_UNET, presets.KL_F8, (presets.CLIP_L,), "crossattn", scale_factor=0.18215)
SD2 = ModelConfig("sd2", presets.SD2_UNET, presets.KL_F8, (presets.OPENCLIP_H,), "crossattn", scale_factor=0.18215)
SDXL = ModelConfig(
    "sdxl", presets.SDXL_UNET, presets.KL_F8, (presets.CLIP_L, presets.OPENCLIP_BIGG), "crossattn-adm",
    scale_factor=0.13025,
)  # fmt: skip
REFINER = ModelConfig(
    "sdxl-refiner", presets.SDXL_REFINER_UNET, presets.KL_F8, (presets.OPENCLIP_BIGG,), "crossattn-adm",
    scale_factor=0.13025,
)  # fmt: skip
CIN = ModelConfig("ldm-class", presets.CIN256_UNET, presets.VQ_F4, ClassConfig(512, 1001), "crossattn", betas=LDM_BETAS)
CELEBA = ModelConfig("ldm-unconditional", presets.CELEBA256_UNET, presets.VQ_F4, None, None, betas=LDM_BETAS)
SEMANTIC_UNET = replace(
    presets.INPAINT_BIG_UNET, in_channels=6, model_channels=128, channel_mult=(1, 4, 8), attention_resolutions=(),
    resblock_updown=False,
)  # fmt: skip
KNOWN = {
    "sd1": SD1,
    "sd1-inpaint": replace(SD1, family="sd1-inpaint", unet=presets.SD1_INPAINT_UNET, conditioning_key="hybrid"),
    "sd1-edit": replace(
        SD1, family="sd1-edit", unet=replace(presets.SD1_UNET, in_channels=8), conditioning_key="hybrid"
    ),
    "sd2": SD2,
    "sd2-inpaint": replace(SD2, family="sd2-inpaint", unet=presets.SD2_INPAINT_UNET, conditioning_key="hybrid"),
    "sd2-depth": replace(SD2, family="sd2-depth", unet=presets.SD2_DEPTH_UNET, conditioning_key="hybrid"),
    "sd2-unclip": replace(
        SD2, family="sd2-unclip", unet=presets.SD2_UNCLIP_H_UNET, conditioning_key="crossattn-adm"
    ),
    "sd2-upscaler": replace(
        SD2, family="sd2-upscaler", unet=presets.X4_UPSCALER_UNET, conditioning_key="hybrid-adm", prediction="v",
        first_stage=replace(presets.KL_F4, embed_dim=4, z_channels=4), scale_factor=0.08333, betas=Betas(),
    ),
    "sdxl": SDXL,
    "sdxl-refiner": REFINER,
    "ldm-text": ModelConfig(
        "ldm-text", presets.LDM_TEXT_UNET, presets.KL_F8, presets.LDM_TEXT_ENCODER, "crossattn", scale_factor=0.18215
    ),
    "ldm-class": CIN,
    "ldm-unconditional": CELEBA,
    "ldm-concat-inpaint": ModelConfig(
        "ldm-concat-inpaint", presets.INPAINT_BIG_UNET, presets.VQ_F4_NOATTN, SharedFirstStage(), "concat",
        betas=replace(LDM_BETAS, end=0.0205),
    ),
    "ldm-concat-semantic": ModelConfig(
        "ldm-concat-semantic", SEMANTIC_UNET, presets.VQ_F4,
        RescalerConfig(2, in_channels=182, out_channels=3), "concat",
        betas=replace(LDM_BETAS, end=0.0205),
    ),
    "ldm-concat-upscale": ModelConfig(
        "ldm-concat-upscale",
        replace(
            presets.CELEBA256_UNET, in_channels=6, model_channels=160, channel_mult=(1, 2, 2, 4),
            attention_resolutions=(8,),
        ),
        presets.VQ_F4, None, "concat", betas=replace(LDM_BETAS, end=0.0155),
    ),
    "ldm-retrieval": ModelConfig(
        "ldm-retrieval",
        replace(
            presets.CIN256_UNET, in_channels=16, out_channels=16, model_channels=448, channel_mult=(1, 2, 3, 4),
            attention_resolutions=(4, 2, 1), num_heads=-1, num_head_channels=32, context_dim=768,
        ),
        presets.KL_F16, None, "crossattn", scale_factor=0.22765929, betas=replace(LDM_BETAS, end=0.015),
    ),
}  # fmt: skip


@pytest.mark.parametrize("family", KNOWN)
def test_a_full_size_checkpoint_is_recognised_and_fits_key_for_key(family: str) -> None:
    expected = KNOWN[family]
    shapes = shapes_of(hollow(expected))
    got = recognise(checkpoint_of(shapes))
    assert got.family == family
    assert shapes_of(hollow(got)) == shapes
    for name in ("conditioning_key", "prediction", "scale_factor", "betas", "conditioner", "first_stage"):
        assert getattr(got, name) == getattr(expected, name), name
    heads = ("num_heads", "num_head_channels", "resblock_updown", "use_scale_shift_norm", "context_dim", "num_classes")
    assert [getattr(got.unet, name) for name in heads] == [getattr(expected.unet, name) for name in heads]


VAE = (248, 83_653_863)
PUBLISHED = {  # tensors and parameters of UNet, autoencoder and text towers
    "sd1": (SD1, (686, 859_520_964), VAE, (196, 123_060_480)),
    "sd2": (SD2, (686, 865_910_724), VAE, (294, 354_032_641)),
    "sdxl": (SDXL, (1680, 2_567_463_684), VAE, (196 + 390, 123_060_480 + 694_659_841)),
    "refiner": (REFINER, (1220, 2_259_526_660), VAE, (390, 694_659_841)),
}


@pytest.mark.parametrize("family", PUBLISHED)
def test_parts_have_the_published_tensors_and_parameters(family: str) -> None:
    config, unet, autoencoder, text = PUBLISHED[family]
    shapes = shapes_of(hollow(config))
    prefixes = (UNET, FIRST_STAGE, "conditioner." if config.is_sdxl else CONDITIONER)
    for prefix, (tensors, parameters) in zip(prefixes, (unet, autoencoder, text), strict=True):
        part = [shape for name, shape in shapes.items() if name.startswith(prefix)]
        assert (len(part), sum(map(prod, part))) == (tensors, parameters), prefix


@pytest.mark.parametrize(("spread", "prediction"), [(0.05, "eps"), (V_PREDICTION_SPREAD + 0.01, "v")])
def test_sd2_predicts_v_where_one_bias_is_spread_wide(spread: float, prediction: str) -> None:
    checkpoint = checkpoint_of(shapes_of(hollow(SD2)))
    checkpoint.tensors[UNET + "output_blocks.11.1.transformer_blocks.0.norm1.bias"] = shaped((320,), spread)
    assert recognise(checkpoint).prediction == prediction


def test_marks_of_fine_tuned_models_are_read() -> None:
    checkpoint = checkpoint_of(shapes_of(hollow(SDXL)), v_pred=(0,), ztsnr=(0,))
    config = recognise(checkpoint)
    assert (config.prediction, config.zero_terminal_snr) == ("v", True)
    del checkpoint.tensors["betas"]
    assert schedule_of(checkpoint, config).alphas_cumprod[-1] < 1e-7


def test_a_checkpoint_without_text_encoder_or_autoencoder_is_recognised() -> None:
    shapes = {name: shape for name, shape in shapes_of(hollow(SD1)).items() if name.startswith(UNET)}
    config = recognise(checkpoint_of(shapes))
    assert (config.family, config.first_stage, config.conditioner) == ("sd1", None, ())


def test_the_layout_models_have_their_own_text_and_schedule() -> None:
    encoder = TokenEncoderConfig(512, 16, 8192, 92)
    unet = replace(
        presets.CIN256_UNET, model_channels=128, channel_mult=(1, 2, 3, 4), num_heads=-1, num_head_channels=32,
        transformer_depth=3,
    )  # fmt: skip
    config = recognise(checkpoint_of(shapes_of(hollow(ModelConfig("", unet, presets.VQ_F4, encoder, "crossattn")))))
    assert config.conditioner == encoder
    assert (config.betas.end, config.unet.transformer_depth) == (0.0205, 3)


def test_a_measured_scale_factor_is_read() -> None:
    unet = presets.CHURCHES256_UNET
    shapes = shapes_of(hollow(ModelConfig("", unet, presets.KL_F8, None, None)))
    checkpoint = checkpoint_of(shapes, scale_factor=())
    checkpoint.tensors["scale_factor"] = shaped((), -0.2216)
    config = recognise(checkpoint)
    assert config.unet.num_heads == 8
    assert config.scale_by_std
    assert config.scale_factor == pytest.approx(0.2216, abs=1e-3)


def test_the_schedule_of_the_file_wins_where_it_differs(tmp_path: Path) -> None:
    betas = Betas(start=1e-4, end=2e-2).schedule().betas
    save_file({"betas": betas}, tmp_path / "a.safetensors")
    schedule = schedule_of(open_checkpoint(tmp_path / "a.safetensors"), SD1)
    torch.testing.assert_close(schedule.betas, betas)
    save_file({"betas": SD_BETAS.schedule().betas * (1 + 1e-7)}, tmp_path / "b.safetensors")
    same = schedule_of(open_checkpoint(tmp_path / "b.safetensors"), SD1)
    assert torch.equal(same.alphas_cumprod, SD_BETAS.schedule().alphas_cumprod)


FOREIGN = {
    "a LoRA": ["lora_unet_down_blocks_0.lora_down.weight", "lora_unet_down_blocks_0.alpha"],
    "a ControlNet": ["control_model.input_blocks.0.0.weight"],
    "an autoencoder (VAE) alone": ["decoder.conv_in.weight", "encoder.conv_in.weight"],
    "a text encoder alone": ["text_model.final_layer_norm.weight"],
    "one network of a diffusers folder": ["down_blocks.0.resnets.0.conv1.weight"],
    "a model of another kind": ["model.diffusion_model.double_blocks.0.img_attn.qkv.weight"],
    "an upscaling network": ["conv_first.weight"],
    "a textual inversion": ["emb_params"],
    "a file of 9 tensors that are not known here": [f"layer{index}.0.weight" for index in range(9)],
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_no_complete_model_is_named(what: str) -> None:
    checkpoint = checkpoint_of(dict.fromkeys(FOREIGN[what], (4, 4)))
    with pytest.raises(UnknownFamily, match=f"fake.safetensors is {what}".replace("(", r"\(").replace(")", r"\)")):
        recognise(checkpoint)


def test_a_file_without_an_autoencoder_is_refused_as_one() -> None:
    with pytest.raises(UnknownFamily, match="expected an autoencoder"):
        first_stage_part(checkpoint_of({"conv_first.weight": (4,)}))


def test_a_piece_of_a_unet_is_named() -> None:
    with pytest.raises(UnknownFamily, match="only a part of a UNet"):
        recognise(checkpoint_of({UNET + "input_blocks.0.0.weight": (320, 4, 3, 3)}))
