"""`comfy.supported_models`: the families, for tests of types."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from . import latent_formats
from .supported_models_base import BASE

if TYPE_CHECKING:
    from ....models.diffusion_model import DiffusionModel


class SD15(BASE):
    """Stable Diffusion 1."""

    latent_format = latent_formats.SD15


class SD20(BASE):
    """Stable Diffusion 2."""

    latent_format = latent_formats.SD15


class SD21UnclipL(SD20):
    """Stable Diffusion 2.1 unCLIP, CLIP-L."""


class SD21UnclipH(SD20):
    """Stable Diffusion 2.1 unCLIP, CLIP-H."""


class SDXLRefiner(BASE):
    """SDXL's refiner."""

    latent_format = latent_formats.SDXL


class SDXL(BASE):
    """SDXL."""

    latent_format = latent_formats.SDXL


class SSD1B(SDXL):
    """A smaller SDXL."""


models = [SD15, SD20, SD21UnclipL, SD21UnclipH, SDXLRefiner, SDXL, SSD1B]
OF_FAMILY = {"sd1": SD15, "sd2": SD20, "sdxl": SDXL, "sdxl-refiner": SDXLRefiner}


def config_of(own: DiffusionModel) -> BASE:
    """Return what a model of ours is made of."""
    config, betas = own.config, own.config.betas
    sizes = {one.name: getattr(config.unet, one.name) for one in fields(config.unet)}
    made = OF_FAMILY.get(config.base, BASE)({**sizes, "image_model": None})
    made.sampling_settings = {"linear_start": betas.start, "linear_end": betas.end, "zsnr": config.zero_terminal_snr}
    made.latent_format = latent_formats.format_of(config.family, own.scale_factor, own.latent_channels)
    return made
