"""Nodes that say how prompts make one prediction (GUIDER)."""

from __future__ import annotations

from typing import Annotated

from ..engine.sockets import Choice, Float
from ..engine.spec import node
from ..models.kinds import ModelKind
from .kinds import CondKind, cond_kind
from .latent_pairing import Notice
from .pairing import check_sampling
from .sampling import Scale
from .sockets import Cond, Guider, Model

GUIDERS = "sampling/custom_sampling/guiders"


def _guided_ahead(
    model: ModelKind | None, positive: CondKind | None, negative: CondKind | None, notice: Notice
) -> ModelKind | None:
    check_sampling(model, positive, negative, None, notice)
    return model


@node("CFGGuider", category=GUIDERS, foresee=_guided_ahead)
def cfg_guider(model: Model, positive: Cond, negative: Cond, *, cfg: Scale = 8.0) -> Guider:
    """Guide towards the positive conditioning and away from the negative one; 1 ignores the negative one."""
    from ..sampling.guiders import CFGGuider

    _check(model, positive, negative)
    guider = CFGGuider(model)
    guider.set_conds(positive, negative)
    guider.set_cfg(cfg)
    return guider


def _basic_ahead(model: ModelKind | None, conditioning: CondKind | None, notice: Notice) -> ModelKind | None:
    check_sampling(model, conditioning, None, None, notice, positive_name="conditioning")
    return model


@node("BasicGuider", category=GUIDERS, foresee=_basic_ahead)
def basic_guider(model: Model, conditioning: Cond) -> Guider:
    """Follow one conditioning, without guidance."""
    from ..sampling.guiders import BasicGuider

    check_sampling(model.kind, cond_kind(conditioning), None, None, _silent, positive_name="conditioning")
    guider = BasicGuider(model)
    guider.set_conds(conditioning)
    return guider


@node("DualCFGGuider", category=GUIDERS)
def dual_cfg_guider(
    model: Model,
    cond1: Cond,
    cond2: Cond,
    negative: Cond,
    *,
    cfg_conds: Scale = 8.0,
    cfg_cond2_negative: Scale = 8.0,
    style: Annotated[str, Choice(("regular", "nested"))],
) -> Guider:
    """Guide by two scales among three conditionings.

    Args:
        model: the diffusion model.
        cond1: what to move towards.
        cond2: what lies in between: for models that edit pictures, the picture without words.
        negative: what to move away from.
        cfg_conds: the scale from the second conditioning to the first.
        cfg_cond2_negative: the scale from the negative conditioning to the second.
        style: whether the scales act side by side, or the second on what the first has made.
    """
    from ..sampling.guiders import DualCFGGuider

    for name, conditioning in (("cond1", cond1), ("cond2", cond2), ("negative", negative)):
        check_sampling(model.kind, cond_kind(conditioning), None, None, _silent, positive_name=name)
    guider = DualCFGGuider(model)
    guider.inner_set_conds({"positive": cond1, "middle": cond2, "negative": negative})
    guider.set_cfg(cfg_conds, cfg_cond2_negative, nested=style == "nested")
    return guider


@node("PerpNegGuider", category="_for_testing", experimental=True)
def perp_neg_guider(
    model: Model,
    positive: Cond,
    negative: Cond,
    empty_conditioning: Cond,
    *,
    cfg: Scale = 8.0,
    neg_scale: Annotated[float, Float(min=0.0, max=100.0, step=0.01)] = 1.0,
) -> Guider:
    """Guide away from only that part of the negative conditioning which the positive one does not want.

    Args:
        model: the diffusion model.
        positive: what to move towards.
        negative: what to move away from.
        empty_conditioning: an encoded empty text, from which both are measured.
        cfg: the guidance scale.
        neg_scale: how strongly the negative conditioning pushes.
    """
    from ..sampling.guiders import PerpNegGuider

    _check(model, positive, negative)
    check_sampling(model.kind, cond_kind(empty_conditioning), None, None, _silent, positive_name="empty_conditioning")
    guider = PerpNegGuider(model)
    guider.inner_set_conds({"positive": positive, "negative": negative, "empty_negative_prompt": empty_conditioning})
    guider.set_cfg(cfg, neg_scale)
    return guider


def _check(model: Model, positive: Cond, negative: Cond) -> None:
    check_sampling(model.kind, cond_kind(positive), cond_kind(negative), None, _silent)


def _silent(_: str) -> None:
    """Take a notice: the foreseeing hook has told it."""
