"""Downloads as jobs of the queue: a backend for a dispatcher of their own kind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping

from ...engine.errors import Problem
from ...engine.events import Estimate, EventSink, Failed, Interrupted, Started, Succeeded
from ...engine.events import Progress as Step
from ...jobs.job import Job
from ...jobs.result import JobResult
from ...jobs.state import State
from .download import Downloaded, Downloader
from .errors import DownloadError
from .progress import Progress
from .request import DownloadRequest

DOWNLOAD = "download"
"""The kind of job that fetches a model, and the name of its only step. Its prompt is `DownloadRequest.text`."""
SECRET = "secret_source"
"""By which name the address stands among a job's secrets, if it may hold one."""


def order(request: DownloadRequest) -> Job:
    """Return the job of a request; what may be a token is kept in memory, as all secrets of jobs are.

    Raises:
        Refused: the source is none, or holds a password or a token where none may be.
    """
    kept = request.without_secrets()
    return Job(kept.text(), kind=DOWNLOAD, extra_data={SECRET: request.source} if kept.withheld else {})


def _no_secrets(job_id: str) -> Mapping[str, str]:
    return {}


class DownloadBackend:
    """Runs downloads, one at a time; see `Backend`. Make `Dispatcher(store, DownloadBackend(…), kind=DOWNLOAD)` of it.

    A job that is stopped, or whose process is killed, leaves what has arrived; run again, it goes on with that.

    Args:
        downloader: fetches the files. Its rules are the operator's, which no job can widen.
        secrets: job id to what was not written down of it; `JobDesk.secrets.of`.
    """

    def __init__(self, downloader: Downloader, secrets: Callable[[str], Mapping[str, str]] = _no_secrets) -> None:
        self._downloader, self._secrets = downloader, secrets
        self._lock = threading.Lock()
        self._wish = ""
        self._running: tuple[str, asyncio.AbstractEventLoop, asyncio.Task[Downloaded]] | None = None

    def run(self, job: Job, emit: EventSink) -> JobResult:
        """Fetch a file; see `Backend.run`."""
        emit(Started(job.id, (DOWNLOAD,)))
        try:
            done = asyncio.run(self._fetch(job, emit))
        except asyncio.CancelledError:
            emit(Interrupted(job.id, None))
            return JobResult(State.CANCELLED)
        except DownloadError as error:
            problem = Problem("download_failed", str(error))
            emit(Failed(job.id, problem))
            return JobResult(State.FAILED, problem=problem)
        finally:
            with self._lock:
                self._running, self._wish = None, ""
        emit(Succeeded(job.id))
        return JobResult(State.DONE, {DOWNLOAD: {"models": [describe(done)]}})

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop; see `Backend.cancel`."""
        with self._lock:
            self._wish = job_id
            if self._running and self._running[0] == job_id:
                _, loop, task = self._running
                loop.call_soon_threadsafe(task.cancel)

    def close(self) -> None:
        """Nothing is held between jobs; see `Backend.close`."""

    async def _fetch(self, job: Job, emit: EventSink) -> Downloaded:
        request = DownloadRequest.parse(job.prompt).complete(self._secrets(job.id).get(SECRET))
        task = asyncio.create_task(self._downloader.fetch(request, lambda progress: _tell(job.id, progress, emit)))
        with self._lock:
            self._running = (job.id, asyncio.get_running_loop(), task)
            if self._wish == job.id:
                task.cancel()
        try:
            return await task
        finally:
            with self._lock:  # before the loop closes, so that nobody calls into a closed one
                self._running = None


def describe(done: Downloaded) -> dict[str, str | int]:
    """Return what to tell of a file to people and programs: not where it lies on this machine."""
    return {"kind": done.kind, "name": done.name, "size": done.size, "sha256": done.sha256}


def _tell(job_id: str, progress: Progress, emit: EventSink) -> None:
    """Tell a job's progress in bytes, and how long it will take where that is known."""
    if progress.total is None:
        return  # a bar needs an end
    emit(Step(job_id, DOWNLOAD, progress.received, progress.total))
    if progress.seconds_left is not None and progress.total:
        emit(Estimate(job_id, progress.received / progress.total, progress.seconds_left))
