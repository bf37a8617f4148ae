"""What is kept for later, models and results alike, within one budget of bytes.

A value is made of *parts* (the storage of a tensor, a weight of a network) that several values may share. The first
value that brings a part owns it and is charged for it; the later ones depend on the owner: using one is using the
owner, and when the owner goes they go, for only then does the memory return.

Whatever is *held* is in use and stays. Of the rest the first to go is the one with the largest
`bytes × runs since it was last used / seconds to make it again`.
"""

from __future__ import annotations

import heapq
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType
from typing import Any, NamedTuple

LEAST_SECONDS = 1e-3
"""What making anything again costs at least, beside its own seconds."""
WORTH_RELEASING = 16 << 20
"""Bytes that must have become free before the system is asked to take them back, which costs milliseconds."""
MOST_NAMES = 16
"""Keys under which one value is found; the oldest is forgotten first."""
REMEMBERED = 1000
"""Evictions that can be read back."""


class Weight(NamedTuple):
    """What a value weighs.

    Attributes:
        own: bytes that nothing else can share.
        parts: identity of each part that others may share, and its bytes.
    """

    own: int = 0
    parts: Mapping[int, int] = MappingProxyType({})

    @property
    def nbytes(self) -> int:
        """All of it."""
        return self.own + sum(self.parts.values()) if self.parts else self.own


WEIGHTLESS = Weight()


class Resident(NamedTuple):
    """One line of the inventory.

    Attributes:
        label: what it is, in words.
        nbytes: what it is charged for.
        seconds: how long making it took.
        idle: runs since it was last used.
        in_use: it cannot go.
    """

    label: str
    nbytes: int
    seconds: float
    idle: int
    in_use: bool


class Eviction(NamedTuple):
    """Something that had to go: what it was, the bytes it was charged for, and for how many runs nobody used it."""

    label: str
    nbytes: int
    idle: int


@dataclass(eq=False, slots=True)
class _Entry:
    """`parts` are all parts of the value, `nbytes` counts those that it owns; `owners` own the others."""

    names: list[Hashable]
    value: Any
    label: str
    parts: Mapping[int, int]
    seconds: float
    used: int
    held: bool = False
    nbytes: int = 0
    owners: tuple[_Entry, ...] = ()
    dependants: dict[int, _Entry] = field(default_factory=dict)

    @property
    def in_use(self) -> bool:
        return self.held or any(dependant.held for dependant in self.dependants.values())

    def score(self, run: int) -> float:
        """Return how much is won by letting go of this, negative, so that a heap gives the most first."""
        return -self.nbytes * (run - self.used + 1) / (self.seconds + LEAST_SECONDS)


def _weightless(value: Any) -> Weight:
    return WEIGHTLESS


def _nothing() -> None:
    """Give nothing back."""


