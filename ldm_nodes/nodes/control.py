"""Nodes that steer a sampling by pictures: ControlNets and T2I-Adapters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from ..engine.context import Context
from ..engine.sockets import Choice, Float
from ..engine.spec import node
from ..models.kinds import ControlKind, ModelKind, Origin
from ..settings import Folders
from .fingerprints import state
from .headers import file_control_kind
from .kinds import CondKind
from .runtime import Runtime
from .sockets import Cond, ControlNet, Image, Model, Vae

if TYPE_CHECKING:
    from ..models.control import Control

ControlName = Annotated[str, Choice(lambda folders: folders.names("controlnet"))]
Strength = Annotated[float, Float(min=0.0, max=10.0, step=0.01)]
Part = Float(min=0.0, max=1.0, step=0.001)
UNION_TYPES = {
    "auto": (), "openpose": (0,), "depth": (1,), "hed/pidi/scribble/ted": (2,),
    "canny/lineart/anime_lineart/mlsd": (3,), "normal": (4,), "segment": (5,), "tile": (6,), "repaint": (7,),
}  # fmt: skip
"""What a union network can be told that its hint is, and the numbers that stand for it."""


def _control_state(control_net_name: str, folders: Folders) -> list[tuple[str, int, int]]:
    """Fingerprint a control network, so that one that was changed under the same name is loaded again."""
    return state(folders.find("controlnet", control_net_name))


def _control_ahead(control_net_name: str | None, folders: Folders) -> ControlKind | None:
    """Foresee a control network from the header of its file."""
    if control_net_name is None:
        return None
    return file_control_kind(folders.find("controlnet", control_net_name), control_net_name)


def _difference_ahead(model: ModelKind | None, control_net_name: str | None, folders: Folders) -> ControlKind | None:
    return _control_ahead(control_net_name, folders)


@node(
    "ControlNetLoader",
    category="loaders",
    display_name="Load ControlNet Model",
    fingerprint=_control_state,
    foresee=_control_ahead,
)
def control_net_loader(control_net_name: ControlName, *, context: Context[Runtime]) -> ControlNet:
    """Load a ControlNet or a T2I-Adapter.

    Args:
        control_net_name: a file below `models/controlnet` or `models/t2i_adapter`, as their authors or diffusers save
            them.
    """
    from ..models.control_loader import load_control

    runtime, path = context.runtime, context.runtime.folders.find("controlnet", control_net_name)
    context.record(control_net=control_net_name, file=str(path), state=state(path))
    control = runtime.pool.addon("control", path, runtime.compute, lambda: load_control(path, runtime.compute))
    return _named(control, control_net_name)


@node(
    "DiffControlNetLoader",
    category="loaders",
    display_name="Load ControlNet Model (diff)",
    fingerprint=_control_state,
    foresee=_difference_ahead,
)
def diff_control_net_loader(model: Model, control_net_name: ControlName, *, context: Context[Runtime]) -> ControlNet:
    """Load a ControlNet that is stored as the difference from a model.

    Args:
        model: the model whose weights are added.
        control_net_name: a file below `models/controlnet`.
    """
    from ..models.control_loader import load_control_difference

    runtime, path = context.runtime, context.runtime.folders.find("controlnet", control_net_name)
    context.record(control_net=control_net_name, file=str(path), state=state(path))
    return _named(load_control_difference(path, runtime.compute, model), control_net_name)


def _named(control: Control, name: str) -> Control:
    """Return the same network, which knows what the graph calls its file."""
    named = control.copy()
    named.kind = replace(control.kind, origin=Origin(control.kind.origin.family, name))
    return named


def _applied_ahead(conditioning: CondKind | None, control_net: ControlKind | None) -> CondKind | None:
    return _with_kind(conditioning, control_net)


def _both_applied_ahead(
    positive: CondKind | None, negative: CondKind | None, control_net: ControlKind | None, strength: float | None
) -> tuple[CondKind | None, CondKind | None]:
    acting = control_net if strength else None
    return _with_kind(positive, acting), _with_kind(negative, acting)


def _with_kind(conditioning: CondKind | None, control: ControlKind | None) -> CondKind | None:
    if conditioning is None or control is None:
        return conditioning
    return CondKind(tuple(replace(entry, controls=(*entry.controls, control)) for entry in conditioning.entries))


@node(
    "ControlNetApply",
    category="conditioning/controlnet",
    display_name="Apply ControlNet (OLD)",
    foresee=_applied_ahead,
    deprecated=True,
)
def control_net_apply(conditioning: Cond, control_net: ControlNet, image: Image, *, strength: Strength = 1.0) -> Cond:
    """Steer by a picture; the negative prompt is steered as well, unless it has a control of its own.

    Args:
        conditioning: the positive prompt.
        control_net: the network.
        image: what it reads, such as edges or depth; cropped and resized to the picture.
        strength: how strongly it steers; 0 leaves it out.
    """
    if strength == 0:
        return conditioning
    apply = _Applying(control_net, image, strength, (0.0, 1.0))
    return [[tensor, {**apply(options), "control_apply_to_uncond": True}] for tensor, options in conditioning]


@node(
    "ControlNetApplyAdvanced",
    category="conditioning/controlnet",
    display_name="Apply ControlNet",
    outputs=("positive", "negative"),
    foresee=_both_applied_ahead,
)
def control_net_apply_advanced(
    positive: Cond,
    negative: Cond,
    control_net: ControlNet,
    image: Image,
    *,
    strength: Strength = 1.0,
    start_percent: Annotated[float, Part] = 0.0,
    end_percent: Annotated[float, Part] = 1.0,
    vae: Vae | None = None,
) -> tuple[Cond, Cond]:
    """Steer both prompts by a picture during a part of the sampling.

    Args:
        positive: the positive prompt.
        negative: the negative prompt.
        control_net: the network.
        image: what it reads, such as edges or depth; cropped and resized to the picture.
        strength: how strongly it steers; 0 leaves it out.
        start_percent: where in the sampling it begins.
        end_percent: where it ends.
        vae: for networks of other families; those here read the picture itself.
    """
    if strength == 0:
        return positive, negative
    apply = _Applying(control_net, image, strength, (start_percent, end_percent))
    both = [[[tensor, {**apply(options), "control_apply_to_uncond": False}] for tensor, options in side]
            for side in (positive, negative)]  # fmt: skip
    return both[0], both[1]


class _Applying:
    """Puts one control on entries; entries with the same controls before it go on sharing, to run in one batch."""

    def __init__(self, control: Control, image: Any, strength: float, percents: tuple[float, float]) -> None:
        hint = image.movedim(-1, 1)
        self._hinted = control.copy().set_cond_hint(hint, strength, percents)
        self._made: dict[int | None, Control] = {}

    def __call__(self, options: dict[str, Any]) -> dict[str, Any]:
        before = options.get("control")
        key = None if before is None else id(before)
        if key not in self._made:
            self._made[key] = self._hinted.copy().set_previous_controlnet(before)
        return {**options, "control": self._made[key]}


def _union_ahead(control_net: ControlKind | None) -> ControlKind | None:
    return control_net


@node("SetUnionControlNetType", category="conditioning/controlnet", foresee=_union_ahead)
def set_union_control_net_type(
    control_net: ControlNet,
    *,
    type: Annotated[str, Choice(tuple(UNION_TYPES))],  # noqa: A002  (the input's name)
) -> ControlNet:
    """Tell a network for many kinds of hints which kind it is given; `auto` leaves it to the network.

    Args:
        control_net: the network.
        type: the kind of hint.
    """
    told = control_net.copy()
    told.set_extra_arg("control_type", list(UNION_TYPES[type]))
    return told
