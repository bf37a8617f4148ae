"""Conditioning entries: where, when and how strongly each prompt acts.

On the wire a conditioning is `[[tensor, dict], ...]`. Here it becomes frozen entries that know their region of the
latent, their weight in it and their range of sigmas, with the network inputs that the model's family makes of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from .controls import Preparer, share_controls

if TYPE_CHECKING:
    from .controls import Control
    from .denoiser import Conditions, DiffusionModel

Conditioning = Sequence[Sequence[Any]]
"""`[[context (B, T, D), options], ...]`: the form in which nodes hand prompts on."""

Area = tuple[int, int, int, int]
"""Height, width, top and left in latent cells. It may reach beyond the latent, where it has no effect."""

# The width in cells of the soft edge of an area, and the smallest side of an area around a mask.
FEATHER = 8
SMALLEST_BOUNDS = 8


@dataclass(frozen=True)
class Entry:
    """One prompt of a positive or negative conditioning.

    Attributes:
        conditions: Network inputs; each has a batch of 1 or of the latents.
        area: The part of the latent that it acts on, or None for all of it.
        weight: (B or 1, 1, h, w) weight of its prediction in each cell of its area.
        start: Largest sigma at which it acts.
        end: Smallest sigma at which it acts.
        control: What steers the network, or None.
        shares_control: Whether other prompts without a control get it too.
    """

    conditions: Conditions
    area: Area | None
    weight: Tensor
    start: float = float("inf")
    end: float = 0.0
    control: Control | None = None
    shares_control: bool = False

    @property
    def always_acts(self) -> bool:
        """Whether it acts at every sigma."""
        return self.start == float("inf") and self.end <= 0

    def acts_at(self, sigma: float) -> bool:
        """Whether it acts at this sigma."""
        return self.end <= sigma <= self.start

    def crop(self, latent: Tensor) -> Tensor:
        """Return the view of a (B, C, H, W) latent that it acts on."""
        if self.area is None:
            return latent
        height, width, top, left = self.area
        return latent[..., top : top + height, left : left + width]


def entries(
    model: DiffusionModel, prompts: Mapping[str, Conditioning], latent_shape: torch.Size
) -> dict[str, tuple[Entry, ...]]:
    """Return the entries of several prompts for latents of shape (B, C, H, W).

    Where an entry of one prompt is restricted to an area, every other prompt gets one for the same area, made from its
    smallest entry that contains it; otherwise guidance would compare a part of the picture with the whole.

    Args:
        model: the loaded model.
        prompts: by name; that called "negative" may be treated differently by the model's family.
        latent_shape: of the latents that are sampled.
    """
    prepare = Preparer(model)
    made = {
        name: [
            _entry(model, context, options, latent_shape, name == "negative", prepare) for context, options in prompt
        ]
        for name, prompt in prompts.items()
    }
    for name, own in made.items():
        for other in (made[other] for other in made if other != name):
            counterparts = (_counterpart(entry, other) for entry in [*own])
            other.extend(entry for entry in counterparts if entry is not None)
    for name, own in made.items():
        if name != "positive":
            share_controls(made.get("positive", []), own)
    return {name: tuple(entry for entry in own if entry.weight.numel()) for name, own in made.items()}


def _entry(
    model: DiffusionModel,
    context: Tensor,
    options: Mapping[str, Any],
    latent_shape: torch.Size,
    negative: bool,
    prepare: Preparer,
) -> Entry:
    size = (latent_shape[-2], latent_shape[-1])
    mask = options.get("mask")
    if mask is not None:
        mask = per_picture(resized(mask, size), latent_shape[0])
    area = _area(options, size, mask)
    start, end = options.get("start_percent"), options.get("end_percent")
    to_sigma = model.model_sampling.percent_to_sigma
    return Entry(
        conditions=model.conditions(context, options, latent_shape, negative),
        area=area,
        weight=_weight(options, size, area, mask).to(model.device),
        start=float("inf") if start is None or start <= 0 else to_sigma(start),
        end=0.0 if end is None else to_sigma(end),
        control=prepare(options.get("control")),
        shares_control=bool(options.get("control_apply_to_uncond")),
    )


def resized(mask: Tensor, size: tuple[int, int]) -> Tensor:
    """Return a mask (H, W), (B, H, W) or (B, 1, H, W) of any size as (B, 1, h, w), bilinearly resized."""
    mask = mask.reshape(-1, 1, *mask.shape[-2:]).float()
    return mask if mask.shape[-2:] == size else interpolate(mask, size=size, mode="bilinear")


def per_picture(value: Tensor, batch: int) -> Tensor:
    """Return `value` with one row for each picture of the batch: repeated in turn, or cut; a single row broadcasts."""
    if len(value) == 1:
        return value
    times = math.ceil(batch / len(value))
    return value.repeat(times, *[1] * (value.ndim - 1))[:batch]


def _area(options: Mapping[str, Any], size: tuple[int, int], mask: Tensor | None) -> Area | None:
    if mask is not None and options.get("set_area_to_bounds"):
        return _bounds(mask)
    area = options.get("area")
    if area is None:
        return None
    if area[0] != "percentage":
        height, width, top, left = (int(value) for value in area)
        return height, width, top, left
    height, width, top, left = (round(part * side) for part, side in zip(area[1:], (*size, *size), strict=True))
    return max(1, height), max(1, width), top, left


def _bounds(mask: Tensor) -> Area:
    """Return the box around the cells of a (B, 1, H, W) mask that are not 0, at least 8 cells a side."""
    touched = mask.abs().amax(dim=(0, 1)) > 0
    if not touched.any():
        return SMALLEST_BOUNDS, SMALLEST_BOUNDS, 0, 0
    rows, columns = (touched.any(dim=d).nonzero().flatten().tolist() for d in (1, 0))
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    return max(SMALLEST_BOUNDS, height), max(SMALLEST_BOUNDS, width), rows[0], columns[0]


def _weight(options: Mapping[str, Any], size: tuple[int, int], area: Area | None, mask: Tensor | None) -> Tensor:
    strength = float(options.get("strength", 1.0))
    whole = Entry({}, area, torch.empty(0))
    if mask is not None:
        return whole.crop(mask) * (strength * float(options.get("mask_strength", 1.0)))
    weight = whole.crop(torch.ones(1, 1, *size))
    if area is not None:
        weight = weight * _ramp(area[0], area[2], size[0])[:, None] * _ramp(area[1], area[3], size[1])
    return weight * strength


def _ramp(length: int, offset: int, size: int) -> Tensor:
    """Return the (n,) weights along one side of an area: falling towards its ends, but not at the latent's border."""
    cells = len(range(size)[offset : offset + length])
    reach = min(FEATHER, cells // 4)
    ramp = torch.ones(cells)
    slope = torch.arange(1, reach + 1) / max(reach, 1)
    if offset != 0:
        ramp[:reach] *= slope
    if offset + length < size:
        ramp[cells - reach :] *= slope.flip(0)
    return ramp


def _counterpart(entry: Entry, others: Sequence[Entry]) -> Entry | None:
    """Return what `others` lack to answer `entry`: the smallest of them that contains its area, restricted to it."""
    if entry.area is None:
        return None
    containing = [other for other in others if _contains(other.area, entry.area)]
    if not containing:
        return None
    smallest = min(containing, key=lambda other: float("inf") if other.area is None else other.area[0] * other.area[1])
    return None if smallest.area == entry.area else replace(entry, conditions=smallest.conditions)


def _contains(outer: Area | None, inner: Area) -> bool:
    if outer is None:
        return True
    height, width, top, left = outer
    reaches = top + height >= inner[2] + inner[0] and left + width >= inner[3] + inner[1]
    return top <= inner[2] and left <= inner[3] and reaches
