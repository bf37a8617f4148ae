"""Keeps what one run tells: what matters goes to the disk before it is told, the rest is told as it comes."""

from __future__ import annotations

import logging

from ..engine.events import (
    Blocked,
    Cached,
    Event,
    Executed,
    Executing,
    Expanded,
    Failed,
    Interrupted,
    Notice,
    Started,
    Succeeded,
)  # fmt: skip
from .database import Database
from .errors import StoreUnavailable
from .event_log import EventLog
from .record import JobRecord
from .transcript import Transcript
from .updates import JobEvent

log = logging.getLogger(__name__)


class Recorder:
    """The sink of one run's events.

    Attributes:
        transcript: what the run has told.
        ending: its last event, which is told when the end of the job is on the disk, and not before.
    """

    def __init__(self, database: Database, record: JobRecord) -> None:
        self.transcript = Transcript(record.id)
        self.ending: Event | None = None
        self._database = database
        self._events = EventLog(database)
        self._job = record.job

    def emit(self, event: Event) -> None:
        """Take in an event of the run."""
        match event:
            case Succeeded() | Failed() | Interrupted():
                self.ending = event
            case Started() | Cached() | Executing() | Notice() | Expanded() | Blocked() | Executed():
                self.transcript.hear(event, self._database.clock())
                self._keep(event)
            case _:
                self._tell(event)

    def _keep(self, event: Event) -> None:
        """Keep and tell an event. A disk that is full now does not end a run that took an hour."""
        try:
            self._events.append(self._job, event)
        except StoreUnavailable as error:
            log.warning("An event of job %s is not kept: %s", self._job.id, error)
            self._tell(event)

    def _tell(self, event: Event) -> None:
        job = self._job
        self._database.feed.tell(JobEvent(job.id, job.client_id, job.owner, event, self._database.clock()))
