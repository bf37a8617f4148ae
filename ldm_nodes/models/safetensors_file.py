"""Reading `.safetensors` files: every claim of the header is checked before a byte of data is believed.

Format: 8 bytes little-endian header length, a JSON header, then the tensors back to back.
"""

from __future__ import annotations

import json
from collections import Counter
from math import prod
from typing import Any, TypeGuard

import torch

from .errors import UnreadableFile
from .stored import MappedFile, StoredTensor, contiguous_stride

# Real headers have some 200 bytes a tensor, plus training notes; a hundred megabytes is an attack or an accident.
MAX_HEADER = 32 << 20
MAX_DIMENSIONS = 32

DTYPES: dict[str, torch.dtype] = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2,
    "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8,
    "U16": torch.uint16, "U32": torch.uint32, "U64": torch.uint64, "BOOL": torch.bool, "C64": torch.complex64,
}  # fmt: skip


def looks_like_safetensors(head: bytes) -> bool:
    """Tell whether a file that starts with these bytes means to be a safetensors file."""
    return len(head) >= 9 and head[8:9] == b"{"


def read_safetensors(file: MappedFile) -> tuple[dict[str, StoredTensor], dict[str, str]]:
    """Return the tensors of a safetensors file by name, unread, and its metadata.

    Raises:
        UnreadableFile: when the header contradicts itself or the file; the message says where.
    """
    header, data_start = _header(file)
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _bad(file, "its __metadata__ is not a table of texts")
    tensors = {name: _tensor(file, name, entry, data_start) for name, entry in header.items()}
    _check_layout(file, tensors, data_start)
    return tensors, metadata


def _header(file: MappedFile) -> tuple[dict[str, Any], int]:
    length = int.from_bytes(file.bytes(0, 8), "little")
    if file.size < 8 or length > file.size - 8:
        raise _bad(
            file, f"its header claims {length} bytes and the file has {file.size}; it is cut off or no such file"
        )
    if length > MAX_HEADER:
        raise _bad(file, f"its header claims {length} bytes; more than {MAX_HEADER} are not accepted")
    try:
        header = json.loads(file.bytes(8, length).decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise _bad(file, f"its header is not valid JSON ({error})") from error
    if not isinstance(header, dict):
        raise _bad(file, "its header is not a JSON table")
    return header, 8 + length


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the name {twice!r} appears twice")
    return table


def _tensor(file: MappedFile, name: str, entry: Any, data_start: int) -> StoredTensor:
    if not isinstance(entry, dict):
        raise _bad(file, f"the entry of {name!r} is not a table")
    dtype = DTYPES.get(str(entry.get("dtype")))
    if dtype is None:
        raise _bad(file, f"{name!r} has the unknown type {entry.get('dtype')!r}")
    shape, offsets = entry.get("shape"), entry.get("data_offsets")
    if not _naturals(shape) or len(shape) > MAX_DIMENSIONS:
        raise _bad(file, f"{name!r} has the impossible shape {shape!r}")
    if not _naturals(offsets) or len(offsets) != 2 or offsets[0] > offsets[1] or data_start + offsets[1] > file.size:
        raise _bad(file, f"{name!r} lies at {offsets!r}, outside the file of {file.size} bytes; it is probably cut off")
    if prod(shape) * dtype.itemsize != offsets[1] - offsets[0]:
        raise _bad(file, f"{name!r} has shape {shape} and {offsets[1] - offsets[0]} bytes; these do not agree")
    return StoredTensor(file, data_start + offsets[0], dtype, tuple(shape), contiguous_stride(tuple(shape)))


def _check_layout(file: MappedFile, tensors: dict[str, StoredTensor], data_start: int) -> None:
    """Refuse overlaps, holes and trailing bytes: nothing may be hidden between tensors."""
    end = data_start
    for tensor in sorted(tensors.values(), key=lambda tensor: (tensor.start, tensor.numel)):
        if tensor.start != end:
            raise _bad(file, "its tensors overlap" if tensor.start < end else "it has holes between its tensors")
        end = tensor.start + tensor.numel * tensor.dtype.itemsize
    if end != file.size:
        raise _bad(file, f"{file.size - end} bytes follow the last tensor")


def _naturals(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)


def _bad(file: MappedFile, reason: str) -> UnreadableFile:
    return UnreadableFile(f"{file.path.name} is not a sound safetensors file: {reason}.")
