"""The contestant diffusers: the same file by `from_single_file`, pictures by its pipeline, as its manual shows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from safetensors import safe_open
from transformers import CLIPTextConfig, CLIPTextModel

from ldm_nodes.models.devices import DTYPES

from .checkpoint import CONFIGS
from .contestant import CFG_BATCH, STEPS, TOKENS, Task

if TYPE_CHECKING:
    from torch import Tensor

    from ldm_nodes.models.config import AutoencoderConfig, TextConfig, UNetConfig

TOWER = "cond_stage_model.transformer.text_model."


class Theirs:
    """See `Contestant`."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.config = CONFIGS[task.checkpoint.stem]
        self.dtype = DTYPES[task.precision]
        self.latents = {batch: task.latent(batch).to(self.dtype) for batch in (1, CFG_BATCH)}
        self.context = task.context().to(self.dtype)

    def load(self) -> None:
        """Load the networks; their configurations come from a folder, since the file has none."""
        assert self.config.first_stage is not None
        with tempfile.TemporaryDirectory() as folder:
            _hollow_unet(self.config.unet).save_config(Path(folder, "unet"))
            _hollow_autoencoder(self.config.first_stage).save_config(Path(folder, "vae"))
            source: dict[str, Any] = {"config": folder, "torch_dtype": self.dtype}
            self.unet = UNet2DConditionModel.from_single_file(self.task.checkpoint, subfolder="unet", **source)
            self.vae = AutoencoderKL.from_single_file(self.task.checkpoint, subfolder="vae", **source)
        self.text = self._text_tower()

    def step(self) -> Tensor:
        """Run the UNet."""
        with torch.no_grad():
            out = self.unet(self.latents[CFG_BATCH], 500, self.context).sample
        return cast("Tensor", out)

    def decode(self) -> Tensor:
        """Run the decoder."""
        with torch.no_grad():
            return cast("Tensor", self.vae.decode(self.latents[1]).sample)

    def picture(self) -> None:
        """Run the pipeline on two prompts of token ids."""
        self.load()
        scheduler = PNDMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True
        )
        pipeline = StableDiffusionPipeline(
            self.vae, self.text, None, self.unet, scheduler, None, None, requires_safety_checker=False
        )
        pipeline.set_progress_bar_config(disable=True)
        with torch.no_grad():
            positive, negative = self.text(torch.zeros(CFG_BATCH, TOKENS, dtype=torch.long))[0].split(1)
        side = self.task.size
        made = pipeline(
            prompt_embeds=positive, negative_prompt_embeds=negative, num_inference_steps=STEPS, height=side, width=side
        )
        made.images[0].save(self.task.checkpoint.parent / "theirs.png")

    def _text_tower(self) -> Any:
        assert isinstance(self.config.conditioner, tuple)
        [sizes] = self.config.conditioner
        with torch.device("meta"):
            tower = CLIPTextModel(_text_config(sizes))
        with safe_open(self.task.checkpoint, "pt") as file:
            names = [name for name in list(file.keys()) if name.startswith(TOWER)]
            state = {name.removeprefix(TOWER): file.get_tensor(name).to(self.dtype) for name in names}
        named = any(key.startswith("text_model.") for key in tower.state_dict())
        tower.load_state_dict(
            {("text_model." if named else "") + key: value for key, value in state.items()}, assign=True
        )
        return tower.eval()


def _hollow_unet(config: UNetConfig) -> Any:
    widths = tuple(mult * config.model_channels for mult in config.channel_mult)
    with torch.device("meta"):
        return UNet2DConditionModel(
            sample_size=64, cross_attention_dim=config.context_dim, attention_head_dim=config.num_heads,
            block_out_channels=widths,
        )  # fmt: skip


def _hollow_autoencoder(config: AutoencoderConfig) -> Any:
    levels = config.levels
    with torch.device("meta"):
        return AutoencoderKL(
            block_out_channels=tuple(mult * config.ch for mult in config.ch_mult),
            down_block_types=("DownEncoderBlock2D",) * levels, up_block_types=("UpDecoderBlock2D",) * levels,
            layers_per_block=config.num_res_blocks, latent_channels=config.embed_dim, sample_size=512,
        )  # fmt: skip


def _text_config(config: TextConfig) -> Any:
    return CLIPTextConfig(
        hidden_size=config.hidden_size, intermediate_size=config.intermediate, num_hidden_layers=config.layers,
        num_attention_heads=config.heads, hidden_act=config.activation, projection_dim=config.hidden_size,
    )  # fmt: skip
