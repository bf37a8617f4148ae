"""Results of nodes that may be used again: which of them are kept, and for how long.

They lie in a `Memory` beside the loaded models. Its budget of bytes holds in every mode; the modes say what else goes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ..settings import CacheSettings
from .content import LARGEST, Leaf, no_leaf, slot_identities
from .disk_cache import DiskCache
from .dynamic_prompt import Place
from .keys import Key, Uncached
from .memory import WEIGHTLESS, Memory, Weight

WORTH_HOLDING = 64 << 10
"""Bytes from which it matters to the budget that a result is in use."""


class Shown(NamedTuple):
    """What a node has to show that another put in its own place, and what those that it put in itself have."""

    place: Place
    ui: Mapping[str, Any] | None
    inner: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What a node made.

    Attributes:
        outputs: for each output its values: mostly one, more where lists are at work.
        ui: what it has to show, or None.
        facts: what it and the nodes behind it recorded, sources first.
        inner: what the nodes have to show that it put in its place.
        told: which of the facts it recorded itself.
        weight: what the outputs weigh; known once the result has been kept.
        identities: that of each output (`content.py`), or None; known once the result has been kept.
    """

    outputs: tuple[tuple[Any, ...], ...]
    ui: Mapping[str, Any] | None = None
    facts: tuple[Mapping[str, Any], ...] = ()
    inner: tuple[Shown, ...] = ()
    told: tuple[Mapping[str, Any], ...] = ()
    weight: Weight = WEIGHTLESS
    identities: tuple[bytes | None, ...] = ()


def flattened(shown: Iterable[Shown]) -> Iterator[Shown]:
    """Yield what is shown at any depth, without recursion."""
    pending = list(shown)
    while pending:
        one = pending.pop()
        yield one
        pending.extend(one.inner)


class Held(dict[str, NodeResult]):
    """Node id to a result in use; as long as it is here, it stays in memory, in every mode and beyond the budget."""

    def __init__(self, cache: OutputCache) -> None:
        super().__init__()
        self._cache = cache

    def __setitem__(self, node_id: str, result: NodeResult) -> None:
        super().__setitem__(node_id, result)
        if result.weight.nbytes >= WORTH_HOLDING:
            self._cache.memory.hold(node_id, result, label=f"in use by node {node_id}", weight=result.weight)

    def let_go(self, node_id: str) -> None:
        """End the use of a node's result, if it is here."""
        result = self.pop(node_id, None)
        if result is not None and result.weight.nbytes >= WORTH_HOLDING:
            self._cache.let_go(node_id)


