"""What the queue can refuse or fail at, told so that it can be put right."""

from __future__ import annotations


class JobsError(Exception):
    """The root of everything that this package raises on purpose."""


class BadJob(JobsError, ValueError):
    """A job or a batch that cannot be accepted as it is written."""


class UnknownJob(JobsError, LookupError):
    """An id that no job answers to."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no job {job_id!r}. It may have been deleted, or be too old to be kept.")
        self.job_id = job_id


class WrongState(JobsError):
    """Something asked of a job that its state does not allow."""


class StoreUnavailable(JobsError):
    """The file of the queue cannot be read or written now."""


class StoreInUse(StoreUnavailable):
    """Another process works on the file of the queue."""


class StoreNotOurs(StoreUnavailable):
    """A sound file that this version cannot use: newer than it, or of another program. It is left as it is."""
