"""What running jobs have told, kept so that a client that was away can catch up from the last event it saw."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from ..engine.events import Event
from .database import Database, Transaction
from .errors import UnknownJob
from .event_json import from_text, to_text
from .job import Job
from .updates import JobEvent

DROPPED = "events_dropped"
"""The fact that holds the highest id of the events that are no longer kept."""


@dataclass(frozen=True)
class EventPage:
    """Some events, the oldest first.

    Attributes:
        events: what happened.
        complete: nothing in between is missing. If it is, start again from the present state (`JobStore.get`, `Live`).
        last_id: where to go on.
        more: there are more events after these.
    """

    events: tuple[JobEvent, ...]
    complete: bool
    last_id: int
    more: bool

    def __iter__(self) -> Iterator[JobEvent]:
        return iter(self.events)


class EventLog:
    """The events of all jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, job: Job, event: Event) -> JobEvent:
        """Keep an event, then tell it.

        Raises:
            StoreUnavailable: it could not be written.
        """
        with self._database.write() as transaction:
            return add_event(transaction, job, event, self._database.clock())

    def since(
        self,
        last_id: int = 0,
        *,
        job_id: str | None = None,
        owner: str | None = None,
        client_id: str | None = None,
        limit: int = 1000,
    ) -> EventPage:
        """Return the events after `last_id`, a client's `Last-Event-ID`.

        Args:
            last_id: the last event seen; 0 for none.
            job_id: of this job only.
            owner: of this user's jobs only.
            client_id: of this socket's jobs only.
            limit: at most so many.

        Raises:
            UnknownJob: there is no such job, or it is another user's.
        """
        wanted = {"events.job_id": job_id, "jobs.owner": owner, "jobs.client_id": client_id}
        given = {column: value for column, value in wanted.items() if value is not None}
        condition = "".join(f" AND {column} = ?" for column in given)
        with self._database.read() as connection:
            complete = _complete(connection, last_id) if job_id is None else _kept(connection, job_id, owner)
            rows = connection.execute(
                "SELECT events.*, jobs.client_id, jobs.owner FROM events JOIN jobs ON jobs.id = events.job_id"
                f" WHERE events.id > ?{condition} ORDER BY events.id LIMIT ?",
                (last_id, *given.values(), limit + 1),
            ).fetchall()
        page, more = rows[:limit], len(rows) > limit
        events = tuple(event for row in page if (event := _event_of(row)) is not None)
        return EventPage(events, complete, page[-1]["id"] if page else last_id, more)

    def last_id(self) -> int:
        """Return the id of the newest event, for a client that begins now with the present state."""
        with self._database.read() as connection:
            return _newest(connection)


def add_event(transaction: Transaction, job: Job, event: Event, time: float) -> JobEvent:
    """Keep an event together with other changes; it is told after them."""
    body = to_text(event)
    cursor = transaction.execute(
        "INSERT INTO events (job_id, time, kind, body) VALUES (?, ?, ?, ?)",
        (job.id, time, type(event).__name__, body),
    )
    told = JobEvent(job.id, job.client_id, job.owner, event, time, cursor.lastrowid, body)
    transaction.tell(told)
    return told


def events_of(connection: sqlite3.Connection | Transaction, job_id: str) -> Iterator[tuple[Event, float]]:
    """Yield all events of a job that are kept, with their times."""
    for row in connection.execute("SELECT * FROM events WHERE job_id = ? ORDER BY id", (job_id,)):
        if (event := from_text(row["kind"], row["body"])) is not None:
            yield event, row["time"]


def forget_events(transaction: Transaction, job_id: str) -> None:
    """Delete a job's events, and remember that they are missing from the stream."""
    last = transaction.execute("SELECT max(id) FROM events WHERE job_id = ?", (job_id,)).fetchone()[0]
    if last is None:
        return
    transaction.execute("DELETE FROM events WHERE job_id = ?", (job_id,))
    transaction.execute(
        "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
        (DROPPED, last),
    )


def _event_of(row: sqlite3.Row) -> JobEvent | None:
    event = from_text(row["kind"], row["body"])
    if event is None:
        return None
    return JobEvent(row["job_id"], row["client_id"], row["owner"], event, row["time"], row["id"], row["body"])


def _complete(connection: sqlite3.Connection, last_id: int) -> bool:
    """Say whether every event after `last_id` is kept; an id of the future is one of a queue that is no more."""
    row = connection.execute("SELECT value FROM facts WHERE name = ?", (DROPPED,)).fetchone()
    return (row["value"] if row else 0) <= last_id <= _newest(connection)


def _kept(connection: sqlite3.Connection, job_id: str, owner: str | None) -> bool:
    """Say whether a job's events are kept; they are dropped all at once."""
    row = connection.execute("SELECT owner, attempts FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None or owner not in (None, row["owner"]):
        raise UnknownJob(job_id)
    found = connection.execute("SELECT 1 FROM events WHERE job_id = ? LIMIT 1", (job_id,)).fetchone()
    return found is not None or row["attempts"] == 0


def _newest(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return row["seq"] if row else 0
