"""The invisible watermark of Stable Diffusion: `dwtDct` and `dwtDctSvd`, byte for byte those of invisible-watermark.

The mark sits in the approximation band of a one-level Haar transform of the U channel (OpenCV's 8-bit BGR2YUV). The
band is tiled in 4x4 blocks; block n carries bit n mod L of the payload, so that a picture holds many copies, and
reading takes the majority. A bit moves one number of its block to the lower or upper quarter of a step of 36:
`dwtDct` (which, despite its name, has no DCT) the largest entry but the first, `dwtDctSvd` the largest singular value.

Reproduced on purpose, because readers and writers in the field agree on them: the horizontal and vertical detail
bands are exchanged on the way back, and the result becomes 8 bits by truncation modulo 256. Source: the package
invisible-watermark 0.2.0; the order of the floating-point operations is PyWavelets'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .errors import NotAPictureError

Method = Literal["dwtDct", "dwtDctSvd"]
Levels = NDArray[np.uint8]
Bits = NDArray[np.uint8]
Channel = NDArray[np.int32]
Floats = NDArray[np.float64]

STEP = 36
BLOCK = 4
HALF_ROOT = 0.7071067811865476
SQUARINGS = 7
STRIP = 64


@dataclass(frozen=True)
class Marked:
    """A picture after marking, and what reading the mark back gave.

    Attributes:
        image: uint8 (H, W, 3); the input itself if nothing was written.
        decoded: the text that reading gave.
        survived: whether that is the text that was written.
        notice: why the mark is missing or damaged, for a person; empty if it survived.
    """

    image: Levels
    decoded: str
    survived: bool
    notice: str


def encode(image: Levels, text: str, method: Method = "dwtDct") -> Marked:
    """Write `text` (UTF-8, most significant bit first) into an RGB picture of any size and read it back once.

    Args:
        image: uint8 (H, W, 3).
        text: the payload.
        method: `dwtDct` is what Stable Diffusion uses, `dwtDctSvd` survives JPEG better.

    Raises:
        NotAPictureError: if `image` is no 8-bit RGB picture.
    """
    bits = np.unpackbits(np.frombuffer(text.encode("utf-8", "replace"), np.uint8))
    room = capacity(image)
    if not 0 < bits.size <= room:
        notice = f"No watermark was written: the text has {bits.size} bits, the picture has room for {room}."
        return Marked(image, "", survived=False, notice=notice)
    marked = _write(image, bits, method)
    found = decode(marked, bits.size, method)
    wrong = int(np.count_nonzero(found != bits))
    notice = f"The watermark does not read back: {wrong} of {bits.size} bits are wrong." if wrong else ""
    return Marked(marked, as_text(found), not wrong, notice)


def decode(image: Levels, n_bits: int, method: Method = "dwtDct") -> Bits:
    """Read `n_bits` bits, uint8 (n_bits,) of 0 and 1, from an RGB picture; bits that no block carries are 0.

    Raises:
        NotAPictureError: if `image` is no 8-bit RGB picture.
    """
    _check(image)
    read = _METHODS[method].read
    votes = np.concatenate([read(_blocks(_haar(_whole_blocks(_to_yuv(strip)[1]))[0])) for strip in _strips(image)])
    bit = np.arange(votes.size) % n_bits
    blocks = np.bincount(bit, minlength=n_bits)
    mean = np.bincount(bit, votes, n_bits) / np.maximum(blocks, 1)
    return (mean * 255 > 127).astype(np.uint8)


def capacity(image: NDArray[Any]) -> int:
    """Return the most bits that a picture of this size holds: its number of blocks. A robust mark takes a fraction.

    Raises:
        NotAPictureError: if `image` is no 8-bit RGB picture.
    """
    _check(image)
    height, width = (side // 4 * 4 // (2 * BLOCK) for side in image.shape[:2])
    return int(height * width)


def as_text(bits: Bits) -> str:
    """Return decoded bits as text; what is not UTF-8 shows as replacement characters."""
    return np.packbits(bits).tobytes().decode("utf-8", "replace")


def _check(image: NDArray[Any]) -> None:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise NotAPictureError(f"A watermark needs uint8 (height, width, 3); got {image.dtype} {image.shape}.")


def _strips(image: Levels) -> list[Levels]:
    """Cut a picture into strips of whole block rows: large ones need little memory then, and the cache is used."""
    return np.array_split(image, range(STRIP, image.shape[0], STRIP))


def _write(image: Levels, bits: Bits, method: Method) -> Levels:
    strips = _strips(image)
    ends = np.cumsum([capacity(strip) for strip in strips])
    parts = np.split(np.resize(bits, ends[-1]), ends[:-1])
    return np.concatenate([_write_strip(strip, part, method) for strip, part in zip(strips, parts, strict=True)])


def _write_strip(image: Levels, bits: Bits, method: Method) -> Levels:
    """Write one bit into each block."""
    luma, u, v = _to_yuv(image)
    approximation, horizontal, vertical, diagonal = _haar(_whole_blocks(u))
    _put_blocks(approximation, _METHODS[method].write(_blocks(approximation), bits))
    _whole_blocks(u)[:] = _inverse_haar(approximation, vertical, horizontal, diagonal).astype(np.int32) & 255
    return _to_rgb(luma, u, v)


def _to_yuv(image: Levels) -> tuple[Channel, Channel, Channel]:
    """Convert as OpenCV's 8-bit BGR2YUV, in 14-bit fixed point."""
    red, green, blue = (image[..., channel].astype(np.int32) for channel in range(3))
    luma = (1868 * blue + 9617 * green + 4899 * red + 8192) >> 14
    u, v = (((colour - luma) * factor + (128 << 14) + 8192) >> 14 for colour, factor in ((blue, 8061), (red, 14369)))
    return luma, u.clip(0, 255), v.clip(0, 255)


