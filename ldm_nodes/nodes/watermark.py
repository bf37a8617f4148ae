"""Nodes that hide a text in pictures and find it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from ..engine.context import Context
from ..engine.sockets import Choice, Int, String
from ..engine.spec import NodeOutput, node
from .runtime import Runtime
from .sockets import Image

if TYPE_CHECKING:
    from ..imaging.watermark import Method

METHODS = ("dwtDct", "dwtDctSvd")


@node("Watermark", category="image/watermark")
def watermark(
    image: Image,
    *,
    text: Annotated[str, String()] = "StableDiffusionV1",
    method: Annotated[str, Choice(METHODS)] = "dwtDct",
    context: Context[Runtime],
) -> Image:
    """Hide a text in pictures, as Stable Diffusion's scripts do, and say if it cannot be read back.

    Args:
        image: the pictures.
        text: what to hide; a reader must know its length.
        method: `dwtDct` is fast; `dwtDctSvd` survives JPEG better and is slower.
    """
    import numpy as np
    import torch

    from ..imaging.saving import to_uint8
    from ..imaging.watermark import encode

    marked = [encode(to_uint8(picture), text, cast("Method", method)) for picture in image.numpy()]
    for number, result in enumerate(marked):
        if result.notice:
            context.notice(f"Picture {number}: {result.notice}")
    context.record(watermark=text, method=method, survived=[result.survived for result in marked])
    return torch.from_numpy(np.stack([result.image for result in marked]).astype(np.float32) / 255)


@node("WatermarkDecode", category="image/watermark", display_name="Watermark Decode", outputs=("text",), output=True)
def watermark_decode(
    image: Image,
    *,
    length: Annotated[int, Int(min=1, max=256)] = 17,
    method: Annotated[str, Choice(METHODS)] = "dwtDct",
) -> NodeOutput[Annotated[str, String()]]:
    """Read the text hidden in the first picture; bytes that are no text show as replacement characters.

    Args:
        image: the pictures.
        length: how many bytes the hidden text has; `StableDiffusionV1` has 17.
        method: how it was hidden.
    """
    from ..imaging.saving import to_uint8
    from ..imaging.watermark import as_text, decode

    text = as_text(decode(to_uint8(image[0].numpy()), 8 * length, cast("Method", method)))
    return NodeOutput(text, {"text": [text]})
