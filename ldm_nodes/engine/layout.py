"""Where nodes stand when nobody placed them: in columns from left to right, each to the right of what feeds it."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Size = tuple[float, float]

GAP_X, GAP_Y = 80.0, 60.0
SWEEPS = 4


def layered(sizes: Mapping[Key, Size], wires: Iterable[tuple[Key, Key]]) -> dict[Key, tuple[float, float]]:
    """Return the upper left corner of every node; no two of them overlap.

    Args:
        sizes: width and height of every node.
        wires: pairs of nodes, the first feeding the second; circles are allowed.
    """
    pairs = [(source, target) for source, target in dict.fromkeys(wires) if source != target]
    below, above = _neighbours(sizes, pairs), _neighbours(sizes, [(target, source) for source, target in pairs])
    columns = _ordered(_columns(sizes, below, above), below, above)
    places, x = {}, 0.0
    for column in columns:
        y = 0.0
        for key in column:
            places[key] = (x, y)
            y += sizes[key][1] + GAP_Y
        x += max(sizes[key][0] for key in column) + GAP_X
    return places


def _neighbours(keys: Iterable[Key], pairs: Iterable[tuple[Key, Key]]) -> dict[Key, list[Key]]:
    found: dict[Key, list[Key]] = {key: [] for key in keys}
    for source, target in pairs:
        found[source].append(target)
    return found


def _columns(keys: Iterable[Key], below: Mapping[Key, list[Key]], above: Mapping[Key, list[Key]]) -> list[list[Key]]:
    """Put every node one column to the right of the last that feeds it, and what nothing feeds next to its use."""
    level = _levels(list(keys), below, above)
    for key, targets in below.items():
        if not above[key] and targets:
            level[key] = max(0, min(level[target] for target in targets) - 1)
    columns: dict[int, list[Key]] = {}
    for key, number in level.items():
        columns.setdefault(number, []).append(key)
    return [columns[number] for number in sorted(columns)]


def _levels(keys: list[Key], below: Mapping[Key, list[Key]], above: Mapping[Key, list[Key]]) -> dict[Key, int]:
    """Return the length of the longest way to every node; a circle is opened at the first node of it in the list."""
    waiting = {key: len(above[key]) for key in keys}
    level = dict.fromkeys(keys, 0)
    ready = deque(key for key in keys if not waiting[key])
    done: set[Key] = set()
    rest = iter(keys)
    while len(done) < len(keys):
        key = ready.popleft() if ready else next(rest)
        if key in done:
            continue
        done.add(key)
        for target in below[key]:
            waiting[target] -= 1
            if target not in done:
                level[target] = max(level[target], level[key] + 1)
                if not waiting[target]:
                    ready.append(target)
    return level


def _ordered(
    columns: list[list[Key]], below: Mapping[Key, list[Key]], above: Mapping[Key, list[Key]]
) -> list[list[Key]]:
    """Sort every column by where the neighbours of its nodes stand, to and fro, so that wires cross less."""
    rank = {key: float(index) for column in columns for index, key in enumerate(column)}
    for sweep in range(SWEEPS):
        near = above if sweep % 2 == 0 else below
        for column in columns if sweep % 2 == 0 else reversed(columns):
            middle = {key: _middle(key, near[key], rank) for key in column}
            column.sort(key=middle.__getitem__)
            rank.update((key, float(index)) for index, key in enumerate(column))
    return columns


def _middle(key: Key, near: list[Key], rank: Mapping[Key, float]) -> float:
    return sum(rank[other] for other in near) / len(near) if near else rank[key]
