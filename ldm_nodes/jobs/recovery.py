"""What is done at the start about jobs that were running when the process ended."""

from __future__ import annotations

from dataclasses import dataclass

from ..engine.errors import Problem
from ..engine.events import Failed, Interrupted
from .database import Transaction
from .event_log import add_event, events_of
from .record import JobRecord
from .result import JobResult
from .rows import change, end, find
from .state import State
from .store import JobStore
from .transcript import Transcript

MAX_DEATHS = 2
"""A job under which the process ended so often is not tried again by itself."""


@dataclass(frozen=True)
class Recovery:
    """What became of the jobs that were running.

    Attributes:
        requeued: back in the queue, at their old place.
        parked: not tried again unless someone asks for it.
        cancelled: someone had asked to cancel them.
    """

    requeued: tuple[JobRecord, ...] = ()
    parked: tuple[JobRecord, ...] = ()
    cancelled: tuple[JobRecord, ...] = ()


def recover(store: JobStore) -> Recovery:
    """Put the jobs that were running back into the queue once; park those that did not survive twice."""
    with store.database.write() as transaction:
        rows = transaction.execute("SELECT id FROM jobs WHERE state = 'running' ORDER BY sequence").fetchall()
        found = [_recovered(transaction, find(transaction, row["id"]), store.database.clock()) for row in rows]
    return Recovery(
        requeued=tuple(record for record in found if record.state is State.QUEUED),
        parked=tuple(record for record in found if record.state is State.PARKED),
        cancelled=tuple(record for record in found if record.state is State.CANCELLED),
    )


def _recovered(transaction: Transaction, record: JobRecord, now: float) -> JobRecord:
    told = Transcript(record.id)
    for event, time in events_of(transaction, record.id):
        told.hear(event, time)
    deaths = record.deaths + 1
    if record.cancelling:
        return _ended(transaction, record, told, None, now)
    if deaths >= MAX_DEATHS:
        transaction.execute("UPDATE jobs SET deaths = ? WHERE id = ?", (deaths, record.id))
        return _ended(transaction, record, told, _deadly(told, deaths), now)
    reason = f"The process ended while this job ran ({told.place} was at work); it runs again."
    return change(transaction, record.id, "state = 'queued', started = NULL, deaths = ?, reason = ?", deaths, reason)


def _ended(
    transaction: Transaction, record: JobRecord, told: Transcript, problem: Problem | None, now: float
) -> JobRecord:
    at_work = told.at_work.node_id if told.at_work else None
    ending = Failed(record.id, problem) if problem else Interrupted(record.id, at_work)
    add_event(transaction, record.job, ending, now)
    told.hear(ending, now)
    result = JobResult(State.PARKED if problem else State.CANCELLED, told.outputs, problem, told.places)
    return end(transaction, record, result, told.messages, now)


def _deadly(told: Transcript, deaths: int) -> Problem:
    at = told.at_work
    return Problem(
        "job_parked",
        f"The process ended {deaths} times while this job ran; at the last time {told.place} was at work",
        node_id=at.node_id if at else None,
        title=at.title if at else "",
        class_type=at.class_type if at else "",
        remedy="It is not tried again by itself. Look at the system's log (memory?), then retry it by hand.",
    )
