"""Keeps what one run tells: what matters goes to the disk before it is told, the rest is told as it comes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..engine.errors import Problem
from ..engine.events import Estimate, Event, Failed, Interrupted, Preview, Progress, Succeeded
from .database import Database
from .errors import StoreUnavailable
from .event_log import EventLog
from .messages import Message
from .record import JobRecord
from .result import JobResult
from .state import State
from .transcript import Transcript
from .updates import JobEvent

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ending:
    """All there is to write down when a run has ended.

    Attributes:
        result: what became of it, with everything that its nodes have shown.
        messages: ComfyUI's messages.
        event: the last event, which is told when the end is on the disk, and not before.
    """

    result: JobResult
    messages: Sequence[Message]
    event: Event


class Recorder:
    """The sink of one run's events."""

    def __init__(self, database: Database, record: JobRecord) -> None:
        self._transcript = Transcript(record.id)
        self._last: Event | None = None
        self._database = database
        self._events = EventLog(database)
        self._job = record.job

    def emit(self, event: Event) -> None:
        """Take in an event of the run."""
        match event:
            case Succeeded() | Failed() | Interrupted():
                self._last = event
            case Progress() | Preview() | Estimate():
                self._tell(event)
            case _:
                self._transcript.hear(event, self._database.clock())
                self._keep(event)

    def finish(self, result: JobResult) -> Ending:
        """Close the record of a run that came to `result`."""
        told = self._transcript
        last = self._last or _last_event(self._job.id, result)
        told.hear(last, self._database.clock())
        outputs, places = {**told.outputs, **result.outputs}, {**told.places, **result.places}
        return Ending(replace(result, outputs=outputs, places=places), told.messages, last)

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


def _last_event(job_id: str, result: JobResult) -> Event:
    """Return the last event of a run whose backend told none."""
    if result.state is State.DONE:
        return Succeeded(job_id)
    if result.state is State.CANCELLED:
        return Interrupted(job_id, None)
    return Failed(job_id, result.problem or Problem("backend_failed", "The backend did not say why"))
