"""Nodes that save a batch of pictures as one moving picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from ..engine.context import Context
from ..engine.sockets import Boolean, Choice, Float, Int
from ..engine.spec import NodeOutput, node
from .runtime import Runtime
from .saving import Prefix, made_by, shown
from .sockets import Image

if TYPE_CHECKING:
    from ..imaging.saving import Encoding

Rate = Annotated[float, Float(min=0.01, max=1000.0, step=0.01)]
METHODS = {"default": 4, "fastest": 0, "slowest": 6}
"""How hard WebP tries to become small."""


@node("SaveAnimatedWEBP", category="image/animation", output=True)
def save_animated_webp(
    images: Image,
    filename_prefix: Prefix = "ComfyUI",
    fps: Rate = 6.0,
    lossless: Annotated[bool, Boolean()] = True,
    quality: Annotated[int, Int(min=0, max=100)] = 80,
    method: Annotated[str, Choice(tuple(METHODS))] = "default",
    *,
    context: Context[Runtime],
) -> NodeOutput[None]:
    """Save a batch as one moving WebP picture in the output folder.

    Args:
        images: the frames.
        filename_prefix: the name before the number.
        fps: frames per second.
        lossless: keep everything.
        quality: how much is kept, 0 to 100; of a lossless file how hard to try.
        method: how hard to try to make the file small.
    """
    from ..imaging.saving import Encoding

    encoding = Encoding("webp", quality=quality, lossless=lossless, method=METHODS[method])
    return _saved(context, images, filename_prefix, encoding, fps)


@node("SaveAnimatedPNG", category="image/animation", output=True)
def save_animated_png(
    images: Image,
    filename_prefix: Prefix = "ComfyUI",
    fps: Rate = 6.0,
    compress_level: Annotated[int, Int(min=0, max=9)] = 4,
    *,
    context: Context[Runtime],
) -> NodeOutput[None]:
    """Save a batch as one moving PNG picture in the output folder.

    Args:
        images: the frames.
        filename_prefix: the name before the number.
        fps: frames per second.
        compress_level: how hard to try to make the file small, 0 to 9.
    """
    from ..imaging.saving import Encoding

    return _saved(context, images, filename_prefix, Encoding("png", compress_level=compress_level), fps)


def _saved(context: Context[Runtime], images: Image, prefix: str, encoding: Encoding, fps: float) -> NodeOutput[None]:
    from ..imaging import animation, naming

    height, width = images.shape[1:3]
    series = naming.start_series(context.runtime.folders.output, prefix, width=width, height=height)
    frames = [image.numpy() for image in images]
    saved = animation.save_animation(frames, series, made_by(context), encoding, fps)
    return NodeOutput(None, {"images": [shown(saved, "output")], "animated": [True]})
