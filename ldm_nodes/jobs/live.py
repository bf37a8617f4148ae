"""How far the running jobs are: what a client that has just connected is shown at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..engine.events import Cached, Estimate, Event, Executed, Executing, Progress, Started
from .state import State
from .updates import JobChanged, JobEvent, Update


@dataclass(frozen=True)
class Snapshot:
    """A running job at one moment.

    Attributes:
        job_id: which job.
        last_id: the last kept event that is part of this; events after it continue from here.
        at_work: the node that runs, or None.
        progress: node id to steps done and steps in all, of the node that runs and of those before it.
        cached: the nodes whose results were known.
        executed: the nodes that are done.
        estimate: how long it will still take; None where nothing tells.
    """

    job_id: str
    last_id: int
    at_work: str | None
    progress: Mapping[str, tuple[float, float]]
    cached: tuple[str, ...]
    executed: tuple[str, ...]
    estimate: Estimate | None = None


@dataclass
class _Run:
    """What a snapshot is made from, as it grows. The dictionaries without values are ordered sets."""

    last_id: int = 0
    at_work: str | None = None
    progress: dict[str, tuple[float, float]] = field(default_factory=dict)
    cached: dict[str, None] = field(default_factory=dict)
    executed: dict[str, None] = field(default_factory=dict)
    estimate: Estimate | None = None

    def hear(self, event: Event) -> None:
        match event:
            case Started():
                self.at_work = self.estimate = None
                for part in (self.progress, self.cached, self.executed):
                    part.clear()
            case Cached(node_ids=node_ids):
                self.cached.update(dict.fromkeys(node_ids))
            case Executing(node_id=node_id):
                self.at_work = node_id
            case Progress(node_id=node_id, value=value, total=total):
                self.progress[node_id] = (value, total)
            case Executed(node_id=node_id):
                self.at_work = None
                self.executed[node_id] = None
            case Estimate():
                self.estimate = event


class Live:
    """Listens to the feed (`feed.subscribe(live)`) and knows how far every running job is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, _Run] = {}

    def __call__(self, update: Update) -> None:
        """Take in an update."""
        with self._lock:
            if isinstance(update, JobEvent) and (run := self._runs.get(update.job_id)):
                run.last_id = update.id or run.last_id
                run.hear(update.event)
            elif isinstance(update, JobChanged) and update.record.state is State.RUNNING:
                self._runs.setdefault(update.record.id, _Run())
            elif isinstance(update, JobChanged):
                self._runs.pop(update.record.id, None)

    def snapshot(self, job_id: str) -> Snapshot | None:
        """Return how far a job is, or None when it does not run."""
        with self._lock:
            if (run := self._runs.get(job_id)) is None:
                return None
            return Snapshot(
                job_id,
                run.last_id,
                run.at_work,
                dict(run.progress),
                tuple(run.cached),
                tuple(run.executed),
                run.estimate,
            )
