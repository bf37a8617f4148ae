"""Nodes that turn words and class labels into conditionings."""

from __future__ import annotations

from typing import Annotated, Any

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Int, String
from ..engine.spec import node
from ..models.kinds import ClipKind
from .kinds import Absent, CondKind, cond_mark
from .pairing import Encoding, absent, check_encoder, present
from .runtime import Runtime
from .sockets import Clip, Cond

Foreseen = ClipKind | Absent | None


def prompt_ahead(clip: Foreseen) -> CondKind | None:
    """Tell of a node whose only output is a prompt, encoded by `clip`."""
    kind = present("clip", clip)
    check_encoder(kind, "text")
    return CondKind.by(kind) if kind else None


def _layer_ahead(clip: Foreseen) -> ClipKind | None:
    kind = present("clip", clip)
    check_encoder(kind, "layers")
    return kind


def _class_ahead(clip: Foreseen) -> CondKind | None:
    kind = present("clip", clip)
    check_encoder(kind, "class")
    return CondKind.by(kind) if kind else None


@node("CLIPTextEncode", category="conditioning", display_name="CLIP Text Encode (Prompt)", foresee=prompt_ahead)
def clip_text_encode(
    text: Annotated[str, String(multiline=True, dynamic_prompts=True)],
    clip: Clip,
    *,
    context: Context[Runtime],
) -> Cond:
    """Encode a prompt. `(words)` weigh 1.1, `(words:1.3)` weigh 1.3, `embedding:name` inserts a learned word."""
    encoder = able(clip, "text")
    encoded, pooled = encoder.encode(text, context.notice)
    return [[encoded, {"pooled_output": pooled, **cond_mark(encoder.kind)}]]


@node("CLIPSetLastLayer", category="conditioning", display_name="CLIP Set Last Layer", foresee=_layer_ahead)
def clip_set_last_layer(clip: Clip, *, stop_at_clip_layer: Annotated[int, Int(min=-24, max=-1, step=1)] = -1) -> Clip:
    """Take the text embedding from an earlier layer: -1 is the last, -2 the one before it."""
    encoder: Clip = able(clip, "layers").with_layer(stop_at_clip_layer)
    return encoder


@node("ClassEncode", category="conditioning", display_name="Class Encode", foresee=_class_ahead)
def class_encode(clip: Clip, *, class_id: Annotated[int, Int(min=-1, max=1_000_000)] = 0) -> Cond:
    """Encode a class label for a class-conditional model; -1 is the class that stands for none (the last one)."""
    embedder = able(clip, "class")
    if class_id >= embedder.n_classes:
        raise InputError(
            input_name="class_id",
            received=str(class_id),
            expected=f"a class from 0 to {embedder.n_classes - 1}",
            remedy="Choose a class that the checkpoint was trained on.",
        )
    return [[embedder.encode_class(class_id), {"pooled_output": None, **cond_mark(embedder.kind)}]]


def able(clip: Any, wanted: Encoding) -> Any:
    """Return `clip` if it can do what the node needs; say which loader gave the wrong part otherwise."""
    if clip is None:
        raise absent("clip")
    check_encoder(clip.kind, wanted)
    return clip
