"""Every job from its acceptance to its end: put, taken, finished. What a method returns is on the disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..engine.events import Event
from .batch import BatchItem
from .database import Database, Transaction
from .errors import UnknownJob
from .event_log import add_event
from .facts import PAUSED, fact, next_number
from .job import GRAPH, Job
from .messages import Message
from .page import JobFilter, JobPage, checked_limit
from .record import BRIEF, JobBrief, JobRecord
from .result import JobResult
from .retention import Retention, prune
from .rows import brief_of, change, end, find, insert, look, record_of, remove_jobs, request_of
from .state import UNFINISHED, State

ORDER = "priority DESC, rank, tie, sequence"
"""In which order waiting jobs run: by priority, then by ComfyUI's number, then as moved, then as they came."""
COLUMNS = ", ".join(BRIEF)


class JobStore:
    """The jobs of a database.

    Args:
        database: the file.
        retention: how much of what has been is kept.
    """

    def __init__(self, database: Database, retention: Retention | None = None) -> None:
        self.database = database
        self._retention = retention or Retention()

    def put(self, *jobs: Job) -> tuple[JobRecord, ...]:
        """Accept jobs, all or none. An id of a finished job of the same owner may be used again, and replaces it.

        Raises:
            BadJob: an id is taken, or a graph is not JSON.
            StoreUnavailable: they could not be written; none is accepted.
        """
        requests = [request_of(job) for job in jobs]
        with self.database.write() as transaction:
            now = self.database.clock()
            return tuple(insert(transaction, job, request, now) for job, request in zip(jobs, requests, strict=True))

    def next_number(self) -> int:
        """Return ComfyUI's `number` for the next job: 0, 1, 2 …, growing over restarts too."""
        with self.database.write() as transaction:
            return next_number(transaction)

    def get(self, job_id: str, owner: str | None = None) -> JobRecord:
        """Return a job as it stands.

        Args:
            job_id: which.
            owner: whose it must be; None for anyone's.

        Raises:
            UnknownJob: there is none, or it is another's.
        """
        with self.database.read() as connection:
            return find(connection, job_id, owner)

    def look(self, job_id: str) -> JobRecord | None:
        """Return a job as it stands, or None when there is none."""
        with self.database.read() as connection:
            return look(connection, job_id)

    def page(self, wanted: JobFilter | None = None, limit: int = 50, before: int | None = None) -> JobPage:
        """Return jobs, the newest first.

        Args:
            wanted: which.
            limit: how many at most.
            before: `JobPage.before` of the page before this one.

        Raises:
            BadJob: `limit` is out of range.
        """
        condition, values = (wanted or JobFilter()).sql()
        cut = "" if before is None else " AND sequence < ?"
        with self.database.read() as connection:
            total = connection.execute(f"SELECT count(*) FROM jobs WHERE {condition}", values).fetchone()[0]
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM jobs WHERE {condition}{cut} ORDER BY sequence DESC LIMIT ?",
                (*values, *(() if before is None else (before,)), checked_limit(limit) + 1),
            ).fetchall()
        records = tuple(brief_of(row) for row in rows[:limit])
        return JobPage(records, total, records[-1].sequence if len(rows) > limit else None)

    def waiting(self, owner: str | None = None, kind: str = GRAPH) -> tuple[JobRecord, ...]:
        """Return the queued jobs in the order in which they will run."""
        return self._listed("state = 'queued' AND kind = ?", ORDER, kind, owner)

    def waiting_ids(self, owner: str | None = None, kind: str = GRAPH) -> tuple[str, ...]:
        """Return the ids of the queued jobs in the order in which they will run."""
        condition, values = JobFilter((State.QUEUED,), owner, kind).sql()
        with self.database.read() as connection:
            rows = connection.execute(f"SELECT id FROM jobs WHERE {condition} ORDER BY {ORDER}", values).fetchall()
        return tuple(row["id"] for row in rows)

    def running(self, owner: str | None = None, kind: str = GRAPH) -> tuple[JobRecord, ...]:
        """Return the jobs that run."""
        return self._listed("state = 'running' AND kind = ?", "started, sequence", kind, owner)

    def briefs(self, wanted: JobFilter) -> tuple[JobBrief, ...]:
        """Return jobs without their graphs, the oldest first: light, however many they are."""
        condition, values = wanted.sql()
        with self.database.read() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM jobs WHERE {condition} ORDER BY sequence", values
            ).fetchall()
        return tuple(brief_of(row) for row in rows)

    def brief(self, job_id: str, owner: str | None = None) -> JobBrief:
        """Return a job without its graph, as it stands.

        Raises:
            UnknownJob: there is none, or it is another's.
        """
        with self.database.read() as connection:
            row = connection.execute(f"SELECT {COLUMNS} FROM jobs WHERE id = ?", (job_id,)).fetchone()
        if row is None or owner not in (None, row["owner"]):
            raise UnknownJob(job_id)
        return brief_of(row)

    def batch(self, batch_id: str, owner: str | None = None) -> tuple[JobRecord, ...]:
        """Return a batch's items in order; of an item that was retried, the last try.

        Raises:
            UnknownJob: there is no such batch, or it is another's.
        """
        found = self._listed("batch_id != '' AND batch_id = ?", "item, sequence", batch_id, owner)
        if not found:
            raise UnknownJob(batch_id)
        return tuple({record.job.item: record for record in found}.values())

    def batch_items(self, batch_id: str, owner: str | None = None) -> tuple[BatchItem, ...]:
        """Return how the items of a batch stand, in order; lighter than `batch`.

        Raises:
            UnknownJob: there is no such batch, or it is another's.
        """
        condition, values = JobFilter(owner=owner, batch_id=batch_id).sql()
        with self.database.read() as connection:
            rows = connection.execute(
                f"SELECT item, id, state FROM jobs WHERE batch_id != '' AND {condition} ORDER BY item, sequence", values
            ).fetchall()
        if not rows:
            raise UnknownJob(batch_id)
        last = {row["item"]: BatchItem(row["item"], row["id"], State(row["state"])) for row in rows}
        return tuple(last.values())

    def counts(self, owner: str | None = None) -> Mapping[State, int]:
        """Return how many jobs are in each state."""
        condition, values = JobFilter(owner=owner).sql()
        with self.database.read() as connection:
            rows = connection.execute(
                f"SELECT state, count(*) AS n FROM jobs WHERE {condition} GROUP BY state", values
            ).fetchall()
        return dict.fromkeys(State, 0) | {State(row["state"]): row["n"] for row in rows}

    def remaining(self, owner: str | None = None, kind: str = GRAPH) -> int:
        """Return how many jobs wait or run: ComfyUI's `queue_remaining`."""
        condition, values = JobFilter(UNFINISHED, owner, kind).sql()
        with self.database.read() as connection:
            return int(connection.execute(f"SELECT count(*) FROM jobs WHERE {condition}", values).fetchone()[0])

    def take(self, kind: str = GRAPH) -> JobRecord | None:
        """Take the next job to run it; None when there is none or the queue is paused."""
        with self.database.write() as transaction:
            if fact(transaction, PAUSED):
                return None
            row = transaction.execute(
                f"SELECT id FROM jobs WHERE state = 'queued' AND kind = ? ORDER BY {ORDER} LIMIT 1", (kind,)
            ).fetchone()
            if row is None:
                return None
            return change(
                transaction,
                row["id"],
                "state = 'running', started = ?, attempts = attempts + 1, reason = ''",
                self.database.clock(),
            )

    def finish(
        self, record: JobRecord, result: JobResult, messages: Sequence[Message] = (), ending: Event | None = None
    ) -> JobRecord | None:
        """Write down the end of a run.

        Args:
            record: the job as it was taken.
            result: what became of it.
            messages: ComfyUI's messages of the run.
            ending: the last event of the run, kept and told together with the change.

        Returns:
            The job as it stands, or None when this run no longer counts: the job was taken again or ended since.
        """
        now = self.database.clock()
        with self.database.write() as transaction:
            if not _is_current(transaction, record):
                return None
            if ending is not None:
                add_event(transaction, record.job, ending, now)
            ended = end(transaction, record, result, messages, now)
            prune(transaction, self._retention, now)
            return ended

    def requeue(self, record: JobRecord, reason: str) -> JobRecord | None:
        """Put a job that was taken back to its place in the queue.

        Returns:
            The job as it stands, or None when someone asked to cancel it or this run no longer counts.
        """
        with self.database.write() as transaction:
            if not _is_current(transaction, record) or find(transaction, record.id).cancelling:
                return None
            return change(transaction, record.id, "state = 'queued', started = NULL, reason = ?", reason)

    def remove(self, job_ids: Sequence[str], owner: str | None = None) -> None:
        """Delete finished jobs with all that is known of them; ids of others are passed over."""
        with self.database.write() as transaction:
            remove_jobs(transaction, [job_id for job_id in job_ids if look(transaction, job_id, owner)])

    def _listed(self, condition: str, order: str, value: str, owner: str | None) -> tuple[JobRecord, ...]:
        owned = "" if owner is None else " AND owner = ?"
        values = (value,) if owner is None else (value, owner)
        with self.database.read() as connection:
            rows = connection.execute(
                f"SELECT * FROM records WHERE {condition}{owned} ORDER BY {order}", values
            ).fetchall()
        return tuple(record_of(row) for row in rows)


def _is_current(transaction: Transaction, record: JobRecord) -> bool:
    """Say whether the run that `record` was taken for is the one that counts."""
    found = transaction.execute(
        "SELECT 1 FROM jobs WHERE id = ? AND state = 'running' AND attempts = ?", (record.id, record.attempts)
    )
    return found.fetchone() is not None
