"""Results of nodes that may be used again: which of them are kept, and for how long.

They lie in a `Memory` beside the loaded models. Its budget of bytes holds in every mode; the modes say what else goes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..settings import CacheSettings
from .dynamic_prompt import Place
from .keys import Key, Uncached
from .memory import Memory


class Shown(NamedTuple):
    """What a node has to show that another put in its own place, and what those that it put in itself have."""

    place: Place
    ui: Mapping[str, Any] | None
    inner: tuple[Shown, ...]


@dataclass(frozen=True)
class NodeResult:
    """What a node made.

    Attributes:
        outputs: for each output its values: mostly one, more where lists are at work.
        ui: what it has to show, or None.
        facts: what it and the nodes behind it recorded, sources first.
        inner: what the nodes have to show that it put in its place.
    """

    outputs: tuple[tuple[Any, ...], ...]
    ui: Mapping[str, Any] | None = None
    facts: tuple[Mapping[str, Any], ...] = ()
    inner: tuple[Shown, ...] = ()


def flattened(shown: Iterable[Shown]) -> Iterator[Shown]:
    """Yield what is shown at any depth, without recursion."""
    pending = list(shown)
    while pending:
        one = pending.pop()
        yield one
        pending.extend(one.inner)


class OutputCache:
    """Key to `NodeResult`.

    Args:
        memory: where results lie; loaded models lie there too, under keys that are no bytes.
        settings: what is kept.
    """

    def __init__(self, memory: Memory, settings: CacheSettings | None = None) -> None:
        self.memory = memory
        self.settings = settings or CacheSettings()

    def __contains__(self, key: object) -> bool:
        return key in self.memory

    def begin(self, keys: Iterable[Key]) -> None:
        """Begin a run of a graph whose nodes have these keys; all of them count as used now."""
        self.memory.next_run()
        for key in keys:
            self.memory.touch(key)
        if self.settings.mode == "lru":
            self._keep_most()

    def end(self) -> None:
        """End a run, however it ended."""
        if self.settings.mode == "classic":
            self.memory.drop(key for key, run in self.memory.ages().items() if run < self.memory.run)
        if self.settings.mode in ("classic", "none"):
            self._drop_unneeded_models()

    def get(self, key: Key) -> NodeResult | None:
        """Return the result kept under `key`, or None; it counts as used now."""
        found: NodeResult | None = None if isinstance(key, Uncached) else self.memory.get(key)
        return found

    def put(self, key: Key, result: NodeResult, *, seconds: float = 0.0, label: str = "") -> None:
        """Keep a result that took `seconds` to make, unless the mode or the budget says otherwise."""
        if isinstance(key, Uncached) or self.settings.mode == "none":
            return
        self.memory.put(key, result, seconds=seconds, label=label, weight=self.memory.weigh(result.outputs))

    def hold(self, holder: Hashable, result: NodeResult, *, label: str = "") -> None:
        """Keep a result in use, in every mode and beyond the budget, until `holder` lets go of it."""
        self.memory.hold(holder, result, label=label, weight=self.memory.weigh(result.outputs))

    def let_go(self, holder: Hashable) -> None:
        """End what `hold` began."""
        self.memory.let_go(holder)
        if self.settings.mode == "none":
            self._drop_unneeded_models()

    def clear(self) -> None:
        """Forget everything that is not in use, models too."""
        self.memory.clear()

    def _keep_most(self) -> None:
        """Drop the results of the runs that are longest ago until there are few enough; never those of this run."""
        ages = [(run, key) for key, run in self.memory.ages().items() if isinstance(key, bytes)]
        surplus, dropped = len(ages) - self.settings.results, 0
        for generation in sorted({run for run, _ in ages} - {self.memory.run}):
            if dropped >= surplus:
                return
            old = [key for run, key in ages if run == generation]
            self.memory.drop(old)
            dropped += len(old)

    def _drop_unneeded_models(self) -> None:
        self.memory.drop(key for key in self.memory.orphans() if not isinstance(key, bytes))
