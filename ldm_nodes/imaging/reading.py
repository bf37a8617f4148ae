"""Pictures from files: one list of formats, limits before any pixel is decoded, ComfyUI's meaning of colours and alpha.

Sources are untrusted. Only the decoders of `FORMATS` ever see a file; the size that it declares is checked before its
pixels are decoded, and its frames are counted while they are read.
"""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from .errors import UnreadablePictureError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
DAMAGE = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, OverflowError, LookupError, TypeError)
"""What Pillow's decoders raise on damaged files."""
NO_MASK = (64, 64)

Channel = Literal["alpha", "red", "green", "blue"]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Limits:
    """How much one file may unfold to.

    Attributes:
        pixels: pixels of one frame; the default is where Pillow warns.
        frames: frames of one file.
        total: pixels of all frames together.
    """

    pixels: int = 89_478_485
    frames: int = 1024
    total: int = 1 << 27


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Picture:
    """The frames of one file.

    Attributes:
        image: float32 (B, H, W, 3) in 0..1.
        mask: float32 (B, H, W), 1 - alpha; zeros (B, 64, 64) if no frame has transparency.
    """

    image: Floats
    mask: Floats


def read_picture(path: Path, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """Read all frames that have the size of the first; of a multi-picture JPEG (MPO) only the first.

    EXIF orientation is applied. 32-bit integers are divided by 255 and clipped, as ComfyUI does; 16-bit grey keeps its
    upper byte.

    Raises:
        UnreadablePictureError: if the file is missing, foreign, damaged or larger than `limits`.
    """
    with open_picture(path, limits) as source:
        frames = list(_frames(source, limits))
    frames = [frame for frame in frames if frame.size == frames[0].size]
    alphas = [_alpha(frame) for frame in frames]
    image = np.stack([_levels(frame.convert("RGB")) for frame in frames])
    empty = np.zeros(NO_MASK if all(alpha is None for alpha in alphas) else image.shape[1:3], np.float32)
    return Picture(image, np.stack([empty if alpha is None else 1 - alpha for alpha in alphas]))


def read_mask(path: Path, channel: Channel, limits: Limits = DEFAULT_LIMITS) -> Floats:
    """Read one channel of the first frame as a mask, float32 (1, H, W); alpha is inverted, so that holes are 1.

    A picture without transparency has alpha 1 everywhere, hence a mask of zeros.

    Raises:
        UnreadablePictureError: if the file is missing, foreign, damaged or larger than `limits`.
    """
    values = _levels(read_frame(path, limits).getchannel(channel[0].upper()))[None]
    return 1 - values if channel == "alpha" else values


def read_frame(path: Path, limits: Limits = DEFAULT_LIMITS) -> Image.Image:
    """Read the first frame, upright, as RGBA with 8 bits a channel.

    Raises:
        UnreadablePictureError: if the file is missing, foreign, damaged or larger than `limits`.
    """
    with open_picture(path, limits) as source:
        return next(_frames(source, limits)).convert("RGBA")


@contextmanager
def open_picture(path: Path, limits: Limits = DEFAULT_LIMITS) -> Iterator[Image.Image]:
    """Open a file without decoding its pixels; failures inside the block, too, become one sentence about the file.

    Raises:
        UnreadablePictureError: if the file is missing, foreign, damaged or larger than `limits`.
    """
    try:
        with Image.open(path, formats=FORMATS) as picture:
            _check_size(picture, limits)
            yield picture
    except UnreadablePictureError as error:
        raise UnreadablePictureError(f"The picture {path.name!r} {error}") from error
    except FileNotFoundError as error:
        raise UnreadablePictureError(f"The picture {path.name!r} does not exist.") from error
    except UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise UnreadablePictureError(f"The file {path.name!r} is not a picture, or none of {known}.") from error
    except BOMB as error:
        raise UnreadablePictureError(f"The picture {path.name!r} {_too_large(limits)}") from error
    except DAMAGE as error:
        raise UnreadablePictureError(f"The picture {path.name!r} is damaged or cut off ({error}).") from error


def _frames(source: Image.Image, limits: Limits) -> Iterator[Image.Image]:
    """Yield upright frames of 8 bits a channel."""
    total = 0
    for count, frame in enumerate(ImageSequence.Iterator(source), start=1):
        _check_size(frame, limits)
        total += frame.width * frame.height
        if count > limits.frames or total > limits.total:
            raise UnreadablePictureError(f"unfolds to more than {limits.frames} frames or {limits.total:,} pixels.")
        yield _eight_bit(ImageOps.exif_transpose(frame))
        if source.format == "MPO":
            return


def _check_size(picture: Image.Image, limits: Limits) -> None:
    if picture.width * picture.height > limits.pixels:
        raise UnreadablePictureError(_too_large(limits))


def _too_large(limits: Limits) -> str:
    return f"is larger than the {limits.pixels:,} pixels that are read; make it smaller first."


def _eight_bit(frame: Image.Image) -> Image.Image:
    if frame.mode == "I":
        return frame.point(lambda value: value * (1 / 255)).convert("L")
    if frame.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(frame) >> 8).astype(np.uint8))
    return frame


def _alpha(frame: Image.Image) -> Floats | None:
    if "A" in frame.getbands():
        return _levels(frame.getchannel("A"))
    if frame.mode == "P" and "transparency" in frame.info:
        return _levels(frame.convert("RGBA").getchannel("A"))
    return None


def _levels(frame: Image.Image) -> Floats:
    return np.asarray(frame, dtype=np.float32) / np.float32(255)
