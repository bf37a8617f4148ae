"""Pictures to files: complete or absent, numbered without collisions, described by their metadata.

A file is written under a hidden temporary name beside its place, flushed to the disk, and then linked to its final
name, which fails if another process has taken that name; then the next number is tried.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from . import metadata
from .errors import CannotSaveError, NotAPictureError
from .temporary import temporary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from .naming import Series

Kind = Literal["png", "webp", "jpeg"]
Levels = NDArray[np.uint8]

SUFFIXES: Mapping[Kind, str] = {"png": ".png", "webp": ".webp", "jpeg": ".jpg"}
EXIF_IN_JPEG = 65_533
"""The most that one JPEG segment holds; larger graphs do not fit (ITU T.81, B.1.1.4)."""
TRIES = 10_000


@dataclass(frozen=True)
class Encoding:
    """How pixels become a file.

    Attributes:
        kind: the format.
        compress_level: PNG only, 0..9; ComfyUI saves with 4 and previews with 1.
        quality: WebP and JPEG, 0..100.
        lossless: WebP only.
        method: WebP only, 0 (fast) to 6 (small).
    """

    kind: Kind = "png"
    compress_level: int = 4
    quality: int = 90
    lossless: bool = False
    method: int = 4


@dataclass(frozen=True)
class Saved:
    """One written file.

    Attributes:
        path: where it is.
        subfolder: the folder below the output folder, with `/`.
        notice: what a person should know, e.g. that a graph did not fit into a JPEG; normally empty.
    """

    path: Path
    subfolder: str
    notice: str = ""


def save_pictures(
    pictures: Iterable[NDArray[Any]], series: Series, texts: Mapping[str, str], encoding: Encoding | None = None
) -> list[Saved]:
    """Write one file per picture.

    Args:
        pictures: each (H, W, C), C = 1, 3 or 4; float in 0..1, or uint8.
        series: where, from `naming.start_series`.
        texts: from `metadata.describe`.
        encoding: PNG by default.

    Raises:
        NotAPictureError: if an array is no picture; NaN never becomes black silently.
        CannotSaveError: if a file cannot be written.
    """
    encoding = encoding or Encoding()
    saved = []
    for index, picture in enumerate(pictures):
        data, notice = encode(to_uint8(picture), texts, encoding)
        saved.append(Saved(publish(data, series, index, SUFFIXES[encoding.kind]), series.subfolder, notice))
    return saved


def to_uint8(picture: NDArray[Any]) -> Levels:
    """Return 8-bit levels: the float value times 255, clipped and truncated (not rounded), as ComfyUI saves.

    Raises:
        NotAPictureError: if the shape is not (H, W, 1|3|4), or values are NaN or infinite.
    """
    if picture.ndim != 3 or picture.shape[-1] not in (1, 3, 4) or 0 in picture.shape:
        raise NotAPictureError(f"A picture is (height, width, 1, 3 or 4 channels); got the shape {picture.shape}.")
    if picture.dtype == np.uint8:
        return picture
    wrong = picture.size - int(np.isfinite(picture).sum())
    if wrong:
        raise NotAPictureError(
            f"{wrong:,} of {picture.size:,} values of the picture are NaN or infinite, so it would come out black; "
            "run the model in a wider type (--precision fp32)."
        )
    return (picture.astype(np.float32, copy=False) * 255.0).clip(0, 255).astype(np.uint8)


def encode(picture: Levels, texts: Mapping[str, str], encoding: Encoding) -> tuple[bytes, str]:
    """Return the bytes of a picture file and a notice, normally empty.

    Raises:
        CannotSaveError: if the format cannot hold the picture, e.g. a side of WebP longer than 16,383.
    """
    image = Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture)
    if encoding.kind == "jpeg" and image.mode == "RGBA":
        image = image.convert("RGB")
    options, left_out = _options(texts, encoding)
    buffer = io.BytesIO()
    try:
        image.save(buffer, encoding.kind, **options)
    except (OSError, ValueError) as error:
        size = f"{image.width}x{image.height}"
        raise CannotSaveError(f"A picture of {size} cannot be written as {encoding.kind}: {error}.") from error
    notice = f"{', '.join(left_out)} did not fit into the {encoding.kind} file; save as PNG to keep it."
    return buffer.getvalue(), notice if left_out else ""


def _options(texts: Mapping[str, str], encoding: Encoding) -> tuple[dict[str, Any], list[str]]:
    """Return what Pillow's writer is told, and the keys of `texts` that the format has no room for."""
    if encoding.kind == "png":
        return {"pnginfo": metadata.png_info(texts), "compress_level": encoding.compress_level}, []
    block, left_out = metadata.exif(texts, EXIF_IN_JPEG if encoding.kind == "jpeg" else None)
    look = {"quality": encoding.quality, "lossless": encoding.lossless, "method": encoding.method}
    return {"exif": block, **look}, left_out


def publish(data: bytes, series: Series, index: int, suffix: str) -> Path:
    """Write `data` as file `index` of the series and return its path; see `publish_by`."""
    return publish_by(lambda unfinished: _write(unfinished, data), series, index, suffix)


def publish_by(write: Callable[[Path], None], series: Series, index: int, suffix: str) -> Path:
    """Let `write` write file `index` of the series and return its path; no other file is ever replaced.

    Args:
        write: is given a temporary name in the same folder.
        series: where, from `naming.start_series`.
        index: of the file.
        suffix: of its name.

    Raises:
        CannotSaveError: if the folder is not writable or the disk is full; nothing is left behind.
    """
    unfinished = temporary(series.folder)
    try:
        write(unfinished)
        for skipped in range(TRIES):
            final = series.folder / series.name(index, suffix, skipped)
            if _claim(unfinished, final):
                return final
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CannotSaveError(
            f"{series.name(index, suffix)} cannot be written: {reason}; choose another folder."
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    raise CannotSaveError(f"{TRIES:,} names from {series.name(index, suffix)} on are taken; choose another prefix.")


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _claim(unfinished: Path, final: Path) -> bool:
    """Give a complete file its final name; return False if that is taken."""
    try:
        os.link(unfinished, final)
    except FileExistsError:
        return False
    except OSError:  # file systems without hard links, such as FAT
        return _replace_reservation(unfinished, final)
    return True


def _replace_reservation(unfinished: Path, final: Path) -> bool:
    try:
        os.close(os.open(final, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    except FileExistsError:
        return False
    try:
        unfinished.replace(final)
    except OSError:
        final.unlink()
        raise
    return True
