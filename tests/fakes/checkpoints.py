"""Tiny models of every family, saved under the names of the real ones, so that files are told apart as real ones are.

Widths stand to each other as in the released models: the refiner's context is as wide as that of another family, the
first stages of the Stable Diffusions have one shape, and contexts and pooled vectors else differ.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file

import ldm_nodes
from ldm_nodes.models.config import AutoencoderConfig, TextConfig, TokenEncoderConfig, UNetConfig
from ldm_nodes.models.latent_diffusion import LatentDiffusion
from ldm_nodes.models.model_config import LDM_BETAS, ClassConfig, ModelConfig, SharedFirstStage
from ldm_nodes.models.weights import without_memory

VOCABULARY = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints" / "emoji-v1.merges.txt"

UNET = UNetConfig(
    in_channels=4, out_channels=4, model_channels=64, num_res_blocks=1, attention_resolutions=(1,), channel_mult=(1,),
    num_heads=8, use_spatial_transformer=True, context_dim=64, legacy=False,
)  # fmt: skip
LINEAR = replace(UNET, num_heads=-1, num_head_channels=64, use_linear_in_transformer=True)
PLAIN = replace(UNET, use_spatial_transformer=False, context_dim=None, num_heads=-1, num_head_channels=32)
KL = AutoencoderConfig(
    embed_dim=4, z_channels=4, ch=32, ch_mult=(1, 1, 1, 1), num_res_blocks=1, resolution=256, attn_type="none"
)
VQ = replace(KL, embed_dim=3, z_channels=3, ch_mult=(1, 1, 1), double_z=False, n_embed=16)
KL16 = replace(KL, embed_dim=16, z_channels=16, ch_mult=(1, 1, 1, 1, 1))
CLIP = TextConfig(
    "clip", 64, layers=2, heads=1, intermediate=64, activation="quick_gelu", vocab_size=2050, pad_token=2049
)
OPEN = TextConfig(
    "openclip", 128, layers=2, heads=2, intermediate=64, activation="gelu", projection=128, vocab_size=2050,
    pad_token=0,
)  # fmt: skip
BERT = TokenEncoderConfig(n_embed=128, n_layer=1, vocab_size=8, max_seq_len=8)


def _sdxl(context: int, numbers: int) -> UNetConfig:
    return replace(LINEAR, context_dim=context, num_classes="sequential", adm_in_channels=128 + numbers * 256)


SD1 = ModelConfig("sd1", UNET, KL, (CLIP,), "crossattn", scale_factor=0.18215)
SD2 = replace(SD1, family="sd2", unet=replace(LINEAR, context_dim=128), conditioner=(OPEN,))
SDXL = ModelConfig(
    "sdxl", _sdxl(192, 6), KL, (CLIP, replace(OPEN, vocab_size=49408)), "crossattn-adm", scale_factor=0.13025
)
LDM = ModelConfig("ldm-unconditional", replace(PLAIN, in_channels=3, out_channels=3), VQ, None, None, betas=LDM_BETAS)
CONFIGS = {
    "sd1": SD1,
    "sd1-finetune": SD1,
    "sd1-inpaint": replace(SD1, family="sd1-inpaint", unet=replace(UNET, in_channels=9), conditioning_key="hybrid"),
    "sd1-edit": replace(SD1, family="sd1-edit", unet=replace(UNET, in_channels=8), conditioning_key="hybrid"),
    "sd1-without-vae": replace(SD1, first_stage=None),
    "sd2": SD2,
    "sd2-v": replace(SD2, prediction="v"),
    "sd2-depth": replace(
        SD2, family="sd2-depth", unet=replace(LINEAR, context_dim=128, in_channels=5), conditioning_key="hybrid"
    ),
    "sd2-inpaint": replace(
        SD2, family="sd2-inpaint", unet=replace(LINEAR, context_dim=128, in_channels=9), conditioning_key="hybrid"
    ),
    "sd2-unclip": replace(
        SD2, family="sd2-unclip", conditioning_key="crossattn-adm",
        unet=replace(LINEAR, context_dim=128, num_classes="sequential", adm_in_channels=32),
    ),
    "sdxl": SDXL,
    "sdxl-refiner": replace(SDXL, family="sdxl-refiner", unet=_sdxl(128, 5), conditioner=(OPEN,)),
    "ldm-text": replace(
        SD1, family="ldm-text", conditioner=BERT, scale_factor=1.0, betas=LDM_BETAS,
        unet=replace(UNET, context_dim=128, num_heads=-1, num_head_channels=32),
    ),
    "ldm-class": replace(
        LDM, family="ldm-class", conditioner=ClassConfig(32, 11), conditioning_key="crossattn",
        unet=replace(
            UNET, in_channels=3, out_channels=3, context_dim=32, num_heads=-1, num_head_channels=32
        ),
    ),
    "ldm-unconditional": LDM,
    "ldm-concat-inpaint": replace(
        LDM, family="ldm-concat-inpaint", conditioner=SharedFirstStage(), conditioning_key="concat",
        unet=replace(PLAIN, in_channels=7, out_channels=3, num_heads=8, num_head_channels=-1),
    ),
    "ldm-concat-upscale": replace(
        LDM, family="ldm-concat-upscale", conditioning_key="concat", unet=replace(PLAIN, in_channels=6, out_channels=3)
    ),
    "ldm-retrieval": replace(
        LDM, family="ldm-retrieval", first_stage=KL16, conditioning_key="crossattn", scale_factor=0.22765929,
        unet=replace(
            UNET, in_channels=16, out_channels=16, context_dim=768, num_heads=-1, num_head_channels=32
        ),
    ),
}  # fmt: skip
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "fox", "horse")


def save_checkpoints(folder: Path, names: Iterable[str] = tuple(CONFIGS)) -> None:
    """Save tiny models as `name.safetensors`, with random weights that are the same every time.

    The first text tower of each has the small vocabulary of the bundled emoji model beside it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        config = CONFIGS[name]
        weights = _weights(config)
        if config.prediction == "v":
            weights["v_pred"] = torch.zeros(1)
        if isinstance(config.conditioner, tuple):
            shutil.copy(VOCABULARY, folder / f"{name}.merges.txt")
            sizes = {"pad_token_id": config.conditioner[0].pad_token}
            (folder / f"{name}.text_config.json").write_text(json.dumps(sizes))
        save_file(weights, folder / f"{name}.safetensors")
    (folder / "vocab.txt").write_text("\n".join(WORDS))


def save_vaes(folder: Path) -> None:
    """Save the autoencoders alone: `kl-f8`, `vq-f4` and `kl-f16`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, config in {"kl-f8": KL, "vq-f4": VQ, "kl-f16": KL16}.items():
        weights = _weights(replace(LDM, first_stage=config))
        prefix = "first_stage_model."
        part = {key.removeprefix(prefix): x for key, x in weights.items() if key.startswith(prefix)}
        save_file(part, folder / f"{name}.safetensors")


def _weights(config: ModelConfig) -> dict[str, torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    with without_memory():
        model = LatentDiffusion(config, config.betas.schedule())
    return {
        name: torch.randn(parameter.shape, generator=draw).mul_(0.05).half()
        for name, parameter in model.named_parameters()
    }
