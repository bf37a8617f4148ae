"""Results of nodes that may be used again, within a budget of bytes; the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .keys import Key, Uncached


@dataclass(frozen=True)
class NodeResult:
    """What a node made.

    Attributes:
        outputs: one value per output.
        ui: what it has to show, or None.
        facts: what it and the nodes behind it recorded, sources first.
    """

    outputs: tuple[Any, ...]
    ui: Mapping[str, Any] | None = None
    facts: tuple[Mapping[str, Any], ...] = ()


class OutputCache:
    """Key to `NodeResult`. A result larger than the whole budget is not kept.

    Args:
        budget_bytes: how much the kept results may weigh together.
        size_of: weighs the outputs of one node; the engine knows nothing of tensors.
    """

    def __init__(self, budget_bytes: int, size_of: Callable[[tuple[Any, ...]], int]) -> None:
        self.budget_bytes = budget_bytes
        self.used_bytes = 0
        self._size_of = size_of
        self._kept: OrderedDict[bytes, tuple[NodeResult, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: object) -> bool:
        return key in self._kept

    def get(self, key: Key) -> NodeResult | None:
        """Return the result kept under `key`, or None; it counts as used now."""
        if isinstance(key, Uncached) or key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def put(self, key: Key, result: NodeResult) -> None:
        """Keep a result, and drop the least recently used ones that no longer fit."""
        if isinstance(key, Uncached):
            return
        self._drop(key)
        size = self._size_of(result.outputs)
        if size > self.budget_bytes:
            return
        self._kept[key] = (result, size)
        self.used_bytes += size
        while self.used_bytes > self.budget_bytes:
            self._drop(next(iter(self._kept)))

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self.used_bytes = 0

    def _drop(self, key: bytes) -> None:
        if key in self._kept:
            _, size = self._kept.pop(key)
            self.used_bytes -= size
