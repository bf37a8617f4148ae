"""How graphs are walked here: by a loop, never by recursion, in time linear in what is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping


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


def in_order(targets: Iterable[str], sources: Mapping[str, tuple[str, ...]]) -> list[str] | None:
    """Return `targets` and everything behind them, each after its sources, or None where some wait for each other.

    Example:
        >>> sources = {"a": (), "b": ("a",), "c": ("a", "b"), "d": ("d",)}
        >>> in_order(["c", "a"], sources), in_order(["d"], sources)
        (['a', 'b', 'c'], None)
    """
    order: list[str] = []
    is_open: dict[str, bool] = {}
    pending = [*targets][::-1]
    while pending:
        node = pending[-1]
        if node not in is_open:
            is_open[node] = True
            for source in sources[node][::-1]:
                if source not in is_open:
                    pending.append(source)
                elif is_open[source]:
                    return None
            continue
        pending.pop()
        if is_open[node]:
            is_open[node] = False
            order.append(node)
    return order


def sources_first(nodes: Iterable[str], sources: Callable[[str], Iterable[str]]) -> list[str]:
    """Return `nodes` in an order in which each follows its sources; what is in or behind a cycle is left out.

    Among nodes that wait for nothing the order is that in which they were given. Sources beyond `nodes` do not count.

    Example:
        >>> sources_first("dcba", {"a": "", "b": "a", "c": "ab", "d": "cb"}.__getitem__)
        ['a', 'b', 'c', 'd']
        >>> sources_first("abcd", {"a": "", "b": "ac", "c": "b", "d": "c"}.__getitem__)
        ['a']
    """
    waiting = dict.fromkeys(nodes, 0)
    followers: dict[str, list[str]] = {}
    for node in waiting:
        for source in sources(node):
            if source in waiting:
                waiting[node] += 1
                followers.setdefault(source, []).append(node)
    order = [node for node, count in waiting.items() if not count]
    for node in order:  # it grows as it is walked
        for follower in followers.get(node, ()):
            waiting[follower] -= 1
            if not waiting[follower]:
                order.append(follower)
    return order


def followers_of(sources: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Return the nodes that each node is a source of, given the sources of each.

    Example:
        >>> followers_of({"a": "", "b": "a", "c": "ab"})
        {'a': ['b', 'c'], 'b': ['c'], 'c': []}
    """
    followers: dict[str, list[str]] = {node: [] for node in sources}
    for node, behind in sources.items():
        for source in behind:
            followers[source].append(node)
    return followers


def ring(start: str, source_of: Callable[[str], str | None]) -> list[str]:
    """Go against the wires until a node comes again; return the cycle along the wires, or nothing if the way ends.

    Example:
        >>> ring("d", {"d": "c", "c": "b", "b": "a", "a": "c"}.get)
        ['a', 'b', 'c']
    """
    seen: dict[str, int] = {}
    node: str | None = start
    while node is not None and node not in seen:
        seen[node] = len(seen)
        node = source_of(node)
    return [] if node is None else list(seen)[seen[node] :][::-1]
