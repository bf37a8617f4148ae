"""The network of the small checkpoint that ships with the package, as a `DiffusionModel` without any loader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors.torch import load_file
from torch import Tensor

import ldm_nodes
from ldm_nodes.models.config import UNetConfig
from ldm_nodes.models.unet import UNetModel
from ldm_nodes.sampling.denoiser import Conditions, Prediction
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from tests.sampling.fakes import Unpatched

CHECKPOINT = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints" / "tiny-sd-v1.safetensors"
PREFIX = "model.diffusion_model."


@dataclass
class TinyModel(Unpatched):
    """A text-conditional epsilon model; `calls` records the shape of each network call."""

    unet: UNetModel
    noise_schedule: NoiseSchedule = field(default_factory=NoiseSchedule.stable_diffusion)
    prediction: Prediction = "eps"
    scale_factor: float = 0.18215
    latent_channels: int = 4
    context_dim: int | None = 8
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    calls: list[torch.Size] = field(default_factory=list)
    contexts: list[Tensor] = field(default_factory=list)

    def predict(self, x: Tensor, t: Tensor, conditions: Conditions, options: Mapping[str, Any] | None = None) -> Tensor:
        self.calls.append(x.shape)
        self.contexts.append(conditions["context"])
        result: Tensor = self.unet(x, t, context=conditions["context"])
        return result

    def conditions(
        self, context: Tensor, options: Mapping[str, Any], latent_shape: torch.Size, negative: bool
    ) -> dict[str, Tensor]:
        return {"context": context}


@cache
def tiny_unet() -> UNetModel:
    params = yaml.safe_load(CHECKPOINT.with_suffix(".yaml").read_text())["model"]["params"]["unet_config"]["params"]
    unet = UNetModel(UNetConfig.from_params(params))
    stored = load_file(CHECKPOINT)
    unet.load_state_dict({k.removeprefix(PREFIX): v.float() for k, v in stored.items() if k.startswith(PREFIX)})
    return unet.eval()


def tiny_model() -> TinyModel:
    return TinyModel(tiny_unet())
