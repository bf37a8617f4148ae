"""All parts of the queue of one file, put together: what a server holds."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .batch import Batch
from .database import Database
from .errors import JobsError
from .event_log import EventLog
from .history import History
from .job import Job
from .live import Live
from .overview import Overview, look_over
from .queue import JobQueue
from .record import JobRecord
from .recovery import Recovery, recover
from .retention import Retention, prune
from .secrets import Secrets
from .store import JobStore
from .updates import Feed, Listener

log = logging.getLogger(__name__)

OnStart = Literal["last", "run", "paused"]
"""Whether the queue starts as it was left, running, or paused."""


@dataclass(frozen=True)
class JobDesk:
    """The queue of a file. `Dispatcher(desk.store, backend)` makes it go.

    Attributes:
        store: jobs as they are: put, get, pages, counts.
        queue: what people do with them: cancel, move, prioritise, pause, retry.
        events: what running jobs told; to resume from an id.
        history: ComfyUI's `/history`.
        live: how far running jobs are.
        secrets: what clients sent for nodes that call services; for the backend.
        recovery: what became of the jobs that were running when the process last ended.
        database: the file; its `notice` says if it was damaged.
    """

    store: JobStore
    queue: JobQueue
    events: EventLog
    history: History
    live: Live
    secrets: Secrets
    recovery: Recovery
    database: Database

    @classmethod
    def open(cls, path: Path, retention: Retention | None = None, on_start: OnStart = "last") -> JobDesk:
        """Open a queue, or begin one, and see to the jobs that were running when the process last ended.

        Raises:
            StoreInUse: another process has it open.
            StoreNotOurs: the file belongs to a newer version or to another program.
            StoreUnavailable: it cannot be read or written.
        """
        database = Database.open(path)
        store = JobStore(database, retention)
        try:
            recovery = recover(store)
            with database.write() as transaction:  # the limits may be other ones than before
                prune(transaction, retention or Retention(), database.clock())
            _set_going(JobQueue(store), on_start)
        except BaseException:
            database.close()
            raise
        for record in (*recovery.requeued, *recovery.parked):
            log.warning("Job %s: %s", record.id, record.reason)
        live, secrets = Live(), Secrets()
        database.feed.subscribe(live)
        database.feed.subscribe(secrets)
        return cls(store, JobQueue(store), EventLog(database), History(store), live, secrets, recovery, database)

    @property
    def feed(self) -> Feed:
        """Carries every change and event."""
        return self.database.feed

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear every update from now on; the function that comes back ends it. See `Feed`."""
        return self.feed.subscribe(listener)

    def submit(self, job: Job) -> JobRecord:
        """Accept a job.

        Raises:
            BadJob: its id is taken, or its graph is not JSON.
            StoreUnavailable: it could not be written and is not accepted.
        """
        return self._accept(job)[0]

    def submit_batch(self, base: Job, batch: Batch) -> tuple[JobRecord, ...]:
        """Accept a batch, all of it or nothing.

        Args:
            base: what its jobs have in common.
            batch: what varies.

        Raises:
            BadJob: an item names an input that the graph does not have.
            StoreUnavailable: they could not be written, and none is accepted.
        """
        numbers = iter(self.store.next_number, None)
        return self._accept(*batch.jobs(base, numbers))

    def overview(self, owner: str | None = None) -> Overview:
        """Return everything that a client must know when it connects; updates that it hears later come after this."""
        return look_over(self.store, self.events, self.queue, self.live, owner)

    def close(self) -> None:
        """Close the file; close dispatchers first."""
        self.database.close()

    def _accept(self, *jobs: Job) -> tuple[JobRecord, ...]:
        for job in jobs:
            self.secrets.keep(job)
        try:
            return self.store.put(*jobs)
        except JobsError:
            for job in jobs:
                self.secrets.forget(job.id)
            raise


def _set_going(queue: JobQueue, on_start: OnStart) -> None:
    if on_start == "paused":
        queue.pause("started paused")
    elif on_start == "run" and queue.paused:
        queue.resume()
