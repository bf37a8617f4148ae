"""Nodes that mix the weights of two models, or of two text encoders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Float
from ..engine.spec import node
from ..models.kinds import ClipKind, ModelKind
from .kinds import Absent
from .pairing import check_encoder, present
from .runtime import Runtime
from .sockets import Clip, Model
from .text import able

if TYPE_CHECKING:
    from ..models.merging import Factors

CATEGORY = "advanced/model_merging"
Ratio = Annotated[float, Float(min=0.0, max=1.0, step=0.01)]
Multiplier = Annotated[float, Float(min=-10.0, max=10.0, step=0.01)]
NAMED = 3
"""How many weights a notice names."""


def _models_ahead(model1: ModelKind | None, model2: ModelKind | None) -> ModelKind | None:
    _check_models(model1, model2)
    return model1


def _encoders_ahead(clip1: ClipKind | Absent | None, clip2: ClipKind | Absent | None) -> ClipKind | None:
    kinds = present("clip1", clip1), present("clip2", clip2)
    for kind in kinds:
        check_encoder(kind, "layers")
    return kinds[0]


def _check_models(first: ModelKind | None, second: ModelKind | None) -> None:
    """Refuse to mix models of different families."""
    if first is None or second is None or first.origin.base == second.origin.base:
        return
    raise InputError(
        "model2",
        received=f"a model of {second.origin}",
        expected=f"one of the same family as model1, {first.origin}",
        remedy="Weights of different families mean different things; choose two checkpoints of one family.",
        origin=second.origin.file,
    )


def _merged(context: Context[Runtime], model1: Model, model2: Model, factors: Factors) -> Model:
    from ..models.merging import merge_models

    _check_models(model1.kind, model2.kind)
    merged, left = merge_models(model1, model2, factors)
    _tell(context, left)
    return merged


def _merged_encoders(context: Context[Runtime], clip1: Clip, clip2: Clip, keep: float, add: float) -> Clip:
    from ..models.errors import ModelError
    from ..models.merging import merge_encoders

    try:
        merged, left = merge_encoders(able(clip1, "layers"), able(clip2, "layers"), keep, add)
    except ModelError as error:
        remedy = "Connect the CLIPs of two checkpoints of one family."
        raise InputError("clip2", received="other towers", expected=str(error), remedy=remedy) from error
    _tell(context, left)
    return merged


def _tell(context: Context[Runtime], left: Sequence[str]) -> None:
    if left:
        more = f" and {len(left) - NAMED} more" if len(left) > NAMED else ""
        context.notice(f"The second has no weights of these shapes; the first's stay: {', '.join(left[:NAMED])}{more}.")


@node("ModelMergeSimple", category=CATEGORY, foresee=_models_ahead)
def model_merge_simple(model1: Model, model2: Model, *, ratio: Ratio = 1.0, context: Context[Runtime]) -> Model:
    """Mix two models: `ratio` of the first, the rest of the second."""
    return _merged(context, model1, model2, lambda _: (ratio, 1.0 - ratio))


@node("ModelMergeBlocks", category=CATEGORY, foresee=_models_ahead)
def model_merge_blocks(
    model1: Model,
    model2: Model,
    *,
    input: Ratio = 1.0,  # noqa: A002 - ComfyUI's name
    middle: Ratio = 1.0,
    out: Ratio = 1.0,
    context: Context[Runtime],
) -> Model:
    """Mix two models with a ratio of its own for each third of the network.

    Args:
        model1: the first model.
        model2: the second model.
        input: how much of the first on the way down, and in what is no block.
        middle: how much of the first at the bottom.
        out: how much of the first on the way up.
    """
    ratios = {"input": input, "middle": middle, "out": out}

    def factors(name: str) -> tuple[float, float]:
        ratio = next((share for start, share in ratios.items() if name.startswith(start)), input)
        return ratio, 1.0 - ratio

    return _merged(context, model1, model2, factors)


@node("ModelMergeSubtract", category=CATEGORY, foresee=_models_ahead)
def model_merge_subtract(
    model1: Model, model2: Model, *, multiplier: Multiplier = 1.0, context: Context[Runtime]
) -> Model:
    """Take the difference of two models, times a multiplier: what a fine-tuning has learned."""
    return _merged(context, model1, model2, lambda _: (multiplier, -multiplier))


@node("ModelMergeAdd", category=CATEGORY, foresee=_models_ahead)
def model_merge_add(model1: Model, model2: Model, *, context: Context[Runtime]) -> Model:
    """Add two models: a model and a difference."""
    return _merged(context, model1, model2, lambda _: (1.0, 1.0))


@node("CLIPMergeSimple", category=CATEGORY, foresee=_encoders_ahead)
def clip_merge_simple(clip1: Clip, clip2: Clip, *, ratio: Ratio = 1.0, context: Context[Runtime]) -> Clip:
    """Mix two text encoders: `ratio` of the first, the rest of the second."""
    return _merged_encoders(context, clip1, clip2, ratio, 1.0 - ratio)


@node("CLIPMergeSubtract", category=CATEGORY, foresee=_encoders_ahead)
def clip_merge_subtract(clip1: Clip, clip2: Clip, *, multiplier: Multiplier = 1.0, context: Context[Runtime]) -> Clip:
    """Take the difference of two text encoders, times a multiplier."""
    return _merged_encoders(context, clip1, clip2, multiplier, -multiplier)


@node("CLIPMergeAdd", category=CATEGORY, foresee=_encoders_ahead)
def clip_merge_add(clip1: Clip, clip2: Clip, *, context: Context[Runtime]) -> Clip:
    """Add two text encoders: an encoder and a difference."""
    return _merged_encoders(context, clip1, clip2, 1.0, 1.0)