class Memory:
    """Key to value. Safe to share between threads.

    Args:
        budget_bytes: how much all values may weigh together; what is in use counts and may exceed it.
        weigh: says what a value weighs; the engine knows nothing of tensors.
        release: asks the system to take free memory back.

    Attributes:
        evictions: those of this run, oldest first.
        run: the number of the current run, by which idleness is counted.
    """

    def __init__(
        self,
        budget_bytes: int,
        weigh: Callable[[Any], Weight] = _weightless,
        release: Callable[[], None] = _nothing,
    ) -> None:
        self.budget_bytes = budget_bytes
        self.used_bytes = 0
        self.weigh = weigh
        self.run = 0
        self.evictions: deque[Eviction] = deque(maxlen=REMEMBERED)
        self._release = release
        self._freed = 0
        self._kept: dict[Hashable, _Entry] = {}
        self._held: dict[Hashable, _Entry] = {}
        self._owner: dict[int, _Entry] = {}
        self._order: list[tuple[float, int, _Entry]] | None = None
        self._number = count()
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(set(map(id, self._kept.values())))

    def __contains__(self, key: object) -> bool:
        return key in self._kept

    def get(self, key: Hashable) -> Any | None:
        """Return the value kept under `key`, or None; it counts as used now."""
        with self._lock:
            entry = self._kept.get(key)
            return None if entry is None else self._touch(entry).value

    def put(
        self, key: Hashable, value: Any, *, seconds: float = 0.0, label: str = "", weight: Weight | None = None
    ) -> None:
        """Keep a value, and let others go until it fits; one that is larger than the budget is not kept.

        Args:
            key: what it is found by; what was kept under it before is replaced.
            value: anything but None.
            seconds: how long making it took.
            label: what it is, for people.
            weight: what it weighs, where that is known already.
        """
        with self._lock:
            self._forget(self._kept.get(key))
            own, parts = self.weigh(value) if weight is None else weight
            entry = _Entry([key], value, label, parts, seconds, self.run)
            self._enter(entry, own)
            self._kept[key] = entry
            if entry.nbytes > self.budget_bytes:
                self._forget(entry)
            self._offer(entry)
            self._shrink(self.budget_bytes)

    def name(self, key: Hashable, other: Hashable) -> None:
        """Let the value that is kept under `key` be found under `other` too, in place of what was there before."""
        with self._lock:
            entry = self._kept.get(key)
            if entry is None or self._kept.get(other) is entry:
                return
            self._forget(self._kept.get(other))
            if not entry.names:
                return  # it depended on what was there before
            self._kept[other] = entry
            entry.names.append(other)
            if len(entry.names) > MOST_NAMES:
                del self._kept[entry.names.pop(0)]

    def touch(self, keys: Iterable[Hashable]) -> None:
        """Count the values under these keys, where there are any, as used now."""
        with self._lock:
            for key in keys:
                if (entry := self._kept.get(key)) is not None:
                    self._touch(entry)

    def hold(self, holder: Hashable, value: Any, *, label: str = "", weight: Weight | None = None) -> None:
        """Count a value as in use until `holder` lets go of it, whether it is kept or not."""
        with self._lock:
            self.let_go(holder)
            own, parts = self.weigh(value) if weight is None else weight
            entry = _Entry([holder], value, label, parts, 0.0, self.run, held=True)
            self._enter(entry, own)
            self._held[holder] = entry
            self._shrink(self.budget_bytes)

    def let_go(self, holder: Hashable) -> None:
        """Say that the value that `holder` holds is no longer in use; nothing, if there is none."""
        with self._lock:
            entry = self._held.pop(holder, None)
            if entry is None:
                return
            heirs = tuple(entry.dependants.values())
            self._discharge(entry)
            entry.value = None
            for heir in heirs:
                self._charge(heir)
            for one in (*entry.owners, *heirs):
                self._offer(one)
            self._shrink(self.budget_bytes)

    def reserve(self, nbytes: int) -> None:
        """Make room for something that is about to be made, so that it never exists beside what it displaces."""
        with self._lock:
            self._shrink(self.budget_bytes - nbytes)

    def next_run(self) -> None:
        """Begin to count a new run."""
        with self._lock:
            self.run += 1
            self.evictions.clear()
            self._order = None

    def drop(self, keys: Iterable[Hashable]) -> None:
        """Let go of these values and of what depends on them, except what is in use."""
        with self._lock:
            for key in keys:
                entry = self._kept.get(key)
                if entry is not None and not entry.in_use:
                    self._forget(entry)
            self._give_back()

    def clear(self) -> None:
        """Let go of everything that is not in use."""
        self.drop(list(self._kept))

    def ages(self) -> dict[Hashable, int]:
        """Return a key of every kept value, and the run that last used it."""
        with self._lock:
            return {entry.names[0]: entry.used for entry in self._kept.values()}

    def orphans(self) -> list[Hashable]:
        """Return a key of every kept value on which nothing else depends."""
        with self._lock:
            return [entry.names[0] for entry in self._kept.values() if not entry.dependants]

    def inventory(self) -> tuple[Resident, ...]:
        """List what there is, the largest first."""
        with self._lock:
            lines = (
                Resident(entry.label, entry.nbytes, entry.seconds, self.run - entry.used, entry.in_use)
                for entry in self._all()
            )
            return tuple(sorted(lines, key=lambda line: -line.nbytes))

    def _all(self) -> Iterator[_Entry]:
        yield from {id(entry): entry for entry in self._kept.values()}.values()
        yield from self._held.values()

    def _enter(self, entry: _Entry, own: int) -> None:
        entry.nbytes = own
        self.used_bytes += own
        if entry.parts:
            self._charge(entry)

    def _charge(self, entry: _Entry) -> None:
        """Charge an entry for the parts that nobody owns, and tie it to the owners of the others."""
        owned = [part for part in entry.parts if part not in self._owner]
        owners = {id(owner): owner for part in entry.parts if (owner := self._owner.get(part, entry)) is not entry}
        self._owner.update(dict.fromkeys(owned, entry))
        entry.owners = tuple(owners.values())
        for owner in entry.owners:
            owner.dependants[id(entry)] = entry
        nbytes = sum(entry.parts[part] for part in owned)
        entry.nbytes += nbytes
        self.used_bytes += nbytes
        self._touch(entry)

    def _discharge(self, entry: _Entry) -> None:
        """Take an entry out of the books; its parts belong to nobody until somebody is charged for them."""
        for part in entry.parts:
            if self._owner.get(part) is entry:
                del self._owner[part]
        for owner in entry.owners:
            del owner.dependants[id(entry)]
        self.used_bytes -= entry.nbytes
        self._freed += entry.nbytes

    def _touch(self, entry: _Entry) -> _Entry:
        entry.used = self.run
        for owner in entry.owners:
            owner.used = self.run
        return entry

    def _forget(self, entry: _Entry | None) -> None:
        """Keep an entry and those that depend on it no longer; what is in use is charged to its users from now on."""
        pending = [] if entry is None else [entry]
        while pending:
            one = pending.pop()
            if not one.names:
                continue  # depended on two that went
            for name in one.names:
                del self._kept[name]
            self._discharge(one)
            one.names.clear()
            one.value = None  # those that wait for their turn to go may hold the entry itself
            for dependant in one.dependants.values():
                if dependant.held:
                    self._charge(dependant)
                else:
                    pending.append(dependant)

    def _offer(self, entry: _Entry) -> None:
        """Let an entry be considered when room is needed."""
        if self._order is not None:
            heapq.heappush(self._order, (entry.score(self.run), next(self._number), entry))

    def _shrink(self, limit: int) -> None:
        """Let entries go until no more than `limit` bytes are used, or all that is left is in use."""
        while self.used_bytes > limit and (entry := self._worst()) is not None:
            for one in (entry, *entry.dependants.values()):
                self.evictions.append(Eviction(one.label, one.nbytes, self.run - one.used))
            self._forget(entry)
        self._give_back()

    def _worst(self) -> _Entry | None:
        """Return the entry whose going wins most. Scores change with the run and with use; old ones are looked up."""
        if self._order is None:
            self._order = [(entry.score(self.run), next(self._number), entry) for entry in self._all()]
            heapq.heapify(self._order)
        while self._order:
            score, _, entry = heapq.heappop(self._order)
            if entry.names and not entry.in_use and entry.nbytes:  # else gone, or offered again after its use
                if score == entry.score(self.run):
                    return entry
                self._offer(entry)
        return None

    def _give_back(self) -> None:
        if self._freed >= WORTH_RELEASING:
            self._freed = 0
            self._release()
