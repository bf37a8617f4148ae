"""How much memory the values on wires hold, for the budget: tensors, texts, and the weights of networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from typing import Any

from ..engine.memory import Weight

OVERHEAD = 1024
"""Bytes that keeping anything costs: its key, its record, the containers of its values."""
WEIGHTLESS = frozenset({int, float, bool, complex, type(None)})


def weigh(value: Any) -> Weight:
    """Weigh a value, however nested: each storage of tensors and each array is a part that others may share."""
    own, parts = OVERHEAD, dict[int, int]()
    seen: set[int] = set()
    pending: list[Any] = [value]
    while pending:
        item = pending.pop()
        if type(item) in WEIGHTLESS or id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, str | bytes):
            own += len(item)
        elif hasattr(item, "untyped_storage"):
            parts.update(_storage(item))
        elif isinstance(size := getattr(item, "nbytes", None), int) and not is_dataclass(item):
            parts[id(item)] = size
        else:
            pending.extend(_inside(item))
    return Weight(own, parts)


def _inside(item: Any) -> Iterable[Any]:
    """Return what an object consists of; of objects that say nothing about themselves, nothing."""
    if isinstance(item, Mapping):
        return item.values()
    if isinstance(item, list | tuple | set | frozenset):
        return item
    if hasattr(item, "parameters") and hasattr(item, "buffers"):  # a network
        return (*item.parameters(), *item.buffers())
    if is_dataclass(item) and not isinstance(item, type):
        return vars(item).values() if hasattr(item, "__dict__") else ()
    return ()


def _storage(tensor: Any) -> dict[int, int]:
    """Return the identity and the size of the memory behind a tensor; views of one memory have one."""
    if tensor.is_mkldnn:  # packed for the processor, behind its library's walls
        return {id(tensor): tensor.numel() * tensor.element_size()}
    storage = tensor.untyped_storage()
    return {storage.data_ptr(): storage.nbytes()} if storage.nbytes() else {}
