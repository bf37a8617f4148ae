"""Predictions of conditionings, and guidance with the hooks that a model's options hold, for packs' own samplers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ...sampling.conditioning import entries
from ...sampling.guidance import EntryPair
from .comfy.sampler_helpers import entries_of

Cond = Sequence[Mapping[str, Any]] | None
Options = Mapping[str, Any]


def calc_cond_batch(
    model: Any, conds: Sequence[Cond], x_in: Tensor, timestep: Tensor, model_options: Options
) -> list[Tensor]:
    """Return the clean latents that conditionings expect behind `x_in` at the noise levels (B,), zeros for None."""
    found: list[Tensor] = []
    for first in range(0, len(conds), 2):
        pair = [*conds[first : first + 2], None][:2]
        second, one = _pair(model, pair[0], pair[1], x_in.shape)(x_in, timestep)
        found += [one, second]
    return [torch.zeros_like(x_in) if cond is None else x0 for cond, x0 in zip(conds, found, strict=False)]


def _pair(model: Any, positive: Cond, negative: Cond, shape: torch.Size) -> EntryPair:
    """Return both conditionings as entries; those of the last call are used again, as long as they are the same."""
    ids = tuple(id(entry) for cond in (positive, negative) for entry in (cond or ()))
    key = (ids, len(positive or ()), tuple(shape))
    kept = vars(model).setdefault("_pairs", {})
    if key not in kept:
        if len(kept) >= MOST_PAIRS:
            kept.clear()
        sides = entries(model.own, entries_of(positive or ()), entries_of(negative or ()), shape)
        kept[key] = (EntryPair(model.own, sides[1], sides[0]), positive, negative)
    found: EntryPair = kept[key][0]
    return found


MOST_PAIRS = 8


def cfg_function(
    model: Any, cond_pred: Tensor, uncond_pred: Tensor, cond_scale: float, x: Tensor, timestep: Tensor,
    model_options: Options | None = None, cond: Cond = None, uncond: Cond = None,
) -> Tensor:  # fmt: skip
    """Return the guided clean latent, by the hooks that the options hold."""
    options = model_options or {}
    shared = {
        "cond_scale": cond_scale, "timestep": timestep, "sigma": timestep, "input": x, "model": model,
        "model_options": options, "cond_denoised": cond_pred, "uncond_denoised": uncond_pred,
        "input_cond": cond, "input_uncond": uncond,
    }  # fmt: skip
    if replace := options.get("sampler_cfg_function"):
        guided: Tensor = x - replace({**shared, "cond": x - cond_pred, "uncond": x - uncond_pred})
    else:
        guided = uncond_pred + (cond_pred - uncond_pred) * cond_scale
    for change in options.get("sampler_post_cfg_function", ()):
        guided = change({**shared, "denoised": guided, "cond": cond, "uncond": uncond})
    return guided


def sampling_function(
    model: Any, x: Tensor, timestep: Tensor, uncond: Cond, cond: Cond, cond_scale: float,
    model_options: Options | None = None, seed: int | None = None,
) -> Tensor:  # fmt: skip
    """Return the guided clean latent; at a scale of 1 the negative prompt is not asked, unless a hook wants it."""
    options = model_options or {}
    plain = math.isclose(cond_scale, 1.0) and not options.get("disable_cfg1_optimization", False)
    conds = [cond, None if plain else uncond]
    if replace := options.get("sampler_calc_cond_batch_function"):
        given = {"conds": conds, "input": x, "sigma": timestep, "model": model, "model_options": options}
        predicted = replace(given)
    else:
        predicted = calc_cond_batch(model, conds, x, timestep, options)
    for change in options.get("sampler_pre_cfg_function", ()):
        predicted = change({
            "conds": conds, "conds_out": predicted, "cond_scale": cond_scale, "timestep": timestep, "input": x,
            "sigma": timestep, "model": model, "model_options": options,
        })  # fmt: skip
    positive, negative = predicted[0], predicted[1]
    return cfg_function(model, positive, negative, cond_scale, x, timestep, options, cond, uncond)