def _to_rgb(luma: Channel, u: Channel, v: Channel) -> Levels:
    """Convert as OpenCV's 8-bit YUV2BGR, in 14-bit fixed point."""
    u, v = u - 128, v - 128
    red = luma + ((v * 18678 + 8192) >> 14)
    green = luma + ((u * -6472 + v * -9519 + 8192) >> 14)
    blue = luma + ((u * 33292 + 8192) >> 14)
    return np.stack([red, green, blue], axis=-1).clip(0, 255).astype(np.uint8)


def _whole_blocks(channel: Channel) -> Channel:
    """View the part whose sides are multiples of 4; the rest of a picture is never touched."""
    height, width = (side // 4 * 4 for side in channel.shape)
    return channel[:height, :width]


def _haar(channel: Channel) -> tuple[Floats, Floats, Floats, Floats]:
    """Return approximation, horizontal, vertical and diagonal band, in the order of operations of `pywt.dwt2`."""
    low, high = _sum_and_difference(channel[0::2], channel[1::2])
    approximation, vertical = _sum_and_difference(low[:, 0::2], low[:, 1::2])
    horizontal, diagonal = _sum_and_difference(high[:, 0::2], high[:, 1::2])
    return approximation, horizontal, vertical, diagonal


def _inverse_haar(approximation: Floats, horizontal: Floats, vertical: Floats, diagonal: Floats) -> Floats:
    """Undo `_haar`, in the order of operations of `pywt.idwt2`."""
    height, width = approximation.shape
    low, high = np.empty((2, height, 2 * width))
    low[:, 0::2], low[:, 1::2] = _sum_and_difference(approximation, vertical)
    high[:, 0::2], high[:, 1::2] = _sum_and_difference(horizontal, diagonal)
    channel = np.empty((2 * height, 2 * width))
    channel[0::2], channel[1::2] = _sum_and_difference(low, high)
    return channel


def _sum_and_difference(a: NDArray[Any], b: NDArray[Any]) -> tuple[Floats, Floats]:
    a, b = HALF_ROOT * a, HALF_ROOT * b
    return a + b, a - b


def _blocks(band: Floats) -> Floats:
    """Return the complete 4x4 blocks of a band, (n, 4, 4), row by row."""
    rows, columns = (side // BLOCK for side in band.shape)
    tiles = band[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return tiles.swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)


def _put_blocks(band: Floats, blocks: Floats) -> None:
    rows, columns = (side // BLOCK for side in band.shape)
    tiles = blocks.reshape(rows, columns, BLOCK, BLOCK).swapaxes(1, 2)
    band[: rows * BLOCK, : columns * BLOCK] = tiles.reshape(rows * BLOCK, columns * BLOCK)


def _with_bits(sizes: Floats, bits: Bits) -> Floats:
    """Move each size to the lower (0) or upper (1) quarter of its step."""
    return (np.floor_divide(sizes, STEP) + 0.25 + 0.5 * bits) * STEP


def _bits_in(sizes: Floats) -> NDArray[np.bool_]:
    return np.mod(sizes, STEP) > STEP / 2


def _largest_entry(blocks: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return where the largest magnitude but the first entry is in each flattened block, and the entry there."""
    flat = blocks.reshape(-1, BLOCK * BLOCK)
    at = 1 + np.abs(flat[:, 1:]).argmax(axis=1)
    return at, flat[np.arange(len(flat)), at]


def _write_largest_entry(blocks: Floats, bits: Bits) -> Floats:
    at, entry = _largest_entry(blocks)
    flat = blocks.reshape(-1, BLOCK * BLOCK)
    flat[np.arange(len(flat)), at] = np.where(entry < 0, -1, 1) * _with_bits(np.abs(entry), bits)
    return flat


def _read_largest_entry(blocks: Floats) -> NDArray[np.bool_]:
    return _bits_in(np.abs(_largest_entry(blocks)[1]))


def _principal_part(blocks: Floats) -> tuple[Floats, Floats]:
    """Return s0 u0 v0' of each block's singular value decomposition, (n, 4, 4), and s0, (n,).

    The original decomposes the block's DCT; an orthonormal transform changes neither s0 nor, once undone, u0 v0', so it
    is left out. `v0 v0'` is the limit of the powers of `B'B / trace`. Seven squarings (power 128) reach it to double
    precision in every picture: U of an RGB colour lies in 17..239, so that blocks are positive matrices, the ratio of
    their entries is at most 14.1, and by Birkhoff's theorem the second eigenvalue of `B'B` at most 0.76 of the first.
    A batched `numpy.linalg.svd` gives the same bytes in three times the time.
    """
    projection = blocks.swapaxes(1, 2) @ blocks
    for _ in range(SQUARINGS):
        projection /= np.trace(projection, axis1=1, axis2=2)[:, None, None]
        projection = projection @ projection
    projection /= np.trace(projection, axis1=1, axis2=2)[:, None, None]
    part = blocks @ projection
    return part, np.sqrt((part * part).sum(axis=(1, 2)))


def _write_singular_value(blocks: Floats, bits: Bits) -> Floats:
    part, size = _principal_part(blocks)
    return blocks + (_with_bits(size, bits) / size - 1)[:, None, None] * part


def _read_singular_value(blocks: Floats) -> NDArray[np.bool_]:
    return _bits_in(_principal_part(blocks)[1])


@dataclass(frozen=True)
class _Carrier:
    """What holds a bit of a block: how it is written, (n, 4, 4) and (n,) to (n, 4, 4), and read, to (n,)."""

    write: Callable[[Floats, Bits], Floats]
    read: Callable[[Floats], NDArray[np.bool_]]


_METHODS: Mapping[Method, _Carrier] = {
    "dwtDct": _Carrier(_write_largest_entry, _read_largest_entry),
    "dwtDctSvd": _Carrier(_write_singular_value, _read_singular_value),
}
