"""Which nodes of a plan are ready to run, in which order, and how long their results must be held.

The order is ComfyUI's preference: of the ready nodes first one that is a target, then one that feeds a target, then one
two steps away from one, then any; among equals the one met first on a walk from the targets to the sources. So pictures
appear early and a branch is finished, and its memory released, before the next one is begun.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .cache import NodeResult
from .plan import Plan

FAR = 3


class Frontier:
    """The state of a run: what waits for what, what is ready, what is held.

    Args:
        plan: what runs.
        known: returns the result of a node that need not run, or None.
    """

    def __init__(self, plan: Plan, known: Callable[[str], NodeResult | None]) -> None:
        self._plan = plan
        self._known = known
        self._targets = frozenset(plan.targets)
        self._rank = _ranks(plan)
        self._number: dict[str, int] = {}
        self._waiting: dict[str, int] = {}
        self._consumers: dict[str, int] = {}
        self._ready: list[tuple[int, int, str]] = []
        self._held: dict[str, NodeResult] = {}
        self.demand(plan.targets)

    def demand(self, node_ids: Iterable[str]) -> None:
        """Add nodes to what must be had, with everything that they need and that is not known."""
        needed = self._discover(node_ids)
        for node_id in needed:
            sources = list(self._plan.graph.predecessors(node_id))
            self._waiting[node_id] = sum(source not in self._held for source in sources)
            for source in sources:
                self._consumers[source] = self._consumers.get(source, 0) + 1
        for node_id in needed:
            self._offer(node_id)

    def take(self) -> str | None:
        """Return the next node to run, or None when all are done."""
        return heapq.heappop(self._ready)[2] if self._ready else None

    def inputs(self, node_id: str) -> dict[str, Any]:
        """Return the values on the wires into a node."""
        links = self._plan.links[node_id].items()
        return {name: self._held[link.node_id].outputs[link.slot] for name, link in links}

    def facts(self, node_id: str) -> tuple[Mapping[str, Any], ...]:
        """Return what the nodes behind a node recorded, each fact once, sources first."""
        sources = {link.node_id: None for link in self._plan.links[node_id].values()}
        facts = (fact for source in sources for fact in self._held[source].facts)
        return tuple({id(fact): fact for fact in facts}.values())

    def finish(self, node_id: str, result: NodeResult) -> None:
        """Record a result: consumers may become ready, and sources that nobody waits for any more are let go."""
        self._held[node_id] = result
        for consumer in self._plan.graph.successors(node_id):
            if consumer in self._waiting:
                self._waiting[consumer] -= 1
                self._offer(consumer)
        for source in self._plan.graph.predecessors(node_id):
            self._consumers[source] -= 1
            if not self._consumers[source] and source not in self._targets:
                del self._held[source]

    def result(self, node_id: str) -> NodeResult:
        """Return what is held of a node; the results of targets are held to the end.

        Raises:
            KeyError: when nothing is held of it, because it has not run or nobody waits for it any more.
        """
        return self._held[node_id]

    def _discover(self, node_ids: Iterable[str]) -> list[str]:
        """Number the nodes on a walk from `node_ids` to the sources; return those that must run."""
        needed = []
        pending = list(node_ids)[::-1]
        while pending:
            node_id = pending.pop()
            if node_id in self._number:
                continue
            self._number[node_id] = len(self._number)
            if (result := self._known(node_id)) is not None:
                self._held[node_id] = result
                continue
            needed.append(node_id)
            pending.extend(list(self._plan.graph.predecessors(node_id))[::-1])
        return needed

    def _offer(self, node_id: str) -> None:
        if not self._waiting[node_id]:
            heapq.heappush(self._ready, (self._rank.get(node_id, FAR), self._number[node_id], node_id))


def _ranks(plan: Plan) -> dict[str, int]:
    """Return how many steps a node is away from the nearest target, for those less than `FAR` away."""
    ranks = dict.fromkeys(plan.targets, 0)
    layer = list(plan.targets)
    for rank in range(1, FAR):
        layer = [source for node_id in layer for source in plan.graph.predecessors(node_id) if source not in ranks]
        ranks |= dict.fromkeys(layer, rank)
    return ranks
