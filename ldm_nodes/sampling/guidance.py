"""Classifier-free guidance (arXiv 2207.12598): all prompts' predictions in as few network calls as possible.

`Prompts` predicts for each prompt, `guide` makes one prediction of two. Patches of a model (`model_options`) take part
in both, under ComfyUI's names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import torch

from .conditioning import per_picture
from .controls import with_control

if TYPE_CHECKING:
    from torch import Tensor

    from .conditioning import Entry
    from .denoiser import Conditions, DiffusionModel

# Contexts of unequal length share a call if repeating them to a common length makes neither more than this much longer.
LONGEST_REPEAT = 4

# Added to the summed weights: cells that no entry covers become 0.
NO_WEIGHT = 1e-37

Options = Mapping[str, Any]
"""A model's options, with what a run adds: `sample_sigmas`, and `timestep` where a sampler states it."""

# The names under which a wrapper of the denoiser is given our network inputs.
WRAPPED = {"context": "c_crossattn", "concat": "c_concat"}


class PairDenoiser(Protocol):
    """The clean latents that the negative prompt and guidance expect."""

    def __call__(self, x: Tensor, sigma: Tensor, t: Tensor | None = None, /) -> tuple[Tensor, Tensor]:
        """Return x0 of the negative prompt and under guidance, both (B, C, H, W); see `TimedDenoiser`."""
        ...


@dataclass(frozen=True)
class Call:
    """One network call: entries with the numbers of their prompts, and their inputs in one batch."""

    members: tuple[tuple[int, Entry], ...]
    conditions: Mapping[str, Tensor]


@dataclass(frozen=True)
class Prompts:
    """Predicts the clean latent of each prompt, given the entries of all.

    The batched network inputs are built once for each set of entries that act together, and are the same objects in
    every step, so that the model can keep what it computes from them.

    Attributes:
        model: The loaded model.
        sides: Entries of the prompts: 0 positive, 1 negative, then others. A prompt without entries predicts 0.
    """

    model: DiffusionModel
    sides: tuple[Sequence[Entry], ...]
    _calls: dict[tuple[int, ...], list[Call]] = field(default_factory=dict, init=False, repr=False)

    def __call__(self, x: Tensor, sigma: Tensor, options: Options, wanted: Sequence[int] | None = None) -> list[Tensor]:
        """Return the weighted means of the entries' predictions, for each prompt.

        Args:
            x: (B, C, H, W) in sigma space.
            sigma: (B,).
            options: The model's options.
            wanted: The numbers of the prompts that are computed; others predict 0. None computes all.
        """
        replaced = options.get("sampler_calc_cond_batch_function")
        asked = [side if wanted is None or number in wanted else () for number, side in enumerate(self.sides)]
        if replaced is not None:
            told = {"conds": asked, "input": x, "sigma": sigma, "model": self.model.model, "model_options": options}
            made: list[Tensor] = replaced(told)
            return made
        return self._predicted(asked, x, sigma, options)

    def _predicted(self, asked: Sequence[Sequence[Entry]], x: Tensor, sigma: Tensor, options: Options) -> list[Tensor]:
        totals = [torch.zeros_like(x) for _ in asked]
        weights = [torch.full_like(x, NO_WEIGHT) for _ in asked]
        for call in self._calls_at(asked, sigma, len(x)):
            for (side, entry), x0 in zip(call.members, self._run(call, x, sigma, options), strict=True):
                entry.crop(totals[side]).add_(x0 * entry.weight)
                entry.crop(weights[side]).add_(entry.weight)
        return [total / weight for total, weight in zip(totals, weights, strict=True)]

    def _run(self, call: Call, x: Tensor, sigma: Tensor, options: Options) -> tuple[Tensor, ...]:
        n = len(call.members)
        batch = torch.cat([entry.crop(x) for _, entry in call.members])
        told = inside(options, sigma, x.shape, [side for side, _ in call.members])
        told = with_control(call.members[0][1].control, batch, sigma.repeat(n), call.conditions, n, told)
        x0 = denoised(self.model, batch, sigma.repeat(n), call.conditions, options, told)
        return x0.chunk(n)

    def _calls_at(self, asked: Sequence[Sequence[Entry]], sigma: Tensor, batch: int) -> list[Call]:
        members = [(number, entry) for number, side in reversed([*enumerate(asked)]) for entry in side]
        if not all(entry.always_acts for _, entry in members):
            level = sigma[0].item()
            members = [(side, entry) for side, entry in members if entry.acts_at(level)]
        key = tuple(id(entry) for _, entry in members)
        if key not in self._calls:
            self._calls[key] = [_call(group, batch) for group in _groups(members)]
        return self._calls[key]


def inside(options: Options, sigma: Tensor, shape: torch.Size, sides: Sequence[int]) -> dict[str, Any] | None:
    """Return what patches inside the network are told, or None where there are none."""
    given = options.get("transformer_options")
    if not given and "model_function_wrapper" not in options:
        return None
    told = {"cond_or_uncond": list(sides), "sigmas": sigma, "original_shape": list(shape)}
    return {**(given or {}), **told, "sample_sigmas": options.get("sample_sigmas")}


