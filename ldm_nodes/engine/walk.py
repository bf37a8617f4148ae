"""How graphs are walked here: by a loop, never by recursion, in time linear in what is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def reachable(starts: Iterable[str], neighbours: Callable[[str], Iterable[str]]) -> set[str]:
    """Return `starts` and everything that can be reached from them, step by step, by `neighbours`.

    Example:
        >>> sorted(reachable(["b"], {"a": "b", "b": "cd", "c": "d", "d": ""}.__getitem__))
        ['b', 'c', 'd']
    """
    seen = set(starts)
    pending = list(seen)
    while pending:
        fresh = {node for node in neighbours(pending.pop()) if node not in seen}
        seen |= fresh
        pending.extend(fresh)
    return seen
