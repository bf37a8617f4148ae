"""Parts of models in files of their own, tiny and as wide at the joints as the real ones, made by their authors' code.

Text towers have the small vocabulary of the bundled emoji model beside them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from ldm_nodes.models.esrgan import Esrgan
from tests.fakes.checkpoints import VOCABULARY

WORDS = 2050
BLOCKS = {
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
}
SDXL_VECTOR = 6 * 256 + 1280
TOWERS = {
    "clip_l": (CLIPTextModel, 768, "quick_gelu"),
    "clip_h": (CLIPTextModel, 1024, "gelu"),
    "clip_g": (CLIPTextModelWithProjection, 1280, "gelu"),
}


def randomized(module: Any) -> Any:
    """Give every parameter a value of its own, so that zero-initialised layers count as well."""
    generator = torch.Generator().manual_seed(0)
    for parameter in module.parameters():
        scale = 0.3 if parameter.dim() == 1 else parameter[0].numel() ** -0.5
        parameter.data = torch.randn(parameter.shape, generator=generator) * scale + float(parameter.dim() == 1)
    return module.eval().requires_grad_(False)


def unet(family: str) -> Any:
    """Return a tiny UNet of diffusers for "sd1", "sd2" or "sdxl"."""
    options: dict[str, dict[str, Any]] = {
        "sd1": {"cross_attention_dim": 768, "attention_head_dim": 8},
        "sd2": {"cross_attention_dim": 1024, "attention_head_dim": (1, 2), "use_linear_projection": True},
        "sdxl": {
            "cross_attention_dim": 2048, "attention_head_dim": (1, 2), "use_linear_projection": True,
            "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": SDXL_VECTOR,
        },
    }  # fmt: skip
    return randomized(
        UNet2DConditionModel(block_out_channels=(64, 128), layers_per_block=1, **BLOCKS, **options[family])
    )


def tower(name: str) -> Any:
    """Return a tiny text tower of transformers: "clip_l", "clip_h" or "clip_g"."""
    kind, width, activation = TOWERS[name]
    sizes = CLIPTextConfig(
        vocab_size=WORDS, hidden_size=width, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=width // 64, hidden_act=activation, projection_dim=width, eos_token_id=WORDS - 1,
        bos_token_id=WORDS - 2,
    )  # fmt: skip
    return randomized(kind(sizes))


def save(path: Path, module: nn.Module, prefix: str = "") -> Path:
    """Save a network's weights as a file; a text tower gets its vocabulary beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    weights: dict[str, Tensor] = {prefix + name: x.contiguous() for name, x in module.state_dict().items()}
    save_file(weights, path)
    if isinstance(module, CLIPTextModel | CLIPTextModelWithProjection):
        shutil.copy(VOCABULARY, path.with_name(f"{path.stem}.merges.txt"))
        pad = WORDS - 1 if module.config.hidden_act == "quick_gelu" else 0
        path.with_name(f"{path.stem}.text_config.json").write_text(json.dumps({"pad_token_id": pad}))
    return path


def save_upscaler(path: Path) -> None:
    """Save a tiny ESRGAN that enlarges four times, under the names of Real-ESRGAN."""
    network = randomized(Esrgan(3, 1, width=8, growth=4, blocks=1))
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({f"params_ema.{name}": x for name, x in network.state_dict().items()}, path)


def save_vision_tower(path: Path, projection: int) -> None:
    """Save a tiny picture tower of CLIP under the names of Hugging Face."""
    sizes = CLIPVisionConfig(
        hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=16, image_size=28, patch_size=7,
        projection_dim=projection, hidden_act="gelu",
    )  # fmt: skip
    spelt = {
        name.replace("pre_layernorm", "pre_layrnorm"): x
        for name, x in randomized(CLIPVisionModelWithProjection(sizes)).state_dict().items()
    }
    inner = {name: name if name.startswith(("vision_model.", "visual_")) else f"vision_model.{name}" for name in spelt}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({inner[name]: x.contiguous() for name, x in spelt.items() if "position_ids" not in name}, path)
