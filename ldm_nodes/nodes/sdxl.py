"""Nodes that encode prompts for SDXL, whose two text towers may be told different things, and for its refiner."""

from __future__ import annotations

from typing import Annotated

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Float, Int, String
from ..engine.spec import node
from .kinds import cond_mark
from .runtime import Runtime
from .sockets import Clip, Cond
from .text import able, prompt_ahead

MAX = 16384
Prompt = Annotated[str, String(multiline=True, dynamic_prompts=True)]
Side = Annotated[int, Int(min=0, max=MAX)]


@node("CLIPTextEncodeSDXL", category="advanced/conditioning", foresee=prompt_ahead)
def clip_text_encode_sdxl(
    clip: Clip,
    *,
    width: Side = 1024,
    height: Side = 1024,
    crop_w: Side = 0,
    crop_h: Side = 0,
    target_width: Side = 1024,
    target_height: Side = 1024,
    text_g: Prompt,
    text_l: Prompt,
    context: Context[Runtime],
) -> Cond:
    """Encode a prompt for each text tower of SDXL, with the sizes that it was trained to know (arXiv 2307.01952, 2.2).

    Args:
        clip: the encoder.
        width: of the picture that a training picture was made from; small sizes look enlarged.
        height: likewise.
        crop_w: how much is missing at the left; 0 puts things into the middle.
        crop_h: how much is missing above.
        target_width: of the picture to be made.
        target_height: likewise.
        text_g: the prompt for the large tower (OpenCLIP).
        text_l: the prompt for the small one (CLIP).
    """
    from ..models.errors import ModelError

    encoder = able(clip, "text")
    try:
        encoded, pooled = encoder.encode_apart({"g": text_g, "l": text_l}, context.notice)
    except ModelError as error:
        remedy = "Connect the CLIP of an SDXL checkpoint, or use CLIP Text Encode (Prompt)."
        raise InputError("clip", received=str(encoder.origin), expected=str(error), remedy=remedy) from error
    sizes = {
        "width": width, "height": height, "crop_w": crop_w, "crop_h": crop_h, "target_width": target_width,
        "target_height": target_height,
    }  # fmt: skip
    return [[encoded, {"pooled_output": pooled, **sizes, **cond_mark(encoder.kind)}]]


@node("CLIPTextEncodeSDXLRefiner", category="advanced/conditioning", foresee=prompt_ahead)
def clip_text_encode_sdxl_refiner(
    *,
    ascore: Annotated[float, Float(min=0.0, max=1000.0, step=0.01)] = 6.0,
    width: Side = 1024,
    height: Side = 1024,
    text: Prompt,
    clip: Clip,
    context: Context[Runtime],
) -> Cond:
    """Encode a prompt for the refiner of SDXL, with how beautiful the picture should be.

    Args:
        ascore: the aesthetic score, about 1 to 10.
        width: of the picture that a training picture was made from.
        height: likewise.
        text: the prompt.
        clip: the encoder.
    """
    encoder = able(clip, "text")
    encoded, pooled = encoder.encode(text, context.notice)
    options = {"aesthetic_score": ascore, "width": width, "height": height, **cond_mark(encoder.kind)}
    return [[encoded, {"pooled_output": pooled, **options}]]
