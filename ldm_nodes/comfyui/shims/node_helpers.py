"""`node_helpers`: small things that nodes share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from PIL import ImageFile

DTYPES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}


def conditioning_set_values(conditioning: Any, values: Mapping[str, Any] | None = None, append: bool = False) -> Any:
    """Return a conditioning whose entries have these values too; with `append` they are put behind those they have."""
    return [[entry[0], {**entry[1], **_merged(entry[1], values or {}, append)}, *entry[2:]] for entry in conditioning]


def _merged(options: Mapping[str, Any], values: Mapping[str, Any], append: bool) -> dict[str, Any]:
    return {key: options[key] + value if append and key in options else value for key, value in values.items()}


def pillow(function: Callable[[Any], Any], arg: Any) -> Any:
    """Call a function of Pillow; if the file is cut short, once more with what there is of it."""
    try:
        return function(arg)
    except (OSError, SyntaxError, ValueError):
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
        try:
            return function(arg)
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def hasher() -> Any:
    """Return the hash function of files."""
    return hashlib.sha256


def string_to_torch_dtype(string: str) -> Any:
    """Return the number type called `fp32`, `fp16` or `bf16`; None for other names."""
    import torch

    return getattr(torch, DTYPES[string]) if string in DTYPES else None


def image_alpha_fix(destination: Any, source: Any) -> tuple[Any, Any]:
    """Return two pictures (B, H, W, C) with equally many channels: an opaque one is added, or alpha is cut off."""
    import torch

    if destination.shape[-1] < source.shape[-1]:
        source = source[..., : destination.shape[-1]]
    elif destination.shape[-1] > source.shape[-1]:
        source = torch.nn.functional.pad(source, (0, 1))
        source[..., -1] = 1.0
    return destination, source
