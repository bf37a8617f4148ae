"""Predictions and guidance for packs' own samplers: their arguments in ComfyUI's order, the work in `sampling/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ...sampling.conditioning import Entry, entries
from ...sampling.guidance import Prompts, combined, guide

Cond = Sequence[Any] | None
Options = Mapping[str, Any]


def prompts_of(model: Any, conds: Sequence[Cond], shape: torch.Size) -> Prompts:
    """Return what predicts for conditionings: entries of a run, or lists of dicts as `convert_cond` makes them."""
    own = model.current_patcher
    named = {str(number): _conditioning(cond) for number, cond in enumerate(conds)}
    made = entries(own, {name: cond for name, cond in named.items() if cond}, shape)
    sides = (_entries(cond) or made.get(str(number), ()) for number, cond in enumerate(conds))
    return Prompts(own, tuple(sides))


def _entries(cond: Cond) -> tuple[Entry, ...]:
    return tuple(entry for entry in cond or () if isinstance(entry, Entry))


def _conditioning(cond: Cond) -> list[list[Any]]:
    """Return a list of dicts as a conditioning."""
    return [[entry["cross_attn"], dict(entry)] for entry in cond or () if isinstance(entry, Mapping)]


def calc_cond_batch(
    model: Any, conds: Sequence[Cond], x_in: Tensor, timestep: Tensor, model_options: Options | None = None
) -> list[Tensor]:
    """Return the clean latents that conditionings expect behind `x_in` at the noise levels (B,), zeros for None."""
    options = {**(model_options or {})}
    options.pop("sampler_calc_cond_batch_function", None)  # it may be what asks
    return prompts_of(model, conds, x_in.shape)(x_in, timestep, options)


def cfg_function(
    model: Any, cond_pred: Tensor, uncond_pred: Tensor, cond_scale: float, x: Tensor, timestep: Tensor,
    model_options: Options | None = None, cond: Cond = None, uncond: Cond = None,
) -> Tensor:  # fmt: skip
    """Return the guided clean latent, by the hooks that the options hold."""
    options = model_options or {}
    told = {"sigma": timestep, "timestep": timestep, "input": x, "model": model, "model_options": options}
    return combined(cond_pred, uncond_pred, cond_scale, options, {**told, "conds": [cond, uncond]})


def sampling_function(
    model: Any, x: Tensor, timestep: Tensor, uncond: Cond, cond: Cond, cond_scale: float,
    model_options: Options | None = None, seed: int | None = None,
) -> Tensor:  # fmt: skip
    """Return the guided clean latent; at a scale of 1 the negative prompt is not asked, unless a hook wants it."""
    return guide(prompts_of(model, [cond, uncond], x.shape), x, timestep, cond_scale, model_options or {})
