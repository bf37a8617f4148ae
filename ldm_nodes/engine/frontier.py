"""Which nodes of a run are ready, in which order, and how long their results must be held.

The order is ComfyUI's preference: of the ready nodes first one that is a target or asynchronous, then one that feeds a
target, then one two steps away from one, then any; among equals the one met first on a walk from the targets to the
sources. So pictures appear early and a branch is finished, and its memory released, before the next one is begun.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .cache import Held, NodeResult
from .mapping import Values
from .run_graph import RunGraph
from .walk import ring

FAR = 3
Known = Callable[[str], NodeResult | None]


class Frontier:
    """The state of a run: what waits for what, what is ready, what is held.

    Args:
        graph: what runs; it may grow.
        known: returns the result of a node that need not run, or None.
        held: takes the results in use.
        beforehand: the same for what the targets need, before anything has run; `known` if not given.
    """

    def __init__(self, graph: RunGraph, known: Known, held: Held, beforehand: Known | None = None) -> None:
        self._graph = graph
        self._known = beforehand or known
        self._rank: dict[str, int] = {}
        self._number: dict[str, int] = {}
        self._waiting: dict[str, int] = {}
        self._followers: dict[str, list[str]] = {}
        self._holders: dict[str, int] = {}
        self._claims: dict[str, list[str]] = {}
        self._ready: list[tuple[int, int, str]] = []
        self._held = held
        self._kept: set[str] = set()
        self._set_ranks(graph.targets)
        self._demand(graph.targets)
        self._known = known

    def wait(self, node_id: str, sources: Iterable[str], aims: Iterable[str] = ()) -> None:
        """Let a node that was taken wait until it can have the results of more nodes, then be taken again.

        Args:
            node_id: the node.
            sources: the nodes that it waits for.
            aims: those of them that are run for their own sake, and so come first.
        """
        asked = dict.fromkeys(sources)
        self._set_ranks(aims)
        self._demand(asked)
        for source in asked:
            self._holders[source] = self._holders.get(source, 0) + 1
        self._claims.setdefault(node_id, []).extend(asked)
        self._follow(node_id, asked)
        if not self._waiting[node_id]:
            self._offer(node_id)

    def take(self) -> str | None:
        """Return the next node to run, or None when none is ready."""
        return heapq.heappop(self._ready)[2] if self._ready else None

    def ring(self) -> list[str]:
        """Return nodes that wait for each other, when none is ready although some have no result yet; else nothing."""
        waits = {follower: source for source, followers in self._followers.items() for follower in followers}
        stuck = next((node_id for node_id in self._waiting if node_id in waits), None)
        return [] if stuck is None else ring(stuck, waits.get)

    def inputs(self, node_id: str) -> dict[str, Values]:
        """Return what is on the wires into a node, as far as it is there.

        An output that its node did not make is None.
        """
        arrived = {}
        for name, link in self._graph.links[node_id].items():
            if (result := self._held.get(link.node_id)) is not None:
                arrived[name] = result.outputs[link.slot] if link.slot < len(result.outputs) else (None,)
        return arrived

    def facts(self, node_ids: Iterable[str]) -> tuple[Mapping[str, Any], ...]:
        """Return what these nodes and those behind them recorded, as far as they are held; each fact once."""
        held = [result for node_id in node_ids if (result := self._held.get(node_id)) is not None]
        told = [result.facts for result in held if result.facts]
        if len(told) < 2:
            return told[0] if told else ()
        return tuple({id(fact): fact for facts in told for fact in facts}.values())

    def finish(self, node_id: str, result: NodeResult, keep: bool = False) -> None:
        """Record a result: followers may become ready, and sources that nobody waits for any more are let go.

        Args:
            node_id: the node, which was taken.
            result: what it made.
            keep: hold it to the end, although nobody waits for it.
        """
        del self._waiting[node_id]
        self._held[node_id] = result
        if keep:
            self._kept.add(node_id)
        for follower in self._followers.pop(node_id, ()):
            self._waiting[follower] -= 1
            if not self._waiting[follower]:
                self._offer(follower)
        for source in self._graph.sources[node_id]:
            self._release(source)
        for source in self._claims.pop(node_id, ()):
            self._release(source)
        if node_id not in self._holders:
            self._let_go(node_id)

    def result(self, node_id: str) -> NodeResult:
        """Return what is held of a node; the results of targets are held to the end.

        Raises:
            KeyError: when nothing is held of it, because it has not run or nobody waits for it any more.
        """
        return self._held[node_id]

    def __contains__(self, node_id: str) -> bool:
        return node_id in self._held

    def _demand(self, node_ids: Iterable[str]) -> None:
        needed = self._discover(node_ids)
        for node_id in needed:
            self._follow(node_id, self._strong(node_id))
            for source in self._graph.sources[node_id]:
                self._holders[source] = self._holders.get(source, 0) + 1
        for node_id in needed:
            if not self._waiting[node_id]:
                self._offer(node_id)

    def _discover(self, node_ids: Iterable[str]) -> list[str]:
        """Number the nodes on a walk from `node_ids` to the sources; return those that must run."""
        needed = []
        pending = [*node_ids][::-1]
        while pending:
            node_id = pending.pop()
            if node_id in self._held or node_id in self._waiting:
                continue
            self._number.setdefault(node_id, len(self._number))
            if (result := self._known(node_id)) is not None:
                self._held[node_id] = result
                continue
            self._waiting[node_id] = 0
            needed.append(node_id)
            pending.extend(self._strong(node_id)[::-1])
        return needed

    def _follow(self, node_id: str, sources: Iterable[str]) -> None:
        for source in sources:
            if source not in self._held:
                self._waiting[node_id] += 1
                self._followers.setdefault(source, []).append(node_id)

    def _offer(self, node_id: str) -> None:
        rank = 0 if self._graph.specs[node_id].is_async else self._rank.get(node_id, FAR)
        heapq.heappush(self._ready, (rank, self._number[node_id], node_id))

    def _release(self, node_id: str) -> None:
        """Count one less of those who hold a node's result."""
        self._holders[node_id] -= 1
        if not self._holders[node_id]:
            del self._holders[node_id]
            self._let_go(node_id)

    def _let_go(self, node_id: str) -> None:
        if node_id not in self._graph.targets and node_id not in self._kept:
            self._held.let_go(node_id)

    def _strong(self, node_id: str) -> Sequence[str]:
        """Return the nodes that must have run before a node is first taken, each once."""
        weak = self._graph.specs[node_id].weak
        if not weak:
            return self._graph.sources[node_id]
        return list({link.node_id: None for name, link in self._graph.links[node_id].items() if name not in weak})

    def _set_ranks(self, targets: Iterable[str]) -> None:
        """Say how many steps nodes are away from the nearest target, for those less than `FAR` away."""
        layer = list(targets)
        for rank in range(FAR):
            layer = [node_id for node_id in layer if self._rank.get(node_id, FAR) > rank]
            self._rank.update(dict.fromkeys(layer, rank))
            layer = [source for node_id in layer for source in self._graph.sources[node_id]]
