"""The queue at one moment: what a client that connects is shown, before it hears of changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .event_log import EventLog
from .job import GRAPH
from .live import Live, Snapshot
from .page import JobFilter
from .queue import JobQueue
from .record import JobBrief
from .state import State
from .store import JobStore


@dataclass(frozen=True)
class Overview:
    """One state of things; all parts are of the same moment.

    Attributes:
        last_id: events after it are not part of this.
        paused: why the queue is paused, or an empty text.
        counts: how many jobs are in each state.
        running: the jobs that run.
        snapshots: job id to how far it is, for those.
        waiting: the ids of the jobs that wait, in order.
    """

    last_id: int
    paused: str
    counts: Mapping[State, int]
    running: tuple[JobBrief, ...]
    snapshots: Mapping[str, Snapshot]
    waiting: tuple[str, ...]


def look_over(store: JobStore, events: EventLog, queue: JobQueue, live: Live, owner: str | None = None) -> Overview:
    """Look at a queue while nothing changes."""
    with store.database.read():
        running = store.briefs(JobFilter((State.RUNNING,), owner, GRAPH))
        found = {record.id: live.snapshot(record.id) for record in running}
        return Overview(
            last_id=events.last_id(),
            paused=queue.paused,
            counts=store.counts(owner),
            running=running,
            snapshots={job_id: snapshot for job_id, snapshot in found.items() if snapshot},
            waiting=store.waiting_ids(owner),
        )