class OutputCache:
    """Key to `NodeResult`.

    Args:
        memory: where results lie; loaded models lie there too, under keys that are no bytes.
        settings: what is kept.
        disk: where results outlive the process, if they do.
        leaf: hashes tensors and the like, by which it is noticed that a result is what it was.
    """

    def __init__(
        self,
        memory: Memory,
        settings: CacheSettings | None = None,
        disk: DiskCache | None = None,
        leaf: Leaf = no_leaf,
    ) -> None:
        self.memory = memory
        self.settings = settings or CacheSettings()
        self._disk, self._leaf = disk, leaf
        self._held = Held(self)

    def __contains__(self, key: object) -> bool:
        return key in self.memory

    def begin(self, keys: Iterable[Key]) -> Held:
        """Begin a run of a graph whose nodes have these keys; all of them count as used now.

        Returns:
            where the run puts the results that it uses.
        """
        self.memory.next_run()
        if self._disk is not None:
            self._disk.refresh()
        self.memory.touch(keys)
        if self.settings.mode == "lru":
            self._keep_most()
        return self._held

    def end(self) -> None:
        """End a run, however it ended."""
        for node_id in list(self._held):
            self._held.let_go(node_id)
        if self.settings.mode == "classic":
            self.memory.drop(key for key, run in self.memory.ages().items() if run < self.memory.run)
        if self.settings.mode in ("classic", "none"):
            self._drop_unneeded_models()

    def get(self, key: Key) -> NodeResult | None:
        """Return the result kept under `key`, or None; it counts as used now."""
        found: NodeResult | None = None if isinstance(key, Uncached) else self.memory.get(key)
        return found

    def keep(
        self, keys: tuple[Key, bytes | None], result: NodeResult, seconds: float, label: str, to_disk: bool = False
    ) -> NodeResult:
        """Keep a result, unless the mode or the budget says otherwise.

        Args:
            keys: its key, and its key by content if it has one.
            result: what a node made.
            seconds: how long making it took.
            label: what it is, for people.
            to_disk: whether it may outlive the process.

        Returns:
            the result, weighed and with the identities of its outputs.
        """
        names = [key for key in keys if isinstance(key, bytes)]
        sealed = self._sealed(result, names[-1] if names else None)
        if names and self.settings.mode != "none":
            self._put(names, sealed, seconds, label)
            if to_disk and self._disk is not None and result.ui is None and not result.inner:
                self._disk.put(names[0], _packed(sealed), nbytes=sealed.weight.nbytes, seconds=seconds)
        return sealed

    def adopt(self, key: Key, other: bytes, result: NodeResult) -> None:
        """Let a result that is kept under `other` be found under `key` too, with other facts if it has them."""
        if isinstance(key, Uncached):
            return
        if self.memory.get(other) is result:
            self.memory.name(other, key)
        elif self.settings.mode != "none":
            self._put([key], result, 0.0, "")

    def name(self, key: bytes, other: bytes) -> None:
        """Let a result that is kept under `key`, if there is one, be found under `other` too."""
        if other not in self.memory:
            self.memory.name(key, other)

    def stored(self, key: Key) -> bool:
        """Say whether a result is on the disk, without reading it."""
        return self._disk is not None and isinstance(key, bytes) and key in self._disk

    def load(self, key: Key) -> NodeResult | None:
        """Return the result that is on the disk under `key`, or None; from then on it is in memory too."""
        if self._disk is None or isinstance(key, Uncached) or (value := self._disk.get(key)) is None:
            return None
        result = _unpacked(value)
        result = replace(result, weight=self.memory.weigh(result.outputs))
        self._put([key], result, 0.0, "from the disk")
        return result

    def complaints(self) -> list[str]:
        """Return what went wrong with keeping results on the disk, once."""
        return [] if self._disk is None else self._disk.complaints()

    def let_go(self, holder: Hashable) -> None:
        """End what `Memory.hold` began, and drop what only that needed if the mode keeps nothing."""
        self.memory.let_go(holder)
        if self.settings.mode == "none":
            self._drop_unneeded_models()

    def clear(self) -> None:
        """Forget everything that is not in use, models too."""
        self.memory.clear()

    def _sealed(self, result: NodeResult, key: bytes | None) -> NodeResult:
        """Return a result with its weight and the identities of its outputs."""
        weight = self.memory.weigh(result.outputs)
        leaf = self._leaf if weight.nbytes <= LARGEST else None
        identities = slot_identities(result.outputs, key, leaf)
        return NodeResult(
            result.outputs, result.ui, result.facts, result.inner, result.told, weight, identities
        )  # `replace` takes three times as long

    def _put(self, names: list[bytes], result: NodeResult, seconds: float, label: str) -> None:
        self.memory.put(names[0], result, seconds=seconds, label=label, weight=result.weight)
        for other in names[1:]:
            self.memory.name(names[0], other)

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


def _packed(result: NodeResult) -> dict[str, Any]:
    """Return what of a result goes to the disk, in plain containers."""
    identities = [identity and identity.hex() for identity in result.identities]
    facts = {"facts": list(result.facts), "told": list(result.told)}
    return {"outputs": result.outputs, "identities": identities, **facts}


def _unpacked(value: Mapping[str, Any]) -> NodeResult:
    identities = tuple(identity and bytes.fromhex(identity) for identity in value["identities"])
    return NodeResult(value["outputs"], None, tuple(value["facts"]), told=tuple(value["told"]), identities=identities)
