"""`comfy.supported_models_base`: what a family of models is made of, as packs read it."""

from __future__ import annotations

from typing import Any

from . import latent_formats


class BASE:
    """A family.

    Attributes:
        unet_config: the network's sizes under the research code's names.
        sampling_settings: the noise schedule.
    """

    unet_config: dict[str, Any] = {}  # noqa: RUF012 - packs read it
    sampling_settings: dict[str, Any] = {}  # noqa: RUF012 - packs read it
    latent_format: Any = latent_formats.LatentFormat
    manual_cast_dtype = None
    memory_usage_factor = 2.0

    def __init__(self, unet_config: dict[str, Any]) -> None:
        self.unet_config = dict(unet_config)
        self.sampling_settings = dict(self.sampling_settings)
        self.latent_format = self.latent_format()
