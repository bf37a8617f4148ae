"""Nodes that set mask, strength and time of a conditioning at once, for one prompt or for a pair of them.

In ComfyUI they can also tie changes of weights to a prompt (hooks); nothing here makes such changes.
"""

from __future__ import annotations

from typing import Annotated, Any

from ..engine.errors import InputError
from ..engine.sockets import Choice, Float, Socket
from ..engine.spec import node
from .conditioning import conditioning_set_mask, conditioning_set_timestep_range
from .foreseeing import same
from .kinds import CondKind, cond_kind
from .pairing import check_joined
from .sockets import Cond, Mask

Strength = Annotated[float, Float(min=0.0, max=10.0, step=0.01)]
CondArea = Annotated[str, Choice(("default", "mask bounds"))]
Percent = Annotated[float, Float(min=0.0, max=1.0, step=0.001)]
Hooks = Annotated[Any, Socket("HOOKS")]
TimestepsRange = Annotated[Any, Socket("TIMESTEPS_RANGE")]
"""Where a part of the sampling begins and ends, as fractions of it: (0.0, 1.0) is all."""


@node(
    "ConditioningTimestepsRange",
    category="advanced/hooks",
    display_name="Timesteps Range",
    outputs=("TIMESTEPS_RANGE", "BEFORE_RANGE", "AFTER_RANGE"),
    experimental=True,
)
def conditioning_timesteps_range(
    start_percent: Percent = 0.0, end_percent: Percent = 1.0
) -> tuple[TimestepsRange, TimestepsRange, TimestepsRange]:
    """Name a part of the sampling, and what is before and after it."""
    return (start_percent, end_percent), (0.0, start_percent), (end_percent, 1.0)


@node(
    "ConditioningSetProperties",
    category="advanced/hooks/cond single",
    display_name="Cond Set Props",
    experimental=True,
    foresee=same("cond_NEW"),
)
def conditioning_set_properties(
    cond_NEW: Cond,
    strength: Strength = 1.0,
    set_cond_area: CondArea = "default",
    mask: Mask | None = None,
    hooks: Hooks | None = None,
    timesteps: TimestepsRange | None = None,
) -> Cond:
    """Let a conditioning act only where a mask is 1 and only during a part of the sampling.

    Args:
        cond_NEW: the conditioning.
        strength: how much it weighs under its mask.
        set_cond_area: `mask bounds` computes only the rectangle around the mask.
        mask: where it acts; everywhere without.
        hooks: changes of weights, which are not made here.
        timesteps: when it acts; always without.
    """
    if hooks is not None:
        expected = "nothing: changes of weights for one prompt are not made here"
        raise InputError("hooks", received=f"a {type(hooks).__name__}", expected=expected, remedy="Use Load LoRA.")
    if mask is not None:
        cond_NEW = conditioning_set_mask(cond_NEW, mask, strength=strength, set_cond_area=set_cond_area)
    if timesteps is None:
        return cond_NEW
    return conditioning_set_timestep_range(cond_NEW, start=timesteps[0], end=timesteps[1])


def _joined(first: Cond, second: Cond, name: str) -> Cond:
    check_joined(cond_kind(first), cond_kind(second), name)
    return [*first, *second]


def _joined_ahead(first: CondKind | None, second: CondKind | None, name: str) -> CondKind | None:
    check_joined(first, second, name)
    return CondKind((*first.entries, *second.entries)) if first and second else None


def _combined_ahead(cond: CondKind | None, cond_NEW: CondKind | None) -> CondKind | None:
    return _joined_ahead(cond, cond_NEW, "cond_NEW")


@node(
    "ConditioningSetPropertiesAndCombine",
    category="advanced/hooks/cond single",
    display_name="Cond Set Props Combine",
    experimental=True,
    foresee=_combined_ahead,
)
def conditioning_set_properties_and_combine(
    cond: Cond,
    cond_NEW: Cond,
    strength: Strength = 1.0,
    set_cond_area: CondArea = "default",
    mask: Mask | None = None,
    hooks: Hooks | None = None,
    timesteps: TimestepsRange | None = None,
) -> Cond:
    """Do as Cond Set Props does, and apply the result beside another conditioning."""
    return _joined(
        cond, conditioning_set_properties(cond_NEW, strength, set_cond_area, mask, hooks, timesteps), "cond_NEW"
    )


def _pair_ahead(
    positive_NEW: CondKind | None,
    negative_NEW: CondKind | None,
) -> tuple[CondKind | None, CondKind | None]:
    return positive_NEW, negative_NEW


@node(
    "PairConditioningSetProperties",
    category="advanced/hooks/cond pair",
    display_name="Cond Pair Set Props",
    outputs=("positive", "negative"),
    experimental=True,
    foresee=_pair_ahead,
)
def pair_conditioning_set_properties(
    positive_NEW: Cond,
    negative_NEW: Cond,
    strength: Strength = 1.0,
    set_cond_area: CondArea = "default",
    mask: Mask | None = None,
    hooks: Hooks | None = None,
    timesteps: TimestepsRange | None = None,
) -> tuple[Cond, Cond]:
    """Do as Cond Set Props does, to both prompts."""
    return (
        conditioning_set_properties(positive_NEW, strength, set_cond_area, mask, hooks, timesteps),
        conditioning_set_properties(negative_NEW, strength, set_cond_area, mask, hooks, timesteps),
    )


def _combined_pair_ahead(
    positive: CondKind | None,
    negative: CondKind | None,
    positive_NEW: CondKind | None,
    negative_NEW: CondKind | None,
) -> tuple[CondKind | None, CondKind | None]:
    return (
        _joined_ahead(positive, positive_NEW, "positive_NEW"),
        _joined_ahead(negative, negative_NEW, "negative_NEW"),
    )


@node(
    "PairConditioningSetPropertiesAndCombine",
    category="advanced/hooks/cond pair",
    display_name="Cond Pair Set Props Combine",
    outputs=("positive", "negative"),
    experimental=True,
    foresee=_combined_pair_ahead,
)
def pair_conditioning_set_properties_and_combine(
    positive: Cond,
    negative: Cond,
    positive_NEW: Cond,
    negative_NEW: Cond,
    strength: Strength = 1.0,
    set_cond_area: CondArea = "default",
    mask: Mask | None = None,
    hooks: Hooks | None = None,
    timesteps: TimestepsRange | None = None,
) -> tuple[Cond, Cond]:
    """Do as Cond Set Props does, to both prompts, and apply the results beside another pair."""
    above, below = pair_conditioning_set_properties(
        positive_NEW, negative_NEW, strength, set_cond_area, mask, hooks, timesteps
    )
    return _joined(positive, above, "positive_NEW"), _joined(negative, below, "negative_NEW")


def _both_ahead(
    positive_A: CondKind | None,
    negative_A: CondKind | None,
    positive_B: CondKind | None,
    negative_B: CondKind | None,
) -> tuple[CondKind | None, CondKind | None]:
    return (
        _joined_ahead(positive_A, positive_B, "positive_B"),
        _joined_ahead(negative_A, negative_B, "negative_B"),
    )


@node(
    "PairConditioningCombine",
    category="advanced/hooks/cond pair",
    display_name="Cond Pair Combine",
    outputs=("positive", "negative"),
    experimental=True,
    foresee=_both_ahead,
)
def pair_conditioning_combine(
    positive_A: Cond,
    negative_A: Cond,
    positive_B: Cond,
    negative_B: Cond,
) -> tuple[Cond, Cond]:
    """Apply two pairs of prompts beside each other."""
    return _joined(positive_A, positive_B, "positive_B"), _joined(negative_A, negative_B, "negative_B")
