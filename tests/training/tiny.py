"""Small pictures, data sets and models for the tests of training."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from ldm_nodes.models.config import AutoencoderConfig, TextConfig, TokenEncoderConfig, UNetConfig
from ldm_nodes.models.latent_diffusion import LatentDiffusion
from ldm_nodes.models.model_config import Betas, ClassConfig, ModelConfig, RescalerConfig, SharedFirstStage
from ldm_nodes.training.batches import Batch

if TYPE_CHECKING:
    from pathlib import Path

    from ldm_nodes.training.pictures import Levels


def noise(width: int, height: int, seed: int = 0, channels: int = 3) -> Levels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def save(path: Path, levels: Levels) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(levels).save(path)
    return path


def folder_of(root: Path, count: int, side: int = 8) -> Path:
    """Fill a folder with `count` pictures of two classes, each with a caption."""
    for number in range(count):
        path = save(root / ("cat", "dog")[number % 2] / f"{number:03}.png", noise(side, side, seed=number))
        path.with_suffix(".txt").write_text(f"picture {number}\n")
    return root


UNET = UNetConfig(
    in_channels=4, out_channels=4, model_channels=32, num_res_blocks=1, attention_resolutions=(), channel_mult=(1,),
    num_heads=2,
)  # fmt: skip
ATTENDING = replace(UNET, attention_resolutions=(1,), use_spatial_transformer=True, context_dim=16)
KL = AutoencoderConfig(embed_dim=4, z_channels=4, ch=32, ch_mult=(1, 1), num_res_blocks=1, resolution=8)
VQ = replace(KL, double_z=False, n_embed=16)
TEXT = TokenEncoderConfig(n_embed=16, n_layer=1, vocab_size=50, max_seq_len=6)
CLIP = TextConfig("clip", 16, layers=1, heads=2, intermediate=32, activation="quick_gelu")
BETAS = Betas(timesteps=100)

UNCONDITIONAL = ModelConfig("ldm-unconditional", UNET, KL, None, None, betas=BETAS)
CLASSES = ModelConfig("ldm-class", ATTENDING, VQ, ClassConfig(16, 3), "crossattn", betas=BETAS)
CAPTIONS = ModelConfig("sd1", ATTENDING, KL, (CLIP,), "crossattn", betas=BETAS)
INPAINTING = ModelConfig(
    "ldm-concat-inpaint", replace(UNET, in_channels=9), VQ, SharedFirstStage(), "concat", betas=BETAS
)
HYBRID = ModelConfig("sd1-inpaint", replace(ATTENDING, in_channels=9), KL, (CLIP,), "hybrid", betas=BETAS)
UPSCALING = ModelConfig("ldm-concat-upscale", replace(UNET, in_channels=7), KL, None, "concat", betas=BETAS)
SEMANTIC = ModelConfig(
    "ldm-concat-semantic", replace(UNET, in_channels=6), VQ, RescalerConfig(1, out_channels=2), "concat", betas=BETAS
)
ADM = ModelConfig("ldm-class", replace(UNET, num_classes=3), KL, None, "adm", betas=BETAS)
HYBRID_ADM = ModelConfig(
    "sd2-upscaler", replace(ATTENDING, in_channels=7, num_classes=3), KL, (CLIP,), "hybrid-adm", betas=BETAS
)
FAMILIES = (UNCONDITIONAL, CLASSES, CAPTIONS, INPAINTING, HYBRID, UPSCALING, SEMANTIC, ADM, HYBRID_ADM)


def model_of(config: ModelConfig, seed: int = 0) -> LatentDiffusion:
    """Build a model with random weights; layers that begin at zero are made random too."""
    torch.manual_seed(seed)
    model = LatentDiffusion(config, config.betas.schedule())
    for parameter in model.model.parameters():
        if not parameter.any():
            nn.init.normal_(parameter, std=0.05)
    return model


def batch_of(count: int = 4, seed: int = 0) -> Batch:
    """Return a batch with everything that any model reads, at 8x8 pixels."""
    generator = torch.Generator().manual_seed(seed)
    return Batch(
        caption=[f"picture {number}" for number in range(count)],
        class_label=torch.arange(count) % 2,
        image=torch.rand(count, 3, 8, 8, generator=generator) * 2 - 1,
        condition=torch.rand(count, 3, 8, 8, generator=generator) * 2 - 1,
        mask=torch.rand(count, 1, 8, 8, generator=generator).round(),
        moments=None,
        cursor=count,
    )


def rows(batch: Batch, part: slice) -> Batch:
    """Return some rows of a batch."""
    cut: dict[str, Any] = {name: value[part] for name, value in vars(batch).items() if isinstance(value, Tensor)}
    return replace(batch, caption=batch.caption[part], **cut)
