"""Takes one job after the other, has a backend run it, and writes down what became of it before anyone is told."""

from __future__ import annotations

import logging
import threading

from ..engine.errors import Problem
from .backend import Backend
from .errors import StoreUnavailable
from .job import GRAPH, Job
from .record import JobRecord
from .recorder import Ending, Recorder
from .result import JobResult
from .state import State
from .store import JobStore
from .updates import CancelWished, QueueChanged, Update, is_queued

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
"""How long to wait before a file that could not be written is tried again."""
STOPPED = "The program was stopped while this job ran; it runs again."


class Dispatcher:
    """One thread that feeds one backend.

    Args:
        store: where the jobs are.
        backend: where they run; closed together with the dispatcher.
        kind: the kind of jobs that it takes.
    """

    def __init__(self, store: JobStore, backend: Backend, kind: str = GRAPH) -> None:
        self.trouble = ""
        self._store, self._backend, self._kind = store, backend, kind
        self._running: JobRecord | None = None
        self._wake, self._stopping, self._giving_back = threading.Event(), threading.Event(), threading.Event()
        self._unsubscribe = store.database.feed.subscribe(self._hear)
        self._thread = threading.Thread(target=self._loop, name=f"ldm-nodes {kind} jobs", daemon=True)

    def start(self) -> None:
        """Begin to take jobs."""
        self._thread.start()

    def close(self, patience: float = 0.0) -> None:
        """Take no more jobs; the one that runs finishes within `patience` seconds or goes back into the queue."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(patience)
            self._giving_back.set()
            if running := self._running:
                self._backend.cancel(running.id)
            self._thread.join()
        self._unsubscribe()
        self._backend.close()

    def _hear(self, update: Update) -> None:
        if is_queued(update) or isinstance(update, QueueChanged):
            self._wake.set()
        elif isinstance(update, CancelWished) and update.job.kind == self._kind:
            self._backend.cancel(update.job.id)

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                record = self._store.take(self._kind)
                self.trouble = ""
            except StoreUnavailable as error:
                self._complain(error)
                continue
            if record is None:
                self._wake.wait()
            else:
                self._run(record)

    def _run(self, record: JobRecord) -> None:
        self._running = record
        recorder = Recorder(self._store.database, record)
        result = JobResult(State.CANCELLED) if self._giving_back.is_set() else self._result(record.job, recorder)
        self._running = None
        ending = recorder.finish(result)
        while not self._write_down(record, ending) and not self._stopping.is_set():
            pass

    def _result(self, job: Job, recorder: Recorder) -> JobResult:
        try:
            return self._backend.run(job, recorder.emit)
        except Exception as error:
            log.exception("The backend failed at job %s", job.id)
            return JobResult(State.FAILED, problem=Problem("backend_failed", f"{type(error).__name__}: {error}"))

    def _write_down(self, record: JobRecord, ending: Ending) -> bool:
        """Bring the end of a run to the disk; say whether it is there."""
        try:
            unfinished = ending.result.state is State.CANCELLED and self._giving_back.is_set()
            if not (unfinished and self._store.requeue(record, STOPPED)):
                self._store.finish(record, ending.result, ending.messages, ending.event)
        except StoreUnavailable as error:
            self._complain(error)
            return False
        return True

    def _complain(self, error: StoreUnavailable) -> None:
        """Say that the file cannot be written, and give it time."""
        if str(error) != self.trouble:
            log.warning("The queue stands still: %s", error)
        self.trouble = str(error)
        self._stopping.wait(RETRY_SECONDS)
