"""Tensors that still lie in a file: known by type, shape and place, read only when asked for.

A file is mapped into memory once. Loading a tensor copies it out, cast to the wanted type, and gives the mapped pages
back, so that the process never holds a file and its copy at the same time.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .errors import UnreadableFile

if TYPE_CHECKING:
    from pathlib import Path


class MappedFile:
    """A file in memory, private and read on demand.

    Attributes:
        path: where it came from, for messages.
        size: its length in bytes.
        buffer: the mapping; it lives as long as somebody refers to it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        if not self.size:
            raise UnreadableFile(f"{path.name} is empty; expected a checkpoint.")
        with path.open("rb") as file:
            self.buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)

    def bytes(self, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`, fewer at the end of the file."""
        return self.buffer[start : start + length]

    def release(self, start: int, length: int) -> None:
        """Let the system drop the whole pages inside this range; they are read again if needed."""
        if not hasattr(mmap, "MADV_DONTNEED"):
            return
        first = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
        last = (start + length) // mmap.PAGESIZE * mmap.PAGESIZE
        if last > first:
            self.buffer.madvise(mmap.MADV_DONTNEED, first, last - first)


@dataclass(frozen=True)
class StoredTensor:
    """One tensor inside a mapped file, little-endian.

    Attributes:
        file: the file that holds it.
        start: byte offset of its first element.
        dtype: the type on disk.
        shape: sizes.
        stride: steps in elements; the reader has checked that they stay inside the tensor's own bytes.
    """

    file: MappedFile
    start: int
    dtype: torch.dtype
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def numel(self) -> int:
        """How many elements it has."""
        return prod(self.shape)

    def load(self, dtype: torch.dtype | None = None, device: torch.device | str = "cpu") -> Tensor:
        """Copy the tensor out of the file.

        Args:
            dtype: the wanted type of a floating-point tensor; None keeps the stored one, as integers always do.
            device: where the copy lives.
        """
        target = dtype if dtype is not None and self.dtype.is_floating_point else self.dtype
        if not self.numel:
            return torch.empty(self.shape, dtype=target, device=device)
        length = extent(self.shape, self.stride) * self.dtype.itemsize
        raw = torch.frombuffer(self.file.buffer, dtype=torch.uint8, count=length, offset=self.start)
        view = raw.view(self.dtype).as_strided(self.shape, self.stride)
        copy = view.to(device=device, dtype=target, copy=True, memory_format=torch.contiguous_format)
        del raw, view
        self.file.release(self.start, length)
        return copy


@dataclass(frozen=True)
class RoundedTensor(StoredTensor):
    """A tensor whose numbers are rounded to a narrower type on their way out of the file."""

    through: torch.dtype

    def load(self, dtype: torch.dtype | None = None, device: torch.device | str = "cpu") -> Tensor:
        """Copy the tensor out of the file, rounded."""
        loaded = super().load(dtype, device)
        return loaded.to(self.through).to(loaded.dtype)


def rounded(tensor: StoredTensor, dtype: torch.dtype) -> StoredTensor:
    """Return a tensor that loads as if it had been stored in `dtype`; integers stay as they are."""
    return RoundedTensor(**vars(tensor), through=dtype) if tensor.dtype.is_floating_point else tensor


def extent(shape: tuple[int, ...], stride: tuple[int, ...]) -> int:
    """Return how many elements of its storage a strided tensor spans."""
    if not prod(shape):
        return 0
    return 1 + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))


def contiguous_stride(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the row-major strides of `shape`."""
    return tuple(prod(shape[index + 1 :]) for index in range(len(shape)))
