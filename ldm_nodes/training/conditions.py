"""From a batch to what the network is told about it, for every way in which conditions enter.

| conditioning_key | the network gets |
|---|---|
| `crossattn` | a context: the embedded class, or the encoded caption |
| `concat` | channels beside the latent: a masked picture, a smaller picture, a second picture |
| `hybrid` | both |
| `adm`, and the `-adm` modes | the number of the class |

For classifier-free guidance (arXiv 2207.12598) some samples lose context and class: they get the empty caption and the
last class, which stand for "anything", or a context of zeros.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from ..models.config import TokenEncoderConfig
from ..models.distribution import DiagonalGaussian
from ..models.model_config import ClassConfig, RescalerConfig, SharedFirstStage
from .errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models.latent_diffusion import LatentDiffusion
    from ..models.model_config import ModelConfig
    from .batches import Batch
    from .data import Dataset

DroppedAs = Literal["empty", "zeros"]


def conditions(
    model: LatentDiffusion, batch: Batch, dropped: Tensor, size: Sequence[int], dropped_as: DroppedAs = "empty"
) -> dict[str, Any]:
    """Return what `LatentDiffusion.apply_model` takes as its condition.

    Args:
        model: the model; its configuration says what it reads.
        batch: the samples.
        dropped: (B,) which of them lose context and class.
        size: height and width of the latents.
        dropped_as: what takes the place of a lost context: that of the empty input, or zeros.

    Raises:
        DataError: if the batch lacks what the model reads.
    """
    key = model.model.conditioning_key
    device = next(model.model.parameters()).device
    made: dict[str, Any] = {}
    if key in ("concat", "hybrid", "hybrid-adm"):
        made["c_concat"] = [_beside(model, batch, size, device)]
    if key in ("crossattn", "hybrid", "hybrid-adm", "crossattn-adm"):
        made["c_crossattn"] = [_context(model, batch, dropped.to(device), dropped_as)]
    if key == "adm":
        made["c_crossattn"] = [_classes(model, batch, dropped).to(device)]
    if key in ("hybrid-adm", "crossattn-adm"):
        made["c_adm"] = _classes(model, batch, dropped).to(device)
    return made


def check_data(config: ModelConfig, dataset: Dataset, dropout: float) -> None:
    """Say before training what `conditions` would find missing in the midst of it.

    Args:
        config: the model.
        dataset: the data.
        dropout: probability that a sample loses its condition.

    Raises:
        DataError: if the model reads captions or classes and the data has none, or too many classes.
    """
    match config.conditioner, config.unet.num_classes:
        case (ClassConfig(n_classes=n_classes), _) | (None, int(n_classes)):
            _check_classes(dataset, n_classes, dropout)
        case (tuple() | TokenEncoderConfig(), _) if not any(sample.captions for sample in dataset.samples):
            raise DataError(
                "The model reads captions and the data has none: put a .txt file beside each picture, or a caption "
                "column into the table."
            )


def _check_classes(dataset: Dataset, n_classes: int, dropout: float) -> None:
    names = len(dataset.class_names)
    if not names:
        raise DataError(
            "The model reads classes and the data has none: put the pictures of each class into a folder of its own, "
            "or a class column into the table."
        )
    unlabelled = any(sample.class_name is None for sample in dataset.samples)
    needed = names + (dropout > 0 or unlabelled)
    if needed > n_classes:
        extra = " and one more that stands for none" if needed > names else ""
        raise DataError(f"The data has {names} classes{extra}; the model has {n_classes}. Set n_classes to {needed}.")


def drop_captions(captions: Sequence[str], dropped: Tensor) -> list[str]:
    """Return the captions with the dropped ones empty."""
    return ["" if gone else caption for caption, gone in zip(captions, dropped.tolist(), strict=True)]


def drop_classes(labels: Tensor, dropped: Tensor, n_classes: int) -> Tensor:
    """Return the labels (B,) with dropped and missing ones as the last class.

    Raises:
        DataError: if a label has no class, or one that is not dropped is the last class while others are dropped.
    """
    last, dropped = n_classes - 1, dropped.to(labels.device) | (labels < 0)
    if labels.max() > last:
        raise DataError(
            f"The data has a class number {int(labels.max())}; the model has {n_classes} classes, from 0 on."
        )
    if dropped.any() and (labels[~dropped] == last).any():
        raise DataError(
            f"Class {last} of the data is the model's last one, which stands for no class when some are left out; "
            f"set n_classes to {n_classes + 1}."
        )
    return labels.masked_fill(dropped, last)


def drop_context(context: Tensor, dropped: Tensor) -> Tensor:
    """Return a context (B, T, D) with zeros for the dropped samples."""
    return context.masked_fill(dropped[:, None, None], 0.0)


def _context(model: LatentDiffusion, batch: Batch, dropped: Tensor, dropped_as: DroppedAs) -> Tensor:
    none = torch.zeros_like(dropped) if dropped_as == "zeros" else dropped
    match model.config.conditioner:
        case ClassConfig(n_classes=n_classes):
            inputs: Any = drop_classes(batch.class_label.to(dropped.device), none, n_classes)
        case None | RescalerConfig() | SharedFirstStage():
            raise DataError(
                f"Data has captions and classes; a model of the family {model.config.family} reads neither."
            )
        case _:
            inputs = drop_captions(batch.caption, none)
    context: Tensor = model.condition(inputs)
    return drop_context(context, dropped) if dropped_as == "zeros" else context


def _classes(model: LatentDiffusion, batch: Batch, dropped: Tensor) -> Tensor:
    n_classes = model.config.unet.num_classes
    if not isinstance(n_classes, int):
        raise DataError("The network reads a vector or a number as its class; the data has numbered classes only.")
    return drop_classes(batch.class_label, dropped.to(batch.class_label.device), n_classes)


@torch.no_grad()
def _beside(model: LatentDiffusion, batch: Batch, size: Sequence[int], device: torch.device) -> Tensor:
    """Return the channels that join the latent, (B, C', h, w)."""
    config = model.config
    wanted = config.unet.in_channels - config.unet.out_channels
    if config.family.endswith("inpaint") or wanted == config.unet.out_channels + 1:
        made = _masked(model, batch, size, device)
    elif isinstance(config.conditioner, RescalerConfig):
        made = model.condition(_picture(batch).to(device))
    else:
        made = F.interpolate(_picture(batch).to(device), tuple(size), mode="area")
    if made.shape[1] != wanted:
        raise DataError(f"What stands beside the latent has {made.shape[1]} channels; the model takes {wanted}.")
    return made


def _picture(batch: Batch) -> Tensor:
    """Return the second picture, or else the picture itself."""
    picture = batch.image if batch.condition is None else batch.condition
    if picture is None:
        raise DataError("The model is shown a picture, so its latents alone are not enough; turn the cache off.")
    return picture


def _masked(model: LatentDiffusion, batch: Batch, size: Sequence[int], device: torch.device) -> Tensor:
    """Return masked latent and mask as the family has them.

    latent-diffusion's inpainting model sees black holes and a mask from -1 to 1 behind the latent (scripts/inpaint.py);
    Stable Diffusion's sees grey holes and a mask from 0 to 1 before it.
    """
    if batch.image is None or batch.mask is None:
        raise DataError("An inpainting model needs pictures and masks; draw masks, and turn the cache off.")
    image, mask = batch.image.to(device), batch.mask.to(device)
    small = F.interpolate(mask, tuple(size), mode="nearest")
    if isinstance(model.config.conditioner, SharedFirstStage):
        return torch.cat([_latent(model, torch.where(mask > 0, -1.0, image)), small * 2 - 1], dim=1)
    return torch.cat([small, _latent(model, image * (1 - mask))], dim=1)


def _latent(model: LatentDiffusion, picture: Tensor) -> Tensor:
    """Return the latent of a picture that is only looked at: its most likely value."""
    if model.first_stage_model is None:
        return picture * model.scale_factor
    encoded = model.first_stage_model.encode(picture)
    return (encoded.mode() if isinstance(encoded, DiagonalGaussian) else encoded) * model.scale_factor
