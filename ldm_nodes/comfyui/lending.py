"""Models on their way into packs and back: what packs hold has ComfyUI's methods, what wires hold is ours."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

FACES: Mapping[str, tuple[str, str]] = {
    "DiffusionModel": ("comfy.model_patcher", "DiffusionPatcher"),
    "TextEncoder": ("comfy.sd", "CLIP"),
    "FirstStage": ("comfy.sd", "VAE"),
}
"""Classes of `models/`, and the module and class of `shims/` that stands for them."""


class Face:
    """What a value of ours looks like to packs.

    Attributes:
        own: the value of ours.
    """

    own: Any


def lend(value: Any) -> Any:
    """Return a value as packs know it: models, and those in a list; everything else is as it is."""
    if type(value) in (list, tuple):
        lent = [lend_one(member) for member in value]
        return type(value)(lent) if any(new is not old for new, old in zip(lent, value, strict=True)) else value
    return lend_one(value)


def lend_one(value: Any) -> Any:
    """Return one value as packs know it."""
    face = _face_of(type(value))
    return value if face is None else face(value)


def take_back(value: Any) -> Any:
    """Return a value of a pack as our nodes know it; see `lend`."""
    if type(value) in (list, tuple):
        own = [member.own if isinstance(member, Face) else member for member in value]
        return type(value)(own) if any(new is not old for new, old in zip(own, value, strict=True)) else value
    return value.own if isinstance(value, Face) else value


def _face_of(cls: type) -> Any:
    if "torch" not in sys.modules:
        return None
    for base in cls.__mro__:
        if base.__name__ in FACES and base.__module__.startswith("ldm_nodes.models."):
            module, name = FACES[base.__name__]
            return getattr(import_module(f"{__package__}.shims.{module}"), name).of
    return None
