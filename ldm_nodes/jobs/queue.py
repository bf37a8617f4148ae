"""What people do with the queue: pause it, put jobs in order, stop them, run them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .database import Database, Transaction
from .errors import WrongState
from .facts import PAUSED, fact, next_number, set_fact
from .job import check_priority, new_id
from .record import JobRecord
from .result import JobResult
from .rows import change, end, find, look
from .state import UNFINISHED, State
from .store import ORDER, JobStore
from .updates import CancelWished, JobChanged, QueueChanged

AT_ONCE = 50
"""How many jobs are cancelled in one transaction."""


class JobQueue:
    """The queue of a store. Everywhere `owner` is whose job it must be, None for anyone's.

    Args:
        store: where the jobs are.
    """

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._database: Database = store.database

    @property
    def paused(self) -> str:
        """Why the queue is paused, or an empty text. It stays so over restarts."""
        with self._database.read() as connection:
            return str(fact(connection, PAUSED) or "")

    def pause(self, reason: str = "paused by hand") -> None:
        """Take no more jobs; the one that runs goes on."""
        with self._database.write() as transaction:
            set_fact(transaction, PAUSED, reason)
            transaction.tell(QueueChanged(paused=True, reason=reason))

    def resume(self) -> None:
        """Take jobs again."""
        with self._database.write() as transaction:
            set_fact(transaction, PAUSED, "")
            transaction.tell(QueueChanged(paused=False))

    def cancel(self, job_id: str, owner: str | None = None) -> JobRecord:
        """Stop a job: one that waits is cancelled at once, one that runs soon, one that has ended stays as it is.

        Raises:
            UnknownJob: there is no such job.
        """
        with self._database.write() as transaction:
            return self._cancel(transaction, find(transaction, job_id, owner))

    def withdraw(self, *job_ids: str, owner: str | None = None) -> tuple[JobRecord, ...]:
        """Cancel those of the jobs that wait; others, unknown ones too, are passed over: ComfyUI's `delete`."""
        return self._cancel_those(job_ids, (State.QUEUED,), owner)

    def interrupt(self, *job_ids: str, owner: str | None = None) -> tuple[JobRecord, ...]:
        """Stop those of the jobs that run; without ids whatever runs. Others are passed over."""
        chosen = job_ids or tuple(record.id for record in self._store.running(owner))
        return self._cancel_those(chosen, (State.RUNNING,), owner)

    def cancel_all(self, owner: str | None = None, batch_id: str | None = None) -> tuple[JobRecord, ...]:
        """Cancel the graphs that wait; with `batch_id` all of a batch instead, running ones included."""
        if batch_id is None:
            return self._cancel_those(self._store.waiting_ids(owner), (State.QUEUED,), owner)
        job_ids = [item.job_id for item in self._store.batch_items(batch_id, owner)]
        return self._cancel_those(job_ids, UNFINISHED, owner)

    def prioritise(self, job_id: str, priority: int, owner: str | None = None) -> JobRecord:
        """Give a waiting job a priority; the highest run first, 0 is usual.

        Raises:
            UnknownJob: there is no such job.
            WrongState: it does not wait.
            BadJob: the priority is out of range.
        """
        check_priority(priority)
        with self._database.write() as transaction:
            _waiting(transaction, job_id, owner)
            return change(transaction, job_id, "priority = ?", priority)

    def move(self, job_id: str, before: str | None = None, owner: str | None = None) -> JobRecord:
        """Let a waiting job run just before another one, whose priority it takes over; with None, after the last one.

        Raises:
            UnknownJob: there is no such job.
            WrongState: one of them does not wait.
        """
        with self._database.write() as transaction:
            moved = _waiting(transaction, job_id, owner)
            last = self._store.waiting_ids(owner, moved.job.kind)[-1]
            target = _waiting(transaction, before or last, owner)
            order = _equals(transaction, target, without=job_id)
            order.insert(order.index(before) if before in order else len(order), job_id)
            if before != job_id:
                self._rearrange(transaction, order, target)
            reason = str(fact(transaction, PAUSED) or "")
            transaction.tell(QueueChanged(bool(reason), reason))
            record = find(transaction, job_id)
            transaction.tell(JobChanged(record))
            return record

    def retry(self, job_id: str, owner: str | None = None, client_id: str | None = None) -> JobRecord:
        """Run a finished job again, as a new job; the old one and its history stay.

        Args:
            job_id: which.
            owner: whose it must be.
            client_id: who hears of it; None for who asked for the old one.

        Raises:
            UnknownJob: there is no such job.
            WrongState: it has not ended.
        """
        with self._database.write() as transaction:
            old = find(transaction, job_id, owner)
            if not old.state.finished:
                raise WrongState(f"Job {job_id} is {old.state}; only a job that has ended can be run again.")
            number = next_number(transaction)
        listener = old.job.client_id if client_id is None else client_id
        job = replace(old.job, id=new_id(), number=number, client_id=listener, retry_of=job_id, foreseen=False)
        return self._store.put(job)[0]

    def _cancel_those(
        self, job_ids: Sequence[str], states: tuple[State, ...], owner: str | None
    ) -> tuple[JobRecord, ...]:
        """Cancel those in some states, a few at a time, so that thousands do not hold up everyone else."""
        cancelled: list[JobRecord] = []
        for start in range(0, len(job_ids), AT_ONCE):
            with self._database.write() as transaction:
                found = [look(transaction, job_id, owner) for job_id in job_ids[start : start + AT_ONCE]]
                meant = [record for record in found if record and record.state in states]
                cancelled += [self._cancel(transaction, record) for record in meant]
        return tuple(cancelled)

    def _cancel(self, transaction: Transaction, record: JobRecord) -> JobRecord:
        if record.state is State.QUEUED:
            return end(transaction, record, JobResult(State.CANCELLED), (), self._database.clock())
        if record.state is not State.RUNNING:
            return record
        wished = change(transaction, record.id, "cancelling = 1")
        transaction.tell(CancelWished(record.job))
        return wished

    @staticmethod
    def _rearrange(transaction: Transaction, order: list[str], target: JobRecord) -> None:
        """Give the jobs in `order` the place of `target` among all, and their order among themselves."""
        for tie, job_id in enumerate(order, 1):
            transaction.execute(
                "UPDATE jobs SET tie = ?, (priority, rank) = (SELECT priority, rank FROM jobs WHERE id = ?)"
                " WHERE id = ?",
                (tie, target.id, job_id),
            )


def _waiting(transaction: Transaction, job_id: str, owner: str | None) -> JobRecord:
    record = find(transaction, job_id, owner)
    if record.state is not State.QUEUED:
        raise WrongState(f"Job {job_id} is {record.state}; only a job that waits can be moved.")
    return record


def _equals(transaction: Transaction, target: JobRecord, without: str) -> list[str]:
    """Return the waiting jobs that share the target's kind, priority and rank, in order."""
    rows = transaction.execute(
        "SELECT id FROM jobs WHERE state = 'queued' AND (kind, priority, rank) ="
        f" (SELECT kind, priority, rank FROM jobs WHERE id = ?) ORDER BY {ORDER}",
        (target.id,),
    )
    return [row["id"] for row in rows.fetchall() if row["id"] != without]
