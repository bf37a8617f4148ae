"""What patches and community packs see of a model where ComfyUI has its BaseModel: a view, which owns nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch

from ..sampling.guidance import denoised
from .errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ..sampling.model_sampling import ModelSampling
    from .diffusion_model import DiffusionModel


@dataclass(frozen=True)
class LatentFormat:
    """How the autoencoder's latents become the network's.

    Attributes:
        scale_factor: the multiplier.
        latent_channels: channels.
    """

    scale_factor: float
    latent_channels: int

    def process_in(self, latent: Tensor) -> Tensor:
        """Return the network's latent."""
        return latent * self.scale_factor

    def process_out(self, latent: Tensor) -> Tensor:
        """Return the autoencoder's latent."""
        return latent / self.scale_factor


@dataclass(frozen=True)
class NetworkConfig:
    """ComfyUI's `model_config`: the sizes of the network."""

    unet_config: dict[str, Any]
    sampling_settings: dict[str, Any]


class BaseModel:
    """The network with what surrounds it, by ComfyUI's names.

    Args:
        model: what the MODEL wire carries (`current_patcher`).
    """

    def __init__(self, model: DiffusionModel) -> None:
        self.current_patcher = model

    @property
    def diffusion_model(self) -> nn.Module:
        """The network."""
        return self.current_patcher.network.diffusion_model

    @property
    def model_sampling(self) -> ModelSampling:
        """How its input and output relate to sigma space."""
        return self.current_patcher.model_sampling

    @property
    def latent_format(self) -> LatentFormat:
        """How latents are scaled."""
        replaced: LatentFormat | None = self.current_patcher.object_patches.get("latent_format")
        return replaced or LatentFormat(self.current_patcher.scale_factor, self.current_patcher.latent_channels)

    @property
    def model_config(self) -> NetworkConfig:
        """The sizes of the network."""
        return NetworkConfig(asdict(self.current_patcher.config.unet), {})

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return self.current_patcher.device

    @property
    def adm_channels(self) -> int:
        """Width of the class vector, or 0."""
        return self.current_patcher.config.unet.adm_in_channels or 0

    def get_dtype(self) -> torch.dtype:
        """Return the number type in which the network computes."""
        return self.current_patcher.compute.dtype

    def process_latent_in(self, latent: Tensor) -> Tensor:
        """Return the network's latent of the autoencoder's."""
        return self.latent_format.process_in(latent)

    def process_latent_out(self, latent: Tensor) -> Tensor:
        """Return the autoencoder's latent of the network's."""
        return self.latent_format.process_out(latent)

    def apply_model(
        self,
        x: Tensor,
        t: Tensor,
        c_concat: Tensor | None = None,
        c_crossattn: Tensor | None = None,
        control: dict[str, list[Tensor | None]] | None = None,
        transformer_options: dict[str, Any] | None = None,
        **inputs: Any,
    ) -> Tensor:
        """Return the clean latent.

        Args:
            x: (B, C, h, w) in sigma space.
            t: (B,) sigmas.
            c_concat: channels beside the latent.
            c_crossattn: the context.
            control: what a control network adds.
            transformer_options: what patches inside the network do and are told.
            inputs: other network inputs, of which `y` is known.
        """
        given = {"context": c_crossattn, "concat": c_concat, "y": inputs.get("y")}
        conditions = {name: value for name, value in given.items() if value is not None}
        told = {**(transformer_options or {})} | ({"control": control} if control else {})
        return denoised(self.current_patcher, x, t, conditions, {}, told)

    def part(self, name: str) -> Any:
        """Return a part of the model by its dotted name, such as `diffusion_model.input_blocks.0`.

        Raises:
            ModelError: there is none of this name.
        """
        found: Any = self
        for step in name.split("."):
            found = found[int(step)] if step.isdigit() else getattr(found, step, None)
            if found is None:
                raise ModelError(f"The model has no part called {name!r}.")
        return found
