"""How much memory node outputs hold, for the cache's budget. Models are the pool's business and weigh nothing here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def size_of(outputs: tuple[Any, ...]) -> int:
    """Return the bytes of all tensors and texts in `outputs`, however nested; a tensor met twice counts once."""
    seen: set[int] = set()
    total = 0
    pending: list[Any] = [outputs]
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Mapping):
            pending.extend(value.values())
        elif isinstance(value, list | tuple):
            pending.extend(value)
        elif isinstance(value, str | bytes):
            total += len(value)
        elif isinstance(size := getattr(value, "nbytes", 0), int):
            total += size
    return total
