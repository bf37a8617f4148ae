"""From a conditioning entry to network inputs, for each family: context, class vector, channels beside the latent.

The options of an entry and their defaults are ComfyUI's, so that its nodes and graphs mean the same here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .blocks import timestep_embedding
from .errors import ModelError
from .unclip import NoiseAugmentor, picture_vector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .model_config import ModelConfig

    Options = Mapping[str, Any]

PIXELS = 8  # a latent cell of Stable Diffusion, in pixels
SIZE_EMBEDDING = 256  # width of each number of SDXL's size conditioning
# What an inpainting model of Stable Diffusion gets in place of a picture: about the latent of plain grey.
BLANK = (0.8223, -0.6876, 0.6364, 0.1380)
# The refiner's scores for wanted and unwanted pictures.
AESTHETIC, UNAESTHETIC = 6.0, 2.5


def network_conditions(
    config: ModelConfig, context: Tensor, options: Options, latent_shape: torch.Size, negative: bool
) -> dict[str, Tensor]:
    """Return `context`, `y` and `concat` as far as the family's network takes them.

    Args:
        config: the family.
        context: (B, T, D) text or class embedding.
        options: the entry's dictionary.
        latent_shape: (B, C, h, w).
        negative: whether the entry is of the negative prompt.

    Raises:
        ModelError: when the context has the wrong width, or something needed is missing.
    """
    made: dict[str, Tensor] = {}
    width = config.unet.context_dim
    if width is not None:
        if context.shape[-1] != width:
            raise ModelError(
                f"The conditioning is {context.shape[-1]} wide and the model ({config.family}) takes {width}: "
                "they come from checkpoints of different families."
            )
        made["context"] = context.float()
    if config.unet.num_classes is not None:
        made["y"] = _class_vector(config, options, latent_shape, negative)
    channels = config.unet.in_channels - latent_shape[1]
    if channels:
        made["concat"] = _concat(config, options, latent_shape, channels)
    return made


def _class_vector(config: ModelConfig, options: Options, latent_shape: torch.Size, negative: bool) -> Tensor:
    if not config.is_sdxl:
        raise ModelError(f"Models of the family {config.family} need an image condition, which no node here makes.")
    height, width = (int(options.get(name, side * PIXELS)) for name, side in _sides(latent_shape))
    numbers = [height, width, options.get("crop_h", 0), options.get("crop_w", 0)]
    if config.base == "sdxl-refiner":
        numbers.append(options.get("aesthetic_score", UNAESTHETIC if negative else AESTHETIC))
    else:
        numbers += [options.get("target_height", height), options.get("target_width", width)]
    sizes = timestep_embedding(torch.tensor(numbers, dtype=torch.float32), SIZE_EMBEDDING).reshape(1, -1)
    wanted = (config.unet.adm_in_channels or 0) - sizes.shape[1]
    pooled = options.get("pooled_output")
    if pictures := options.get("unclip_conditioning"):  # SDXL's "revision": pictures in the place of the text
        pooled = picture_vector(NoiseAugmentor(wanted), pictures)[:, :wanted]
    if pooled is None:
        pooled = torch.zeros(1, wanted)
    if pooled.shape[-1] != wanted:
        raise ModelError(
            f"The pooled text embedding is {pooled.shape[-1]} wide and the model ({config.family}) takes {wanted}: "
            "they come from checkpoints of different families."
        )
    return torch.cat([pooled.float(), sizes.to(pooled.device).expand(len(pooled), -1)], dim=1)


def _sides(latent_shape: torch.Size) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("height", latent_shape[-2]), ("width", latent_shape[-1])


def _concat(config: ModelConfig, options: Options, latent_shape: torch.Size, channels: int) -> Tensor:
    variant = config.family.rpartition("-")[2]
    make = _CONCAT.get(config.family) or _CONCAT.get(variant, _picture)
    made = make(config, options, latent_shape)
    if made.shape[1] != channels:
        raise ModelError(
            f"The picture beside the latent has {made.shape[1]} channels; the model ({config.family}) takes {channels}."
        )
    return made


def _inpaint(config: ModelConfig, options: Options, latent_shape: torch.Size) -> Tensor:
    """Return mask (1 = repaint) and masked latent; without a picture everything is to be painted."""
    mask, latent = options.get("concat_mask"), options.get("concat_latent_image")
    size = latent_shape[-2:]
    if mask is None or latent is None:
        blank = torch.tensor(BLANK).view(1, 4, 1, 1).expand(1, 4, *size)
        return torch.cat([torch.ones(1, 1, *size), blank], dim=1)
    return _joined(_resized(mask, size).round(), _resized(latent, size) * config.scale_factor)


def _ldm_inpaint(config: ModelConfig, options: Options, latent_shape: torch.Size) -> Tensor:
    """Return masked latent and mask, the mask from -1 to 1 (scripts/inpaint.py of latent-diffusion)."""
    mask, latent = options.get("concat_mask"), options.get("concat_latent_image")
    if mask is None or latent is None:
        raise ModelError("This inpainting model needs a picture and a mask; connect InpaintModelConditioning.")
    mask = F.interpolate(_planes(mask), size=latent_shape[-2:], mode="nearest").round()
    return _joined(_resized(latent, latent_shape[-2:]) * config.scale_factor, mask * 2 - 1)


def _edit(config: ModelConfig, options: Options, latent_shape: torch.Size) -> Tensor:
    """Return the latent of the picture to edit, unscaled (arXiv 2211.09800); zeros stand for none."""
    latent = options.get("concat_latent_image")
    if latent is None:
        return torch.zeros(1, *latent_shape[1:])
    return _resized(latent, latent_shape[-2:])


def _picture(config: ModelConfig, options: Options, latent_shape: torch.Size) -> Tensor:
    """Return the picture (B, C, H, W) that the model reads beside the latent, resized to it."""
    picture = options.get("concat_image")
    if picture is None:
        raise ModelError(f"A model of the family {config.family} needs a picture as its condition (concat_image).")
    return _resized(picture, latent_shape[-2:])


_CONCAT: dict[str, Callable[[ModelConfig, Options, torch.Size], Tensor]] = {
    "ldm-concat-inpaint": _ldm_inpaint,
    "inpaint": _inpaint,
    "edit": _edit,
}


def _planes(x: Tensor) -> Tensor:
    """Return a mask (H, W) or (B, H, W), or a picture (B, C, H, W), as (B, C, H, W) float32."""
    return (x if x.ndim == 4 else x.reshape(-1, 1, *x.shape[-2:])).float()


def _resized(x: Tensor, size: torch.Size) -> Tensor:
    x = _planes(x)
    return x if x.shape[-2:] == size else F.interpolate(x, size=size, mode="bilinear")


def _joined(*parts: Tensor) -> Tensor:
    """Join on channels; a part of one picture serves all."""
    batch = max(len(part) for part in parts)
    return torch.cat([part.to(parts[0].device).expand(batch, -1, -1, -1) for part in parts], dim=1)
