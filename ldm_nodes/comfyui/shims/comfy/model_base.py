"""`comfy.model_base`: a diffusion model as packs find it under `model.model`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ....sampling.denoiser import expand
from . import supported_models
from .latent_formats import LatentFormat
from .model_sampling import model_sampling_of

if TYPE_CHECKING:
    from ....models.diffusion_model import DiffusionModel


class ModelType(Enum):
    """What a network predicts, and at which noise levels."""

    EPS = 1
    V_PREDICTION = 2
    V_PREDICTION_EDM = 3
    STABLE_CASCADE = 4
    EDM = 5
    FLOW = 6
    V_PREDICTION_CONTINUOUS = 7
    FLUX = 8
    IMG_TO_IMG = 9
    FLOW_COSMOS = 10


TYPES = {"eps": ModelType.EPS, "v": ModelType.V_PREDICTION, "x0": ModelType.IMG_TO_IMG}


class BaseModel:
    """A network with what is known about it.

    Attributes:
        own: the model of ours.
        current_patcher: what lent it to the pack.
    """

    def __init__(self, own: DiffusionModel, current_patcher: Any = None) -> None:
        self.own, self.current_patcher = own, current_patcher
        self.model_config = supported_models.config_of(own)
        self.latent_format: LatentFormat = self.model_config.latent_format
        self.model_type = TYPES[own.prediction]
        patched = own.object_patches.get("model_sampling")
        self.model_sampling: Any = patched or model_sampling_of(own.noise_schedule, own.prediction)
        self.manual_cast_dtype: torch.dtype | None = None
        self.concat_keys: tuple[str, ...] = ()
        self.memory_usage_factor = 2.0

    @property
    def diffusion_model(self) -> Any:
        """The network itself."""
        return self.own.network.diffusion_model

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return self.own.device

    @property
    def adm_channels(self) -> int:
        """The width of the vector beside the context."""
        return self.own.config.unet.adm_in_channels or 0

    def get_dtype(self) -> torch.dtype:
        """Return the network's number type."""
        return self.own.compute.dtype

    def process_latent_in(self, latent: Tensor) -> Tensor:
        """Return an autoencoder's latent as the network knows it."""
        return self.latent_format.process_in(latent)

    def process_latent_out(self, latent: Tensor) -> Tensor:
        """Return a network's latent as the autoencoder knows it."""
        return self.latent_format.process_out(latent)

    def apply_model(
        self,
        x: Tensor,
        t: Tensor,
        c_concat: Tensor | None = None,
        c_crossattn: Tensor | None = None,
        control: Any = None,
        transformer_options: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """Return the clean latent expected behind `x` at the noise levels `t` (B,)."""
        found = {"context": c_crossattn, "concat": c_concat, "y": kwargs.get("y")}
        conditions = {name: value for name, value in found.items() if value is not None}
        levels = self.model_sampling
        options = dict(transformer_options or {})
        if control is not None:
            options["control"] = control
        scaled = levels.calculate_input(t, x)
        out = self.own.predict(scaled, levels.timestep(t).float(), conditions, options)
        denoised: Tensor = levels.calculate_denoised(t, out, x)
        return denoised

    def scale_latent_inpaint(self, sigma: Tensor, noise: Tensor, latent_image: Tensor, **kwargs: Any) -> Tensor:
        """Return the known part of a picture at a noise level."""
        return latent_image + noise * expand(sigma, noise)

    def memory_required(self, input_shape: Any, cond_shapes: Any = None) -> float:
        """Return about how many bytes a call of the network takes."""
        area = input_shape[0] * input_shape[-2] * input_shape[-1]
        return float(area * self.get_dtype().itemsize * 0.01 * self.memory_usage_factor * 1024 * 1024)

    def state_dict(self) -> dict[str, Tensor]:
        """Return the network's weights under their names in files."""
        prefix = "diffusion_model."
        return {prefix + name: value for name, value in self.diffusion_model.state_dict().items()}


class SDXL(BaseModel):
    """SDXL."""


class SDXLRefiner(BaseModel):
    """SDXL's refiner."""


class SD21UNCLIP(BaseModel):
    """Stable Diffusion 2.1 unCLIP."""


class SVD_img2vid(BaseModel):  # noqa: N801 - ComfyUI's name
    """Stable Video Diffusion, for tests of types; it is not built here."""


class Flux(BaseModel):
    """Flux, for tests of types; it is not built here."""


class SD3(BaseModel):
    """Stable Diffusion 3, for tests of types; it is not built here."""


OF_FAMILY = {"sdxl": SDXL, "sdxl-refiner": SDXLRefiner}


def base_model(own: DiffusionModel, patcher: Any = None) -> BaseModel:
    """Return a model of ours as packs find it."""
    return OF_FAMILY.get(own.config.base, BaseModel)(own, patcher)
