"""Classifier-free guidance (arXiv 2207.12598): both prompts' predictions in as few network calls as possible."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import torch

from .conditioning import per_picture
from .denoiser import clean_latent, network_input

if TYPE_CHECKING:
    from torch import Tensor

    from .conditioning import Entry
    from .denoiser import DiffusionModel, TimedDenoiser

# Contexts of unequal length share a call if repeating them to a common length makes neither more than this much longer.
LONGEST_REPEAT = 4

# Added to the summed weights: cells that no entry covers become 0.
NO_WEIGHT = 1e-37


class PairDenoiser(Protocol):
    """The clean latents that the negative and the positive prompt expect."""

    def __call__(self, x: Tensor, sigma: Tensor, t: Tensor | None = None, /) -> tuple[Tensor, Tensor]:
        """Return x0 of the negative and of the positive prompt, both (B, C, H, W); see `TimedDenoiser`."""
        ...


def guided(pair: PairDenoiser, scale: float) -> TimedDenoiser:
    """Turn the predictions of two prompts into one: negative + scale * (positive - negative) (arXiv 2207.12598, eq. 6).

    With a scale of 1 the negative prediction cancels: give the pair no negative entries then, and it costs nothing.
    """

    def denoise(x: Tensor, sigma: Tensor, t: Tensor | None = None) -> Tensor:
        negative, positive = pair(x, sigma, t)
        return negative + (positive - negative) * scale

    return denoise


@dataclass(frozen=True)
class Call:
    """One network call: entries of either prompt (0 negative, 1 positive) with their inputs in one batch."""

    members: tuple[tuple[int, Entry], ...]
    conditions: Mapping[str, Tensor]


@dataclass(frozen=True)
class EntryPair:
    """The `PairDenoiser` of two lists of conditioning entries.

    The batched network inputs are built once for each set of entries that act together, and are the same objects in
    every step, so that the model can keep what it computes from them.

    Attributes:
        model: The loaded model.
        negative: Entries of the negative prompt; its prediction is 0 where there are none.
        positive: Entries of the positive prompt.
    """

    model: DiffusionModel
    negative: Sequence[Entry]
    positive: Sequence[Entry]
    _calls: dict[tuple[int, ...], list[Call]] = field(default_factory=dict, init=False, repr=False)

    def __call__(self, x: Tensor, sigma: Tensor, t: Tensor | None = None, /) -> tuple[Tensor, Tensor]:
        """Return the weighted means of the entries' predictions, for the negative and the positive prompt."""
        timestep = self.model.noise_schedule.timestep(sigma) if t is None else t
        totals = (torch.zeros_like(x), torch.zeros_like(x))
        weights = (torch.full_like(x, NO_WEIGHT), torch.full_like(x, NO_WEIGHT))
        for call in self._calls_at(sigma, len(x)):
            for (side, entry), x0 in zip(call.members, self._run(call, x, sigma, timestep), strict=True):
                entry.crop(totals[side]).add_(x0 * entry.weight)
                entry.crop(weights[side]).add_(entry.weight)
        return totals[0] / weights[0], totals[1] / weights[1]

    def _run(self, call: Call, x: Tensor, sigma: Tensor, t: Tensor) -> tuple[Tensor, ...]:
        n = len(call.members)
        batch = torch.cat([entry.crop(x) for _, entry in call.members])
        sigmas, timesteps = sigma.repeat(n), t.repeat(n)
        out = self.model.predict(network_input(batch, sigmas), timesteps, call.conditions)
        return clean_latent(self.model.prediction, out, batch, sigmas).chunk(n)

    def _calls_at(self, sigma: Tensor, batch: int) -> list[Call]:
        members = [(0, entry) for entry in self.negative] + [(1, entry) for entry in self.positive]
        if not all(entry.always_acts for _, entry in members):
            level = sigma[0].item()
            members = [(side, entry) for side, entry in members if entry.acts_at(level)]
        key = tuple(id(entry) for _, entry in members)
        if key not in self._calls:
            self._calls[key] = [_call(group, batch) for group in _groups(members)]
        return self._calls[key]


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
