"""Moving pictures: one PNG or WebP file of many frames, described by its metadata as ComfyUI writes it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from . import metadata
from .errors import CannotSaveError, NotAPictureError
from .saving import SUFFIXES, Encoding, Saved, publish, to_uint8

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from .naming import Series


def save_animation(
    frames: Sequence[NDArray[Any]], series: Series, texts: Mapping[str, str], encoding: Encoding, fps: float
) -> Saved:
    """Write all frames into one file.

    Args:
        frames: each (H, W, C), C = 1, 3 or 4, all of one size; float in 0..1, or uint8.
        series: where, from `naming.start_series`.
        texts: from `metadata.describe`.
        encoding: PNG or WebP.
        fps: frames per second; a frame is shown for a whole number of milliseconds.

    Raises:
        NotAPictureError: if there is no frame, or one is no picture.
        CannotSaveError: if the file cannot be written.
    """
    if not frames:
        raise NotAPictureError("A moving picture needs at least one frame; got none.")
    first, *rest = [_image(frame) for frame in frames]
    buffer = io.BytesIO()
    options = {"save_all": True, "append_images": rest, "duration": int(1000 / fps), **_options(texts, encoding)}
    try:
        first.save(buffer, encoding.kind, **options)
    except (OSError, ValueError) as error:
        size = f"{first.width}x{first.height}"
        raise CannotSaveError(f"Frames of {size} cannot be written as {encoding.kind}: {error}.") from error
    return Saved(publish(buffer.getvalue(), series, 0, SUFFIXES[encoding.kind]), series.subfolder)


def _image(frame: NDArray[Any]) -> Image.Image:
    levels = to_uint8(frame)
    return Image.fromarray(levels[..., 0] if levels.shape[-1] == 1 else np.ascontiguousarray(levels))


def _options(texts: Mapping[str, str], encoding: Encoding) -> dict[str, Any]:
    if encoding.kind == "png":
        info = PngInfo()
        for key, text in texts.items():
            info.add(metadata.PRIVATE_CHUNK, f"{key}\0{text}".encode("latin-1", "replace"), after_idat=True)
        return {"pnginfo": info, "compress_level": encoding.compress_level}
    block, _ = metadata.exif(texts)
    return {"exif": block, "quality": encoding.quality, "lossless": encoding.lossless, "method": encoding.method}