def denoised(
    model: DiffusionModel, x: Tensor, sigma: Tensor, conditions: Conditions, options: Options, told: Options | None
) -> Tensor:
    """Return x0 of a batch (B, C, H, W) in sigma space under batched network inputs.

    Args:
        model: The loaded model.
        x: The latents.
        sigma: (B,) their noise levels.
        conditions: Network inputs.
        options: The model's options; a `model_function_wrapper` among them is given the call to make.
        told: What patches inside the network are told.
    """
    wrapper = options.get("model_function_wrapper")
    if wrapper is None:
        return _denoised(model, x, sigma, conditions, options.get("timestep"), told)

    def apply_model(x: Tensor, sigma: Tensor, /, **inputs: Any) -> Tensor:
        told = inputs.get("transformer_options")
        own = {name: inputs[called] for name, called in names.items() if inputs.get(called) is not None}
        return _denoised(model, x, sigma, own, options.get("timestep"), told)

    names = {name: WRAPPED.get(name, name) for name in conditions}
    inputs = {called: conditions[name] for name, called in names.items()} | {"transformer_options": told or {}}
    sides = (told or {}).get("cond_or_uncond")
    call = {"input": x, "timestep": sigma, "c": inputs, "cond_or_uncond": sides}
    made: Tensor = wrapper(apply_model, call)
    return made


def _denoised(
    model: DiffusionModel, x: Tensor, sigma: Tensor, conditions: Conditions, t: Tensor | None, told: Options | None
) -> Tensor:
    sampling = model.model_sampling
    timestep = sampling.timestep(sigma) if t is None else t.repeat(len(x) // len(t))
    out = model.predict(sampling.calculate_input(sigma, x), timestep, conditions, told or None)
    return sampling.calculate_denoised(sigma, out, x)


def guide(prompts: Prompts, x: Tensor, sigma: Tensor, scale: float, options: Options) -> Tensor:
    """Return negative + scale * (positive - negative) (arXiv 2207.12598, eq. 6), as the options change it.

    With a scale of 1 the negative prediction cancels and is not computed, unless `disable_cfg1_optimization` asks it.

    Args:
        prompts: Positive and negative.
        x: (B, C, H, W) in sigma space.
        sigma: (B,).
        scale: The guidance scale.
        options: The model's options.
    """
    positive_only = math.isclose(scale, 1.0) and not options.get("disable_cfg1_optimization")
    wanted = [0] if positive_only else [0, 1]
    predictions = prompts(x, sigma, options, wanted)
    told = {"sigma": sigma, "timestep": sigma, "input": x, "cond_scale": scale, "model": prompts.model.model}
    told |= {"model_options": options, "conds": [side if i in wanted else None for i, side in enumerate(prompts.sides)]}
    for hook in options.get("sampler_pre_cfg_function", ()):
        predictions = hook({**told, "conds_out": predictions})
    return combined(predictions[0], predictions[1], scale, options, told)


def combined(positive: Tensor, negative: Tensor, scale: float, options: Options, told: Options) -> Tensor:
    """Return what guidance makes of two predictions; `told` is what hooks are told beside them."""
    told = {**told, "cond_denoised": positive, "uncond_denoised": negative, "cond_scale": scale}
    told |= {"input_cond": told["conds"][0], "input_uncond": told["conds"][1]}
    replaced: Callable[[Options], Tensor] | None = options.get("sampler_cfg_function")
    x = told["input"]
    if replaced is None:
        x0 = negative + (positive - negative) * scale
    else:
        x0 = x - replaced({**told, "cond": x - positive, "uncond": x - negative})
    told |= {"cond": told["input_cond"], "uncond": told["input_uncond"]}
    for hook in options.get("sampler_post_cfg_function", ()):
        x0 = hook({**told, "denoised": x0})
    return x0


def _groups(members: Sequence[tuple[int, Entry]]) -> list[list[tuple[int, Entry]]]:
    """Return the members in lists whose inputs fit in one batch, each list as long as can be."""
    groups: list[list[tuple[int, Entry]]] = []
    for member in members:
        fitting = (g for g in groups if all(_fit(member[1], other) for _, other in g))
        group = next(fitting, None)
        if group is None:
            groups.append([member])
        else:
            group.append(member)
    return groups


def _fit(a: Entry, b: Entry) -> bool:
    if a.weight.shape[-2:] != b.weight.shape[-2:] or a.conditions.keys() != b.conditions.keys():
        return False
    if a.control is not b.control:
        return False
    return all(_same_but_length(a.conditions[k], b.conditions[k], k == "context") for k in a.conditions)


def _same_but_length(a: Tensor, b: Tensor, is_context: bool) -> bool:
    if not is_context or a.ndim != 3:
        return a.shape[1:] == b.shape[1:]
    shortest = min(a.shape[1], b.shape[1])
    return a.shape[2] == b.shape[2] and math.lcm(a.shape[1], b.shape[1]) <= LONGEST_REPEAT * shortest


def _call(group: Sequence[tuple[int, Entry]], batch: int) -> Call:
    entries = [entry for _, entry in group]
    conditions = {key: _joined(key, entries, batch) for key in entries[0].conditions}
    return Call(tuple(group), conditions)


def _joined(key: str, entries: Sequence[Entry], batch: int) -> Tensor:
    values = [_in_batch(entry.conditions[key], batch) for entry in entries]
    if key == "concat":
        values = [entry.crop(value) for entry, value in zip(entries, values, strict=True)]
    if key == "context" and values[0].ndim == 3:
        length = math.lcm(*(value.shape[1] for value in values))
        values = [value.repeat(1, length // value.shape[1], 1) for value in values]
    return torch.cat(values)


def _in_batch(value: Tensor, batch: int) -> Tensor:
    rows = per_picture(value, batch)
    return rows.expand(batch, *rows.shape[1:])
