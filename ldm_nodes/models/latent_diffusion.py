"""The complete model: autoencoder, conditioner, denoising network and noise schedule under the original names.

`LatentDiffusion` is the research code's class of that name (ddpm.py of CompVis and Stability-AI) without its training:
its `state_dict` has the same keys as the published checkpoints. Samplers see it through `diffusion_model.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from .autoencoder import AutoencoderKL, VQModelInterface
from .conditioners import BERTEmbedder, ClassEmbedder, SpatialRescaler
from .config import AutoencoderConfig, TokenEncoderConfig
from .distribution import DiagonalGaussian
from .errors import ModelError
from .model_config import ClassConfig, ModelConfig, RescalerConfig, SharedFirstStage
from .text import TextTower, build_text_tower
from .text_encoder import TextEncoder, build_text_encoder
from .unet import UNetModel
from .wrapper import DiffusionWrapper

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..sampling.noise_schedule import NoiseSchedule

    Condition = Tensor | Sequence[Tensor] | Mapping[str, Any] | None


class LatentDiffusion(nn.Module):
    """A diffusion model over the latents of an autoencoder (arXiv 2112.10752).

    Attributes:
        config: what it is made of.
        model: the denoising network in its wrapper.
        first_stage_model: the autoencoder, or None.
        cond_stage_model: the conditioner of CompVis models, or None; SDXL has it under `conditioner`.
        scale_factor: multiplier from the autoencoder's latents to the network's.
    """

    first_stage_model: AutoencoderKL | VQModelInterface | None
    scale_factor: Tensor | float

    def __init__(self, config: ModelConfig, schedule: NoiseSchedule) -> None:
        super().__init__()
        self.config = config
        self.model = DiffusionWrapper(UNetModel(config.unet), config.conditioning_key)
        self.first_stage_model = build_first_stage(config.first_stage)
        conditioner = build_conditioner(config, self.first_stage_model)
        self.cond_stage_model = None if config.is_sdxl else conditioner
        if config.is_sdxl:
            self.conditioner = conditioner
        self.schedule = schedule
        for name, buffer in schedule.buffers().items():
            self.register_buffer(name, buffer)
        if config.scale_by_std:
            self.register_buffer("scale_factor", torch.tensor(config.scale_factor, device="cpu"))
        else:
            self.scale_factor = config.scale_factor

    def encode(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Encode pictures x (B, 3, H, W) in [-1, 1] as latents of unit scale; a Gaussian latent is sampled."""
        encoded = self._first_stage().encode(x)
        latent = encoded.sample(generator) if isinstance(encoded, DiagonalGaussian) else encoded
        return latent * self.scale_factor

    def decode(self, z: Tensor, *, quantize: bool = True) -> Tensor:
        """Decode latents z (B, C, h, w) of unit scale as pictures, about [-1, 1].

        Args:
            z: the latents.
            quantize: snap to the codebook first, where there is one.
        """
        first_stage = self._first_stage()
        if isinstance(first_stage, VQModelInterface):
            return first_stage.decode(z / self.scale_factor, force_not_quantize=not quantize)
        picture: Tensor = first_stage.decode(z / self.scale_factor)
        return picture

    @property
    def encoder(self) -> nn.Module | None:
        """The conditioner, under whichever name."""
        return self.conditioner if self.config.is_sdxl else self.cond_stage_model

    def condition(self, inputs: Any) -> Any:
        """Turn raw inputs (ids, texts, pictures) into a condition; without a conditioner they are one."""
        conditioner = self.encoder
        if conditioner is None:
            return inputs
        if isinstance(conditioner, FrozenTower | GeneralConditioner):
            return self.text_encoder().encode_plain(inputs)
        if isinstance(conditioner, AutoencoderKL | VQModelInterface):
            encoded = conditioner.encode(inputs)
            return encoded.mode() if isinstance(encoded, DiagonalGaussian) else encoded
        return conditioner(inputs)

    def apply_model(self, x: Tensor, t: Tensor, cond: Condition = None) -> Tensor:
        """Run the network on x (B, C, h, w) at t (B,).

        Args:
            x: noisy latents.
            t: timesteps.
            cond: a tensor or list for the one place where this model takes a condition, or a mapping with `c_concat`,
                `c_crossattn` and `c_adm`.
        """
        if cond is None:
            cond = {}
        elif not isinstance(cond, dict):
            parts = [cond] if isinstance(cond, Tensor) else cond
            cond = {"c_concat" if self.model.conditioning_key == "concat" else "c_crossattn": parts}
        out: Tensor = self.model(x, t, **cond)
        return out

    def text_encoder(self, folders: Sequence[Path] = ()) -> TextEncoder:
        """Return the prompt encoder around the text towers; `folders` hold learned embeddings.

        Raises:
            ModelError: when the model has none.
        """
        conditioner = self.encoder
        if not isinstance(conditioner, FrozenTower | GeneralConditioner):
            raise ModelError(f"A model of the family {self.config.family} has no CLIP text encoder.")
        return build_text_encoder(self.config.base.replace("-", "_"), conditioner.towers, folders)

    def _first_stage(self) -> AutoencoderKL | VQModelInterface:
        if self.first_stage_model is None:
            raise ModelError("This model has no autoencoder; load one from a file of its own.")
        return self.first_stage_model


class FrozenTower(nn.Module):
    """A text tower under the name that the original gives it (FrozenCLIPEmbedder, FrozenOpenCLIPEmbedder)."""

    def __init__(self, tower: TextTower) -> None:
        super().__init__()
        self.add_module("transformer" if tower.config.layout == "clip" else "model", tower)

    @property
    def towers(self) -> list[TextTower]:
        """The one tower."""
        return [tower for tower in self.children() if isinstance(tower, TextTower)]


class GeneralConditioner(nn.Module):
    """SDXL's text towers side by side (GeneralConditioner of Stability's generative-models)."""

    def __init__(self, towers: Sequence[TextTower]) -> None:
        super().__init__()
        self.embedders = nn.ModuleList(FrozenTower(tower) for tower in towers)

    @property
    def towers(self) -> list[TextTower]:
        """The towers in their order."""
        return [tower for embedder in self.embedders for tower in embedder.children() if isinstance(tower, TextTower)]


def build_first_stage(config: AutoencoderConfig | None) -> AutoencoderKL | VQModelInterface | None:
    """Build the autoencoder of a diffusion model, with untrained weights."""
    if config is None:
        return None
    return AutoencoderKL(config) if config.n_embed is None else VQModelInterface(config)


def build_conditioner(config: ModelConfig, first_stage: nn.Module | None) -> nn.Module | None:
    """Build what makes conditions, with untrained weights."""
    match config.conditioner:
        case SharedFirstStage():
            return first_stage
        case ClassConfig(embed_dim, n_classes, key):
            return ClassEmbedder(embed_dim, n_classes, key)
        case TokenEncoderConfig() as sizes:
            return BERTEmbedder(sizes)
        case RescalerConfig() as sizes:
            return SpatialRescaler(**vars(sizes))
        case tuple() as towers if towers:
            built = [build_text_tower(tower) for tower in towers]
            return GeneralConditioner(built) if config.is_sdxl else FrozenTower(built[0])
    return None
