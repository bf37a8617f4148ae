"""`latent_preview`: looks at unfinished latents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from ...imaging.preview import latent_to_rgb
from ..executing import executing
from .comfy.cli_args import LatentPreviewMethod, args
from .comfy.utils import ProgressBar

MAX_PREVIEW_RESOLUTION = args.preview_size
default_preview_method = args.preview_method


def preview_to_image(latent_image: Tensor) -> Image.Image:
    """Return a picture of levels (h, w, 3) from -1 to 1."""
    levels = ((latent_image + 1) * 127.5).clamp(0, 255).cpu().numpy().astype(np.uint8)
    return Image.fromarray(levels)


class LatentPreviewer:
    """Draws latents; packs write `decode_latent_to_preview`."""

    def decode_latent_to_preview(self, x0: Tensor) -> Image.Image:
        """Return a picture of the first latent of (B, C, h, w), in the network's scale."""
        raise NotImplementedError

    def decode_latent_to_preview_image(self, preview_format: str, x0: Tensor) -> tuple[str, Image.Image, int]:
        """Return format, picture and longest side."""
        return "JPEG", self.decode_latent_to_preview(x0), MAX_PREVIEW_RESOLUTION


class Latent2RGBPreviewer(LatentPreviewer):
    """Draws latents by one linear map from channels to colours."""

    def __init__(self, latent_rgb_factors: Any = None, latent_rgb_factors_bias: Any = None, scale: float = 1.0) -> None:
        self.scale = scale

    def decode_latent_to_preview(self, x0: Tensor) -> Image.Image:
        """Return a picture with a pixel for each cell."""
        return Image.fromarray(latent_to_rgb(x0 / self.scale))


def get_previewer(device: Any, latent_format: Any) -> LatentPreviewer | None:
    """Return what draws latents of a format; None where previews are off."""
    context = executing()
    settings = getattr(context.runtime, "settings", None) if context is not None else None
    drawn = getattr(settings, "preview", "none") != "none" or args.preview_method != LatentPreviewMethod.NoPreviews
    return Latent2RGBPreviewer(scale=float(getattr(latent_format, "scale_factor", 1.0))) if drawn else None


def prepare_callback(
    model: Any, steps: int, x0_output_dict: dict[str, Any] | None = None
) -> Callable[[int, Tensor, Tensor, int], None]:
    """Return what samplers tell their steps: it moves the progress of the node at work, with looks at the latent."""
    previewer = get_previewer(model.load_device, model.model.latent_format)
    bar = ProgressBar(steps)

    def callback(step: int, x0: Tensor, x: Tensor, total_steps: int) -> None:
        if x0_output_dict is not None:
            x0_output_dict["x0"] = x0
        look = previewer.decode_latent_to_preview_image("JPEG", x0) if previewer is not None else None
        bar.update_absolute(step + 1, total_steps, look)

    return callback
