"""How far a run is and how long it will still take, from what its nodes took before and from what it tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from .cost_model import CostModel, Span, Work
from .events import Cached, Estimate, Event, EventSink, Executed, Executing, Progress, Started, Succeeded
from .plan import Plan
from .registry import Registry
from .workload import workloads

PAUSE = 0.1
"""Seconds between two estimates."""
NEVER = float("-inf")
NOTHING = Span(0.0, 0.0, 0.0)


class Estimator:
    """A sink of events that passes every event on, puts estimates between them, and learns what nodes took.

    Args:
        plan: what runs.
        registry: the nodes that there are.
        costs: what is known; it learns from the run.
        emit: where the events go.
        clock: tells seconds.
    """

    def __init__(
        self,
        plan: Plan,
        registry: Registry,
        costs: CostModel,
        emit: EventSink,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan, self._costs, self._emit, self._clock = plan, costs, emit, clock
        self._works = workloads(plan, registry)
        self._left: dict[str, Span] = {}
        self._running: dict[str, _Running] = {}
        self._done = 0.0
        self._fraction = 0.0
        self._told = NEVER

    def __call__(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, Succeeded):  # which is the last that is told of a run
            self._left.clear()
            self._told = NEVER
            self._tell(event.run_id)
        self._emit(event)
        match event:
            case Started():  # nothing is told before it is known what is reused
                self._left, self._told = self._foreseen(), NEVER
                return
            case Cached(node_ids=node_ids):
                self._leave_out(node_ids)
            case Executing(node_id=node_id):
                self._running[node_id] = _Running(self._clock(), self._left.get(node_id, NOTHING))
            case Progress(node_id=node_id, value=value, total=total) if node_id in self._running and total > 0:
                self._running[node_id].share = min(max(value / total, 0.0), 1.0)
            case Executed(node_id=node_id, seconds=seconds, reused=False):
                self._finish(node_id, seconds)
            case _:
                return
        self._tell(event.run_id)

    def _foreseen(self) -> dict[str, Span]:
        """Return what every node is expected to take; equal work is looked up once."""
        spans: dict[Work, Span] = {work: self._costs.foresee(work) for work in set(self._works.values())}
        return {node_id: spans[work] for node_id, work in self._works.items()}

    def _leave_out(self, known: Iterable[str]) -> None:
        """Keep the nodes that must run: those between the targets and what is known."""
        for node_id in known:
            self._left.pop(node_id, None)
        needed: set[str] = set()
        pending = [node_id for node_id in self._plan.targets if node_id in self._left]
        while pending:
            node_id = pending.pop()
            if node_id not in needed:
                needed.add(node_id)
                pending += [source for source in self._plan.graph.predecessors(node_id) if source in self._left]
        self._left = {node_id: span for node_id, span in self._left.items() if node_id in needed}

    def _finish(self, node_id: str, seconds: float) -> None:
        self._running.pop(node_id, None)
        self._left.pop(node_id, None)
        self._done += seconds
        if work := self._works.get(node_id):
            self._costs.learn(work, seconds)

    def _tell(self, run_id: str) -> None:
        now = self._clock()
        if now - self._told < PAUSE:
            return
        self._told = now
        spent = sum(now - running.began for running in self._running.values())
        waiting = [span for node_id, span in self._left.items() if node_id not in self._running]
        left = Span.total([*waiting, *(running.left(now) for running in self._running.values())])
        done = self._done + spent
        self._fraction = max(self._fraction, done / (done + left.seconds) if left.seconds else 1.0)
        self._emit(Estimate(run_id, self._fraction, left.seconds, left.low, left.high))


class _Running:
    """A node at work: when it began, what was expected, and the share of it that it says is done."""

    def __init__(self, began: float, expected: Span) -> None:
        self.began, self.expected, self.share = began, expected, 0.0

    def left(self, now: float) -> Span:
        """Return the seconds left: by its own pace where it tells it, else by what was expected."""
        spent = now - self.began
        if self.share:
            left, doubt = spent / self.share - spent, (1 - self.share) / 2
            return Span(left, left * (1 - doubt), left * (1 + doubt))
        seconds, low, high = self.expected.seconds, self.expected.low, self.expected.high
        return Span(max(seconds - spent, 0.0), max(low - spent, 0.0), None if high is None else max(high - spent, 0.0))
