"""What clients send along that must never reach a disk: it stays in memory until the job has ended."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from .job import Job
from .updates import JobChanged, JobRemoved, Update

MARKS = ("token", "api_key", "apikey", "password", "secret", "authorization", "credential", "bearer", "cookie")
"""ComfyUI's clients send `auth_token_comfy_org` and `api_key_comfy_org`."""


class Secrets:
    """The secrets of the jobs that wait and run. Listens to the feed to know when they have ended.

    After a restart they are gone; a node that needs one says so.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, dict[str, str]] = {}

    def keep(self, job: Job) -> None:
        """Keep what the extra data of a job tells."""
        found = {name: value for name, value in job.extra_data.items() if is_secret(name) and isinstance(value, str)}
        if found:
            with self._lock:
                self._kept[job.id] = found

    def of(self, job_id: str) -> Mapping[str, str]:
        """Return a job's secrets, by the names that the client used."""
        with self._lock:
            return self._kept.get(job_id, {})

    def __call__(self, update: Update) -> None:
        """Forget the secrets of jobs that have ended."""
        if isinstance(update, JobChanged) and update.record.state.finished:
            self.forget(update.record.id)
        elif isinstance(update, JobRemoved):
            self.forget(update.job_id)

    def forget(self, job_id: str) -> None:
        """Forget a job's secrets."""
        with self._lock:
            self._kept.pop(job_id, None)


def is_secret(name: str) -> bool:
    """Say whether what goes by this name must not be written down."""
    return any(mark in name.lower() for mark in MARKS)


def without_secrets(extra_data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be kept of a job's extra data."""
    return {name: value for name, value in extra_data.items() if not is_secret(name)}
