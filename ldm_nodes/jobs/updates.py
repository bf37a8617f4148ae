"""What the queue tells while it goes on, and the feed that carries it to whoever listens."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from ..engine.events import Event
from .job import Job
from .record import JobRecord
from .state import State

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobChanged:
    """A job is new or in another state; `record` is how it stands now."""

    record: JobRecord


@dataclass(frozen=True)
class JobRemoved:
    """A finished job was deleted, by someone or because it was too old."""

    job_id: str
    owner: str


@dataclass(frozen=True)
class CancelWished:
    """Someone asked for a running job to stop."""

    job: Job


@dataclass(frozen=True)
class QueueChanged:
    """The queue was paused, for the `reason`, or goes on, with an empty one; or its order changed."""

    paused: bool
    reason: str = ""


@dataclass(frozen=True)
class JobEvent:
    """Something that a running job told.

    Attributes:
        job_id: which job.
        client_id: the socket that asked for it.
        owner: whose it is.
        event: what.
        time: when, in seconds since 1970.
        id: grows with every event kept, over all jobs; None for what passes: progress, previews, estimates.
        body: the event as JSON text, where it is kept.
    """

    job_id: str
    client_id: str
    owner: str
    event: Event
    time: float
    id: int | None = None
    body: str = field(default="", compare=False)


Update = JobChanged | JobRemoved | CancelWished | QueueChanged | JobEvent
Listener = Callable[[Update], None]


class Feed:
    """Carries updates to listeners, in the order in which the changes were made.

    Listeners are called on the thread that made the change and hold up everyone else: they hand over and return (an
    event loop's `call_soon_threadsafe`), and never wait for another thread. Events that pass (progress, previews) come
    in order too, but may come while another thread tells of a change.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` everything from now on; the function that comes back ends it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
        return lambda: self._remove(listener)

    def tell(self, update: Update) -> None:
        """Tell everyone; a listener that raises is logged and does not keep the others from hearing."""
        for listener in self._listeners:
            try:
                listener(update)
            except Exception:
                log.exception("A listener of the queue failed at %s", type(update).__name__)

    def _remove(self, listener: Listener) -> None:
        with self._lock:
            self._listeners = tuple(other for other in self._listeners if other is not listener)


def is_queued(update: Update) -> bool:
    """Say whether there is a new job to take."""
    return isinstance(update, JobChanged) and update.record.state is State.QUEUED
