"""Where jobs run. A backend in another process or on another machine is one more file with this face."""

from __future__ import annotations

from typing import Protocol

from ..engine.events import EventSink
from .job import Job
from .result import JobResult


class Backend(Protocol):
    """Runs one job at a time."""

    def run(self, job: Job, emit: EventSink) -> JobResult:
        """Run a job to its end and say what became of it.

        Args:
            job: what to run.
            emit: told every step, from any one thread at a time, never after this function has returned.

        A failure of the job is a result, not an exception.
        """
        ...

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop; returns at once, and `run` returns soon after.

        The wish may come shortly before `run` is called with that job, and counts then too. A wish about another job
        than the one that runs now or next means nothing.
        """
        ...

    def close(self) -> None:
        """Give back what the backend holds; nothing is run afterwards."""
        ...
