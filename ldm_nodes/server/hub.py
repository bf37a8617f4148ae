"""All sockets, and what they are told: hears the queue's feed on any thread, and speaks on the event loop.

Everything takes one way, so the order in which a socket hears is the order in which things happened.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ..engine.events import Estimate, Event, Preview, Progress
from ..jobs.job import GRAPH, Job
from ..jobs.record import JobBrief, JobRecord
from ..jobs.state import State
from ..jobs.updates import CancelWished, JobChanged, JobEvent, JobRemoved, QueueChanged, Update
from .client import Client
from .logs import Line
from .previews import Pace, draw
from .wire import Frame, Message, Narrator, status

log = logging.getLogger(__name__)

PREVIEW_SECONDS = 0.1
PROGRESS_SECONDS = 0.02
ESTIMATE_SECONDS = 0.25
Watcher = Callable[[Update], None]


class Hub:
    """The sockets of a server.

    Args:
        previews: whether pictures of unfinished work are sent.
    """

    def __init__(self, previews: bool = True) -> None:
        self._previews = previews
        self._loop: asyncio.AbstractEventLoop | None = None
        self._clients: tuple[Client, ...] = ()
        self._watchers: tuple[Watcher, ...] = ()
        self._unfinished: dict[str, str] = {}
        self._remaining: Counter[str] = Counter()
        self._told: dict[str, Narrator] = {}
        self._preview_pace, self._progress_pace = Pace(PREVIEW_SECONDS), Pace(PROGRESS_SECONDS)
        self._estimate_pace = Pace(ESTIMATE_SECONDS)

    def open(self, loop: asyncio.AbstractEventLoop, unfinished: Iterable[JobBrief]) -> None:
        """Begin to speak.

        Args:
            loop: the event loop.
            unfinished: the jobs that wait or run; no other may come or end before this returns.
        """
        self._loop = loop
        for brief in unfinished:
            self._count(brief.id, brief.owner, brief.state)

    @property
    def clients(self) -> tuple[Client, ...]:
        """The open sockets."""
        return self._clients

    # on any thread

    def hear(self, update: Update) -> None:
        """Take in an update of the queue, on the thread that made it."""
        event = update.event if isinstance(update, JobEvent) else None
        if isinstance(update, JobEvent) and isinstance(event, Preview):
            drawn = self._drawn(event)
            if drawn is None:
                return
            update = replace(update, event=replace(event, image=drawn))
        elif self._is_too_much(event):
            return
        self._hand_over(lambda: self._take(update))

    def _is_too_much(self, event: Event | None) -> bool:
        """Say whether an event that passes comes too soon after the last one to be told; the last of all never does."""
        match event:
            case Progress(run_id=run_id, value=value, total=total):
                return value < total and not self._progress_pace.allows(run_id)
            case Estimate(run_id=run_id, fraction=fraction):  # sockets have no word for it
                return not self._watchers or (fraction < 1 and not self._estimate_pace.allows(run_id))
        return False

    def hear_log(self, line: Line) -> None:
        """Take in a line of the log."""
        if any(client.wants_logs for client in self._clients):
            self._hand_over(lambda: self._tell_log(line))

    def say(self, name: str, data: object, client_id: str | None = None) -> None:
        """Send a message of somebody else, such as a node pack: to the sockets of a client, or to all."""
        message = Message(name, data if isinstance(data, Mapping) else {"data": data})
        self._hand_over(lambda: self._say(message, client_id))

    def _say(self, message: Message, client_id: str | None) -> None:
        for client in self._clients:
            if client_id in (None, client.sid):
                client.send(message)

    def _drawn(self, event: Preview) -> object | None:
        if not self._previews or not self._clients or not self._preview_pace.allows(event.run_id):
            return None
        try:
            return draw(event.image)
        except Exception:  # a picture that cannot be drawn must not end the run that it is of
            log.warning("A preview of node %s cannot be drawn.", event.node_id, exc_info=True)
            return None

    def _hand_over(self, action: Callable[[], None]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(action)
            except RuntimeError:  # closed since
                log.debug("The event loop has ended; nobody is told any more.")

    # on the event loop

    def remaining(self, user: str | None) -> int:
        """Return how many jobs of a user wait and run."""
        return len(self._unfinished) if user is None else self._remaining[user]

    def add(self, client: Client) -> None:
        """Greet a socket, and show it how far its running job is."""
        self._clients = (*self._clients, client)
        client.send(status(self.remaining(client.user), client.sid))
        for told in self._told.values():
            if self._is_for(client, told.job) and told.at_work is not None:
                client.send(Message("executing", {"node": told.at_work}))
                client.send(told.state())

    def remove(self, client: Client) -> None:
        """Forget a socket; another one of the same id stays."""
        self._clients = tuple(other for other in self._clients if other is not client)

    @property
    def watchers(self) -> int:
        """How many watch."""
        return len(self._watchers)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` with every update, on the event loop; the function that comes back ends it."""
        self._watchers = (*self._watchers, watcher)

        def end() -> None:
            self._watchers = tuple(other for other in self._watchers if other is not watcher)

        return end

    async def close(self) -> None:
        """Close all sockets."""
        await asyncio.gather(*(client.close() for client in self._clients))

    def _take(self, update: Update) -> None:
        for watcher in self._watchers:
            watcher(update)
        match update:
            case JobEvent() if update.job_id in self._told:
                told = self._told[update.job_id]
                for frame in told.encode(update.event, update.time):
                    self._send(frame, told.job)
            case JobChanged(record=record) if record.job.kind == GRAPH:
                self._changed(record)
            case JobRemoved() | CancelWished() | QueueChanged() | JobEvent() | JobChanged():
                pass

    def _changed(self, record: JobRecord) -> None:
        known = record.id in self._unfinished
        self._count(record.id, record.job.owner, record.state)
        told = self._told.get(record.id)
        if record.state is State.RUNNING and told is None:
            self._told[record.id] = Narrator(record.job)
        elif record.state is not State.RUNNING:
            self._told.pop(record.id, None)
            self._forget(record.id)
        if not (record.cancelling and known):
            self._tell_status()
        if record.state.finished and told is not None:
            self._send(told.end(), told.job)

    def _count(self, job_id: str, owner: str, state: State) -> None:
        """Note that a job is unfinished, or no longer."""
        before = self._unfinished.pop(job_id, None)
        if before is not None:
            self._remaining[before] -= 1
        if not state.finished:
            self._unfinished[job_id] = owner
            self._remaining[owner] += 1

    def _forget(self, job_id: str) -> None:
        self._preview_pace.forget(job_id)
        self._progress_pace.forget(job_id)
        self._estimate_pace.forget(job_id)

    def _tell_status(self) -> None:
        for client in self._clients:
            client.send(status(self.remaining(client.user)))

    def _send(self, frame: Frame, job: Job) -> None:
        broadcast = not job.client_id and getattr(frame, "broadcast", True)
        for client in self._clients:
            if self._is_for(client, job) or (broadcast and client.user in (None, job.owner)):
                client.send(frame)

    @staticmethod
    def _is_for(client: Client, job: Job) -> bool:
        return bool(job.client_id) and client.sid == job.client_id and client.user in (None, job.owner)

    def _tell_log(self, line: Line) -> None:
        for client in self._clients:
            if client.wants_logs:
                client.send(Message("logs", {"entries": [line]}))
