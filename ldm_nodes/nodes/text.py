"""Nodes that turn words and class labels into conditionings."""

from __future__ import annotations

from typing import Annotated, Any

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Int, String
from ..engine.spec import node
from .runtime import Runtime
from .sockets import Clip, Cond


@node("CLIPTextEncode", category="conditioning", display_name="CLIP Text Encode (Prompt)")
def clip_text_encode(
    text: Annotated[str, String(multiline=True, dynamic_prompts=True)],
    clip: Clip,
    *,
    context: Context[Runtime],
) -> Cond:
    """Encode a prompt. `(words)` weigh 1.1, `(words:1.3)` weigh 1.3, `embedding:name` inserts a learned word."""
    encoder = _require(clip, "encode", "a text encoder")
    encoded, pooled = encoder.encode(text, context.notice)
    return [[encoded, {"pooled_output": pooled}]]


@node("CLIPSetLastLayer", category="conditioning", display_name="CLIP Set Last Layer")
def clip_set_last_layer(clip: Clip, *, stop_at_clip_layer: Annotated[int, Int(min=-24, max=-1)] = -1) -> Clip:
    """Take the text embedding from an earlier layer: -1 is the last, -2 the one before it."""
    encoder: Clip = _require(clip, "with_layer", "a text encoder").with_layer(stop_at_clip_layer)
    return encoder


@node("ClassEncode", category="conditioning", display_name="Class Encode")
def class_encode(clip: Clip, *, class_id: Annotated[int, Int(min=-1, max=1_000_000)] = 0) -> Cond:
    """Encode a class label for a class-conditional model; -1 is the class that stands for none (the last one)."""
    embedder = _require(clip, "encode_class", "a class embedder")
    if class_id >= embedder.n_classes:
        raise InputError(
            input_name="class_id",
            received=str(class_id),
            expected=f"a class from 0 to {embedder.n_classes - 1}",
            remedy="Choose a class that the checkpoint was trained on.",
        )
    return [[embedder.encode_class(class_id), {"pooled_output": None}]]


def _require(clip: Any, ability: str, what: str) -> Any:
    """Return `clip` if it can do what the node needs; say which loader gave the wrong part otherwise."""
    if hasattr(clip, ability):
        return clip
    raise InputError(
        input_name="clip",
        received="nothing" if clip is None else type(clip).__name__,
        expected=what,
        remedy=f"{'The checkpoint contains none. ' if clip is None else ''}Load a checkpoint that contains {what}.",
    )
