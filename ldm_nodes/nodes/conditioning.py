"""Nodes that combine, place and time conditionings.

A conditioning is a list of entries that all apply. Nodes never change an entry: they copy its options.
"""

from __future__ import annotations

from typing import Annotated, Any

from ..engine.errors import InputError
from ..engine.sockets import Choice, Float, Int
from ..engine.spec import node
from .foreseeing import same
from .kinds import CondKind, EntryKind, cond_kind
from .latent_pairing import check_batch
from .pairing import check_joined
from .sockets import Cond, Mask

MAX = 16384


def with_options(conditioning: Cond, **options: Any) -> Cond:
    """Return the entries of `conditioning` with `options` set on each."""
    return [[context, {**old, **options}] for context, old in conditioning]


def _combined_ahead(conditioning_1: CondKind | None, conditioning_2: CondKind | None) -> CondKind | None:
    check_joined(conditioning_1, conditioning_2, "conditioning_2")
    if conditioning_1 is None or conditioning_2 is None:
        return None
    return CondKind((*conditioning_1.entries, *conditioning_2.entries))


def _averaged_ahead(conditioning_to: CondKind | None, conditioning_from: CondKind | None) -> CondKind | None:
    check_joined(conditioning_to, conditioning_from, "conditioning_from", pooled=True)
    return conditioning_to


def _appended_ahead(conditioning_to: CondKind | None, conditioning_from: CondKind | None) -> CondKind | None:
    check_joined(conditioning_to, conditioning_from, "conditioning_from")
    return conditioning_to


@node(
    "ConditioningCombine",
    category="conditioning",
    display_name="Conditioning (Combine)",
    foresee=_combined_ahead,
)
def conditioning_combine(conditioning_1: Cond, conditioning_2: Cond) -> Cond:
    """Apply both conditionings; where they overlap, their predictions are averaged by strength."""
    check_joined(cond_kind(conditioning_1), cond_kind(conditioning_2), "conditioning_2")
    return [*conditioning_1, *conditioning_2]


@node("ConditioningAverage", category="conditioning", foresee=_averaged_ahead)
def conditioning_average(
    conditioning_to: Cond,
    conditioning_from: Cond,
    *,
    conditioning_to_strength: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 1.0,
) -> Cond:
    """Mix two texts in embedding space: each of `to` times the strength plus the first of `from` times the rest."""
    strength = conditioning_to_strength
    context_from, options_from = _first(conditioning_from)
    check_joined(cond_kind(conditioning_to), cond_kind(conditioning_from), "conditioning_from", pooled=True)
    for context, _ in conditioning_to:
        check_batch("conditioning_from", len(context_from), len(context), "either")
    return [
        [
            _fit_length(context_from, context.shape[1]).lerp(context, strength),
            {**options, **_mixed_pooled(options, options_from, strength)},
        ]
        for context, options in conditioning_to
    ]


def _first(conditioning_from: Cond) -> list[Any]:
    """Return the first entry of a conditioning.

    Raises:
        InputError: when it has none.
    """
    if not conditioning_from:
        remedy = "Connect an encoded prompt; it may be empty text."
        raise InputError("conditioning_from", received="no entries", expected="one", remedy=remedy)
    return conditioning_from[0]


def _fit_length(context: Any, length: int) -> Any:
    """Cut or zero-pad `context` (B, T, D) to `length` tokens."""
    from torch.nn.functional import pad

    return pad(context, (0, 0, 0, length - context.shape[1]))


def _mixed_pooled(to: dict[str, Any], source: dict[str, Any], strength: float) -> dict[str, Any]:
    pooled_from = source.get("pooled_output")
    pooled_to = to.get("pooled_output", pooled_from)
    if pooled_from is None:
        return {}
    if pooled_to is None:
        return {"pooled_output": pooled_from}
    return {"pooled_output": pooled_from.lerp(pooled_to, strength)}


@node("ConditioningConcat", category="conditioning", display_name="Conditioning (Concat)", foresee=_appended_ahead)
def conditioning_concat(conditioning_to: Cond, conditioning_from: Cond) -> Cond:
    """Append the tokens of the first entry of `from` to every entry of `to`."""
    import torch

    context_from, _ = _first(conditioning_from)
    check_joined(cond_kind(conditioning_to), cond_kind(conditioning_from), "conditioning_from")
    for context, _ in conditioning_to:
        check_batch("conditioning_from", len(context_from), len(context), "neither")
    return [[torch.cat((context, context_from), dim=1), dict(options)] for context, options in conditioning_to]


