"""`comfy.model_base`: a diffusion model as packs find it under `model.model`."""

from __future__ import annotations

from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ....models import base_model
from ....sampling.denoiser import expand
from . import supported_models
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


class BaseModel(base_model.BaseModel):
    """A network with what is known about it."""

    manual_cast_dtype: torch.dtype | None = None
    concat_keys: tuple[str, ...] = ()
    memory_usage_factor = 2.0

    @cached_property
    def model_config(self) -> Any:
        """The family, with the sizes of the network."""
        return supported_models.config_of(self.current_patcher)

    @cached_property
    def latent_format(self) -> Any:
        """How latents are scaled, and drawn for a quick look."""
        return self.current_patcher.object_patches.get("latent_format") or self.model_config.latent_format

    @cached_property
    def model_sampling(self) -> Any:
        """The noise levels, with tensors where packs expect them."""
        own = self.current_patcher
        return own.object_patches.get("model_sampling") or model_sampling_of(own.noise_schedule, own.prediction)

    @property
    def model_type(self) -> ModelType:
        """What the network predicts."""
        return TYPES[self.current_patcher.prediction]

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


def view_of(own: DiffusionModel) -> BaseModel:
    """Return a model of ours as packs find it."""
    return OF_FAMILY.get(own.config.base, BaseModel)(own)
