"""The states of a job, and which of them are ends."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a job stands.

    `QUEUED → RUNNING → DONE | FAILED | CANCELLED`. A queued job can be `CANCELLED` at once. A running job goes back to
    `QUEUED` when the process ends under it; when that happened twice it is `PARKED`, for it may be what ended it.
    """

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARKED = "parked"

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self not in (State.QUEUED, State.RUNNING)


UNFINISHED = (State.QUEUED, State.RUNNING)