@node(
    "ConditioningSetArea",
    category="conditioning",
    display_name="Conditioning (Set Area)",
    foresee=same("conditioning"),
)
def conditioning_set_area(
    conditioning: Cond,
    *,
    width: Annotated[int, Int(min=64, max=MAX, step=8)] = 64,
    height: Annotated[int, Int(min=64, max=MAX, step=8)] = 64,
    x: Annotated[int, Int(min=0, max=MAX, step=8)] = 0,
    y: Annotated[int, Int(min=0, max=MAX, step=8)] = 0,
    strength: Annotated[float, Float(min=0.0, max=10.0, step=0.01)] = 1.0,
) -> Cond:
    """Let a conditioning act only inside a rectangle, given in pixels."""
    area = (height // 8, width // 8, y // 8, x // 8)
    return with_options(conditioning, area=area, strength=strength, set_area_to_bounds=False)


@node(
    "ConditioningSetAreaPercentage",
    category="conditioning",
    display_name="Conditioning (Set Area with Percentage)",
    foresee=same("conditioning"),
)
def conditioning_set_area_percentage(
    conditioning: Cond,
    *,
    width: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 1.0,
    height: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 1.0,
    x: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 0.0,
    y: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 0.0,
    strength: Annotated[float, Float(min=0.0, max=10.0, step=0.01)] = 1.0,
) -> Cond:
    """Let a conditioning act only inside a rectangle, given as fractions of the picture."""
    area = ("percentage", height, width, y, x)
    return with_options(conditioning, area=area, strength=strength, set_area_to_bounds=False)


@node("ConditioningSetAreaStrength", category="conditioning", foresee=same("conditioning"))
def conditioning_set_area_strength(
    conditioning: Cond, *, strength: Annotated[float, Float(min=0.0, max=10.0, step=0.01)] = 1.0
) -> Cond:
    """Set how much a conditioning weighs where it overlaps others."""
    return with_options(conditioning, strength=strength)


@node(
    "ConditioningSetMask",
    category="conditioning",
    display_name="Conditioning (Set Mask)",
    foresee=same("conditioning"),
)
def conditioning_set_mask(
    conditioning: Cond,
    mask: Mask,
    *,
    strength: Annotated[float, Float(min=0.0, max=10.0, step=0.01)] = 1.0,
    set_cond_area: Annotated[str, Choice(("default", "mask bounds"))] = "default",
) -> Cond:
    """Let a conditioning act only where the mask is 1; `mask bounds` also computes only that rectangle."""
    mask = mask if mask.ndim > 2 else mask.unsqueeze(0)
    bounds = set_cond_area != "default"
    return with_options(conditioning, mask=mask, mask_strength=strength, set_area_to_bounds=bounds)


def _empty_ahead() -> CondKind:
    return CondKind((EntryKind(width=1),))


@node("EmptyConditioning", category="conditioning", display_name="Empty Conditioning", foresee=_empty_ahead)
def empty_conditioning() -> Cond:
    """Say nothing, to a model that is not told anything: one that was trained without words and classes."""
    import torch

    return [[torch.zeros(1, 1, 1), {}]]


@node("ConditioningZeroOut", category="advanced/conditioning", foresee=same("conditioning"))
def conditioning_zero_out(conditioning: Cond) -> Cond:
    """Replace the embedding by zeros: a conditioning that says nothing."""
    import torch

    def zeroed(options: dict[str, Any]) -> dict[str, Any]:
        pooled = options.get("pooled_output")
        return options if pooled is None else {**options, "pooled_output": torch.zeros_like(pooled)}

    return [[torch.zeros_like(context), zeroed(dict(options))] for context, options in conditioning]


@node("ConditioningSetTimestepRange", category="advanced/conditioning", foresee=same("conditioning"))
def conditioning_set_timestep_range(
    conditioning: Cond,
    *,
    start: Annotated[float, Float(min=0.0, max=1.0, step=0.001)] = 0.0,
    end: Annotated[float, Float(min=0.0, max=1.0, step=0.001)] = 1.0,
) -> Cond:
    """Let a conditioning act only during a part of the sampling, given as fractions from its start."""
    return with_options(conditioning, start_percent=start, end_percent=end)
